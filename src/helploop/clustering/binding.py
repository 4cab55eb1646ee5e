"""A person's word binds: changes a round's clusters until they are what people decided on merged, split and kept apart.

Inquiries that a decision names are bound one by one: those of a merged question, or of one part, stand in one cluster;
those of two parts, or of two questions kept apart, never in the same. The rest of a cluster follows: whole, where most
of what is known of it was in the question; row by row to the nearer part, where a cluster must be cut.
What a merge or a split names is never noise, and a part that a person cut out is a question however few ask it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.agreement import Agreement, Claim, Conflict, decision_key, sides_of
from helploop.clustering.folding import count_customers, fold_identical
from helploop.clustering.identity import LedgerEntry
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.partition import NoiseReason, Partition
from helploop.clustering.vectors import groups, unit_rows
from helploop.domain import Inquiry, InquiryId, QuestionId, Round

_NEAREST = 3  # inquiries of a part whose mean cosine places a row, as a search is placed (clustering/searches.py)
_LEAST_SHARE = 0.2  # of a cluster's rows must have been in a question for the whole of it to be the question ...
_LEAST_KEPT = 0.5  # ... or so much of what a decision names of it: shares of clustering/identity.py
_UNKNOWN = -1


@dataclass(frozen=True)
class Bound:
    """A partition as people's decisions want it."""

    partition: Partition
    ids: Mapping[int, QuestionId] = field(default_factory=dict)  # cluster -> what it must be called
    merged: Mapping[QuestionId, QuestionId] = field(default_factory=dict)  # id that went -> what it is called now
    conflicts: tuple[Conflict, ...] = ()  # sorted; decisions that are asleep among them


def bind(
    inquiries: Sequence[Inquiry],
    vectors: NDArray[np.float32],
    partition: Partition,
    agreement: Agreement,
    *,
    previous: Round | None,
    ledger: Sequence[LedgerEntry],
    options: ClusteringOptions | None = None,
) -> Bound:
    """The partition changed as little as the decisions need, with the ids that they give.

    inquiries, vectors, partition: as `cluster` took and gave them. previous, ledger: where an inquiry was before; both
    may be missing. The result is the same in whatever order the inquiries come. Linear in rows, but for cutting, which
    compares the rows of a cluster with the inquiries that the decision names (at most 50 a part, as they are kept).
    """
    if not agreement.groups:
        return Bound(partition, merged=agreement.merged, conflicts=agreement.conflicts)
    order = np.array(sorted(range(len(inquiries)), key=lambda row: inquiries[row].id), dtype=np.int64)
    rows = [inquiries[row] for row in order]
    agreement, asleep = _wake(agreement, frozenset(row.id for row in rows), previous, ledger)
    matrix = np.ascontiguousarray(vectors[order], dtype=np.float32)
    binding = _Binding(rows, matrix, partition.labels[order], agreement, previous, ledger)
    binding.join()
    binding.part()
    labels, sources = _number(binding.labels, partition.labels[order], rows, binding.is_of_part, options)
    ids = binding.names(labels)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    reasons = [partition.reasons[row] for row in order]
    made = _described(labels, sources, rows, matrix, replace(partition, reasons=tuple(reasons)))
    made = replace(made, labels=labels[back], reasons=tuple(made.reasons[row] for row in back))
    return Bound(made, ids, agreement.merged, tuple(sorted((*agreement.conflicts, *asleep), key=_conflict_key)))


def _conflict_key(conflict: Conflict) -> tuple[str, str, str, str]:
    return conflict.question, conflict.kind, conflict.other, conflict.said


def find_asleep(
    agreement: Agreement, present: Collection[InquiryId], previous: Round | None, ledger: Sequence[LedgerEntry]
) -> tuple[Conflict, ...]:
    """Decisions that have nothing to hold on to: of a question they are about no inquiry is among those present."""
    return tuple(_wake(agreement, frozenset(present), previous, ledger)[1])


def _wake(
    agreement: Agreement,
    present: frozenset[InquiryId],
    previous: Round | None,
    ledger: Sequence[LedgerEntry],
) -> tuple[Agreement, list[Conflict]]:
    """Claims for questions of which a decision names no inquiry that is here: those that the last round or the ledger
    knows; and the decisions that are asleep because nobody knows any."""
    known = {QuestionId(str(entry["id"])): tuple(map(InquiryId, entry["members"])) for entry in ledger}
    known |= {question.id: question.members for question in (previous.questions if previous is not None else ())}
    index = {name: number for number, group in enumerate(agreement.groups) for name in group.ids}
    claims = {inquiry: claim for inquiry, claim in agreement.claims.items() if inquiry in present}
    named = {claim.question for claim in claims.values()}
    named |= {
        n for one, _ in agreement.sides for n, members in sides_of(one).items() if not present.isdisjoint(members)
    }
    added: dict[InquiryId, Claim] = {}
    for name in sorted(index.keys() - named):
        found = [inquiry for inquiry in known.get(name, ()) if inquiry in present and inquiry not in claims]
        added.update(dict.fromkeys(found, Claim(index[name], name)))
    awake = named | {claim.question for claim in added.values()}
    asleep = []
    for decision, sides in agreement.sides:
        if lost := [name for name in sides if name not in awake]:
            said = f"no inquiry of {' and '.join(lost)} is in the log: nothing for it to hold on to until one comes"
            asleep.append(Conflict(*decision_key(decision), said, is_asleep=True))
    return replace(agreement, claims=added | claims), asleep


class _Binding:
    """The labels on their way. rows are sorted by id."""

    def __init__(
        self,
        rows: Sequence[Inquiry],
        matrix: NDArray[np.float32],
        labels: NDArray[np.int64],
        agreement: Agreement,
        previous: Round | None,
        ledger: Sequence[LedgerEntry],
    ) -> None:
        self.labels = labels.copy()
        self._agreement = agreement
        self._matrix = matrix
        claims = [agreement.claims.get(row.id) for row in rows]
        self.claimed = np.array([claim.group if claim else _UNKNOWN for claim in claims], dtype=np.int64)
        self._side = [claim.question if claim else "" for claim in claims]
        self._owner, self._is_sure = _owners(rows, agreement, previous, ledger)
        is_claimed = self.claimed >= 0
        self._owner[is_claimed] = self.claimed[is_claimed]
        is_one = np.array([group.is_one for group in agreement.groups] + [False])[self.claimed]  # the last: -1 looks
        self._is_out = (labels < 0) & ~(is_one & matrix.any(axis=1))
        self.is_of_part = np.array([group.is_part for group in agreement.groups] + [False])[self.claimed]
        self._cut: dict[int, int] = {}  # label of a piece -> its group

    def join(self) -> None:
        """Brings together what must be one: whole clusters of it, single rows out of others' clusters and the noise."""
        clusters = groups(self.labels)
        owners = [self._owner_of(members) for members in clusters]
        home: dict[int, int] = {}
        for members, group in zip(clusters, owners, strict=True):
            if group is not None and self._agreement.groups[group].is_one:
                self.labels[members] = home.setdefault(group, int(self.labels[members[0]]))
        for group, of in enumerate(self._agreement.groups):
            rows = self._rows_of(group)
            if of.is_one and len(rows):
                self.labels[rows] = home[group] if group in home else self._home(rows)

    def part(self) -> None:
        """Takes apart what must not be one: strays go home first, then a cluster that is still mixed is cut."""
        homes = {
            group: self._home(rows) for group in range(len(self._agreement.groups)) if len(rows := self._rows_of(group))
        }
        moved = True
        while moved:
            moved = False
            for label, mixed in sorted(self._mixed().items()):
                for group in sorted(mixed):
                    if homes[group] != label:
                        rows = self._rows_of(group)
                        self.labels[rows[self.labels[rows] == label]] = homes[group]
                        moved = True
        for label, mixed in sorted(self._mixed().items()):
            self._cut_up(label, sorted(mixed))

    def names(self, labels: NDArray[np.int64]) -> dict[int, QuestionId]:
        """What clusters must be called. labels: the final ones of the same rows."""
        found: dict[int, tuple[int, str]] = {}
        for group, of in enumerate(self._agreement.groups):
            rows = np.nonzero((self.claimed == group) & (labels >= 0))[0]
            if not len(rows):
                continue
            label, count = min(Counter(labels[rows].tolist()).items(), key=lambda item: (-item[1], item[0]))
            is_piece = any(self._cut.get(int(one)) == group for one in np.unique(self.labels[rows]))
            if not is_piece and self._owner_of(np.nonzero(labels == label)[0]) != group:
                continue
            if label not in found or (-count, of.id) < found[label]:
                found[label] = (-count, of.id)
        return {label: QuestionId(name) for label, (_, name) in sorted(found.items())}

    def _rows_of(self, group: int) -> NDArray[np.int64]:
        """What decisions name of it, and does not stay noise."""
        return np.nonzero((self.claimed == group) & ~self._is_out)[0]

    def _home(self, rows: NDArray[np.int64]) -> int:
        """The cluster with the most of these rows; of two the one with the smallest inquiry id among them; a new one
        where all are noise."""
        counts = Counter(label for label in self.labels[rows].tolist() if label >= 0)
        if not counts:
            return int(self.labels.max()) + 1
        return int(max(counts, key=lambda label: counts[label]))  # rows ascend, and so does the order of first sight

    def _owner_of(self, members: NDArray[np.int64]) -> int | None:
        """The group whose question a cluster is, if it is one's: most of what is known of it, and enough of it."""
        known = Counter(owner for owner in self._owner[members].tolist() if owner != _UNKNOWN)
        if not known:
            return None
        group, count = max(known.items(), key=lambda item: (item[1], -item[0]))
        if 2 * count <= known.total() or not 0 <= group < len(self._agreement.groups):
            return None
        if count >= _LEAST_SHARE * len(members):
            return int(group)
        inside = Counter(self._side[row] for row in members.tolist() if self.claimed[row] == group)
        everywhere = Counter(self._side[row] for row in self._rows_of(group).tolist())
        is_most = any(count >= _LEAST_KEPT * everywhere[side] for side, count in inside.items())
        return int(group) if is_most else None

    def _mixed(self) -> dict[int, set[int]]:
        """Clusters that hold rows of groups which must not be one, with those groups."""
        held: dict[int, set[int]] = {}
        for row in np.nonzero((self.claimed >= 0) & (self.labels >= 0))[0].tolist():
            held.setdefault(int(self.labels[row]), set()).add(int(self.claimed[row]))
        found: dict[int, set[int]] = {}
        for label, present in held.items():
            for pair in combinations(sorted(present), 2):
                if pair in self._agreement.apart:
                    found.setdefault(label, set()).update(pair)
        return found

    def _cut_up(self, label: int, mixed: Sequence[int]) -> None:
        """Gives each group a piece of the cluster; other rows go by where they were, else to the nearer piece."""
        members = np.nonzero(self.labels == label)[0]
        claimed, owner = self.claimed[members], self._owner[members]
        scores = np.stack([self._scores(members, members[claimed == group]) for group in mixed], axis=1)
        piece = np.round(scores, 6).argmax(axis=1)
        for block in np.unique(owner[(owner != _UNKNOWN) & ~np.isin(owner, mixed)]):  # what was one question stays one
            of_block = owner == block
            piece[of_block] = np.round(scores[of_block].mean(axis=0), 6).argmax()
        for number, group in enumerate(mixed):
            piece[(claimed == group) | ((owner == group) & (claimed < 0) & self._is_sure[members])] = number
        first = int(self.labels.max()) + 1
        self.labels[members] = first + piece
        self._cut |= {first + number: group for number, group in enumerate(mixed)}

    def _scores(self, rows: NDArray[np.int64], named: NDArray[np.int64]) -> NDArray[np.float32]:
        """(m,) each row's mean cosine to the nearest few of the inquiries named."""
        cosines = self._matrix[rows] @ self._matrix[named].T
        nearest: NDArray[np.float32] = np.sort(cosines, axis=1)[:, -_NEAREST:].mean(axis=1)
        return nearest


def _owners(
    rows: Sequence[Inquiry], agreement: Agreement, previous: Round | None, ledger: Sequence[LedgerEntry]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(n,) the question each row was in: a group's index, a higher number for one without a decision, -1 unknown; and
    whether that tells its part: a round from before a split does not."""
    index = {name: number for number, group in enumerate(agreement.groups) for name in group.ids}
    where: dict[InquiryId, QuestionId] = {}
    for entry in sorted(ledger, key=lambda one: str(one["id"])):
        where.update(dict.fromkeys(map(InquiryId, entry["members"]), QuestionId(str(entry["id"]))))
    known = {QuestionId(str(entry["id"])) for entry in ledger}
    if previous is not None:
        for noise in previous.noise:
            where.pop(noise, None)
        for question in previous.questions:
            where.update(dict.fromkeys(question.members, question.id))
        known = {question.id for question in previous.questions}
    unsure = {question for question, parts in agreement.parts.items() if not parts & known}
    for name in sorted({*where.values()} - index.keys()):
        index[name] = len(index) + len(agreement.groups)
    owner = np.array([index[where[row.id]] if row.id in where else _UNKNOWN for row in rows], dtype=np.int64)
    return owner, np.array([where.get(row.id) not in unsure for row in rows], dtype=np.bool_)


def _number(
    labels: NDArray[np.int64],
    before: NDArray[np.int64],
    rows: Sequence[Inquiry],
    is_of_part: NDArray[np.bool_],
    options: ClusteringOptions | None,
) -> tuple[NDArray[np.int64], list[int | None]]:
    """Labels numbered by customers, most first, then by the smallest id; and which old cluster each is unchanged.

    What a decision changed and has too few customers is noise, unless a person cut it out as a part.
    """
    least = (options or ClusteringOptions()).min_customers
    sizes = Counter(before.tolist())
    sized = []
    for members in groups(labels):
        old = np.unique(before[members])
        is_same = len(old) == 1 and old[0] >= 0 and sizes[int(old[0])] == len(members)
        customers = count_customers([rows[row] for row in members])
        if is_same or customers >= least or is_of_part[members].any():
            sized.append((-customers, int(members[0]), members, int(old[0]) if is_same else None))
    sized.sort(key=lambda one: one[:2])
    numbered = np.full(len(labels), -1, dtype=np.int64)
    for number, (_, _, members, _) in enumerate(sized):
        numbered[members] = number
    return numbered, [source for _, _, _, source in sized]


def _described(
    labels: NDArray[np.int64],
    sources: Sequence[int | None],
    rows: Sequence[Inquiry],
    matrix: NDArray[np.float32],
    before: Partition,
) -> Partition:
    """The partition of the labels; what is unchanged keeps its centre. before: its reasons in the order of rows."""
    centroids = np.zeros((len(sources), matrix.shape[1]), dtype=np.float32)
    cohesion, customers = [], []
    for number, (members, source) in enumerate(zip(groups(labels), sources, strict=True)):
        of_cluster = [rows[row] for row in members]
        customers.append(count_customers(of_cluster))
        if source is not None:
            centroids[number] = before.centroids[source]
            cohesion.append(before.cohesion[source])
            continue
        none = np.zeros((len(members), 0), dtype=np.float32)
        nodes = fold_identical(of_cluster, matrix[members], none)
        centroids[number] = unit_rows((nodes.weights.astype(np.float32) @ nodes.vectors)[None])[0]
        cohesion.append(round(float((matrix[members] @ centroids[number]).mean()), 6))
    reasons = tuple(
        (reason or NoiseReason.TOO_FEW) if label < 0 else None
        for label, reason in zip(labels, before.reasons, strict=True)
    )
    return Partition(labels, centroids, tuple(cohesion), tuple(customers), reasons)
