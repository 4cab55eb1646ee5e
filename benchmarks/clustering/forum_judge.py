"""Judging the forum's biggest questions: prints ten seeded members of each, unlabelled, for a person to read.

    .venv/bin/python benchmarks/clustering/forum_judge.py --years 2024 --seed final > to_read.txt
    .venv/bin/python benchmarks/clustering/forum_judge.py --count          # what the committed verdicts say

A question passes when at least eight of its ten would be answered by what ONE help article would say: a normal article
on a task or one problem. "Sending fails", across providers and causes, is none. Verdicts are in
data/forum_verdicts.jsonl, by ids: {"grouping", "seed", "rank", "question", "members", "fits", "pass", "why"}; the
forum's text stays where it is.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from forum import METHODS
from forum_data import DATA, YEARS, Log, read_log
from numpy.typing import NDArray

from helploop.domain import Inquiry, text_hash

VERDICTS = Path(__file__).resolve().parent / "data" / "forum_verdicts.jsonl"
MEMBERS = 10
SHOWN = 260  # characters of a member: title and body


def main() -> int:
    """Prints members to read, or counts the verdicts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "helploop-bench-forum")
    parser.add_argument("--years", default=",".join(YEARS))
    parser.add_argument("--method", choices=tuple(METHODS), default="ours")
    parser.add_argument("--biggest", type=int, default=50)
    parser.add_argument("--seed", default="final")
    parser.add_argument("--count", action="store_true")
    arguments = parser.parse_args()
    if arguments.count:
        return _count()
    if not DATA.is_dir():
        print(f"skipped: no forum in {DATA}; set HELPLOOP_DATA", file=sys.stderr)
        return 0
    log = read_log(arguments.cache, arguments.years.split(","))
    labels = METHODS[arguments.method](log, 0)
    for number, chosen in enumerate(biggest(log, labels, arguments.biggest, arguments.seed), start=1):
        facts = {"question": question_key(chosen), "members": [i.source_id for i in chosen]}
        print(f"== {number} {json.dumps(facts)}")
        for inquiry in chosen:
            print(f" - {inquiry.title} | {' '.join(inquiry.text.split())}"[:SHOWN])
    return 0


def biggest(log: Log, labels: NDArray[np.int64], count: int, seed: str) -> list[list[Inquiry]]:
    """Ten members of each of the groups of most customers: those of the lowest hash of seed and id."""
    groups: dict[int, list[Inquiry]] = {}
    for inquiry, label in zip(log.inquiries, labels.tolist(), strict=True):
        if label >= 0:
            groups.setdefault(label, []).append(inquiry)
    customers = {label: len({i.customer_key or i.id for i in members}) for label, members in groups.items()}
    order = sorted(groups, key=lambda label: (-customers[label], min(i.id for i in groups[label])))
    return [
        sorted(groups[label], key=lambda i: text_hash(f"{seed} {i.source_id}"))[:MEMBERS] for label in order[:count]
    ]


def question_key(members: list[Inquiry]) -> str:
    """A name for what was judged that tells nothing of it."""
    return text_hash(" ".join(sorted(i.source_id for i in members)))[:8]


def _count() -> int:
    with VERDICTS.open(encoding="utf-8") as file:
        verdicts = [json.loads(line) for line in file]
    judged = Counter((one["grouping"], one["seed"]) for one in verdicts)
    passed = Counter((one["grouping"], one["seed"]) for one in verdicts if one["pass"])
    fits = Counter[tuple[str, str]]()
    for one in verdicts:
        fits[one["grouping"], one["seed"]] += one["fits"]
    for key in sorted(judged):
        print(f"{key[0]}, seed {key[1]}: {passed[key]} of {judged[key]} pass; mean {fits[key] / judged[key]:.1f} of 10")
    return 0


if __name__ == "__main__":
    sys.exit(main())
