"""helploop's grouping beside other methods on labelled sets, all from the same vectors.

    make bench-clustering
    .venv/bin/python benchmarks/clustering/run.py --only ours,recipe --quick
    .venv/bin/python benchmarks/clustering/run.py --set my.jsonl    # rows: "text", "label" ("oos": asks nothing known)
    .venv/bin/python benchmarks/clustering/run.py --speed --write speed

Vectors and results are kept in --cache; a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from jobs import HERE, PEERS, LabelledSet, Result, results, versions
from methods import METHODS, Settings
from speed import speed_table
from tables import report

from helploop.embedding import Encoder, embed, load_encoder

DATA = Path(os.environ.get("HELPLOOP_DATA", HERE.parents[1] / ".." / "shared" / "data"))
README = HERE / "README.md"


def main() -> int:
    """Prints the tables; --write puts them between the marks of the README."""
    arguments = _parser().parse_args()
    methods = [name for name in METHODS if not arguments.only or name in arguments.only.split(",")]
    if not PEERS.exists():
        left_out = [name for name in methods if not METHODS[name].in_project]
        methods = [name for name in methods if METHODS[name].in_project]
        print(f"left out, as there is no {PEERS}: {', '.join(left_out)}; make bench-clustering-env", file=sys.stderr)
    files = _files(arguments.set, arguments.sets)
    if not files:
        print(f"skipped: no intents in {DATA}; set HELPLOOP_DATA or name files with --set", file=sys.stderr)
        return 0
    arguments.cache.mkdir(parents=True, exist_ok=True)
    encoder = load_encoder()
    sets = [_read(file, encoder, arguments.cache) for file in files]
    if arguments.speed:
        text = speed_table(methods, max(sets, key=lambda labelled: len(labelled.texts)))
    else:
        seeds = range(1 if arguments.quick else arguments.seeds)
        text = _quality(methods, sets, seeds, arguments.cache / "results", arguments.fresh, arguments.kept)
    text = f"{_provenance(methods, encoder)}\n\n{text}"
    print(text)
    if arguments.write:
        _write(arguments.write, text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "helploop-bench-vectors")
    parser.add_argument("--only", help=f"methods, by comma: {', '.join(METHODS)}")
    parser.add_argument("--sets", help="of the supplied sets only these, by comma; 'none' for those of --set alone")
    parser.add_argument("--set", type=Path, action="append", default=[], metavar="FILE", help="another set, JSON Lines")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--fresh", action="store_true", help="do every run again")
    parser.add_argument("--kept", action="store_true", help="no new runs: the table of those that a stopped run left")
    parser.add_argument("--speed", action="store_true", help="seconds and memory on the largest set, taking turns")
    parser.add_argument("--write", metavar="PART", help="write into the README's part: supplied, extra or speed")
    return parser


def _files(extra: list[Path], names: str | None) -> list[Path]:
    supplied = sorted((DATA / "intents").glob("*.jsonl"))
    return [file for file in supplied if names is None or file.stem in names.split(",")] + extra


def _read(file: Path, encoder: Encoder, cache: Path) -> LabelledSet:
    with file.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    texts = tuple(record["text"] for record in records)
    gold = tuple("oos" if record["label"].lower() in ("oos", "none") else record["label"] for record in records)
    vectors = cache / f"{file.stem}-{encoder.hash}.npy"
    if not vectors.exists() or len(np.load(vectors, mmap_mode="r")) != len(texts):
        print(f"encoding {len(texts)} texts of {file.name}", file=sys.stderr, flush=True)
        np.save(vectors, embed(texts, encoder))
    return LabelledSet(file.stem, texts, gold, vectors)


def _quality(
    methods: list[str], sets: list[LabelledSet], seeds: range, kept: Path, is_fresh: bool, is_kept_only: bool
) -> str:
    grids: dict[str, list[Settings]] = {}
    for method in methods:
        grids.setdefault(METHODS[method].same_run_as or method, []).extend(METHODS[method].grid)
    runs: dict[str, dict[str, list[Result]]] = {method: {} for method in methods}
    for runner, grid in grids.items():
        for labelled in sets:
            seeds_used = seeds if METHODS[runner].is_seeded else seeds[:1]
            found = results(runner, labelled, grid, seeds_used, kept, is_fresh, is_kept_only)
            for method in methods:
                if runner in (method, METHODS[method].same_run_as):
                    runs[method][labelled.name] = [run for run in found if run.settings in METHODS[method].grid]
    return report({method: of for method, of in runs.items() if _is_whole(method, of)}, sets)


def _is_whole(method: str, of: dict[str, list[Result]]) -> bool:
    """Whether there is a run of every setting on every set: without --kept there always is."""
    grid = METHODS[method].grid
    lacking = [name for name, runs in of.items() if any(all(run.settings != one for run in runs) for one in grid)]
    if lacking:
        print(f"{method} left out, as not all of its grid has been run on {', '.join(lacking)}", file=sys.stderr)
    return not lacking


def _provenance(methods: list[str], encoder: Encoder) -> str:
    used = sorted({one for method in methods for one in versions(method) if "==" in one})
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; encoder {encoder.name} ({encoder.hash}); Python {platform.python_version()}, "
        f"helploop {version('helploop')}, {os.cpu_count()} cores; {', '.join(used)}."
    )


def _write(part: str, text: str) -> None:
    marks = (f"<!-- {part} -->", f"<!-- /{part} -->")
    before = README.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(marks[0])}.*?{re.escape(marks[1])}", re.DOTALL)
    if not pattern.search(before):
        raise SystemExit(f"{README}: no {marks[0]} ... {marks[1]} there to write between")
    README.write_text(pattern.sub(lambda _: f"{marks[0]}\n{text}\n{marks[1]}", before), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
