"""Which rows of a long log the new ones can change anything for: the part that an anchored round clusters anew."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.graph import nearest_of
from helploop.clustering.options import ClusteringOptions

_NEIGHBOURS = 10  # of a new row: the questions and the noise it touches
_VOTES = 5  # nearest rows that say where a new row belongs ...
_SURE = 4  # ... and so many must say the same for it to join unlooked at
_LIKELY = 3  # ... so many where its question is too large to be clustered anew
_SAMPLED = 300  # placed rows whose nearness says how near a member is
_LEAST = 0.1  # a new row less near to its neighbours than all but so many of them is looked at
_MANY_NEW = 4  # when more than one row in four is new, all are clustered anew


@dataclass(frozen=True)
class Vicinity:
    """What to cluster anew."""

    rows: NDArray[np.int64]  # ascending
    labels: NDArray[np.int64]  # (n,) the old questions, and those of new rows that joined one unlooked at


def find_vicinity(
    vectors: NDArray[np.float32], old: NDArray[np.int64], is_new: NDArray[np.bool_], options: ClusteringOptions
) -> Vicinity:
    """All rows of a log of up to options.anchor_rows; else what the new rows touch, at most so many.

    vectors: float32 (n, d), rows of length 1, sorted by inquiry id. old: (n,) question of each row, -1 none.
    A new row whose nearest rows are nearly all of one question, and near as members are, joins it at once. The others
    are looked at with the noise beside them and, whole, the questions they touch most.
    """
    labels = old.copy()
    everything = np.arange(len(old))
    new = np.nonzero(is_new & (vectors != 0).any(axis=1))[0]
    if len(old) <= options.anchor_rows or _MANY_NEW * len(new) > len(old) or not (old >= 0).any():
        return Vicinity(everything, labels)
    found, cosines = nearest_of(vectors, new, _NEIGHBOURS)
    is_near = cosines[:, :_VOTES].mean(axis=1) >= _least_nearness(vectors, old)
    votes = [_vote(old[neighbours[:_VOTES]]) for neighbours in found]
    is_sure = is_near & np.array([count >= _SURE for _, count in votes])
    touched = Counter(question for question in old[found[~is_sure]].ravel().tolist() if question >= 0)
    beside = np.unique(found[~is_sure])
    chosen = _chosen(touched, old, options.anchor_rows - int((~is_sure).sum()))
    looked_at = [
        row
        for row, sure, (question, _) in zip(new.tolist(), is_sure, votes, strict=True)
        if not sure and (question < 0 or question in chosen)
    ]
    for row, near, (question, count) in zip(new.tolist(), is_near, votes, strict=True):
        if near and (count >= _SURE or (count >= _LIKELY and question not in chosen)):
            labels[row] = question
    noise = beside[(old[beside] < 0) & ~is_new[beside]]
    rows = np.concatenate([np.array(looked_at, dtype=np.int64), noise, everything[np.isin(old, sorted(chosen))]])
    return Vicinity(np.unique(rows), labels)


def _least_nearness(vectors: NDArray[np.float32], old: NDArray[np.int64]) -> float:
    """The mean cosine to its nearest few that nine of ten placed rows reach. Ids are hashes: every n-th is a sample."""
    placed = np.nonzero(old >= 0)[0]
    sample = placed[:: max(1, len(placed) // _SAMPLED)]
    return float(np.quantile(nearest_of(vectors, sample, _VOTES)[1].mean(axis=1), _LEAST))


def _vote(questions: NDArray[np.int64]) -> tuple[int, int]:
    """The question that most of the nearest rows are in, and how many are; -1 when they are in none."""
    counts = Counter(question for question in questions.tolist() if question >= 0)
    return max(counts.items(), key=lambda item: (item[1], -item[0])) if counts else (-1, 0)


def _chosen(touched: Counter[int], old: NDArray[np.int64], room: int) -> frozenset[int]:
    """Questions that fit, those first of which the new rows touch most for their size."""
    sizes = np.bincount(old[old >= 0])
    chosen = set()
    for question in sorted(touched, key=lambda q: (-touched[q] / sizes[q], q)):
        if sizes[question] <= room:
            chosen.add(question)
            room -= int(sizes[question])
    return frozenset(chosen)
