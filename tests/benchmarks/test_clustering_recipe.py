"""The plain recipe in benchmarks/clustering: a peer that is written wrongly would be beaten too easily."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture
def recipe(load_module: Callable[[str], ModuleType]) -> ModuleType:
    """The module under test."""
    pytest.importorskip("graspologic_native", reason="graspologic-native comes with helploop[model]")
    return load_module("recipe")


def _rows(count: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, 3)).astype(np.float32)
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _merge_slowly(labels: NDArray[np.int64], rows: NDArray[np.float32], least: float) -> set[frozenset[int]]:
    groups = [frozenset(np.nonzero(labels == label)[0].tolist()) for label in np.unique(labels)]

    def mean(pair: tuple[frozenset[int], frozenset[int]]) -> float:
        return float(np.mean([rows[a] @ rows[b] for a in pair[0] for b in pair[1]]))

    while len(groups) > 1 and mean(best := max(combinations(groups, 2), key=mean)) >= least:
        groups = [group for group in groups if group not in best] + [best[0] | best[1]]
    return set(groups)


@pytest.mark.parametrize("least", [0.2, 0.5, 0.8])
def test_merge_beside_the_definition(recipe: ModuleType, least: float) -> None:
    """The sums give the same clusters as all pairs, one by one."""
    rows = _rows(40, seed=3)
    labels = np.repeat(np.arange(20), 2)

    merged = recipe._merge(labels, rows, np.ones(40), least)

    assert {frozenset(np.nonzero(merged == label)[0].tolist()) for label in np.unique(merged)} == _merge_slowly(
        labels, rows, least
    )


def test_prepare_when_three_things_are_asked(recipe: ModuleType) -> None:
    """Three tight groups are three clusters; a row far from all is noise; copies of a text stay together."""
    centres = np.eye(8, dtype=np.float32)[:3]
    rows = np.repeat(centres, 10, axis=0) + 0.1 * np.random.default_rng(0).normal(size=(30, 8)).astype(np.float32)
    rows = np.concatenate([rows, np.eye(8, dtype=np.float32)[7:]])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    texts = ["same text", "Same text!", *(chr(97 + row) * 9 for row in range(29))]

    labels, seconds = recipe.prepare(texts, rows)({"merge": 0.6, "noise": 0.55}, 1)

    assert [len(set(labels[start : start + 10])) for start in (0, 10, 20)] == [1, 1, 1]
    assert len(set(labels[:30])) == 3
    assert labels[30] == -1
    assert seconds > 0
