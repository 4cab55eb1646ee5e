"""Runs what is not yet known, each method on each set in a process of its own, and keeps every result in a file."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from measure import measure, without_small
from methods import METHODS, MIN_SIZE, Settings
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
PEERS = HERE / ".venv" / "bin" / "python"


@dataclass(frozen=True)
class LabelledSet:
    """Texts, what they ask, and their vectors."""

    name: str
    texts: tuple[str, ...]
    gold: tuple[str, ...]
    vectors: Path  # .npy, float32 (n, d), rows of length 1


@dataclass(frozen=True)
class Result:
    """One run: its metrics, "seconds" and "peak MB" among them."""

    settings: Settings
    seed: int
    metrics: dict[str, float]


def results(
    method: str,
    labelled: LabelledSet,
    settings: Sequence[Settings],
    seeds: Sequence[int],
    kept: Path,
    is_fresh: bool,
    is_kept_only: bool,
) -> list[Result]:
    """The runs of a method on a set: those in `kept` are not done again unless is_fresh; no others if is_kept_only."""
    folder = kept / method
    wanted = [(one, seed) for seed in seeds for one in settings]  # a seed's settings together: they share what they can
    files = [folder / f"{labelled.name}-{_key(method, labelled, one, seed)}.json" for one, seed in wanted]
    missing = [
        {"settings": one, "seed": seed, "out": str(file)}
        for file, (one, seed) in zip(files, wanted, strict=True)
        if is_fresh or not file.exists()
    ]
    if missing and not is_kept_only:
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{method} on {labelled.name}: {len(missing)} runs", file=sys.stderr, flush=True)
        run_worker(method, labelled, missing)
    return [
        Result(one, seed, measured(labelled, json.loads(file.read_text(encoding="utf-8"))))
        for file, (one, seed) in zip(files, wanted, strict=True)
        if file.exists()
    ]


def measured(labelled: LabelledSet, found: dict[str, Any]) -> dict[str, float]:
    """A worker's result as metrics."""
    return measure(labelled.gold, without_small(found["labels"], MIN_SIZE)) | {
        "seconds": found["seconds"],
        "peak MB": found["peak_mb"],
    }


def run_worker(method: str, labelled: LabelledSet, jobs: Sequence[dict[str, Any]]) -> None:
    """Raises: CalledProcessError when the method fails; what was done before is kept."""
    questions = len(set(labelled.gold) - {"oos"})
    python = sys.executable if METHODS[method].in_project else str(PEERS)
    with tempfile.TemporaryDirectory() as folder:
        texts, task = Path(folder) / "texts.json", Path(folder) / "task.json"
        texts.write_text(json.dumps(labelled.texts), encoding="utf-8")
        stated = {
            "method": METHODS[method].same_run_as or method,
            "texts": str(texts),
            "vectors": str(labelled.vectors),
            "questions": questions,
        }
        task.write_text(json.dumps(stated | {"jobs": list(jobs)}), encoding="utf-8")
        quiet = os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}  # threads that wait by spinning slow a shared machine down
        subprocess.run([python, str(HERE / "worker.py"), str(task)], check=True, env=quiet)


@cache
def versions(method: str) -> tuple[str, ...]:
    """name==version of what the method runs on; for ours and the recipe the hash of the code as well."""
    packages = METHODS[method].packages
    if METHODS[method].in_project:
        found = [f"{package}=={version(package)}" for package in packages]
    else:
        code = "import sys; from importlib.metadata import version as v; print(*(f'{p}=={v(p)}' for p in sys.argv[1:]))"
        run = subprocess.run([str(PEERS), "-c", code, *packages], check=True, capture_output=True, text=True)
        found = run.stdout.split()
    if method == "ours":
        found.append(_code_hash(_package_files()))
    if method == "recipe":
        found.append(_code_hash([HERE / "recipe.py"]))
    return tuple(found)


def _package_files() -> list[Path]:
    import helploop.clustering

    return sorted(Path(helploop.clustering.__file__).parent.rglob("*.py"))


def _code_hash(files: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _key(method: str, labelled: LabelledSet, settings: Settings, seed: int) -> str:
    parts = [_data_hash(labelled.vectors), sorted(settings.items()), seed, versions(method), MIN_SIZE]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@cache
def _data_hash(vectors: Path) -> str:
    rows: NDArray[np.float32] = np.load(vectors)
    return hashlib.sha256(rows.tobytes()).hexdigest()
