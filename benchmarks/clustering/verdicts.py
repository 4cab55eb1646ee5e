"""Is what we call mixed a mixture? On the intent sets: our clusters, purity < .7 against the verdict.

.venv/bin/python benchmarks/clustering/verdicts.py      # needs ../shared/data or HELPLOOP_DATA, and run.py's vectors
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from helploop.clustering import ClusteringOptions, cluster
from helploop.clustering.vectors import groups
from helploop.clustering.verdicts import MIXED, judge_questions
from helploop.domain import Inquiry
from helploop.embedding import embed, load_encoder

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.conftest import make_inquiry

SETS = ("banking77", "dstc11_banking_turns", "dstc11_insurance_queries", "hint3_curekart", "hint3_sofmattress")
DATA = Path(os.environ.get("HELPLOOP_DATA", Path(__file__).resolve().parents[2] / ".." / "shared" / "data"))
PURE = 0.7


@dataclass(frozen=True)
class Judged:
    """The clusters of one set."""

    mixedness: NDArray[np.float64]
    is_impure: NDArray[np.bool_]


def judge_set(name: str, cache: Path) -> Judged:
    """Our clusters of a set, each with its mixedness and whether it is one."""
    rows = [json.loads(line) for line in (DATA / "intents" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    encoder = load_encoder()
    kept = cache / f"{name}-{encoder.hash}.npy"
    vectors = np.load(kept) if kept.exists() else embed([row["text"] for row in rows], encoder)
    inquiries: list[Inquiry] = [
        make_inquiry(row["text"], source_id=str(i), customer_key="") for i, row in enumerate(rows)
    ]
    options = ClusteringOptions()
    found = cluster(inquiries, vectors, options)
    judged = judge_questions(vectors, found.labels, found.centroids, found.customers, options.min_customers)
    purity = [
        Counter(rows[i]["label"].lower() for i in members).most_common(1)[0][1] for members in groups(found.labels)
    ]
    sizes = [len(members) for members in groups(found.labels)]
    impure = np.array([most / size < PURE for most, size in zip(purity, sizes, strict=True)])
    return Judged(np.array([one.mixedness for one in judged]), impure)


def auroc(one: Judged) -> float:
    """Chance that an impure cluster is called more mixed than a pure one."""
    positive, negative = int(one.is_impure.sum()), int((~one.is_impure).sum())
    ranks = rankdata(one.mixedness)[one.is_impure].sum()
    return float((ranks - positive * (positive + 1) / 2) / (positive * negative)) if positive and negative else np.nan


def best_threshold(sets: list[Judged]) -> float:
    """Where F1 is best over these sets."""
    values, truth = (np.concatenate([getattr(one, name) for one in sets]) for name in ("mixedness", "is_impure"))
    return float(
        max(np.unique(values), key=lambda t: 2 * ((values >= t) & truth).sum() / ((values >= t).sum() + truth.sum()))
    )


def main() -> int:
    """Prints a line per set: at our threshold, and at one chosen on the other sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "helploop-bench-vectors")
    cache = parser.parse_args().cache
    if not (DATA / "intents").is_dir():
        print(f"skipped: no intents in {DATA}; set HELPLOOP_DATA", file=sys.stderr)
        return 0
    judged = {name: judge_set(name, cache) for name in SETS}
    totals = np.zeros(5)
    print(
        "| set | clusters | purity < .7 | AUROC | called mixed | of these right | held out: called | right |\n"
        + "|---" * 8
        + "|"
    )
    for name, one in judged.items():
        held_out = one.mixedness >= best_threshold([other for key, other in judged.items() if key != name])
        called = one.mixedness >= MIXED
        counts = [called.sum(), (called & one.is_impure).sum(), held_out.sum(), (held_out & one.is_impure).sum()]
        totals += [*counts, one.is_impure.sum()]
        print(
            f"| {name} | {len(called)} | {one.is_impure.sum()} | {auroc(one):.2f} | "
            + " | ".join(map(str, counts))
            + " |"
        )
    everything = Judged(
        *(np.concatenate([getattr(one, n) for one in judged.values()]) for n in ("mixedness", "is_impure"))
    )
    print(f"\nAUROC over all {auroc(everything):.3f}; base rate {everything.is_impure.mean():.2f}")
    for what, start in ((f"at {MIXED}", 0), ("held out", 2)):
        print(f"{what}: precision {totals[start + 1] / totals[start]:.2f}, recall {totals[start + 1] / totals[4]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
