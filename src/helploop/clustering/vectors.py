"""Rows of numbers that several steps of clustering share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_PART = 16_384  # labels that plain_sums adds up at a time


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32, each row divided by its length; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: NDArray[np.float32] = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return units


def sums_by_label(
    labels: NDArray[np.int64], vectors: NDArray[np.float32], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted sum of the rows of each label (K, d) and total weight (K,). labels: (m,), from 0, all used."""
    order = np.argsort(labels, kind="stable")
    starts = np.concatenate(([0], np.nonzero(np.diff(labels[order]))[0] + 1))
    sums = np.add.reduceat(vectors[order] * weights[order, None].astype(np.float32), starts, axis=0)
    return sums.astype(np.float64), np.add.reduceat(weights[order], starts)


def plain_sums(labels: NDArray[np.int64], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (K, d): the sum of the rows of each label, in parts, so that a million rows need little beside the sums.

    labels: (m,), from 0, all used. A label of one row, as most wordings are, costs a copy, not a sum.
    """
    order = np.argsort(labels, kind="stable")
    starts = np.concatenate(([0], np.nonzero(np.diff(labels[order]))[0] + 1))
    sizes = np.diff(np.append(starts, len(order)))
    sums = vectors[order[starts]].astype(np.float32, copy=False)
    several = np.nonzero(sizes > 1)[0]
    for first in range(0, len(several), _PART):
        some = several[first : first + _PART]
        ends = np.cumsum(sizes[some])
        offsets = ends - sizes[some]
        places = np.arange(ends[-1]) + np.repeat(starts[some] - offsets, sizes[some])
        sums[some] = np.add.reduceat(vectors[order[places]], offsets, axis=0)
    return sums


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
    columns = [np.einsum("md,md->m", vectors, vectors[chosen[:, column]]) for column in range(chosen.shape[1])]
    return np.stack(columns, axis=1) if columns else np.zeros(chosen.shape, dtype=np.float32)


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
