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
UNSEEDED = ("bertopic",)  # UMAP with a seed uses one core; without, all of them, which is how BERTopic comes


def speed_table(methods: Sequence[str], labelled: LabelledSet) -> str:
    """Each method with its default, TURNS times in new processes; medians, and how often ours would have finished."""
    lines = {(method, seed): METHODS[method].title for method in methods for seed in (0,)}
    lines |= {(method, -1): f"{METHODS[method].title}, no seed" for method in methods if method in UNSEEDED}
    taken: dict[tuple[str, int], list[dict[str, float]]] = {line: [] for line in lines}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(TURNS):
            for (method, seed), runs in taken.items():
                out = Path(folder) / "result.json"
                job = {"settings": METHODS[method].default, "seed": seed, "out": str(out)}
                run_worker(method, labelled, [job])
                runs.append(measured(labelled, json.loads(out.read_text(encoding="utf-8"))))
    ours = statistics.median(run["seconds"] for run in taken.get(("ours", 0), []) or [{"seconds": float("nan")}])
    rows = [
        f"| {title} | {_span(taken[line], 'seconds', 1)} | {_median(taken[line], 'seconds') / ours:.1f} "
        f"| {_span(taken[line], 'peak MB', 0)} |"
        for line, title in lines.items()
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
