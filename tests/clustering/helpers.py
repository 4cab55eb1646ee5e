"""Synthetic logs for the clustering tests: directions that mean something, with seeded noise around them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from helploop.clustering import ClusteringOptions, Partition, cluster
from helploop.domain import Inquiry
from tests.conftest import make_inquiry

DIMENSIONS = 64


def near(axis: int, seed: int, spread: float = 0.5) -> NDArray[np.float32]:
    """A row of length 1 near an axis: cosines of two of them are about 1 / (1 + spread ** 2)."""
    noise = np.random.default_rng(1000 * axis + seed).normal(size=DIMENSIONS)
    row = np.eye(DIMENSIONS)[axis] + spread * noise / np.linalg.norm(noise)
    unit: NDArray[np.float32] = (row / np.linalg.norm(row)).astype(np.float32)
    return unit


def topic(axis: int, size: int, **facts: Any) -> tuple[list[Inquiry], list[NDArray[np.float32]]]:
    """`size` inquiries that ask about the axis, each in other words."""
    inquiries = [make_inquiry(f"question {chr(97 + axis)} worded {chr(97 + i) * 3}", **facts) for i in range(size)]
    return inquiries, [near(axis, i) for i in range(size)]


def log(*topics: tuple[list[Inquiry], list[NDArray[np.float32]]]) -> tuple[list[Inquiry], NDArray[np.float32]]:
    """Topics put together."""
    rows = [row for _, rows in topics for row in rows]
    return [inquiry for inquiries, _ in topics for inquiry in inquiries], np.array(rows, dtype=np.float32)


def clusters(partition: Partition, inquiries: list[Inquiry]) -> set[frozenset[str]]:
    """The partition as sets of inquiry ids, noise left out."""
    found: dict[int, set[str]] = {}
    for inquiry, label in zip(inquiries, partition.labels, strict=True):
        if label >= 0:
            found.setdefault(int(label), set()).add(inquiry.id)
    return {frozenset(members) for members in found.values()}


def grouped(inquiries: list[Inquiry], vectors: NDArray[np.float32], **options: Any) -> set[frozenset[str]]:
    """The clusters of a log."""
    return clusters(cluster(inquiries, vectors, ClusteringOptions(**options)), inquiries)
