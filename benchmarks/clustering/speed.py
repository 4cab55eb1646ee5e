"""Seconds and peak memory on one set, the methods taking turns so that a busy machine is busy for all."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from jobs import LabelledSet, measured, run_worker
from methods import METHODS

TURNS = 3
NO_SEED = -1  # UMAP with a seed uses one core; without, all of them, which is how the peers come


def speed_table(methods: Sequence[str], labelled: LabelledSet) -> str:
    """Each method with its default, TURNS times in new processes; medians, and how often ours would have finished."""
    taken: dict[str, list[dict[str, float]]] = {method: [] for method in methods}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(TURNS):
            for method, runs in taken.items():
                out = Path(folder) / "result.json"
                seed = 0 if method in ("ours", "recipe") else NO_SEED
                run_worker(method, labelled, [{"settings": METHODS[method].default, "seed": seed, "out": str(out)}])
                runs.append(measured(labelled, json.loads(out.read_text(encoding="utf-8"))))
    ours = _median(taken["ours"], "seconds") if "ours" in taken else float("nan")
    rows = [
        f"| {METHODS[method].title} | {_span(runs, 'seconds', 1)} | {_median(runs, 'seconds') / ours:.1f} "
        f"| {_span(runs, 'peak MB', 0)} |"
        for method, runs in taken.items()
    ]
    return "\n".join(
        [
            f"{labelled.name}, {len(labelled.texts):,} rows; medians of {TURNS} turns (least to most).",
            "",
            "| method | seconds | times ours | peak MB |",
            "|---|---|---|---|",
            *rows,
        ]
    )


def _median(runs: Sequence[dict[str, float]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def _span(runs: Sequence[dict[str, float]], name: str, digits: int) -> str:
    values = [run[name] for run in runs]
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"
