"""helploop's search beside its peers on every set: python run.py [--only SET ...] [--peers NAME ...]

The peers need Node and `make bench-search-env`; the first run encodes the logs (20 minutes for Thunderbird's year). On
Thunderbird's texts Material's worker takes more than 25 minutes: it is left out there unless --peers names it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import material
from measure import auroc, ranks, reciprocal, success, wanted
from ours import Ours, by_encoder, table_for
from sets import SETS, Query, SearchSet

HERE = Path(__file__).parent
PEERS = (
    "material",
    "material-separator",
    "pagefind",
    "orama",
    "orama-qps",
    "minisearch",
    "minisearch-all-words",
)
DEFAULT = (
    "banking77",
    "banking77-3",
    "banking77-0",
    "banking77-typos",
    "curekart",
    "sofmattress",
    "thunderbird-titles",
    "thunderbird-texts",
    "govuk",
)


@dataclass(frozen=True)
class Line:
    """A method on a set."""

    method: str
    found: Sequence[Sequence[str]]
    kilobytes: float | None = None  # of the index, compressed
    milliseconds: float | None = None  # of a query, median


def ask_peer(name: str, some: SearchSet) -> Line:
    """What a peer finds."""
    articles = [{key: one[key] for key in ("id", "title", "body", "aliases")} for one in some.articles]
    task = {"articles": articles, "queries": [query.text for query in some.test], "limit": 10}
    environment = {**os.environ, "MATERIAL_TEMPLATES": str(Path(material.__file__).parent / "templates")}
    run = subprocess.run(
        ["node", str(HERE / "peers.mjs"), name],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    found = json.loads(run.stdout)
    time = statistics.median(found["milliseconds"])
    return Line(f"{name} {found['version']}", found["ids"], found["index_bytes_gzipped"] / 1000, time)


def lines_of(some: SearchSet, peers: Sequence[str]) -> tuple[list[Line], str]:
    """All methods on a set, and a line about the misses where the set has queries that nothing answers."""
    queries = [query.text for query in some.test]
    made = [ask_peer(name, some) for name in peers]
    table, misses = table_for(some), ""
    for name, one in (("helploop, words alone", None), ("**helploop**", table)):
        engine = Ours(some, one)
        answers = engine.ask(queries)
        made.append(Line(name, [answer.ids for answer in answers], engine.index_bytes / 1000, engine.milliseconds))
        no = [answer.confidence for answer, query in zip(answers, some.test, strict=True) if not query.right]
        if no:
            yes = [answer.confidence for answer, query in zip(answers, some.test, strict=True) if query.right]
            misses += f"{name}: AUROC of answered against unanswered {auroc(yes, no):.3f}. "
    made.append(Line("the full encoder", by_encoder(some, queries)))
    return made, misses


def print_set(some: SearchSet, lines: Sequence[Line], misses: str) -> None:
    """A table in Markdown."""
    print(f"\n### {some.name}: {len(some.articles)} articles, {len(some.test)} queries, {len(some.log)} logged\n")
    print("| method | first | among 3 | among 5 | MRR | wanted place | index, KB | ms |")
    print("|---|---|---|---|---|---|---|---|")
    for line in lines:
        print(f"| {line.method} | {' | '.join(cells(line, some.test))} |")
    if misses:
        print(f"\n{misses}")


def cells(line: Line, queries: Sequence[Query]) -> list[str]:
    """A method's figures."""
    places = ranks(line.found, queries)
    figures = [f"{success(places, within):.1f}" for within in (1, 3, 5)]
    figures += [f"{reciprocal(places):.3f}"]
    figures += [f"{wanted(line.found, queries):.1f}" if any(query.within > 1 for query in queries) else ""]
    return [*figures, *("" if value is None else f"{value:.2g}" for value in (line.kilobytes, line.milliseconds))]


def main() -> None:
    """Runs what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=DEFAULT, choices=sorted(SETS))
    parser.add_argument("--peers", nargs="*", choices=PEERS)
    chosen = parser.parse_args()
    for name in chosen.only:
        some = SETS[name]()
        slow = name == "thunderbird-texts"
        default = [peer for peer in PEERS if not (slow and peer.startswith("material"))]
        print_set(some, *lines_of(some, default if chosen.peers is None else chosen.peers))


if __name__ == "__main__":
    main()
