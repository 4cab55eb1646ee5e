"""How many questions a log is expected to hold, and that many small ones are found."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from helploop.clustering import ClusteringOptions, Partition, cluster
from helploop.clustering.features import Features, join_features
from helploop.clustering.folding import fold_identical
from helploop.clustering.granularity import expected_questions, resolution_for
from helploop.clustering.graph import nearest
from helploop.clustering.vectors import groups, unit_rows
from helploop.domain import Inquiry
from tests.conftest import make_inquiry

OPTIONS = ClusteringOptions()


def asked(questions: int, each: int, common: float = 0.0) -> tuple[list[Inquiry], NDArray[np.float32]]:
    """Questions in topics of ten, `each` wordings a question; common: how much all rows of the encoder share."""
    random = np.random.default_rng(3)
    topics = random.normal(size=(-(-questions // 10), 96))
    centres = 0.6 * topics[np.arange(questions) // 10] + random.normal(size=(questions, 96))
    rows = np.repeat(centres, each, axis=0) + 0.9 * random.normal(size=(questions * each, 96))
    rows[:, 0] += common * 10
    inquiries = [make_inquiry(f"wording {i % each} of question {i // each}") for i in range(len(rows))]
    return inquiries, unit_rows(rows.astype(np.float32))


def expected(questions: int, each: int, common: float = 0.0) -> float:
    """What is expected of such a log."""
    return expected_questions(*near(*asked(questions, each, common)), OPTIONS)


def near(inquiries: list[Inquiry], vectors: NDArray[np.float32]) -> tuple[Features, NDArray[np.float32]]:
    """What wordings are compared by, and how near each one's nearest are."""
    features = join_features(fold_identical(inquiries, vectors, np.zeros((len(vectors), 0), dtype=np.float32)), OPTIONS)
    return features, nearest(features.joint, 10, OPTIONS)[1]


@pytest.mark.parametrize(("questions", "each"), [(30, 40), (120, 25), (250, 12), (600, 8)])
def test_questions_are_counted(questions: int, each: int) -> None:
    """Right by a factor of 1.5, also with an encoder whose rows all share a direction."""
    for common in (0.0, 1.0):
        assert questions / 1.5 < expected(questions, each, common) < questions * 1.5


def test_many_small_questions_are_found() -> None:
    """Modularity alone merges neighbours of a topic in a log that asks so many."""
    inquiries, vectors = asked(600, 8)
    assert found(cluster(inquiries, vectors, OPTIONS), 8) >= 420
    assert found(cluster(inquiries, vectors, ClusteringOptions(many_questions=1e9)), 8) < 60


def found(partition: Partition, each: int) -> int:
    """Questions that seven of ten rows of some cluster ask."""
    questions = set()
    for members in groups(partition.labels):
        count = np.bincount(members // each)
        if count.max() >= 0.7 * len(members):
            questions.add(int(count.argmax()))
    return len(questions)


def test_few_questions_leave_the_resolution() -> None:
    """And it never falls below what a log of its size has."""
    features, products = near(*asked(30, 40))
    assert resolution_for(features, products, 2.5, OPTIONS) == 2.5
    assert expected_questions(features, products[:, :0], OPTIONS) == 1.0


def test_order_and_repetition_change_nothing() -> None:
    """The same log in another order gives the same partition, with as many questions."""
    inquiries, vectors = asked(150, 8)
    order = np.random.default_rng(1).permutation(len(inquiries))
    first = cluster(inquiries, vectors, OPTIONS)
    second = cluster([inquiries[row] for row in order], vectors[order], OPTIONS)
    assert np.array_equal(first.labels[order], second.labels)
