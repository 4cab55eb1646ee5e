"""What the sample's inquiries really ask, by us who wrote them; and how a round is held against it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from helploop.domain import Channel, Inquiry, InquiryId, inquiry_id
from helploop.misses import normalise_query
from helploop.pipeline.new_site import sample_dir

DATA = Path(__file__).parent / "data"
LABELS = DATA / "sample_labels.jsonl"
SEARCHES = DATA / "sample_searches.jsonl"  # the log's own; its visitors' wants stand in the sample itself
HELD_OUT = DATA / "sample_searches_heldout.jsonl"  # written before any result was looked at; nothing is chosen on them
NONE = "none"  # asked once, or not a question
PURITY = 0.7  # a question counts as found when it is the majority of a cluster this pure


def read_labels() -> dict[InquiryId, tuple[str, str]]:
    """Each inquiry's (question, kind)."""
    rows = (json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines())
    return {inquiry_id(row["source"], row["source_id"]): (row["question"], row["kind"]) for row in rows}


def found_questions(
    clusters: Iterable[Iterable[InquiryId]], labels: Mapping[InquiryId, tuple[str, str]]
) -> Counter[str]:
    """How many clusters are about each labelled question: the majority of their labelled members, purity >= .7."""
    found: Counter[str] = Counter()
    for members in clusters:
        counts = Counter(labels[member][0] for member in members if member in labels)
        if counts:
            question, count = counts.most_common(1)[0]
            if question != NONE and count / counts.total() >= PURITY:
                found[question] += 1
    return found


def read_wants() -> dict[str, frozenset[str]]:
    """What each of the sample's searches is after, by its normalised query: one question, or several that would do."""
    rows = [json.loads(line) for line in (sample_dir() / "visitors.jsonl").read_text(encoding="utf-8").splitlines()]
    wants = {normalise_query(row["query"]): frozenset([row["wants"]]) for row in rows}
    return wants | read_queries(SEARCHES)


def read_queries(file: Path) -> dict[str, frozenset[str]]:
    """Labelled queries of a file, as read_wants()."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {normalise_query(row["query"]): frozenset(row["wants"]) for row in rows}


def misplaced_searches(
    inquiries: Sequence[Inquiry],
    clusters: Sequence[int],
    labels: Mapping[InquiryId, tuple[str, str]],
    wants: Mapping[str, frozenset[str]],
) -> list[str]:
    """The searches among `wants` (their source_id) that are neither in the right question nor rightly nowhere.

    Right is a question whose labelled members, or without any its searches, are mostly about what is wanted. What
    nobody wrote about may be nowhere; what somebody did may not.
    """
    written = {question for question, _ in labels.values()} - {NONE}
    counts: dict[int, Counter[str]] = {}
    for inquiry, cluster in zip(inquiries, clusters, strict=True):
        if inquiry.id in labels:
            counts.setdefault(cluster, Counter())[labels[inquiry.id][0]] += 1000
        elif inquiry.channel is Channel.SEARCH:
            counts.setdefault(cluster, Counter()).update(wants.get(inquiry.source_id, ()))
    about = {cluster: count.most_common(1)[0][0] for cluster, count in counts.items() if count and cluster >= 0}
    wrong = []
    for inquiry, cluster in zip(inquiries, clusters, strict=True):
        if inquiry.channel is Channel.SEARCH and inquiry.source_id in wants:
            wanted = wants[inquiry.source_id]
            right = wanted if wanted & written else wanted | {NONE, "nowhere"}
            if about.get(cluster, "nowhere") not in right:
                wrong.append(f"{inquiry.question_text} -> {about.get(cluster, 'nowhere')}")
    return sorted(wrong)
