"""The recipe, step by step: fold, join neighbours, find communities, merge, reassign, call the rest noise."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.answers import answer_vectors
from helploop.clustering.features import Features, join_features
from helploop.clustering.folding import Nodes, count_customers, fold_identical, fold_near
from helploop.clustering.granularity import resolution_for
from helploop.clustering.graph import communities, nearest, neighbours_of_kept
from helploop.clustering.merging import is_alone, merge, merge_level, place_heavy, reassign, vote
from helploop.clustering.narrowing import narrow
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.vectors import groups, unit_rows
from helploop.domain import Inquiry

_LATE = 3  # a log of 5,500 wordings in 150 classes (CLINC150) still wants the plain Jaccard index: dF1 .42 -> .47
_SPARE = 4  # neighbours looked up beyond k, so that folding a few of them leaves enough


class NoiseReason(StrEnum):
    """Why an inquiry is in no question."""

    BLANK = "blank"
    SAYS_NOTHING = "says nothing"
    TOO_FEW = "too few"
    ALONE = "no neighbour near"
    BETWEEN = "between two questions"  # said of questions as they stand now, see standing.explain_noise
    FAR = "near a topic, near none of its questions"
    VAGUE = "too vague"
    SEARCHED = "only searched for, by too few"  # on one day, or by fewer than misses.may_form_question asks for


# What nobody but the round can tell: it is kept with it. The others are said of the questions as they stand now.
OF_THE_ROUND = frozenset({NoiseReason.SAYS_NOTHING, NoiseReason.FAR, NoiseReason.VAGUE, NoiseReason.SEARCHED})


@dataclass(frozen=True)
class Partition:
    """Which inquiries ask the same. Clusters are numbered by customers, most first, then by their smallest id."""

    labels: NDArray[np.int64]  # (n,) in the order of the inquiries given; -1 is noise
    centroids: NDArray[np.float32]  # (K, d), rows of length 1
    cohesion: tuple[float, ...]  # (K,) mean cosine of members to the centroid
    customers: tuple[int, ...]  # (K,) distinct customers
    reasons: tuple[NoiseReason | None, ...]  # (n,) None for members of a cluster

    def without(self, refused: Collection[int], why: NoiseReason) -> Partition:
        """The partition with these clusters in the noise, and the others renumbered in the same order."""
        kept = [number for number in range(len(self.centroids)) if number not in set(refused)]
        new = np.full(len(self.centroids) + 1, -1, dtype=np.int64)  # the last one is where -1 looks
        new[kept] = np.arange(len(kept))
        labels = new[self.labels]
        reasons = tuple(
            why if label < 0 and reason is None else reason for label, reason in zip(labels, self.reasons, strict=True)
        )
        return Partition(
            labels,
            self.centroids[kept],
            tuple(self.cohesion[number] for number in kept),
            tuple(self.customers[number] for number in kept),
            reasons,
        )

    def reordered(self, order: NDArray[np.int64]) -> Partition:
        """The same partition of rows in another order."""
        reasons = tuple(self.reasons[row] for row in order.tolist())
        return Partition(self.labels[order], self.centroids, self.cohesion, self.customers, reasons)


def cluster(
    inquiries: Sequence[Inquiry], vectors: NDArray[np.float32], options: ClusteringOptions | None = None
) -> Partition:
    """The recurring questions of a log: every inquiry in one cluster or in the noise, with the reason.

    vectors: float32 (n, d), rows of length 1, one per inquiry, of its question_text; a row of zeros is a blank text.
    The same inquiries give the same clusters in whatever order they come.
    About 3 s and .3 GB for 13,000 rows (docs/measured.md); exact neighbours are quadratic up to options.exact_rows.

    Raises: ValueError when the shapes do not fit or an id comes twice.
    """
    options = options or ClusteringOptions()
    _check(inquiries, vectors)
    order = np.array(sorted(range(len(inquiries)), key=lambda row: inquiries[row].id), dtype=np.int64)
    rows = [inquiries[row] for row in order]
    # the rows by id are a copy of all vectors: given away here, so that the graph has their room
    nodes, features, neighbours, products = _join_neighbours(
        rows, vectors[order].astype(np.float32, copy=False), options
    )
    labels, reasons = _label_rows(rows, nodes, features, (neighbours, products), options)
    labels, customers = _number(labels, rows)
    centroids, cohesion = _describe(labels, vectors, order, nodes, len(customers))
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return Partition(labels[back], centroids, cohesion, customers, tuple(reasons[row] for row in back))


def partition_of(
    rows: Sequence[Inquiry],
    matrix: NDArray[np.float32],
    labels: NDArray[np.int64],
    reasons: Sequence[NoiseReason | None],
    options: ClusteringOptions,
) -> Partition:
    """The partition that labels make, numbered as `cluster` numbers: clusters of too few customers are noise.

    rows: sorted by id. labels: any numbers, below 0 is noise. reasons: of noise, where they are known.
    """
    said = list(reasons)
    for members in groups(labels):
        if count_customers([rows[row] for row in members]) < options.min_customers:
            labels[members] = -1
            for row in members.tolist():
                said[row] = NoiseReason.TOO_FEW
    labels, customers = _number(labels, rows)
    sums = np.zeros((len(customers), matrix.shape[1]), dtype=np.float32)
    for number, members in enumerate(groups(labels)):
        nodes = fold_identical(
            [rows[row] for row in members], matrix[members], np.zeros((len(members), 0), dtype=np.float32)
        )
        sums[number] = nodes.weights.astype(np.float32) @ nodes.vectors
    centroids = unit_rows(sums)
    cohesion = [
        round(float((matrix[members] @ centroids[number]).mean()), 6) for number, members in enumerate(groups(labels))
    ]
    of_noise = (
        (reason or NoiseReason.TOO_FEW) if label < 0 else None for label, reason in zip(labels, said, strict=True)
    )
    return Partition(labels, centroids, tuple(cohesion), customers, tuple(of_noise))


def _check(inquiries: Sequence[Inquiry], vectors: NDArray[np.float32]) -> None:
    if vectors.ndim != 2 or len(vectors) != len(inquiries):
        raise ValueError(f"vectors are {vectors.shape}, not ({len(inquiries)}, d) for {len(inquiries)} inquiries")
    if len({inquiry.id for inquiry in inquiries}) != len(inquiries):
        raise ValueError("an inquiry id comes twice")


def _join_neighbours(
    rows: Sequence[Inquiry], matrix: NDArray[np.float32], options: ClusteringOptions
) -> tuple[Nodes, Features, NDArray[np.int64], NDArray[np.float32]]:
    """Steps 1 to 3: the nodes, what they are compared by, and of each its nearest others."""
    answers = answer_vectors(rows) if options.answer_weight > 0 else np.zeros((len(rows), 0), dtype=np.float32)
    nodes = fold_identical(rows, matrix, answers)
    features = join_features(nodes, options)
    wanted = max(_scaled(nodes, features, options).neighbours, options.vote_neighbours, options.noise_neighbours)
    found, products = nearest(features.joint, wanted + _SPARE, options)
    folded, kept = fold_near(rows, (matrix, answers), nodes, found, options)
    if len(kept) == len(nodes.texts):
        return nodes, features, found[:, :wanted], products[:, :wanted]
    new_of_old = np.zeros(len(nodes.texts), dtype=np.int64)
    is_row = nodes.of_row >= 0
    new_of_old[nodes.of_row[is_row]] = folded.of_row[is_row]
    features = join_features(folded, options)
    return folded, features, *neighbours_of_kept(features.joint, kept, new_of_old, found, wanted)


def _label_rows(
    rows: Sequence[Inquiry],
    nodes: Nodes,
    features: Features,
    near: tuple[NDArray[np.int64], NDArray[np.float32]],
    options: ClusteringOptions,
) -> tuple[NDArray[np.int64], list[NoiseReason | None]]:
    """Steps 4 to 7: a cluster or a reason for every row."""
    reasons: list[NoiseReason | None] = [
        None if node >= 0 else NoiseReason.SAYS_NOTHING if row.question_text.strip() else NoiseReason.BLANK
        for row, node in zip(rows, nodes.of_row.tolist(), strict=True)
    ]
    if not nodes.texts:
        return np.full(len(rows), -1, dtype=np.int64), reasons
    neighbours, products = near
    scaled = _scaled(nodes, features, options)
    graph = np.ascontiguousarray(neighbours[:, : scaled.neighbours])
    resolution = resolution_for(features, products, scaled.resolution, options)
    by_node = communities(graph, resolution, options, scaled.edge_power)
    by_node = merge(
        by_node, features.joint, features.weights, merge_level(features, products, scaled.merge_share, options)
    )
    by_node = place_heavy(by_node, features, options)
    by_node = reassign(by_node, features, options) if features.is_joint else vote(by_node, features, near, options)
    alone = is_alone(features, products, options)
    narrowed = narrow(by_node, features, products, nodes.texts, alone, options)
    by_node = narrowed.labels
    by_reason = {
        NoiseReason.FAR: narrowed.is_far,
        NoiseReason.VAGUE: narrowed.is_vague,
        NoiseReason.ALONE: alone,
    }
    labels = np.where(nodes.of_row >= 0, by_node[nodes.of_row], -1)
    for reason, is_noise in by_reason.items():
        for row in np.nonzero((nodes.of_row >= 0) & is_noise[nodes.of_row])[0]:
            labels[row], reasons[row] = -1, reason
    for members in groups(labels):
        if count_customers([rows[row] for row in members]) < options.min_customers:
            labels[members] = -1
            for row in members:
                reasons[row] = NoiseReason.TOO_FEW
    return labels, reasons


@dataclass(frozen=True)
class _Scaled:
    """What the options come to in a log of this size, with answers or without."""

    neighbours: int
    resolution: float
    edge_power: float
    merge_share: float


def _scaled(nodes: Nodes, features: Features, options: ClusteringOptions) -> _Scaled:
    """Answers tell questions apart that wordings do not: with them a large log is cut as finely as a small one."""
    if features.is_joint:
        return _Scaled(options.neighbours, options.answered_resolution, 1.0, options.merge_share)
    times = max(1.0, len(nodes.texts) / options.small_log)
    large = min(1.0, math.log(times) / math.log(max(options.large_log / options.small_log, math.e)))
    return _Scaled(
        max(
            options.neighbours,
            min(options.most_neighbours, round(options.neighbours * times**options.neighbours_growth)),
        ),
        options.resolution + (options.large_resolution - options.resolution) * large,
        1.0 + (options.large_edge_power - 1.0) * large**_LATE,
        options.merge_share + (options.large_merge_share - options.merge_share) * large,
    )


def _number(labels: NDArray[np.int64], rows: Sequence[Inquiry]) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    sized = [(count_customers([rows[row] for row in members]), members) for members in groups(labels)]
    sized.sort(key=lambda group: (-group[0], group[1][0]))
    numbered = np.full(len(labels), -1, dtype=np.int64)
    for number, (_, members) in enumerate(sized):
        numbered[members] = number
    return numbered, tuple(customers for customers, _ in sized)


def _describe(
    labels: NDArray[np.int64], vectors: NDArray[np.float32], order: NDArray[np.int64], nodes: Nodes, count: int
) -> tuple[NDArray[np.float32], tuple[float, ...]]:
    """Centroids of the final members, folded wordings weighing as they did while clustering, and cohesion.

    labels, nodes: of the rows by id; order: where each of them stands in `vectors`.
    """
    sums = np.zeros((count, vectors.shape[1]), dtype=np.float32)
    by_label = groups(labels)
    for number, members in enumerate(by_label):
        used = np.unique(nodes.of_row[members])
        sums[number] = nodes.weights[used].astype(np.float32) @ nodes.vectors[used]
    centroids = unit_rows(sums)
    cohesion = tuple(
        round(float((vectors[order[members]] @ centroids[number]).mean()), 6) for number, members in enumerate(by_label)
    )
    return centroids, cohesion
