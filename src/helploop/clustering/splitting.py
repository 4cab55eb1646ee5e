"""Proposes how one question could be several: its wordings grouped again among themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.folding import fold_identical
from helploop.clustering.vectors import sums_by_label, unit_rows
from helploop.domain import Inquiry

_MOST_PARTS = 5  # proposed unasked: more than a person compares at a glance
_STARTS = 8
_STEPS = 50  # until nothing moves, as a rule within ten
_SEED = 7


def propose_parts(
    inquiries: Sequence[Inquiry], vectors: NDArray[np.float32], into: int | None = None
) -> list[list[int]]:
    """Positions of the inquiries of each part, the largest part first; one part where there are no two wordings.

    Spherical k-means (Dhillon and Modha 2001) over the different wordings, the best of a few seeded starts. into: how
    many parts; None: from two to five, where wordings are nearest to their own centre as against the next one (mean
    simplified silhouette, Hruschka et al. 2004). vectors: float32 (n, d), rows of length 1. The same inquiries give
    the same parts in whatever order they come.
    """
    order = sorted(range(len(inquiries)), key=lambda position: inquiries[position].id)
    rows = [inquiries[position] for position in order]
    nodes = fold_identical(rows, vectors[order], np.zeros((len(rows), 0), dtype=np.float32))
    most = min(len(nodes.texts), into or _MOST_PARTS)
    if most < 2:
        return [order]
    tried = [
        _spherical_means(nodes.vectors, nodes.weights, count) for count in ([most] if into else range(2, most + 1))
    ]
    best = max(tried, key=lambda labels: (round(_silhouette(labels, nodes.vectors, nodes.weights), 6), -labels.max()))
    by_row = np.where(nodes.of_row >= 0, best[nodes.of_row], 0)  # a blank text goes with the first part
    parts = [[order[row] for row in np.nonzero(by_row == part)[0]] for part in range(int(best.max()) + 1)]
    return sorted((part for part in parts if part), key=lambda part: (-len(part), inquiries[part[0]].id))


def _spherical_means(vectors: NDArray[np.float32], weights: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """(m,) the part of each row, from 0, all used: at most `count`, fewer when rows are equal."""
    random = np.random.default_rng(_SEED)
    best, best_fit = np.zeros(len(vectors), dtype=np.int64), -np.inf
    for _ in range(_STARTS):
        labels = _settle(vectors, weights, _far_rows(vectors, count, random))
        sums = sums_by_label(labels, vectors, weights)[0]
        fit = round(float(np.linalg.norm(sums, axis=1).sum()), 6)
        if fit > best_fit:
            best, best_fit = labels, fit
    return best


def _far_rows(vectors: NDArray[np.float32], count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Rows to start from, each drawn the likelier the farther it is from those before (k-means++)."""
    chosen = [int(random.integers(len(vectors)))]
    farness = np.full(len(vectors), np.inf)
    while len(chosen) < count:
        farness = np.minimum(farness, np.round(np.maximum(0.0, 1.0 - vectors @ vectors[chosen[-1]]), 6))
        if not farness.sum() > 0:
            break
        chosen.append(int(random.choice(len(vectors), p=farness / farness.sum())))
    return np.array(chosen, dtype=np.int64)


def _settle(vectors: NDArray[np.float32], weights: NDArray[np.float64], start: NDArray[np.int64]) -> NDArray[np.int64]:
    labels = np.round(vectors @ vectors[start].T, 6).argmax(axis=1)
    for _ in range(_STEPS):
        labels = np.unique(labels, return_inverse=True)[1]
        centres = unit_rows(sums_by_label(labels, vectors, weights)[0].astype(np.float32))
        moved = np.round(vectors @ centres.T, 6).argmax(axis=1)
        if np.array_equal(moved, labels):
            break
        labels = moved
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _silhouette(labels: NDArray[np.int64], vectors: NDArray[np.float32], weights: NDArray[np.float64]) -> float:
    """Weighted mean of (b - a) / max(a, b): a is the distance to the own centre, b to the next one, 1 - cosine."""
    if not labels.any():
        return -1.0
    centres = unit_rows(sums_by_label(labels, vectors, weights)[0].astype(np.float32))
    far = np.maximum(0.0, 1.0 - vectors @ centres.T)
    own = far[np.arange(len(far)), labels].copy()
    far[np.arange(len(far)), labels] = np.inf
    other = far.min(axis=1)
    values = (other - own) / np.maximum(np.maximum(own, other), 1e-9)
    return float(np.average(values, weights=weights))
