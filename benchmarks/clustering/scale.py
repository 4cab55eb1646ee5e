"""Seconds, peak memory and recall of neighbours at 13,000, 100,000 and 1,000,000 rows; by hand, the last takes minutes.

Run: .venv/bin/python benchmarks/clustering/scale.py 100000

Synthetic rows: questions' centres and noise are random directions that share a part, rows lie around their centre, both
as near to each other as banking77's are with all-MiniLM-L6-v2; sizes follow Zipf's law; .30 of the rows are noise.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time

import numpy as np
from inquiries import bare_inquiries, bare_round
from numpy.typing import NDArray

from helploop.clustering import ClusteringOptions, cluster
from helploop.clustering.cells import nearest_in_cells
from helploop.clustering.graph import nearest_of

_SEED = 7
_NOISE = 0.3
_ROWS_A_QUESTION = 150  # on average; banking77 has 170
_COSINE = 0.72  # mean cosine of a row to its question's centre: banking77's with all-MiniLM-L6-v2
_BACKGROUND = 0.25  # mean cosine of two rows there


def synthetic(count: int, dimensions: int = 384) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows of length 1, and the question of each, -1 for noise; float32 (count, dimensions) and int64 (count,)."""
    generator = np.random.default_rng(_SEED)
    questions = max(4, int(count * (1 - _NOISE) / _ROWS_A_QUESTION))
    shares = 1.0 / np.arange(1, questions + 1) ** 0.8
    gold = generator.choice(questions, size=count, p=shares / shares.sum())
    gold[generator.random(count) < _NOISE] = -1
    shared = _units(generator.standard_normal((1, dimensions)).astype(np.float32))
    centres = _mixed(shared, generator.standard_normal((questions, dimensions)).astype(np.float32), _BACKGROUND)
    rows = np.empty((count, dimensions), dtype=np.float32)
    for start in range(0, count, 50_000):
        part = slice(start, min(start + 50_000, count))
        drawn = generator.standard_normal((part.stop - start, dimensions)).astype(np.float32)
        is_noise = gold[part, None] < 0
        rows[part] = np.where(
            is_noise, _mixed(shared, drawn, _BACKGROUND), _mixed(centres[gold[part]], drawn, _COSINE**2)
        )
    return rows, gold.astype(np.int64)


def _mixed(base: NDArray[np.float32], other: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Unit rows whose squared part along `base` is `share`."""
    mixed: NDArray[np.float32] = _units(base * np.sqrt(share) + _units(other) * np.sqrt(1 - share))
    return mixed


def _units(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    units: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units


def main() -> int:
    """Prints a line for the size asked for, and one for the round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int)
    parser.add_argument("--round", action="store_true", help="make_round as well")
    parser.add_argument("--recall", action="store_true", help="only the neighbours in cells, against exact ones")
    arguments = parser.parse_args()
    vectors, gold = synthetic(arguments.rows)
    if arguments.recall:
        print(json.dumps({"rows": arguments.rows, **_recall(vectors)}))
        return 0
    texts = [f"inquiry number {row} asks about question {question}" for row, question in enumerate(gold.tolist())]
    inquiries = bare_inquiries(texts)
    before = _peak()
    started = _clocks()
    options = ClusteringOptions()
    partition = cluster(inquiries, vectors, options)
    told = {"rows": arguments.rows, **_since(started, "cluster")}
    told |= {"questions": len(partition.centroids), "gold": int(gold.max() + 1)}
    told |= {"GB before": round(before, 2), "GB peak": round(_peak(), 2)}
    print(json.dumps(told), flush=True)
    if arguments.round:
        started = _clocks()
        bare_round(inquiries, partition, vectors)
        print(json.dumps({**_since(started, "round"), "GB peak": round(_peak(), 2)}))
    return 0


def _recall(vectors: NDArray[np.float32]) -> dict[str, float]:
    """recall@6 of the neighbours in cells on 1,000 rows, and what the search of all rows took."""
    started = _clocks()
    found, _ = nearest_in_cells(vectors, 6, _SEED)
    told = _since(started, "cells")
    rows = np.random.default_rng(_SEED).choice(len(vectors), 1_000, replace=False)
    exact, _ = nearest_of(vectors, rows, 6)
    shares = [len(set(a) & set(b)) / 6 for a, b in zip(found[rows].tolist(), exact.tolist(), strict=True)]
    return told | {"recall@6": round(float(np.mean(shares)), 3), "GB peak": round(_peak(), 2)}


def _clocks() -> tuple[float, float]:
    """Seconds of the clock, and of the processor: what counts where others use the machine as well."""
    return time.perf_counter(), time.process_time()


def _since(started: tuple[float, float], what: str) -> dict[str, float]:
    by_clock, by_processor = (now - then for now, then in zip(_clocks(), started, strict=True))
    return {f"{what} s": round(by_clock, 1), f"{what} cpu s": round(by_processor, 1)}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    sys.exit(main())
