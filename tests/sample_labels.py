"""What the sample's inquiries really ask, by us who wrote them; and how a round is held against it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from helploop.domain import InquiryId, inquiry_id

LABELS = Path(__file__).parent / "data" / "sample_labels.jsonl"
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
