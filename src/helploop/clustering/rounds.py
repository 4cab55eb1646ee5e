"""From clusters to Questions: ids that outlive a round, labels, and what is new, grown, shrunk and gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.binding import Bound
from helploop.clustering.changes import compare_rounds
from helploop.clustering.folding import count_customers, inquiry_weight
from helploop.clustering.identity import LedgerEntry, inherit_ids
from helploop.clustering.keyphrases import Phrases, count_phrases, keyphrases, still_said
from helploop.clustering.labels import LogWords, pick_label, rank_labels, read_words, without_doubles
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.partition import OF_THE_ROUND, NoiseReason, Partition
from helploop.clustering.representatives import pick_representatives
from helploop.clustering.topics import with_topics
from helploop.clustering.vectors import groups
from helploop.clustering.verdicts import acquit, judge_questions
from helploop.clustering.wordings import match_wordings
from helploop.domain import Inquiry, InquiryId, Question, QuestionId, Round, RoundId

_REPRESENTATIVES = 5
_WEEKS = 8
_PHRASES = 5
_LEAST_USERS = 2  # distinct customers that a keyphrase needs: half of a small question's


@dataclass(frozen=True)
class _Log:
    """What a question is described against."""

    inquiries: Sequence[Inquiry]
    newest: datetime | None
    phrases: Phrases

    @cached_property
    def words(self) -> LogWords:
        """Read when the first label is looked for: most questions of an anchored round keep theirs."""
        return read_words(self.inquiries)


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
    bound: Bound | None = None,
    taken: Collection[QuestionId] = (),
    places: Mapping[QuestionId, NDArray[np.float32]] | None = None,
) -> Round:
    """The round that a partition makes, its questions carrying the ids of the last round (or of the ledger).

    inquiries, partition, vectors: as `cluster` took and gave them. renames: a person's labels, which win. State and
    article are carried over from the last round. The same arguments give the same round in whatever order the
    inquiries come; of the options, those of the graph steer the topics. bound: what
    `bind` made, when `partition` is its partition: the ids that people's decisions give. taken: ids that decisions
    name, for no new question. places: the vectors of the labels that `find_lost` gives.
    """
    order = np.array(sorted(range(len(inquiries)), key=lambda row: inquiries[row].id), dtype=np.int64)
    rows = [inquiries[row] for row in order]
    labels = partition.labels[order]
    clusters = groups(labels)
    ids = inherit_ids(
        [[rows[row].id for row in members] for members in clusters],
        previous,
        ledger,
        {*renames, *taken},
        fixed=bound.ids if bound else None,
        merged=bound.merged if bound else None,
        worded=match_wordings(places or {}, vectors[order], labels, partition.centroids),
    )
    newest = max((inquiry.received_at for inquiry in rows if inquiry.received_at is not None), default=None)
    log = _Log(rows, newest, count_phrases(rows))
    known = {question.id: question for question in previous.questions} if previous is not None else {}
    options = options or ClusteringOptions()
    judged = judge_questions(vectors[order], labels, partition.centroids, partition.customers, options.min_customers)
    judged = acquit(judged, rows, labels, options.min_customers)
    made = []
    wordings: dict[str, Callable[[], tuple[str, ...]]] = {}
    for number, (members, question_id) in enumerate(zip(clusters, ids, strict=True)):
        of_cluster = [rows[row] for row in members]
        question, wordings[question_id] = _describe(
            question_id, of_cluster, vectors[order[members]], partition.centroids[number], log
        )
        question = replace(question, clarity=judged[number].clarity, clarity_reason=judged[number].reason)
        made.append(_carry_over(question, known.get(question_id), renames.get(question_id), wordings[question_id]))
    made = without_doubles(made, wordings, renames)
    made = with_topics(made, partition.centroids, rows, log.phrases, previous, ledger, options)
    made.sort(key=lambda question: (-question.customers, question.id))
    changes = compare_rounds(previous, made)
    return Round(
        id=round_id,
        at=at,
        encoder_hash=encoder_hash,
        settings_hash=settings_hash,
        questions=tuple(made),
        noise=tuple(rows[row].id for row in np.nonzero(labels < 0)[0]),
        inherited=changes.inherited,
        gone=changes.gone,
        split=changes.split,
        merged=changes.merged,
        reasons=_reasons_of(rows, [partition.reasons[row] for row in order.tolist()]),
    )


def _reasons_of(rows: Sequence[Inquiry], reasons: Sequence[NoiseReason | None]) -> dict[InquiryId, str]:
    return {row.id: why.value for row, why in zip(rows, reasons, strict=True) if why in OF_THE_ROUND and why}


def count_anew(question: Question, members: Sequence[Inquiry], is_unfit: Callable[[str], bool]) -> Question:
    """The question over the members that are left of it, without a new round: some were erased.

    A label that is unfit (it was theirs alone) gives way to another member's wording, keyphrases that were theirs go.
    Cohesion, trend and clarity stay as they were: they tell of nobody.
    """
    ids = {member.id for member in members}
    shown = tuple(one for one in question.representatives if one in ids) or tuple(sorted(ids)[:_REPRESENTATIVES])
    label = question.label
    if is_unfit(label):
        first = sorted(members, key=lambda member: (member.id not in shown, member.id))
        label = pick_label(first, np.ones(len(first), dtype=np.float32), read_words(members), len(members))
    dates = sorted(member.received_at for member in members if member.received_at is not None)
    return replace(
        question,
        label=label,
        keyphrases=still_said(question.keyphrases, members, _LEAST_USERS),
        representatives=shown,
        size=float(sum(inquiry_weight(member) for member in members)),
        customers=count_customers(members),
        channels=dict(sorted(Counter(member.channel.value for member in members).items())),
        first_seen=dates[0] if dates else None,
        last_seen=dates[-1] if dates else None,
    )


def _describe(
    question_id: QuestionId,
    members: Sequence[Inquiry],
    vectors: NDArray[np.float32],
    centroid: NDArray[np.float32],
    log: _Log,
) -> tuple[Question, Callable[[], tuple[str, ...]]]:
    """The question without a label, and what gives the wordings that could be it, best first. members: sorted by id."""
    cosines = (vectors @ centroid).astype(np.float32)
    nearest = np.argsort(-np.round(cosines, 6), kind="stable")
    by_nearness = [members[position] for position in nearest]
    shown = pick_representatives(by_nearness, vectors[nearest], cosines[nearest], _REPRESENTATIVES)
    dates = sorted(member.received_at for member in members if member.received_at is not None)
    question = Question(
        id=question_id,
        label="",
        members=tuple(member.id for member in members),
        representatives=tuple(by_nearness[position].id for position in shown),
        size=float(sum(inquiry_weight(member) for member in members)),
        customers=count_customers(members),
        channels=dict(sorted(Counter(member.channel.value for member in members).items())),
        first_seen=dates[0] if dates else None,
        last_seen=dates[-1] if dates else None,
        trend=_trend(dates, log.newest),
        cohesion=round(float(cosines.mean()), 4),
        keyphrases=tuple(keyphrases(members, log.phrases, _LEAST_USERS, _PHRASES)),
    )
    return question, lambda: rank_labels(by_nearness, cosines[nearest], log.words, len(log.inquiries))


def _trend(dates: Sequence[datetime], newest: datetime | None) -> tuple[int, ...]:
    """Inquiries in each of the eight weeks that end with the log's newest inquiry, oldest week first."""
    weeks = [0] * _WEEKS
    for date in dates:
        assert newest is not None
        age = (newest - date) // timedelta(days=7)
        if age < _WEEKS:
            weeks[_WEEKS - 1 - age] += 1
    return tuple(weeks)


def _carry_over(
    question: Question, old: Question | None, rename: str | None, wordings: Callable[[], tuple[str, ...]]
) -> Question:
    """A person's label wins; else the last one stays while the member it is worded by may still be there."""
    label = rename
    if old is not None:
        question = replace(question, state=old.state, article=old.article)
        if not label and not set(old.representatives).isdisjoint(question.members):
            label = old.label
    return replace(question, label=label or wordings()[0])
