"""The metrics of benchmarks/clustering, against values counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

GOLD = ["card"] * 4 + ["pin"] * 4 + ["fee"] * 2 + ["oos"] * 2


@pytest.fixture
def measure(load_module: Callable[[str], ModuleType]) -> ModuleType:
    """The module under test."""
    return load_module("measure")


def test_measure_when_the_grouping_is_gold(measure: ModuleType) -> None:
    """All is one, nothing is dropped, and the rows out of scope are the noise."""
    labels = [0] * 4 + [1] * 4 + [2] * 2 + [-1] * 2

    assert measure.measure(GOLD, labels) == pytest.approx(
        {
            "dF1": 1,
            "recall": 1,
            "dup": 1,
            "k": 3,
            "gold": 3,
            "NMI": 1,
            "ARI": 1,
            "ACC": 1,
            "B3": 1,
            "pure50": 1,
            "noise kept": 0,
            "dropped": 0,
        }
    )


def test_measure_when_a_question_is_split_one_mixed_and_noise_kept(measure: ModuleType) -> None:
    """card in two clusters, pin with fee and a stranger below .7, one row dropped: each figure counted by hand."""
    labels = [0, 0, 1, 1, 2, 2, 2, -1, 2, 2, 2, -1]

    found = measure.measure(GOLD, labels)

    assert {name: found[name] for name in ("recall", "dup", "k", "gold", "noise kept", "dropped")} == pytest.approx(
        {"recall": 1 / 3, "dup": 2, "k": 3, "gold": 3, "noise kept": 1 / 2, "dropped": 1 / 10}
    )
    assert found["dF1"] == pytest.approx(1 / 3)  # one found of three clusters, one of three questions
    assert found["ACC"] == pytest.approx((2 + 3 + 1) / 12)  # card 0, pin 2, oos or pin -1; fee gets 1, none of its own
    assert found["pure50"] == pytest.approx((3 / 6 + 1 + 1) / 3)
    precision = (4 / 2 + 4 / 2 + (9 + 4 + 1) / 6 + (1 + 1) / 2) / 12
    recall = ((4 + 4) / 4 + (9 + 1) / 4 + 4 / 2 + (1 + 1) / 2) / 12
    assert found["B3"] == pytest.approx(2 * precision * recall / (precision + recall))


def test_measure_when_a_cluster_is_mostly_out_of_scope(measure: ModuleType) -> None:
    """A cluster of rows out of scope is a draft for nothing: it counts, finds nothing, and is not pure."""
    found = measure.measure(["card"] * 4 + ["oos"] * 4, [0] * 4 + [1] * 4)

    assert (found["recall"], found["dF1"], found["noise kept"]) == pytest.approx((1, 2 / 3, 1))
    assert found["pure50"] == pytest.approx(1 / 2)


def test_measure_when_there_is_no_cluster(measure: ModuleType) -> None:
    """All noise: zeros, no division by zero."""
    found = measure.measure(GOLD, [-1] * 12)

    assert {found[name] for name in ("dF1", "recall", "dup", "k", "pure50", "noise kept", "NMI", "ARI")} == {0.0}
    assert found["dropped"] == 1


def test_without_small_when_a_cluster_is_too_small(measure: ModuleType) -> None:
    """Its rows are noise, the others keep their labels."""
    assert measure.without_small([5, 5, 2, -1, 2, 2], 3) == [-1, -1, 2, -1, 2, 2]
