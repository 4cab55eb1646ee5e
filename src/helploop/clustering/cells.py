"""Nearest neighbours of very many rows: rows are sorted into cells, and looked for in the cells around their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.vectors import largest, unit_rows

_CELLS = 2.0  # times sqrt(m): a small question then has a cell of its own
_ROUNDS = 6  # of k-means: more move hardly any row
_PROBED = 24  # cells looked into, the row's own included; recall stands in benchmarks/clustering under "Scale"
_ROWS_A_CELL = 64  # of the sample that k-means is run on
_BLOCK = 8_192
_LARGEST_BLOCK = 4_000_000  # similarities at a time, 16 MB


def nearest_in_cells(
    vectors: NDArray[np.float32], count: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The `count` nearest other rows of each row as far as they lie in the cells around its own, nearest first.

    An inverted file (Sivic and Zisserman 2003): spherical k-means on a seeded sample makes about 2 sqrt(m) cells; all
    rows of a cell are compared with all rows of the cells whose centres are nearest to its centre. About m^1.5 products
    instead of m^2, and the same rows give the same bytes. Centres are directions from the log's mean: else what asks
    nothing, a third of some logs, ends in a few great cells that are near to every other one.
    vectors: float32 (m, d), rows of length 1 or less. Returns int64 and float32, both (m, count);
    a row whose cells hold too few others is compared with all.
    """
    middle, centres = _make_cells(vectors, round(_CELLS * len(vectors) ** 0.5), seed)
    cell_of = _nearest_centre(vectors, middle, centres)
    order = np.argsort(cell_of, kind="stable")
    ends = np.concatenate(([0], np.cumsum(np.bincount(cell_of, minlength=len(centres)))))
    around = largest(centres @ centres.T, min(_PROBED, len(centres)))[0]
    found = np.zeros((len(vectors), count), dtype=np.int64)
    values = np.zeros((len(vectors), count), dtype=np.float32)
    for cell in range(len(centres)):
        rows = order[ends[cell] : ends[cell + 1]]
        if not len(rows):
            continue
        # sorted: equal values are then settled by the lower row number
        others = np.sort(
            np.concatenate([order[ends[near] : ends[near + 1]] for near in {cell, *around[cell].tolist()}])
        )
        if len(others) <= count:
            others = np.arange(len(vectors))
        _compare(vectors, rows, others, (found, values))
    return found, values


def _compare(
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    others: NDArray[np.int64],
    out: tuple[NDArray[np.int64], NDArray[np.float32]],
) -> None:
    found, values = out
    candidates = vectors[others].T
    step = max(1, _LARGEST_BLOCK // len(others))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        similar = vectors[block] @ candidates
        similar[np.arange(len(block)), np.searchsorted(others, block)] = -2.0
        best, values[block] = largest(similar, found.shape[1])
        found[block] = others[best]


def _make_cells(vectors: NDArray[np.float32], count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """float32 (d,) the mean row, and (<= count, d) centres: directions from it, of length 1."""
    generator = np.random.default_rng(seed)
    chosen = np.sort(generator.permutation(len(vectors))[: count * _ROWS_A_CELL])
    sample = vectors[chosen]
    middle = sample.mean(axis=0)
    sample -= middle
    centres = unit_rows(sample[np.sort(generator.permutation(len(sample))[:count])])
    for _ in range(_ROUNDS):
        cells = _nearest_centre(sample, np.zeros_like(middle), centres)
        by_cell = np.argsort(cells, kind="stable")
        used, starts = np.unique(cells[by_cell], return_index=True)
        centres = centres.copy()
        centres[used] = np.add.reduceat(sample[by_cell], starts, axis=0)
        centres = unit_rows(centres)
    return middle, centres


def _nearest_centre(
    vectors: NDArray[np.float32], middle: NDArray[np.float32], centres: NDArray[np.float32]
) -> NDArray[np.int64]:
    cells, shift = np.empty(len(vectors), dtype=np.int64), centres @ middle
    for start in range(0, len(vectors), _BLOCK):
        cells[start : start + _BLOCK] = np.argmax(vectors[start : start + _BLOCK] @ centres.T - shift, axis=1)
    return cells
