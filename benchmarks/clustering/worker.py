"""Runs one method on one set, in a process of its own so that memory and seconds can be compared.

    PYTHON benchmarks/clustering/worker.py TASK.json

TASK: {"method", "texts": JSON list, "vectors": .npy, "questions": gold k, "jobs": [{"settings", "seed", "out"}]}.
Each `out` gets {"labels", "seconds", "peak_mb"}: seconds of grouping without imports and reading, peak memory of
the whole process so far, imports included.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Run = Callable[[dict[str, Any], int], tuple[NDArray[np.int64], float]]


def main() -> int:
    """Writes a result after each job, so that a killed run loses at most one."""
    task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    texts = json.loads(Path(task["texts"]).read_text(encoding="utf-8"))
    run = _prepare(task["method"], texts, np.load(task["vectors"]), task["questions"])
    for job in task["jobs"]:
        labels, seconds = run(job["settings"], job["seed"])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kB on Linux
        found = {"labels": np.asarray(labels).tolist(), "seconds": seconds, "peak_mb": peak}
        out = Path(job["out"])
        out.with_suffix(".part").write_text(json.dumps(found), encoding="utf-8")
        out.with_suffix(".part").rename(out)
        print(json.dumps(job["settings"]), job["seed"], f"{seconds:.1f} s", file=sys.stderr, flush=True)
    return 0


def _prepare(method: str, texts: Sequence[str], vectors: NDArray[np.float32], questions: int) -> Run:
    if method == "ours":
        return _ours(texts, vectors)
    if method == "recipe":
        import recipe

        return recipe.prepare(texts, vectors)
    import peers

    prepared: Run = getattr(peers, method)(texts, vectors, questions)
    return prepared


def _ours(texts: Sequence[str], vectors: NDArray[np.float32]) -> Run:
    from dataclasses import replace

    from inquiries import bare_inquiries

    from helploop.clustering import ClusteringOptions, cluster

    inquiries = bare_inquiries(texts)

    def run(settings: dict[str, Any], seed: int) -> tuple[NDArray[np.int64], float]:
        options = replace(ClusteringOptions(), seed=seed, **settings)
        started = time.perf_counter()
        partition = cluster(inquiries, vectors, options)
        return partition.labels, time.perf_counter() - started

    return run


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the peers' own: deprecations, "n_jobs overridden by random_state"
    sys.exit(main())
