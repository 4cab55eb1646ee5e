"""Medians over seeds, thresholds re-chosen with each set held out, and the tables of both."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence

import numpy as np
from jobs import LabelledSet, Result
from methods import METHODS, Settings

SHOWN = (
    "dF1", "spread", "seeds", "recall", "dup", "NMI", "ARI", "ACC", "B3", "k", "pure50", "noise kept", "dropped",
    "seconds", "peak MB",
)  # fmt: skip
_WHOLE = {"k", "peak MB"}
_TENTHS = {"seconds", "seeds"}
_HUNDREDTHS = {"dup"}

Medians = dict[str, float]
Runs = Mapping[str, Mapping[str, Sequence[Result]]]  # method -> set -> runs


def medians(runs: Sequence[Result], settings: Settings) -> Medians:
    """Per metric the median over the seeds; "spread" is largest minus smallest dF1."""
    chosen = [run.metrics for run in runs if run.settings == settings]
    found = {name: statistics.median(metrics[name] for metrics in chosen) for name in chosen[0]}
    scores = [metrics["dF1"] for metrics in chosen]
    return found | {"spread": max(scores) - min(scores), "seeds": len(scores)}


def mean(rows: Sequence[Medians]) -> Medians:
    """Per metric the mean over sets; sets without rows out of scope have no "noise kept"."""
    known = {name: [row[name] for row in rows if not np.isnan(row[name])] for name in rows[0]}
    return {name: statistics.mean(values) if values else float("nan") for name, values in known.items()}


def held_out(of_method: Mapping[str, Sequence[Result]], default: Settings) -> dict[str, Settings]:
    """For each set the settings with the best mean dF1 on all other sets; equal ones: the default, else the first."""
    scores = {name: _scores(runs) for name, runs in of_method.items()}
    chosen = {}
    for name in of_method:
        others = [of for other, of in scores.items() if other != name]
        chosen[name] = _best(others, default) if others else default
    return chosen


def best_of_grid(of_method: Mapping[str, Sequence[Result]], default: Settings) -> Settings:
    """The settings with the best mean dF1 on all sets: what choosing on the test itself would give."""
    return _best([_scores(runs) for runs in of_method.values()], default)


def report(runs: Runs, sets: Sequence[LabelledSet]) -> str:
    """All tables, as Markdown."""
    default = {method: dict.fromkeys(of, METHODS[method].default) for method, of in runs.items()}
    chosen = {method: held_out(of, METHODS[method].default) for method, of in runs.items()}
    parts = [
        f"### Mean of the {len(sets)} sets, one default each",
        _means(runs, default),
        "### Mean, thresholds re-chosen with each set held out",
        _means(runs, chosen),
        _choices(runs, chosen),
    ]
    for labelled in sets:
        questions = len(set(labelled.gold) - {"oos"})
        parts += [
            f"### {labelled.name}: {len(labelled.texts):,} rows, {questions} questions",
            table([(METHODS[m].title, medians(of[labelled.name], METHODS[m].default)) for m, of in runs.items()]),
        ]
    return "\n\n".join(parts) + "\n"


def table(rows: Sequence[tuple[str, Medians]]) -> str:
    """A Markdown table of SHOWN."""
    lines = ["| method | " + " | ".join(SHOWN) + " |", "|---" * (len(SHOWN) + 1) + "|"]
    lines += [f"| {title} | " + " | ".join(_cell(name, row[name]) for name in SHOWN) + " |" for title, row in rows]
    return "\n".join(lines)


def _means(runs: Runs, settings: Mapping[str, Mapping[str, Settings]]) -> str:
    rows = [
        (METHODS[method].title, mean([medians(of[name], settings[method][name]) for name in of]))
        for method, of in runs.items()
    ]
    return table(sorted(rows, key=lambda row: -row[1]["dF1"]))


def _choices(runs: Runs, chosen: Mapping[str, Mapping[str, Settings]]) -> str:
    lines = [
        "| method | grid | chosen (for how many held-out sets) | best on all sets: dF1 |",
        "|---" * 4 + "|",
    ]
    for method, of in runs.items():
        grid = METHODS[method].grid
        if len(grid) < 2:
            continue
        counts: dict[str, int] = {}
        for settings in chosen[method].values():
            counts[_words(settings)] = counts.get(_words(settings), 0) + 1
        best = best_of_grid(of, METHODS[method].default)
        score = mean([medians(runs_of, best) for runs_of in of.values()])["dF1"]
        picked = "; ".join(f"{words} ({count})" for words, count in counts.items())
        tried = "; ".join(_words(one) for one in grid)
        lines.append(f"| {METHODS[method].title} | {tried} | {picked} | {_words(best)}: {score:.3f} |")
    return "\n".join(lines)


def _scores(runs: Sequence[Result]) -> dict[str, float]:
    by_settings: dict[str, list[float]] = {}
    for run in runs:
        by_settings.setdefault(json.dumps(run.settings, sort_keys=True), []).append(run.metrics["dF1"])
    return {key: statistics.median(values) for key, values in by_settings.items()}


def _best(scores: Sequence[Mapping[str, float]], default: Settings) -> Settings:
    means = {key: statistics.mean(of[key] for of in scores) for key in scores[0]}
    first = json.dumps(default, sort_keys=True)
    best: Settings = json.loads(max(means, key=lambda key: (round(means[key], 6), key == first)))
    return best


def _words(settings: Settings) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items()) or "default"


def _cell(name: str, value: float) -> str:
    if np.isnan(value):
        return ""
    if name in _WHOLE:
        return f"{value:.0f}"
    if name in _TENTHS:
        return f"{value:.1f}"
    return f"{value:.2f}" if name in _HUNDREDTHS else f"{value:.3f}"
