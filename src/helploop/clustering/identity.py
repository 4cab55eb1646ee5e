"""Ids that outlive a round: a cluster is the old question whose members it has, or whose wording if they are gone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from helploop.domain import InquiryId, QuestionId, Round, TopicId

LedgerEntry = Mapping[str, Any]  # {"id", "label", "first_seen", "topic", "members"} as a line of kb/questions.jsonl

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32 without 0 and 1: nothing looks alike, no swear words
_LEAST_OVERLAP = 0.2  # Jaccard index below which two clusters are not the same question grown or shrunk ...
_LEAST_KEPT = 0.5  # ... unless so much of the old one's members came along


def inherit_ids(
    clusters: Sequence[Sequence[InquiryId]],
    previous: Round | None,
    ledger: Sequence[LedgerEntry],
    taken: Collection[str] = (),
    *,
    fixed: Mapping[int, QuestionId] | None = None,
    merged: Mapping[QuestionId, QuestionId] | None = None,
    worded: Mapping[int, QuestionId] | None = None,
) -> list[QuestionId]:
    """An id for each cluster: the one of the old question it overlaps most, each old id once; else a new one.

    Overlap is the Jaccard index of members, counted only over inquiries that the last round (or the ledger) knew: a
    question that doubled is still the same. The last round's questions come first; what it does not know is looked
    for in the ledger, so a question that was gone, or a rebuilt database, finds its ids again.
    A new id is "q" and four letters of a hash of the cluster's smallest inquiry id, never one of `taken`.
    fixed: ids that a person's decision gives to clusters (by their position), which win. merged: ids that a person
    merged into others, which are what their members count for. worded: what `match_wordings` found, for clusters and
    ids that members leave over.
    """
    went = merged or {}
    ids: dict[int, str] = {**(fixed or {})}
    last = (previous.questions, previous.noise) if previous is not None else ((), ())
    old = _by_id(((question.id, question.members) for question in last[0]), went)
    seen = frozenset(last[1]).union(*old.values())
    _inherit(ids, clusters, old, seen)
    kept = _by_id(((QuestionId(str(entry["id"])), map(InquiryId, entry["members"])) for entry in ledger), went)
    lost = {key: members for key, members in kept.items() if key not in old}
    _inherit(ids, clusters, lost, frozenset().union(*kept.values()))
    for number, name in sorted((worded or {}).items()):
        if number not in ids and name not in ids.values() and name not in went:
            ids[number] = name
    used = {*ids.values(), *old, *kept, *taken, *went}
    for number in sorted(range(len(clusters)), key=lambda cluster: min(clusters[cluster])):
        if number not in ids:
            ids[number] = new_id(min(clusters[number]), used)
            used.add(ids[number])
    return [QuestionId(ids[number]) for number in range(len(clusters))]


def new_id(smallest: InquiryId, used: Collection[str]) -> QuestionId:
    """A question's id that is none of `used`: "q" and four letters of a hash of its smallest inquiry id."""
    return QuestionId(_new_id("q", smallest, used))


def inherit_topic_ids(
    topics: Sequence[Sequence[InquiryId]], previous: Round | None, ledger: Sequence[LedgerEntry]
) -> list[TopicId]:
    """An id for each topic, given all inquiries of its questions: as inherit_ids does, from the last round's topics
    and then from those that only the ledger knows, by the members that it keeps of their questions.

    A new id is "t" and four letters of a hash of the smallest inquiry id.
    """
    questions = previous.questions if previous is not None else ()
    old = _topics((question.topic.id, question.members) for question in questions if question.topic is not None)
    kept = _topics((entry["topic"], map(InquiryId, entry["members"])) for entry in ledger if entry.get("topic"))
    ids: dict[int, str] = {}
    _inherit(ids, topics, old, frozenset().union(*old.values()))
    lost = {topic: members for topic, members in kept.items() if topic not in old}
    _inherit(ids, topics, lost, frozenset().union(*kept.values()))
    used = {*ids.values(), *old, *kept}
    for number in sorted(range(len(topics)), key=lambda topic: min(topics[topic])):
        if number not in ids:
            ids[number] = _new_id("t", min(topics[number]), used)
            used.add(ids[number])
    return [TopicId(ids[number]) for number in range(len(topics))]


def _topics(questions: Iterable[tuple[str, Iterable[InquiryId]]]) -> dict[str, frozenset[InquiryId]]:
    """The members of all questions of each topic."""
    found: dict[str, set[InquiryId]] = {}
    for topic, members in questions:
        found.setdefault(topic, set()).update(members)
    return {topic: frozenset(members) for topic, members in found.items()}


def _by_id(
    questions: Iterable[tuple[QuestionId, Iterable[InquiryId]]], merged: Mapping[QuestionId, QuestionId]
) -> dict[str, frozenset[InquiryId]]:
    """Members by question, those of merged ones with the question that they went into."""
    found: dict[str, frozenset[InquiryId]] = {}
    for question, members in questions:
        name = merged.get(question, question)
        found[name] = found.get(name, frozenset()) | frozenset(members)
    return found


def _inherit(
    ids: dict[int, str],
    clusters: Sequence[Sequence[InquiryId]],
    old: Mapping[str, frozenset[InquiryId]],
    seen: frozenset[InquiryId],
) -> None:
    """Gives old ids to the clusters that have none yet, greatest overlap first."""
    owner = {member: question for question in sorted(old) for member in old[question]}
    pairs: list[tuple[float, str, int]] = []
    for number, members in enumerate(clusters):
        if number in ids:
            continue
        known = [member for member in members if member in seen]
        for question, shared in Counter(owner[member] for member in known if member in owner).items():
            overlap = shared / (len(known) + len(old[question]) - shared)
            if overlap >= _LEAST_OVERLAP or shared >= _LEAST_KEPT * len(old[question]):
                pairs.append((-overlap, question, number))
    given: set[str] = set(ids.values())
    for _, key, number in sorted(pairs):
        if number not in ids and key not in given:
            ids[number] = key
            given.add(key)


def _new_id(first: str, smallest: InquiryId, used: Collection[str]) -> str:
    salt = 0
    while True:
        digest = hashlib.blake2b(f"{smallest} {salt}".encode(), digest_size=8).digest()
        number, letters = int.from_bytes(digest, "big"), ""
        for _ in range(4):
            number, rest = divmod(number, len(_LETTERS))
            letters += _LETTERS[rest]
        if f"{first}{letters}" not in used:
            return f"{first}{letters}"
        salt += 1
