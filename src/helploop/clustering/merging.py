"""Merges clusters that ask the same, moves rows to the nearest centre, and says which rows are noise."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.features import Features
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.vectors import mean_row, sums_by_label, unit_rows

_BLOCK = 1024
_VOTES = 2  # rounds of voting; more change next to nothing
_OWN_VOTE = 0.5  # a row's own cluster against neighbours whose squared similarity is .3 to .8
_TIE = 1e-9


def merge(
    labels: NDArray[np.int64], vectors: NDArray[np.float32], weights: NDArray[np.float64], least: float
) -> NDArray[np.int64]:
    """Joins the two most similar clusters while their mean pairwise cosine is at least `least`.

    labels: (m,), from 0, all used. vectors: (m, d), rows of length 1. The mean over all pairs of two clusters is exact
    from their weighted sums: S_a . S_b / (W_a W_b). A merged cluster's mean to a third lies between its parts' means,
    so only the parts' neighbours can be the merged one's: cost is linear in pairs above `least`, not in all pairs.
    Returns (m,), numbered from 0.
    """
    sums, totals = sums_by_label(labels, vectors, weights)
    near = pairs_above(sums / totals[:, None], least)
    heap = [(-value, a, b) for a, others in near.items() for b, value in others.items() if a < b]
    heapq.heapify(heap)
    joined = list(range(len(totals)))  # where a cluster went
    sums_by = dict(enumerate(sums))
    totals_by = dict(enumerate(totals.tolist()))
    while heap:
        _, a, b = heapq.heappop(heap)
        if a not in sums_by or b not in sums_by:
            continue
        new = len(joined)
        joined[a] = joined[b] = new
        joined.append(new)
        others = sorted((near.pop(a, {}).keys() | near.pop(b, {}).keys()) - {a, b})
        sums_by[new] = sums_by.pop(a) + sums_by.pop(b)
        totals_by[new] = totals_by.pop(a) + totals_by.pop(b)
        near[new] = {}
        for other in others:
            near[other].pop(a, None)
            near[other].pop(b, None)
            value = float(sums_by[new] @ sums_by[other]) / (totals_by[new] * totals_by[other])
            if value >= least:
                near[new][other] = near[other][new] = value
                heapq.heappush(heap, (-value, other, new))
    return np.unique(_follow(joined)[labels], return_inverse=True)[1]


def merge_level(features: Features, products: NDArray[np.float32], share: float, options: ClusteringOptions) -> float:
    """The mean pairwise cosine at which two clusters are one, on this log with this encoder.

    It stands at `share` between the mean cosine of any two rows and the median row's mean cosine to its
    nearest few (products: (m, k), nearest first): a share, so that it follows the encoder and the length of the texts.
    """
    if not products.shape[1]:
        return 1.0
    middle = mean_row(features.joint, features.weights)
    background = float(middle @ middle)
    near = float(np.median(products[:, : options.noise_neighbours].mean(axis=1)))
    level = background + share * (near - background)
    is_one_question = 1.0 - near >= options.single_spread * (1.0 - background)
    return min(options.merge_most, level) if is_one_question else level


def place_heavy(labels: NDArray[np.int64], features: Features, options: ClusteringOptions) -> NDArray[np.int64]:
    """A wording of enough customers by itself goes to the centre it is near, or else is a cluster of its own.

    What 40 visitors searched for, and nobody else asks, would else be moved into the nearest unrelated question. The
    centres are those of the other wordings, so that a heavy one does not draw a centre to itself first.
    """
    is_heavy = features.copies >= options.min_customers
    heavy = np.nonzero(is_heavy)[0]
    if not len(heavy):
        return labels
    questions = np.ascontiguousarray(features.joint[:, : features.dimensions])
    sums, totals = sums_by_label(labels, questions, np.where(is_heavy, 0.0, features.weights))
    whole = sums_by_label(labels, questions, features.weights)[0]
    centres = unit_rows(np.where(totals[:, None] > 0, sums, whole).astype(np.float32))
    cosines = unit_rows(questions[heavy]) @ centres.T
    is_far = cosines.max(axis=1) < options.lone_similarity
    labels = labels.copy()
    labels[heavy] = np.where(is_far, labels.max() + 1 + np.arange(len(heavy)), cosines.argmax(axis=1))
    return np.unique(labels, return_inverse=True)[1]


def reassign(labels: NDArray[np.int64], features: Features, options: ClusteringOptions) -> NDArray[np.int64]:
    """Every row goes to its nearest centre, a few times; centres with fewer customers than asked for are dropped.

    Customers of a cluster are added up over its rows (one who wrote two wordings counts twice here); the exact distinct
    count is taken at the end, by `cluster`. Returns (m,), numbered from 0.
    """
    for _ in range(options.reassign_rounds):
        sizes = np.bincount(labels, weights=features.copies)
        sums = sums_by_label(labels, features.joint, features.weights)[0].astype(np.float32)
        large = sizes >= options.min_customers
        labels = _assign(features, sums[large] if large.any() else sums)
        labels = np.unique(labels, return_inverse=True)[1]
    return labels


def vote(
    labels: NDArray[np.int64],
    features: Features,
    near: tuple[NDArray[np.int64], NDArray[np.float32]],
    options: ClusteringOptions,
) -> NDArray[np.int64]:
    """Every row goes where most of its neighbours are, twice; a neighbour weighs its squared similarity.

    near: (m, k) neighbours and their similarities, nearest first; options.vote_neighbours of them have a say, and the
    row's own cluster half a vote. A wording of enough customers by itself stays where it is. Returns (m,), from 0.
    """
    neighbours, similarities = (part[:, : options.vote_neighbours] for part in near)
    weights = np.square(np.maximum(similarities, 0.0), dtype=np.float64)
    is_light = features.copies < options.min_customers
    for _ in range(_VOTES):
        around = labels[neighbours]
        best, most = labels.copy(), _OWN_VOTE + np.where(around == labels[:, None], weights, 0.0).sum(axis=1)
        for column in range(around.shape[1]):
            choice = around[:, column]
            votes = np.where(around == choice[:, None], weights, 0.0).sum(axis=1) + _OWN_VOTE * (choice == labels)
            wins = (votes > most + _TIE) | ((votes > most - _TIE) & (choice < best))
            best, most = np.where(wins, choice, best), np.where(wins, votes, most)
        labels = np.where(is_light, best, labels)
    return np.unique(labels, return_inverse=True)[1]


def _assign(features: Features, sums: NDArray[np.float32]) -> NDArray[np.int64]:
    """(m,) the nearest centre of each row, in blocks."""
    centres = unit_rows(sums)
    found = np.empty(len(features.joint), dtype=np.int64)
    for start in range(0, len(found), _BLOCK):
        rows = slice(start, start + _BLOCK)
        found[rows] = np.argmax(features.joint[rows] @ centres.T, axis=1)
    return found


def is_alone(features: Features, products: NDArray[np.float32], options: ClusteringOptions) -> NDArray[np.bool_]:
    """(m,) whether a row's mean similarity to its nearest few is too low for it to ask what others ask.

    products: (m, k) with its nearest others, nearest first. The other customers' copies of its own wording count as 1.
    "Too low" is options.noise_similarity, or, in a log where wordings are far apart altogether, a share of the median
    of the rows like it (with an answer, without): .55 alone would drop 88 % of the sample's long mails. Where all are
    different, what is not even near to its nearest is alone, too, but for wordings of enough customers by themselves.
    """
    near = _nearness(products, features.copies, options.noise_neighbours)
    least = np.full(len(near), options.noise_similarity)
    answered: NDArray[np.bool_] = (features.answers != 0).any(axis=1)
    for group in (answered, ~answered):
        if group.any():
            least[group] = np.minimum(least[group], options.noise_share * np.median(near[group]))
    alone: NDArray[np.bool_] = near < least
    if _is_all_different(features, near, options):
        alone |= (products[:, 0] < options.lone_similarity) & (features.copies < options.min_customers)
    return alone


def _is_all_different(features: Features, near: NDArray[np.float64], options: ClusteringOptions) -> bool:
    """Whether the median wording is hardly nearer to its nearest than any two different wordings are to each other.

    Such a log has no median to take a share of: all would be as near as the others, and one question of nothing. A log
    of few wordings of one question looks the same, so `is_alone` takes out only what nothing at all is near.
    """
    total = float(features.weights.sum())
    middle = mean_row(features.joint, features.weights)
    itself = (
        float(np.square(features.weights).sum()) / total**2
    )  # of all pairs, weighed, those of a wording with itself
    if itself >= 1.0:
        return False
    background = (float(middle @ middle) - itself) / (1.0 - itself)
    return 1.0 - float(np.median(near)) >= options.different_spread * (1.0 - background)


def _nearness(cosines: NDArray[np.float32], copies: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    same = np.clip(np.round(copies) - 1, 0, count).astype(np.int64)
    totals = np.concatenate([np.zeros((len(cosines), 1)), np.cumsum(cosines, axis=1, dtype=np.float64)], axis=1)
    others = np.minimum(count - same, cosines.shape[1])
    used = same + others
    sums = same + np.take_along_axis(totals, others[:, None], axis=1)[:, 0]
    means: NDArray[np.float64] = np.divide(sums, used, out=np.zeros(len(cosines)), where=used > 0)
    return means


def pairs_above(means: NDArray[np.floating], least: float) -> dict[int, dict[int, float]]:
    """Of each row those with which its product is at least so much, and the product. means: (K, d)."""
    near: dict[int, dict[int, float]] = {a: {} for a in range(len(means))}
    for start in range(0, len(means), _BLOCK):
        values = means[start : start + _BLOCK] @ means.T
        for a, b in zip(*np.nonzero(values >= least), strict=True):
            if start + a != b:
                near[start + int(a)][int(b)] = float(values[a, b])
    return near


def _follow(joined: list[int]) -> NDArray[np.int64]:
    """Where each cluster ended up: later ones are resolved first, so one pass from the end is enough."""
    final = np.array(joined, dtype=np.int64)
    for cluster in range(len(final) - 1, -1, -1):
        final[cluster] = final[final[cluster]]
    return final
