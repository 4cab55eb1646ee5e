"""The plain recipe that helploop started from, with the thresholds set by hand for all-MiniLM-L6-v2: a peer to beat.

Written from its description alone, apart from helploop's code, so that a change there does not move it:
1. identical and near-identical texts are folded into one node that weighs as many rows;
2. nearest 6 neighbours, exact, symmetrised; an edge weighs the Jaccard index of the neighbour sets, self included;
3. Leiden, modularity, resolution 2; 4. two clusters are one while the mean cosine of their pairs is >= .60;
5. five rounds of moving each node to the nearest centroid, centroids of fewer than 4 rows dropped;
6. noise: mean cosine to the 5 nearest rows below .55, or a cluster of fewer than 4 rows.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import graspologic_native
import numpy as np
from methods import MIN_SIZE
from numpy.typing import NDArray
from rapidfuzz import fuzz

K = 6
RESOLUTION = 2.0
ROUNDS = 5
NOISE_NEIGHBOURS = 5
SAME_TEXT = 95.0  # rapidfuzz.fuzz.ratio; the description names the library and no figure
_BLOCK = 512

Run = Callable[[dict[str, Any], int], tuple[NDArray[np.int64], float]]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def prepare(texts: Sequence[str], vectors: Floats) -> Run:
    """A function of (settings, seed) that gives labels (n,), -1 noise, and seconds.

    Folding and neighbours depend on neither, so they are done once, and their seconds added to every run.
    """
    started = time.perf_counter()
    near, cosines = _nearest(vectors, K)
    node_of, nodes, weights = _fold(texts, vectors, near)
    graph = _graph(_nearest(nodes, K)[0])
    nearness = cosines[:, :NOISE_NEIGHBOURS].mean(axis=1)
    shared = time.perf_counter() - started

    def run(settings: dict[str, Any], seed: int) -> tuple[Ints, float]:
        started = time.perf_counter()
        labels = _leiden(graph, len(nodes), seed)
        labels = _merge(labels, nodes, weights, settings["merge"])
        labels = _reassign(labels, nodes, weights)[node_of]
        labels = np.where(nearness < settings["noise"], -1, labels)
        return labels, shared + time.perf_counter() - started

    return run


def _nearest(vectors: Floats, k: int) -> tuple[Ints, Floats]:
    found, cosines = np.empty((len(vectors), k), np.int64), np.empty((len(vectors), k), np.float32)
    for start in range(0, len(vectors), _BLOCK):
        similar = vectors[start : start + _BLOCK] @ vectors.T
        rows = np.arange(len(similar))
        similar[rows, start + rows] = -2
        best = np.argpartition(similar, -k, axis=1)[:, -k:]
        values = np.take_along_axis(similar, best, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        found[start + rows] = np.take_along_axis(best, order, axis=1)
        cosines[start + rows] = np.take_along_axis(values, order, axis=1)
    return found, cosines


def _fold(texts: Sequence[str], vectors: Floats, near: Ints) -> tuple[Ints, Floats, NDArray[np.float64]]:
    """Node of each row, vector of each node (length 1), rows of each node."""
    keys = [" ".join(re.findall(r"\w+", text.casefold())) for text in texts]
    parent = list(range(len(texts)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    first: dict[str, int] = {}
    for row, key in enumerate(keys):
        parent[root(row)] = root(first.setdefault(key, row))
    for row, others in enumerate(near.tolist()):
        for other in others:
            if fuzz.ratio(keys[row], keys[other], score_cutoff=SAME_TEXT):
                parent[root(row)] = root(other)
    node_of = np.unique([root(row) for row in range(len(texts))], return_inverse=True)[1]
    return node_of, _unit(_sums(node_of, vectors)), np.bincount(node_of).astype(np.float64)


def _graph(near: Ints) -> tuple[Ints, NDArray[np.int32], NDArray[np.float64]]:
    sets = [{row, *others} for row, others in enumerate(near.tolist())]
    edges: list[tuple[int, int, float]] = []
    for row, others in enumerate(near.tolist()):
        for other in others:
            if row < other or row not in sets[other]:
                shared = len(sets[row] & sets[other])
                weight = shared / (2 * (K + 1) - shared)
                edges += [(row, other, weight), (other, row, weight)]
    edges.sort()
    sources = np.array([edge[0] for edge in edges])
    pointers = np.concatenate(([0], np.cumsum(np.bincount(sources, minlength=len(near))))).astype(np.int64)
    return pointers, np.array([edge[1] for edge in edges], np.int32), np.array([edge[2] for edge in edges])


def _leiden(graph: tuple[Any, ...], count: int, seed: int) -> Ints:
    found = graspologic_native.leiden_csr(*graph, count, resolution=RESOLUTION, seed=seed)[1]
    return np.unique([found[node] for node in range(count)], return_inverse=True)[1]


def _merge(labels: Ints, nodes: Floats, weights: NDArray[np.float64], least: float) -> Ints:
    """The most similar pair first. All pairs are kept in a matrix: some hundred clusters, so a heap gains nothing."""
    sums = _sums(labels, nodes * weights[:, None].astype(np.float32)).astype(np.float64)
    totals = np.bincount(labels, weights=weights)
    goes_to = np.arange(len(totals))
    is_gone = np.zeros(len(totals), np.bool_)
    means = sums @ sums.T / np.outer(totals, totals)
    np.fill_diagonal(means, -2)
    while True:
        a, b = divmod(int(means.argmax()), len(means))
        if means[a, b] < least:
            return np.unique(goes_to[labels], return_inverse=True)[1]
        goes_to[goes_to == b] = a
        is_gone[b] = True
        sums[a] += sums[b]
        totals[a] += totals[b]
        means[a] = np.where(is_gone, -2, sums @ sums[a] / (totals * totals[a]))
        means[a, a] = -2
        means[:, a] = means[a]
        means[b] = means[:, b] = -2


def _reassign(labels: Ints, nodes: Floats, weights: NDArray[np.float64]) -> Ints:
    for _ in range(ROUNDS):
        sums = _sums(labels, nodes * weights[:, None].astype(np.float32))
        kept = np.bincount(labels, weights=weights) >= MIN_SIZE
        labels = np.unique((nodes @ _unit(sums[kept] if kept.any() else sums).T).argmax(axis=1), return_inverse=True)[1]
    return labels


def _sums(labels: Ints, vectors: Floats) -> Floats:
    sums = np.zeros((labels.max() + 1, vectors.shape[1]), np.float32)
    np.add.at(sums, labels, vectors)
    return sums


def _unit(rows: Floats) -> Floats:
    lengths: Floats = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return rows / lengths
