"""Rows of numbers that several steps of clustering share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_PART = 16_384  # rows at a time, so that a million need little beside the result: 384 float32 of each are 25 MB


def unit_rows(rows: NDArray[np.float32], out: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """float32, each row divided by its length; a row of zeros stays one. out: where to, `rows` itself if not needed."""
    units = np.zeros_like(rows) if out is None else out
    for start in range(0, len(rows), _PART):
        part = slice(start, start + _PART)
        lengths = np.linalg.norm(rows[part], axis=1, keepdims=True)
        np.divide(rows[part], lengths, out=units[part], where=lengths > 0)
    return units


def mean_row(rows: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (d,): the weighted mean of the rows, without a weighed copy of them."""
    mean: NDArray[np.float64] = (weights.astype(np.float32) @ rows) / weights.sum()
    return mean


def sums_by_label(
    labels: NDArray[np.int64], vectors: NDArray[np.float32], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted sum of the rows of each label (K, d) and total weight (K,). labels: (m,), from 0, all used."""
    order, sizes = np.argsort(labels, kind="stable"), np.bincount(labels)
    sums = np.empty((len(sizes), vectors.shape[1]), dtype=np.float64)
    for some, rows, starts in _parts(order, sizes):
        sums[some] = np.add.reduceat(vectors[rows] * weights[rows, None].astype(np.float32), starts, axis=0)
    return sums, np.add.reduceat(weights[order], np.cumsum(sizes) - sizes)


def plain_sums(labels: NDArray[np.int64], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (K, d): the sum of the rows of each label.

    labels: (m,), from 0, all used; rows below 0 are left out. A label of one row, as most wordings are, costs a copy,
    not a sum.
    """
    order, sizes = np.argsort(labels, kind="stable")[np.count_nonzero(labels < 0) :], np.bincount(labels[labels >= 0])
    sums: NDArray[np.float32] = vectors[order[np.cumsum(sizes) - sizes]].astype(np.float32, copy=False)
    is_sum = sizes > 1
    several = np.nonzero(is_sum)[0]
    for some, rows, starts in _parts(order[np.repeat(is_sum, sizes)], sizes[several]):
        sums[several[some]] = np.add.reduceat(vectors[rows], starts, axis=0)
    return sums


def _parts(
    order: NDArray[np.int64], sizes: NDArray[np.int64]
) -> Iterator[tuple[slice, NDArray[np.int64], NDArray[np.int64]]]:
    """Whole labels of about _PART rows together: which labels, their rows, and where each label starts in these.

    order: rows sorted by label; sizes: (K,) of the labels, none 0.
    """
    ends, first = np.cumsum(sizes), 0
    while first < len(sizes):
        start = ends[first] - sizes[first]
        last = max(first + 1, int(np.searchsorted(ends, start + _PART, side="right")))
        some = slice(first, last)
        yield some, order[start : ends[last - 1]], ends[some] - sizes[some] - start
        first = last


def groups(labels: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The rows of each label from 0 on, ascending; rows below 0 are left out."""
    rows = np.nonzero(labels >= 0)[0]
    if not len(rows):
        return []
    order = rows[np.argsort(labels[rows], kind="stable")]
    return np.split(order, np.nonzero(np.diff(labels[order]))[0] + 1)


def different_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The different rows in the order of their values: np.unique(rows, axis=0), ten times as fast where few are alike.

    Rows of an encoder differ in their first column as a rule; only where equal ones stand there are more looked at.
    """
    known = list({row.tobytes(): place for place, row in enumerate(rows)}.values())
    few = rows[known]
    order = np.argsort(few[:, 0], kind="stable")
    first = few[order, 0]
    if (first[1:] == first[:-1]).any():
        return np.unique(few, axis=0)
    return few[order]


def products(vectors: NDArray[np.float32], chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32 (m, k): each row times each of the k rows chosen for it."""
    found = np.empty(chosen.shape, dtype=np.float32)
    for start in range(0, len(chosen), _PART):
        part = slice(start, start + _PART)
        for column in range(chosen.shape[1]):
            found[part, column] = np.einsum("md,md->m", vectors[part], vectors[chosen[part, column]])
    return found


_STRIDE = 64  # columns of a bundle in `largest`; 32 to 128 take the same time


def largest(values: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The columns of the `count` largest values of each row, largest first, and the values.

    values: float32 (m, n), count <= n. Equal values come by the lower column. Exact: the `count` largest stand in the
    `count` bundles of columns with the largest maxima, so only those are sorted; 5 to 10 times as fast as
    argpartition over all columns.
    """
    rows, width = values.shape
    bundles = width // _STRIDE
    if bundles <= 2 * count:
        columns = np.broadcast_to(np.arange(width), values.shape)
        return _first(values, columns, count)
    body = values[:, : bundles * _STRIDE].reshape(rows, _STRIDE, bundles)  # column c is in bundle c % bundles
    chosen = np.argpartition(body.max(axis=1), -count, axis=1)[:, -count:]
    columns = (chosen[:, :, None] + np.arange(_STRIDE) * bundles).reshape(rows, -1)
    if bundles * _STRIDE < width:
        rest = np.broadcast_to(np.arange(bundles * _STRIDE, width), (rows, width - bundles * _STRIDE))
        columns = np.concatenate([columns, rest], axis=1)
    return _first(np.take_along_axis(values, columns, axis=1), columns, count)


def _first(
    values: NDArray[np.float32], columns: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    if values.shape[1] > 4 * count:
        best = np.argpartition(values, -count, axis=1)[:, -count:]
        values, columns = np.take_along_axis(values, best, axis=1), np.take_along_axis(columns, best, axis=1)
    order = np.lexsort((columns, -values), axis=1)[:, :count]
    return np.take_along_axis(columns, order, axis=1), np.take_along_axis(values, order, axis=1)
