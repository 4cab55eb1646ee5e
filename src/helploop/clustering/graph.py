"""Nearest neighbours, the shared-neighbour graph over them, and its Leiden communities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.cells import nearest_in_cells
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.vectors import largest, products
from helploop.errors import HelploopError

_BLOCK = 256  # rows of similarities at a time: 256 x 50,000 float32 are 51 MB; fewer rows where they would be ...
_LARGEST_BLOCK = 64_000_000  # ... more than 256 MB
_PAIRS = 20_000  # edges weighed at a time: two sets of 21 nodes each are 3 MB


def nearest(
    vectors: NDArray[np.float32], count: int, options: ClusteringOptions
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The `count` nearest other rows of each row, nearest first, and their inner products.

    vectors: float32 (m, d), rows of length 1 or less. Returns int64 and float32, both (m, min(count, m - 1)).
    Exact, O(m^2 d) in blocks, up to options.exact_rows; above, `nearest_in_cells` (recall about .98).
    """
    count = min(count, len(vectors) - 1)
    if count < 1:
        return np.zeros((len(vectors), 0), dtype=np.int64), np.zeros((len(vectors), 0), dtype=np.float32)
    if len(vectors) > options.exact_rows:
        return nearest_in_cells(vectors, count, options.seed)
    return nearest_of(vectors, np.arange(len(vectors)), count)


def nearest_of(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """As `nearest`, exact, for the given rows only. Equal cosines are settled by the lower row number."""
    found = np.zeros((len(rows), count), dtype=np.int64)
    cosines = np.zeros((len(rows), count), dtype=np.float32)
    step = max(1, min(_BLOCK, _LARGEST_BLOCK // max(1, len(vectors))))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        similar = vectors[block] @ vectors.T
        similar[np.arange(len(block)), block] = -2.0
        found[start : start + len(block)], cosines[start : start + len(block)] = largest(similar, count)
    return found, cosines


def neighbours_of_kept(
    vectors: NDArray[np.float32],
    kept: NDArray[np.int64],
    new_of_old: NDArray[np.int64],
    found: NDArray[np.int64],
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Neighbours after folding, out of those from before: each mapped to its fold, doubles and itself left out.

    vectors: of the folded nodes (m, d); kept: the old node each stands for; found: (m_old, >= k) old neighbours.
    Only a node that is left with fewer than k is searched again.
    """
    k = min(k, len(vectors) - 1)
    mapped = new_of_old[found[kept]]
    repeated = mapped == np.arange(len(kept))[:, None]
    for column in range(1, mapped.shape[1]):
        repeated[:, column] |= (mapped[:, :column] == mapped[:, column : column + 1]).any(axis=1)
    order = np.argsort(repeated, axis=1, kind="stable")[:, :k]
    chosen = np.take_along_axis(mapped, order, axis=1)
    cosines = products(vectors, chosen)
    short = np.nonzero((~repeated).sum(axis=1) < k)[0]
    if len(short):
        chosen[short], cosines[short] = nearest_of(vectors, short, k)
    return chosen, cosines


def communities(
    neighbours: NDArray[np.int64], resolution: float, options: ClusteringOptions, power: float = 1.0
) -> NDArray[np.int64]:
    """Leiden communities (modularity) of the graph that joins neighbours, either way round.

    An edge weighs the Jaccard index of the two neighbour sets, each node counted among its own neighbours, to `power`.
    Returns int64 (m,), numbered from 0.

    Raises: HelploopError when graspologic-native is not installed.
    """
    if neighbours.shape[1] == 0:
        return np.zeros(len(neighbours), dtype=np.int64)
    try:
        import graspologic_native  # noqa: PLC0415 (an extra)
    except ImportError as problem:
        raise HelploopError("clustering needs graspologic-native: pip install 'helploop[model]'") from problem
    indptr, indices, weights = _shared_neighbour_graph(neighbours)
    weights **= power
    _, found = graspologic_native.leiden_csr(
        indptr,
        indices,
        weights,
        len(neighbours),
        resolution=resolution,
        seed=options.seed,
        trials=options.leiden_trials,
    )
    labels = np.fromiter((found[node] for node in range(len(neighbours))), dtype=np.int64, count=len(neighbours))
    return np.unique(labels, return_inverse=True)[1]


def _shared_neighbour_graph(
    neighbours: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """The graph as compressed sparse rows: indptr, indices, weights; symmetric, no loops."""
    count, k = neighbours.shape
    nodes = np.arange(count)[:, None]
    pairs = np.unique(np.minimum(nodes, neighbours) * count + np.maximum(nodes, neighbours))
    first, second = (pairs // count).astype(np.int32), (pairs % count).astype(np.int32)
    sets = np.concatenate([nodes, neighbours], axis=1, dtype=np.int32)
    weights = np.empty(len(pairs), dtype=np.float64)
    for start in range(0, len(pairs), _PAIRS):
        part = slice(start, start + _PAIRS)
        both = np.sort(np.concatenate([sets[first[part]], sets[second[part]]], axis=1), axis=1)
        shared = (both[:, 1:] == both[:, :-1]).sum(axis=1)  # a node comes once in a set, so twice if it is in both
        weights[part] = shared / (2 * (k + 1) - shared)
    # pairs are sorted: a node's smaller neighbours come first, then its larger ones, both in order
    sources, targets = np.concatenate([second, first]), np.concatenate([first, second])
    order = np.argsort(sources, kind="stable")
    indptr = np.concatenate(([0], np.cumsum(np.bincount(sources, minlength=count)))).astype(np.int64)
    return indptr, targets[order], np.concatenate([weights, weights])[order]
