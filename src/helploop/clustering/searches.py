"""Searches among inquiries: three typed words join the question they belong to, or stand among themselves.

Thrown in with the tickets they cluster by their style: short texts are near to short texts. So the written inquiries
are grouped first; a search then joins the question whose nearest members and whose words it is near to; what is left is
grouped apart. On the sample's second round, same code and three seeds: 45 instead of 43 of 45 questions found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.folding import count_customers
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.partition import NoiseReason, Partition
from helploop.clustering.partition import cluster as cluster_alike
from helploop.clustering.search_words import word_scores
from helploop.clustering.vectors import groups
from helploop.domain import Channel, Inquiry

_NEAREST = 3  # members whose mean cosine places a search: right at first for .83 of the sample's queries; .77 with one
_MEMBER = 1.0  # by vectors alone: as near as the median member, whatever the words
_SAMPLED = 256  # members of one question that are compared with one another


def cluster(
    inquiries: Sequence[Inquiry], vectors: NDArray[np.float32], options: ClusteringOptions | None = None
) -> Partition:
    """The recurring questions of a log: every inquiry in one cluster or in the noise, with the reason.

    vectors: float32 (n, d), rows of length 1, one per inquiry, of its question_text; a row of zeros is a blank text.
    The same inquiries give the same clusters in whatever order they come.

    Raises: ValueError when the shapes do not fit or an id comes twice.
    """
    options = options or ClusteringOptions()
    is_search = np.array([inquiry.channel is Channel.SEARCH for inquiry in inquiries], dtype=bool)
    if not is_search.any() or is_search.all():
        return cluster_alike(inquiries, vectors, options)
    written, searches = np.nonzero(~is_search)[0], np.nonzero(is_search)[0]
    first = cluster_alike([inquiries[row] for row in written.tolist()], vectors[written], options)
    by_words = word_scores(
        [inquiries[row] for row in searches.tolist()], [inquiries[row] for row in written.tolist()], first.labels
    )
    placed = _place(vectors[searches], vectors[written], first.labels, by_words, options)
    lone = searches[placed < 0]
    # nobody answered a search: the answers' weight has nothing to weigh
    apart = cluster_alike([inquiries[row] for row in lone.tolist()], vectors[lone], replace(options, answer_weight=0.0))
    labels = np.full(len(inquiries), -1, dtype=np.int64)
    labels[written] = first.labels
    labels[searches] = placed
    labels[lone] = np.where(apart.labels >= 0, apart.labels + len(first.centroids), -1)
    reasons: list[NoiseReason | None] = [None] * len(inquiries)
    for rows, part in ((written, first), (lone, apart)):
        for row, reason in zip(rows.tolist(), part.reasons, strict=True):
            reasons[row] = reason
    return _renumbered(inquiries, labels, (first, apart), reasons)


def _place(
    searches: NDArray[np.float32],
    written: NDArray[np.float32],
    labels: NDArray[np.int64],
    by_words: NDArray[np.float32],
    options: ClusteringOptions,
) -> NDArray[np.int64]:
    """(m,) the cluster each search joins; -1: none is near enough, or two are equally near.

    Nearness by vectors runs from 0, any two written inquiries, to 1, the median member and the nearest few of its own
    question: a share, so that it follows the encoder and the length of the texts. by_words: (m, K), added to it.
    """
    members = groups(labels)
    if not members or not len(searches):
        return np.full(len(searches), -1, dtype=np.int64)
    scores = np.zeros((len(searches), len(members)), dtype=np.float32)
    own = []
    for number, rows in enumerate(members):
        scores[:, number] = _nearest_mean(searches @ written[rows].T)
        own.append(_nearness_to_own(written[rows]))
    middle = written.mean(axis=0)
    background = float(middle @ middle)
    near = float(np.median(np.concatenate(own)))
    by_vectors = (scores - background) / max(near - background, 1e-6)
    scores = by_vectors + options.search_words * by_words
    best = scores.argmax(axis=1)
    top = scores[np.arange(len(searches)), best]
    is_like_a_member = by_vectors[np.arange(len(searches)), best] >= _MEMBER
    second = np.partition(scores, -2, axis=1)[:, -2] if len(members) > 1 else np.full(len(searches), -np.inf)
    is_near = ((top >= options.search_share) | is_like_a_member) & (top - second >= options.search_margin)
    return np.where(is_near, best, -1).astype(np.int64)


def _nearest_mean(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """(m,) mean of the greatest few of each row."""
    means: NDArray[np.float32] = np.sort(cosines, axis=1)[:, -_NEAREST:].mean(axis=1)
    return means


def _nearness_to_own(members: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) mean cosine of each member to the nearest few others; of a large question its first members stand for it."""
    some = members[:_SAMPLED]
    if len(some) == 1:
        return np.ones(1, dtype=np.float32)
    cosines = some @ some.T
    np.fill_diagonal(cosines, -np.inf)
    means: NDArray[np.float32] = np.sort(cosines, axis=1)[:, -min(_NEAREST, len(some) - 1) :].mean(axis=1)
    return means


def _renumbered(
    inquiries: Sequence[Inquiry],
    labels: NDArray[np.int64],
    parts: tuple[Partition, Partition],
    reasons: Sequence[NoiseReason | None],
) -> Partition:
    """Clusters numbered by customers, most first, then by their smallest id, as partition.cluster does."""
    centroids = np.concatenate([part.centroids for part in parts])
    cohesion = parts[0].cohesion + parts[1].cohesion
    sized = []
    for rows in groups(labels):
        of_cluster = [inquiries[row] for row in rows.tolist()]
        sized.append((-count_customers(of_cluster), min(i.id for i in of_cluster), int(labels[rows[0]])))
    sized.sort()
    new = np.full(len(centroids) + 1, -1, dtype=np.int64)  # the last one is where -1 looks
    new[[old for _, _, old in sized]] = np.arange(len(sized))
    order = [old for _, _, old in sized]
    return Partition(
        new[labels],
        centroids[order],
        tuple(cohesion[old] for old in order),
        tuple(-customers for customers, _, _ in sized),
        tuple(reasons),
    )
