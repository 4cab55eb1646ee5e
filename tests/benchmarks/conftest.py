"""Modules of the benchmarks, which are no part of the package and import each other by name."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

CLUSTERING = Path(__file__).resolve().parents[2] / "benchmarks" / "clustering"


@pytest.fixture
def load_module(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Imports a module of benchmarks/clustering; afterwards none of them is left in sys.modules."""
    pytest.importorskip("sklearn", reason="scikit-learn comes with helploop[model]")
    monkeypatch.syspath_prepend(str(CLUSTERING))
    yield importlib.import_module
    for path in CLUSTERING.glob("*.py"):
        sys.modules.pop(path.stem, None)
