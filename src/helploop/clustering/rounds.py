"""From clusters to Questions: ids that outlive a round, labels, and what is new, grown, shrunk and gone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.folding import count_customers, inquiry_weight
from helploop.clustering.labels import pick_label, pick_representatives, spread_of_words
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.partition import Partition
from helploop.clustering.vectors import groups
from helploop.domain import Inquiry, InquiryId, Question, QuestionId, Round, RoundId

LedgerEntry = Mapping[str, Any]  # {"id", "label", "first_seen", "members"} as a line of kb/questions.jsonl

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32 without 0 and 1: nothing looks alike, no swear words
_REPRESENTATIVES = 5
_WEEKS = 8
_LEAST_OVERLAP = 0.2  # Jaccard index below which two clusters are not the same question grown or shrunk ...
_LEAST_KEPT = 0.5  # ... unless so much of the old one's members came along


@dataclass(frozen=True)
class _Log:
    """What a question is described against."""

    newest: datetime | None
    spread: Counter[str]  # word -> inquiries of the whole log it stands in
    rows: int


def make_round(
    inquiries: Sequence[Inquiry],
    partition: Partition,
    vectors: NDArray[np.float32],
    *,
    previous: Round | None,
    ledger: Sequence[LedgerEntry],
    renames: Mapping[QuestionId, str],
    round_id: RoundId,
    at: datetime,
    encoder_hash: str,
    settings_hash: str,
    options: ClusteringOptions | None = None,
) -> Round:
    """The round that a partition makes, its questions carrying the ids of the last round (or of the ledger).

    inquiries, partition, vectors: as `cluster` took and gave them. renames: a person's labels, which win. State and
    article are carried over from the last round. The same arguments give the same round in whatever order the
    inquiries come; `options` is for hooks to come and changes nothing yet.
    """
    del options
    order = np.array(sorted(range(len(inquiries)), key=lambda row: inquiries[row].id), dtype=np.int64)
    rows = [inquiries[row] for row in order]
    labels = partition.labels[order]
    clusters = groups(labels)
    ids = inherit_ids([[rows[row].id for row in members] for members in clusters], previous, ledger, renames)
    newest = max((inquiry.received_at for inquiry in rows if inquiry.received_at is not None), default=None)
    log = _Log(newest, spread_of_words(rows), len(rows))
    known = {question.id: question for question in previous.questions} if previous is not None else {}
    made = []
    for number, (members, question_id) in enumerate(zip(clusters, ids, strict=True)):
        of_cluster = [rows[row] for row in members]
        question = _describe(question_id, of_cluster, vectors[order[members]], partition.centroids[number], log)
        made.append(_carry_over(question, known.get(question_id), renames.get(question_id)))
    made.sort(key=lambda question: (-question.customers, question.id))
    return Round(
        id=round_id,
        at=at,
        encoder_hash=encoder_hash,
        settings_hash=settings_hash,
        questions=tuple(made),
        noise=tuple(rows[row].id for row in np.nonzero(labels < 0)[0]),
        inherited={question.id: _compare(question, known.get(question.id)) for question in made},
        gone=tuple(sorted(known.keys() - set(ids))),
    )


def count_anew(question: Question, members: Sequence[Inquiry], is_unfit: Callable[[str], bool]) -> Question:
    """The question over the members that are left of it, without a new round: some were erased.

    A label that is unfit (it was theirs alone) gives way to another member's wording. Cohesion and trend stay as they
    were: they tell of nobody.
    """
    ids = {member.id for member in members}
    shown = tuple(one for one in question.representatives if one in ids) or tuple(sorted(ids)[:_REPRESENTATIVES])
    label = question.label
    if is_unfit(label):
        first = sorted(members, key=lambda member: (member.id not in shown, member.id))
        label = pick_label(first, np.ones(len(first), dtype=np.float32), spread_of_words(members), len(members))
    dates = sorted(member.received_at for member in members if member.received_at is not None)
    return replace(
        question,
        label=label,
        representatives=shown,
        size=float(sum(inquiry_weight(member) for member in members)),
        customers=count_customers(members),
        channels=dict(sorted(Counter(member.channel.value for member in members).items())),
        first_seen=dates[0] if dates else None,
        last_seen=dates[-1] if dates else None,
    )


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


def _describe(
    question_id: QuestionId,
    members: Sequence[Inquiry],
    vectors: NDArray[np.float32],
    centroid: NDArray[np.float32],
    log: _Log,
) -> Question:
    """members: sorted by id."""
    cosines = (vectors @ centroid).astype(np.float32)
    nearest = np.argsort(-np.round(cosines, 6), kind="stable")
    by_nearness = [members[position] for position in nearest]
    shown = pick_representatives(by_nearness, vectors[nearest], cosines[nearest], _REPRESENTATIVES)
    dates = sorted(member.received_at for member in members if member.received_at is not None)
    return Question(
        id=question_id,
        label=pick_label(by_nearness, cosines[nearest], log.spread, log.rows),
        members=tuple(member.id for member in members),
        representatives=tuple(by_nearness[position].id for position in shown),
        size=float(sum(inquiry_weight(member) for member in members)),
        customers=count_customers(members),
        channels=dict(sorted(Counter(member.channel.value for member in members).items())),
        first_seen=dates[0] if dates else None,
        last_seen=dates[-1] if dates else None,
        trend=_trend(dates, log.newest),
        cohesion=round(float(cosines.mean()), 4),
    )


def _trend(dates: Sequence[datetime], newest: datetime | None) -> tuple[int, ...]:
    """Inquiries in each of the eight weeks that end with the log's newest inquiry, oldest week first."""
    weeks = [0] * _WEEKS
    for date in dates:
        assert newest is not None
        age = (newest - date) // timedelta(days=7)
        if age < _WEEKS:
            weeks[_WEEKS - 1 - age] += 1
    return tuple(weeks)


def _carry_over(question: Question, old: Question | None, rename: str | None) -> Question:
    """A person's label wins; else the last one stays while the member it is worded by may still be there."""
    if old is not None:
        question = replace(question, state=old.state, article=old.article)
        if set(old.representatives) & set(question.members):
            question = replace(question, label=old.label)
    return replace(question, label=rename) if rename else question


def _compare(question: Question, old: Question | None) -> str:
    if old is None:
        return "new"
    if set(question.members) == set(old.members) or len(question.members) == len(old.members):
        return "same"
    return "grown" if len(question.members) > len(old.members) else "shrunk"
