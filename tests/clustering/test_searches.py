"""Searches among written inquiries: they join the question they belong to, or stand among themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helploop.clustering import ClusteringOptions, cluster
from helploop.domain import Channel, Inquiry
from tests.conftest import make_inquiry


def _direction(axis: int, lean: float = 0.0) -> NDArray[np.float32]:
    row = np.zeros(8, dtype=np.float32)
    row[axis], row[7] = 1.0, lean
    return row / np.float32(np.linalg.norm(row))


def _log() -> tuple[list[Inquiry], NDArray[np.float32]]:
    """Two written questions of six customers each, on axes 0 and 1."""
    rows = [make_inquiry(f"{name} {i}") for name in ("skip", "refund") for i in range(6)]
    vectors = [_direction(axis, 0.02 * i) for axis in (0, 1) for i in range(6)]
    return rows, np.stack(vectors)


def _search(text: str, weight: float = 1.0) -> Inquiry:
    return make_inquiry(text, channel=Channel.SEARCH, customer_key="", weight=weight, source="searches")


def test_search_joins_the_question_it_is_near_to() -> None:
    """A search near to the members of one question is a member of it."""
    rows, vectors = _log()
    partition = cluster([*rows, _search("skip box")], np.vstack([vectors, _direction(0, 0.1)]), ClusteringOptions())
    assert partition.labels[-1] == partition.labels[0] >= 0
    assert partition.labels[0] != partition.labels[6]


def test_search_between_two_questions_joins_none() -> None:
    """Equally near to two questions is near to neither."""
    rows, vectors = _log()
    between = (_direction(0) + _direction(1)) / np.float32(np.sqrt(2))
    partition = cluster([*rows, _search("box")], np.vstack([vectors, between]), ClusteringOptions())
    assert partition.labels[-1] == -1
    assert partition.reasons[-1] is not None


def test_searches_of_what_nobody_wrote_form_a_question() -> None:
    """Far from every question they are grouped apart, by their weight in visitors."""
    rows, vectors = _log()
    words = ("student discount", "money off for students", "nus card", "cheaper at uni", "code for students", "unidays")
    searches = [_search(text, 2.0) for text in words]
    searches += [_search(f"pizza {i}", 2.0) for i in range(6)]
    near = np.stack([_direction(axis, 0.02 * i) for axis in (3, 4) for i in range(6)])
    partition = cluster([*rows, *searches], np.vstack([vectors, near]), ClusteringOptions())
    groups = [set(partition.labels[start : start + 6].tolist()) for start in (0, 6, 12, 18)]
    assert all(len(group) == 1 for group in groups)
    assert set.union(*groups) == {0, 1, 2, 3}
    assert len(partition.centroids) == len(partition.customers) == len(partition.cohesion) == 4


def test_order_of_rows_changes_nothing() -> None:
    """The same log in another order gives the same numbers to the same inquiries."""
    rows, vectors = _log()
    rows, vectors = [*rows, _search("skip box")], np.vstack([vectors, _direction(0, 0.1)])
    straight = cluster(rows, vectors, ClusteringOptions())
    turned = cluster(rows[::-1], vectors[::-1], ClusteringOptions())
    assert straight.labels.tolist() == turned.labels[::-1].tolist()
