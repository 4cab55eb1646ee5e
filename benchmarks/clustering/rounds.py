"""Anchored rounds against full ones: what moves, what it costs, how long it takes.

    make bench-clustering
    .venv/bin/python benchmarks/clustering/rounds.py --seeds 5

Half of a set is grouped, a quarter joins in an anchored round, then the last quarter. The full run beside it groups
all rows at once. Vectors come from --cache, as run.py keeps them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from inquiries import bare_inquiries, bare_round
from jobs import HERE, LabelledSet
from measure import measure
from numpy.typing import NDArray
from run import _read
from sklearn.metrics import adjusted_rand_score

from helploop.clustering import ClusteringOptions, anchor, cluster
from helploop.domain import Inquiry, Round
from helploop.embedding import load_encoder

DATA = Path(os.environ.get("HELPLOOP_DATA", HERE.parents[1] / ".." / "shared" / "data"))
COLUMNS = ("full dF1", "anchored dF1", "loss", "ARI 1-2", "ARI 2-3", "asked 1-2", "asked 2-3", "ids kept")
LONG, NEW = 30_000, 500


def main() -> int:
    """Prints a line per set, their mean, and the seconds of an anchored round of 500 on 30,000."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "helploop-bench-vectors")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", help="sets, by comma; 'none' for the seconds alone")
    arguments = parser.parse_args()
    files = sorted((DATA / "intents").glob("*.jsonl"))
    if not files:
        print(f"skipped: no intents in {DATA}; set HELPLOOP_DATA", file=sys.stderr)
        return 0
    arguments.cache.mkdir(parents=True, exist_ok=True)
    encoder = load_encoder()
    sets = [_read(file, encoder, arguments.cache) for file in files]
    print("| set | " + " | ".join(COLUMNS) + " |\n" + "|---" * (len(COLUMNS) + 1) + "|")
    wanted = [one for one in sets if not arguments.only or one.name in arguments.only.split(",")]
    rows = [_measure(one, arguments.seeds) for one in wanted]
    if rows:
        _put("mean", [statistics.fmean(row[place] for row in rows) for place in range(len(COLUMNS))])
    _time(max(sets, key=lambda one: len(one.texts)))
    return 0


def _measure(labelled: LabelledSet, seeds: int) -> list[float]:
    inquiries, vectors = bare_inquiries(labelled.texts), np.load(labelled.vectors)
    gold = np.array(labelled.gold)
    runs = [_one_seed(inquiries, vectors, gold, seed) for seed in range(seeds)]
    means = [statistics.fmean(run[place] for run in runs) for place in range(len(COLUMNS))]
    _put(labelled.name, means)
    return means


def _one_seed(inquiries: list[Inquiry], vectors: NDArray[np.float32], gold: NDArray[np.str_], seed: int) -> list[float]:
    options = replace(ClusteringOptions(), seed=seed + 1)
    shuffled = np.random.default_rng(seed).permutation(len(inquiries))
    half, three = np.sort(shuffled[: len(shuffled) // 2]), np.sort(shuffled[: len(shuffled) * 3 // 4])
    everything = np.arange(len(shuffled))

    def run(rows: NDArray[np.int64], last: Round | None, is_anchored: bool) -> tuple[NDArray[np.int64], Round]:
        some, matrix = [inquiries[row] for row in rows.tolist()], vectors[rows]
        found = anchor(some, matrix, last, options) if is_anchored and last else cluster(some, matrix, options)
        return found.labels, bare_round(some, found, matrix, last)

    one, first = run(half, None, False)
    two, second = run(three, first, True)
    last, third = run(everything, second, True)
    full, rebuilt = run(everything, third, False)
    loss = [measure(gold.tolist(), labels.tolist())["dF1"] for labels in (full, last)]
    pairs = ((one, two[np.searchsorted(three, half)]), (two, last[three]))
    both = [adjusted_rand_score(a, b) for a, b in pairs]
    asked = [adjusted_rand_score(a[(a >= 0) & (b >= 0)], b[(a >= 0) & (b >= 0)]) for a, b in pairs]
    return [*loss, loss[0] - loss[1], *both, *asked, _kept(third, rebuilt)]


def _kept(last: Round, rebuilt: Round) -> float:
    """Of the rows that stay together (the greater part of each old question that is in one new one), the share whose
    question has the old id."""
    now = {member: question.id for question in rebuilt.questions for member in question.members}
    together = kept = 0
    for question in last.questions:
        parts = Counter(now[member] for member in question.members if member in now)
        if parts:
            name, rows = max(parts.items(), key=lambda item: (item[1], item[0]))
            together += rows
            kept += rows if name == question.id else 0
    return kept / max(1, together)


def _time(labelled: LabelledSet) -> None:
    """Rows as near to a labelled one as its neighbours are: a log of 30,000, and 500 more."""
    known = np.load(labelled.vectors)
    generator = np.random.default_rng(0)
    rows = known[generator.integers(len(known), size=LONG + NEW)]
    noise = generator.normal(size=rows.shape).astype(np.float32)
    rows = rows + 0.6 * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    words = generator.integers(5000, size=(LONG + NEW, 8))
    inquiries = bare_inquiries([" ".join(f"word{word}" for word in some) for some in words])
    first = bare_round(inquiries[:LONG], cluster(inquiries[:LONG], vectors[:LONG]), vectors[:LONG])
    found, grouping = _timed(lambda: anchor(inquiries, vectors, first))
    made, describing = _timed(lambda: bare_round(inquiries, found, vectors, first))
    print(f"\nAnchored round of {NEW} on {LONG:,}, {len(made.questions)} questions: {grouping + describing:.1f} s")
    print(f"(grouping {grouping:.1f} s, ids, labels and changes {describing:.1f} s)")


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def _put(name: str, values: list[float]) -> None:
    print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
