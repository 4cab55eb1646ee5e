"""The recipe and our defaults on the supplied intent sets. Run: .venv/bin/python benchmarks/clustering/run.py

Young version: no peers yet. Vectors are encoded once and kept in --cache; three seeds, medians.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from measure import measure
from numpy.typing import NDArray

from helploop.clustering import ClusteringOptions, cluster
from helploop.domain import Channel, Inquiry, Kind, inquiry_id
from helploop.embedding import Encoder, embed, load_encoder

SETS = ("banking77", "dstc11_banking_turns", "dstc11_insurance_queries", "hint3_curekart", "hint3_sofmattress")
SHOWN = ("dF1", "recall", "dup", "k", "gold", "NMI", "ARI", "ACC", "noise kept", "dropped")
DATA = Path(os.environ.get("HELPLOOP_DATA", Path(__file__).resolve().parents[2] / ".." / "shared" / "data"))


def main() -> int:
    """Prints a line per set, and the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "helploop-bench-vectors")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    if not (DATA / "intents").is_dir():
        print(f"skipped: no intents in {DATA}; set HELPLOOP_DATA", file=sys.stderr)
        return 0
    arguments.cache.mkdir(parents=True, exist_ok=True)
    encoder = load_encoder()
    print(f"{'set':26}" + "".join(f"{name:>11}" for name in (*SHOWN, "seconds")))
    rows = [_measure_set(name, encoder, arguments.cache, arguments.seeds) for name in SETS]
    means = [float(np.nanmean([row[name] for row in rows])) for name in (*SHOWN, "seconds")]
    print(_line("mean", means))
    return 0


def _measure_set(name: str, encoder: Encoder, cache: Path, seeds: int) -> dict[str, float]:
    with (DATA / "intents" / f"{name}.jsonl").open(encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    vectors = _vectors(name, [record["text"] for record in records], encoder, cache)
    inquiries = [_inquiry(f"{i}", record["text"]) for i, record in enumerate(records)]
    gold = ["oos" if record["label"].lower() == "oos" else record["label"] for record in records]
    runs = []
    for seed in range(seeds):
        started = time.perf_counter()
        partition = cluster(inquiries, vectors, replace(ClusteringOptions(), seed=seed))
        seconds = time.perf_counter() - started
        runs.append(measure(gold, partition.labels.tolist()) | {"seconds": seconds})
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    print(_line(name, [medians[key] for key in (*SHOWN, "seconds")]))
    return medians


def _vectors(name: str, texts: list[str], encoder: Encoder, cache: Path) -> NDArray[np.float32]:
    path = cache / f"{name}-{encoder.hash}.npy"
    if not path.exists():
        np.save(path, embed(texts, encoder))
    vectors: NDArray[np.float32] = np.load(path)
    return vectors


def _line(name: str, values: list[float]) -> str:
    return f"{name:26}" + "".join(f"{value:>11.3f}" for value in values)


def _inquiry(source_id: str, text: str) -> Inquiry:
    return Inquiry(
        id=inquiry_id("bench", source_id),
        source="bench",
        source_id=source_id,
        text=text,
        title="",
        question_text=text,
        replies=(),
        channel=Channel.CHAT,
        kind=Kind.QUESTION,
        kind_reason="",
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        first_reply_at=None,
        resolved_at=None,
        customer_key="",
        agent_minutes=None,
        waited_minutes=None,
        csat=None,
        nps=None,
        locale="en",
        tags=(),
        thread="",
        weight=1.0,
        redactions={},
    )


if __name__ == "__main__":
    sys.exit(main())
