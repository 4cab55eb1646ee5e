"""Choosing thresholds with a set held out, in benchmarks/clustering."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

LOW, HIGH = {"level": 0.4}, {"level": 0.6}


@pytest.fixture
def tables(load_module: Callable[[str], ModuleType]) -> ModuleType:
    """The module under test."""
    return load_module("tables")


def _runs(load_module: Callable[[str], ModuleType], low: list[float], high: list[float]) -> list[Any]:
    result = load_module("jobs").Result
    return [
        result(settings, seed, {"dF1": score, "seconds": 10 * score})
        for settings, scores in ((LOW, low), (HIGH, high))
        for seed, score in enumerate(scores)
    ]


def test_held_out_when_the_sets_disagree(tables: ModuleType, load_module: Callable[[str], ModuleType]) -> None:
    """A set's own scores have no say: the one that HIGH suits is given what suits the others."""
    of = {
        "a": _runs(load_module, [0.2], [0.9]),
        "b": _runs(load_module, [0.6], [0.5]),
        "c": _runs(load_module, [0.7], [0.5]),
    }

    assert tables.held_out(of, HIGH) == {"a": LOW, "b": HIGH, "c": HIGH}
    assert tables.best_of_grid(of, HIGH) == HIGH


def test_held_out_when_settings_are_equally_good(tables: ModuleType, load_module: Callable[[str], ModuleType]) -> None:
    """The default stays."""
    of = {name: _runs(load_module, [0.5], [0.5]) for name in ("a", "b")}

    assert tables.held_out(of, HIGH) == {"a": HIGH, "b": HIGH}


def test_medians_over_seeds(tables: ModuleType, load_module: Callable[[str], ModuleType]) -> None:
    """Each metric by itself, and the spread of dF1."""
    runs = _runs(load_module, [0.1, 0.4, 0.2], [0.9, 0.9, 0.9])

    assert tables.medians(runs, LOW) == pytest.approx({"dF1": 0.2, "seconds": 2, "spread": 0.3, "seeds": 3})


def test_mean_when_a_set_has_no_rows_out_of_scope(tables: ModuleType) -> None:
    """It is left out of that column's mean only."""
    rows = [{"dF1": 0.2, "noise kept": float("nan")}, {"dF1": 0.4, "noise kept": 0.5}]

    assert tables.mean(rows) == pytest.approx({"dF1": 0.3, "noise kept": 0.5})
