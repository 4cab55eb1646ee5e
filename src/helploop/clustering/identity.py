"""Ids that outlive a round: a cluster is the old question whose members it has."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from helploop.domain import InquiryId, QuestionId, Round

LedgerEntry = Mapping[str, Any]  # {"id", "label", "first_seen", "members"} as a line of kb/questions.jsonl

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32 without 0 and 1: nothing looks alike, no swear words
_LEAST_OVERLAP = 0.2  # Jaccard index below which two clusters are not the same question grown or shrunk ...
_LEAST_KEPT = 0.5  # ... unless so much of the old one's members came along


def inherit_ids(
    clusters: Sequence[Sequence[InquiryId]],
    previous: Round | None,
    ledger: Sequence[LedgerEntry],
    taken: Collection[str] = (),
) -> list[QuestionId]:
    """An id for each cluster: the one of the old question it overlaps most, each old id once; else a new one.

    Overlap is the Jaccard index of members, counted only over inquiries that the last round (or the ledger) knew: a
    question that doubled is still the same. The last round's questions come first; what it does not know is looked
    for in the ledger, so a question that was gone, or a rebuilt database, finds its ids again.
    A new id is "q" and four letters of a hash of the cluster's smallest inquiry id, never one of `taken`.
    """
    ids: dict[int, QuestionId] = {}
    old = {question.id: frozenset(question.members) for question in previous.questions} if previous is not None else {}
    seen = frozenset(previous.noise if previous is not None else ()).union(*old.values())
    _inherit(ids, clusters, old, seen)
    kept = {QuestionId(str(entry["id"])): frozenset(map(InquiryId, entry["members"])) for entry in ledger}
    lost = {key: members for key, members in kept.items() if key not in old}
    _inherit(ids, clusters, lost, frozenset().union(*kept.values()))
    used = {*ids.values(), *old, *kept, *taken}
    for number in sorted(range(len(clusters)), key=lambda cluster: min(clusters[cluster])):
        if number not in ids:
            ids[number] = _new_id(min(clusters[number]), used)
            used.add(ids[number])
    return [ids[number] for number in range(len(clusters))]


def _inherit(
    ids: dict[int, QuestionId],
    clusters: Sequence[Sequence[InquiryId]],
    old: Mapping[QuestionId, frozenset[InquiryId]],
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
    given: set[str] = set()
    for _, key, number in sorted(pairs):
        if number not in ids and key not in given:
            ids[number] = QuestionId(key)
            given.add(key)


def _new_id(smallest: InquiryId, used: Collection[str]) -> QuestionId:
    salt = 0
    while True:
        digest = hashlib.blake2b(f"{smallest} {salt}".encode(), digest_size=8).digest()
        number, letters = int.from_bytes(digest, "big"), ""
        for _ in range(4):
            number, rest = divmod(number, len(_LETTERS))
            letters += _LETTERS[rest]
        if f"q{letters}" not in used:
            return QuestionId(f"q{letters}")
        salt += 1
