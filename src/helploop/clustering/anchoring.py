"""The anchored round: old inquiries keep their question, new ones join, and only so much of the rest may change.

The log (of a long one, the part that the new inquiries touch) is clustered anew, and of what that would change only
three things are taken over: a question that falls apart, questions that came together, and a new question. The least
costly come first, until a share of the pairs of inquiries that stood together has changed: never more than the share of
the log that is new. A question of a long log changes only with a new inquiry in the part that would. So a question
cannot drift from week to week, the same log twice is the same round, and a mistake of the last round is still mended a
little at a time.
Measured, with what did not help: benchmarks/clustering, Rounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.folding import count_customers
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.partition import NoiseReason, Partition, partition_of
from helploop.clustering.searches import cluster
from helploop.clustering.vectors import groups, unit_rows
from helploop.clustering.vicinity import find_vicinity
from helploop.domain import Inquiry, Round

_MERGE_SHARE = (
    0.5  # so much of an old question must be in the cluster that another one keeps; none: +.004 dF1, dup 1.42
)
_HOLD_SHARE = 0.1  # a question with fewer of a cluster's placed inquiries gets none of its new ones
_UNSEEN = -2  # not clustered anew


def anchor(
    inquiries: Sequence[Inquiry],
    vectors: NDArray[np.float32],
    previous: Round,
    options: ClusteringOptions | None = None,
) -> Partition:
    """The partition of an anchored round, numbered as `cluster` numbers it.

    inquiries, vectors: as `cluster` takes them, of the encoder of the last round. Inquiries of the last round that are
    not among them are gone. The result is the same in whatever order they come.
    Costs what clustering options.anchor_rows costs, and one product of the new rows with all; where more than a quarter
    of the rows are new, what clustering all costs.

    Raises: ValueError when the shapes do not fit or an id comes twice.
    """
    options = options or ClusteringOptions()
    order = np.array(sorted(range(len(inquiries)), key=lambda row: inquiries[row].id), dtype=np.int64)
    rows = [inquiries[row] for row in order]
    if vectors.ndim != 2 or len(vectors) != len(rows) or len({row.id for row in rows}) != len(rows):
        raise ValueError(
            f"vectors are {vectors.shape}, not ({len(rows)}, d) for {len(rows)} inquiries of different ids"
        )
    matrix = np.ascontiguousarray(vectors[order], dtype=np.float32)
    old, is_new = _placed_before(rows, previous)
    found, reasons, labels = _cluster_anew(rows, matrix, old, is_new, options)
    for row, inquiry in enumerate(rows):  # what was not looked at, or may not move yet, is out for the reason it was
        if found[row] != -1 and inquiry.id in previous.reasons:
            reasons[row] = NoiseReason(previous.reasons[inquiry.id])
    anchoring = _Anchoring(rows, matrix, labels, found, is_new, options)
    anchoring.regroup()
    anchoring.place()
    made = partition_of(rows, matrix, anchoring.settled(old), reasons, options)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return made.reordered(back)


def _placed_before(rows: Sequence[Inquiry], previous: Round) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(n,) the last round's question of each row, numbered by id, -1 for none; and whether it did not know the row."""
    names = sorted(question.id for question in previous.questions)
    number = {name: place for place, name in enumerate(names)}
    where = dict.fromkeys(previous.noise, -1)
    for question in previous.questions:
        where.update(dict.fromkeys(question.members, number[question.id]))
    old = np.array([where.get(row.id, -1) for row in rows], dtype=np.int64)
    return old, np.array([row.id not in where for row in rows], dtype=np.bool_)


def _cluster_anew(
    rows: Sequence[Inquiry],
    matrix: NDArray[np.float32],
    old: NDArray[np.int64],
    is_new: NDArray[np.bool_],
    options: ClusteringOptions,
) -> tuple[NDArray[np.int64], list[NoiseReason | None], NDArray[np.int64]]:
    """(n,) the cluster each row would be in, -1 noise, -2 not looked at; reasons; and the labels to start from."""
    vicinity = find_vicinity(matrix, old, is_new, options)
    near = vicinity.rows
    as_whole = as_in_the_whole(options, len(near) / max(1, len(rows)))
    partition = cluster([rows[row] for row in near.tolist()], matrix[near], as_whole)
    found = np.full(len(rows), _UNSEEN, dtype=np.int64)
    found[near] = partition.labels
    reasons: list[NoiseReason | None] = [NoiseReason.ALONE] * len(rows)
    for row, reason in zip(near.tolist(), partition.reasons, strict=True):
        reasons[row] = reason
    return found, reasons, vicinity.labels


def as_in_the_whole(options: ClusteringOptions, share: float) -> ClusteringOptions:
    """The options that group a part of a log as coarsely as the whole: its questions are as large and as dense there.

    With the part's own, 332 new rows on 10,704 of HWU64 cut 6 to 8 old questions up that a full re-run leaves whole.
    """
    sizes = {name: max(1, round(getattr(options, name) * share)) for name in ("small_log", "large_log")}
    return replace(options, **sizes)


@dataclass(frozen=True, order=True)
class _Change:
    """What clustering anew would do to old questions."""

    pairs: int  # of inquiries that stood together and would not, or the other way round
    is_merge: bool
    questions: tuple[int, ...]  # old ones that it takes rows from; of a merger the one that goes
    cluster: int


class _Anchoring:
    """The labels on their way: numbers of old questions, and above them those of new ones. rows are sorted by id."""

    def __init__(
        self,
        rows: Sequence[Inquiry],
        matrix: NDArray[np.float32],
        labels: NDArray[np.int64],
        found: NDArray[np.int64],
        is_new: NDArray[np.bool_],
        options: ClusteringOptions,
    ) -> None:
        self.labels = labels.copy()
        self._rows, self._matrix, self._found, self._options = rows, matrix, found, options
        self._was_noise = (labels < 0) & ~is_new
        self._news = float(is_new.mean()) if len(is_new) else 0.0  # nothing changes more than the log itself did
        self._sizes = np.bincount(labels[labels >= 0])
        self._clusters = groups(found)
        is_part = bool((found == _UNSEEN).any())  # a part is seen without the whole: there only news changes questions
        self._may_change = [not is_part or bool(is_new[members].any()) for members in self._clusters]
        self._fresh: set[int] = set()  # clusters that are a new question
        self._next = len(self._sizes)
        self._table = np.zeros((len(self._sizes), len(self._clusters)), dtype=np.int64)
        both = (labels >= 0) & (found >= 0)
        np.add.at(self._table, (labels[both], found[both]), 1)

    def regroup(self) -> None:
        """Splits and mergers of old questions, the cheapest first, while they cost less than is allowed."""
        left = min(self._options.anchor_change, self._news) * float((self._sizes * (self._sizes - 1) // 2).sum())
        before = self.labels.copy()
        went: dict[int, int] = {}
        owners = self._owners()
        for change in sorted(self._changes(owners)):
            if change.pairs > left:
                break
            if change.is_merge:
                went[change.questions[0]] = owners[change.cluster]
            elif not self._split_off(change, before):
                continue
            left -= change.pairs
        for question in sorted(went):
            self.labels[self.labels == question] = went[question]

    def place(self) -> None:
        """A cluster's rows without a question join the nearest of those that hold it, or are a new question."""
        noise = int(self._was_noise.sum())
        room = min(self._options.anchor_noise, self._news) * (noise * (noise - 1) // 2)
        if self._news:
            room = max(room, self._options.min_customers * noise)  # in a young log, too, one question may come of it
        centres = self._centres()
        for old_noise, number in self._in_order():
            members = self._clusters[number]
            held = Counter(self.labels[members][self.labels[members] >= 0].tolist())
            free = members[self.labels[members] < 0]
            if old_noise * (noise - old_noise) <= room:
                room -= old_noise * (noise - old_noise)
            else:
                free = free[~self._was_noise[free]]
            if not held:
                self.labels[free] = self._next
                self._next += 1
            elif len(free):
                near = np.array(sorted(q for q, rows in held.items() if rows >= _HOLD_SHARE * held.total()))
                cosines = np.round(self._matrix[free] @ centres[near].T, 6)
                self.labels[free] = near[cosines.argmax(axis=1)]

    def _in_order(self) -> list[tuple[int, int]]:
        """Clusters with how much of the old noise is in them: new questions first, and of them those with least."""
        waiting = []
        for number, members in enumerate(self._clusters):
            is_new_question = number in self._fresh or not (self.labels[members] >= 0).any()
            waiting.append((not is_new_question, int(self._was_noise[members].sum()), number))
        return [(old_noise, number) for _, old_noise, number in sorted(waiting)]

    def settled(self, old: NDArray[np.int64]) -> NDArray[np.int64]:
        """The labels; a new question of too few customers gives its rows back to where they were before."""
        for members in groups(self.labels):
            is_small = count_customers([self._rows[row] for row in members.tolist()]) < self._options.min_customers
            if is_small and self.labels[members[0]] >= len(self._sizes):
                self.labels[members] = old[members]
        return self.labels

    def _owners(self) -> dict[int, int]:
        """The old question that a cluster is: of those that have most of their rows there, the one with most."""
        owners: dict[int, int] = {}
        for question, cores in enumerate(self._cores()):
            if cores >= 0 and (cores not in owners or self._table[question, cores] > self._table[owners[cores], cores]):
                owners[cores] = question
        return owners

    def _cores(self) -> list[int]:
        """The cluster with most of each old question's rows; -1: none has any."""
        if not self._table.size:
            return [-1] * len(self._sizes)
        best = self._table.argmax(axis=1)
        held = self._table[np.arange(len(best)), best] > 0
        return [int(core) for core in np.where(held, best, -1)]

    def _changes(self, owners: dict[int, int]) -> list[_Change]:
        table, sizes = self._table, self._sizes
        changes = []
        for number in range(len(self._clusters)):
            parts = tuple(np.nonzero(table[:, number])[0].tolist())
            if number not in owners and parts and self._may_change[number]:
                pairs = sum(int(table[q, number] * (sizes[q] - table[q, number])) for q in parts)
                changes.append(_Change(pairs, False, parts, number))
        for question, core in enumerate(self._cores()):
            owner = owners.get(core, question)
            if owner == question or not self._may_change[core]:
                continue
            if table[question, core] >= _MERGE_SHARE * sizes[question]:
                changes.append(_Change(int(sizes[question] * sizes[owner]), True, (question,), core))
        return changes

    def _split_off(self, change: _Change, before: NDArray[np.int64]) -> bool:
        """Makes a cluster a question of its own, unless one it takes from would be left with too few customers."""
        moved = (self._found == change.cluster) & (before >= 0)
        for question in change.questions:
            rest = np.nonzero((self.labels == question) & ~moved)[0].tolist()
            if count_customers([self._rows[row] for row in rest]) < self._options.min_customers:
                return False
        self.labels[moved] = self._next
        self._fresh.add(change.cluster)
        self._next += 1
        return True

    def _centres(self) -> NDArray[np.float32]:
        sums = np.zeros((self._next, self._matrix.shape[1]), dtype=np.float32)
        for members in groups(self.labels):
            sums[self.labels[members[0]]] = self._matrix[members].sum(axis=0)
        return unit_rows(sums)
