"""Redaction beside Presidio and scrubadub: recall by kind, false hits, texts a second.

    make bench-redaction                  (HELPLOOP_DATA names the folder of real data; default ../shared/data)
    ... redaction.py dev --missed         what is looked at while patterns are written: dev seed, dev near misses
    ... redaction.py test --peers         held out: other sentences, another seed, other near misses

Generated texts come from Faker (redaction_data.py), which like the peers lives in an environment of the benchmark's
own (`make bench-intake-env`). A value counts as found when each letter and digit of it is inside some finding; a
finding counts as a false hit when it touches no known value.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helploop.redaction import find, redact_text

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("HELPLOOP_DATA", HERE.parents[2] / "shared" / "data"))
PEERS_PYTHON = HERE / ".venv" / "bin" / "python"
SEEDS = {"dev": 1, "test": 20261}
PEERS = ("helploop+names", "presidio", "presidio+ner", "scrubadub")
STRUCTURED = ["CREDIT_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "IBAN_CODE", "US_SSN", "IP_ADDRESS"]
PLACEHOLDERS = {  # of the generated kinds, where they differ
    "crypto": "crypto-address",
    "national-id": "id-number",
    "passport": "id-number",
    "order": "order-number",
    "password": "secret",
    "token": "secret",
    "url": "url-with-token",
}
SPEED_RUNS, SPEED_TEXTS, SPEED_LENGTH = 5, 5_000, 200

Row = dict[str, Any]
Found = Sequence[tuple[int, int, str]]


@dataclass(frozen=True)
class Result:
    """What one tool found in all texts."""

    tool: str
    found: list[Found]
    seconds: float


def ours(rows: Sequence[Row]) -> Result:
    """helploop's own findings, with the locale that the record would have."""
    find("warm up 07700 900123")
    started = time.process_time()
    found = [find(row["text"], locale=row.get("locale", "")) for row in rows]
    seconds = time.process_time() - started
    return Result("helploop", [[(f.start, f.end, f.kind) for f in one] for one in found], seconds)


def peer(tool: str, rows: Sequence[Row]) -> Result:
    """A peer's findings, from a process of its own."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": row["text"]}) + "\n" for row in rows)
        file.flush()
        command = [str(PEERS_PYTHON), str(HERE / "redaction_peers.py"), tool, file.name]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return Result(tool, [[tuple(f) for f in json.loads(line)] for line in lines[1:]], json.loads(lines[0])["seconds"])


def generated(name: str) -> list[Row]:
    """The set's texts from Faker."""
    command = [str(PEERS_PYTHON), str(HERE / "redaction_data.py"), name, str(SEEDS[name])]
    return [json.loads(line) for line in subprocess.run(command, capture_output=True, check=True).stdout.splitlines()]


def near_misses(name: str) -> list[Row]:
    """80 texts of ours without any personal data; an order number is one, whatever it is called."""
    lines = (HERE / f"near_misses_{name}.tsv").read_text("utf-8").splitlines()
    return [dict(zip(("kind", "text"), line.split("\t"), strict=True)) for line in lines]


def presidio_sentences() -> list[Row]:
    """1,500 synthetic sentences with known spans of 17 kinds."""
    return [json.loads(line) for line in (DATA / "text" / "pii_presidio.jsonl").read_text("utf-8").splitlines()]


def is_covered(text: str, span: Row, found: Found) -> bool:
    """Whether each letter and digit of the value is inside some finding."""
    return all(
        any(start <= i < end for start, end, _ in found) for i in range(span["start"], span["end"]) if text[i].isalnum()
    )


def recall(rows: Sequence[Row], result: Result, by: str = "type") -> dict[str, tuple[int, int]]:
    """Found and all, by the type of the value, or by type and locale."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row, found in zip(rows, result.found, strict=True):
        for span in row.get("spans", []):
            key = span["type"] if by == "type" else f"{span['type']} {row['locale']}"
            counts[key][0] += is_covered(row["text"], span, found)
            counts[key][1] += 1
    return {key: (hit, of) for key, (hit, of) in sorted(counts.items())}


def typed(rows: Sequence[Row], result: Result) -> float:
    """Of our findings that touch a value, the share with the placeholder of its kind."""
    hits = [
        kind == PLACEHOLDERS.get(span["type"], span["type"])
        for row, found in zip(rows, result.found, strict=True)
        for span in row["spans"]
        for start, end, kind in found
        if span["start"] < end and start < span["end"]
    ]
    return sum(hits) / len(hits)


def false_hits(rows: Sequence[Row], result: Result) -> list[str]:
    """Findings that touch no value. On a near miss of an order, an order number is what it is."""
    wrong = []
    for row, found in zip(rows, result.found, strict=True):
        spans = row.get("spans", [])
        for start, end, kind in found:
            is_order = kind == "order-number" and row.get("kind") == "order"
            if not is_order and not any(s["start"] < end and start < s["end"] for s in spans):
                wrong.append(f"{kind}: {row['text'][start:end]!r} in {row['text'][:110]!r}")
    return wrong


def speed() -> list[str]:
    """Texts a second on this process's one core, median of runs: real posts, and sentences full of personal data."""
    with gzip.open(DATA / "thunderbird" / "inquiries_small.jsonl.gz", "rt", encoding="utf-8") as file:
        posts = " ".join(json.loads(line)["body"] for line in file)
    personal = " ".join(row["text"] for row in presidio_sentences())
    lines = ["| texts | n | characters | texts/s, median | slowest run |", "|---|---|---|---|---|"]
    people = ("Ines Okafor", "ines.okafor@mailbox.example")
    for name, whole in (("a forum's posts", posts), ("full of personal data", personal)):
        texts = [whole[i : i + SPEED_LENGTH] for i in range(0, len(whole), SPEED_LENGTH)][:SPEED_TEXTS]
        for note, names in (("", ()), (", with the customer's name", people)):
            rates = [_rate(texts, names) for _ in range(SPEED_RUNS)]
            row = (name + note, len(texts), SPEED_LENGTH, round(statistics.median(rates)), round(min(rates)))
            lines.append(f"| {' | '.join(f'{cell:,}' if isinstance(cell, int) else cell for cell in row)} |")
    return lines


def _rate(texts: Sequence[str], names: Iterable[str]) -> float:
    started = time.process_time()
    for text in texts:
        redact_text(text, names)
    return len(texts) / (time.process_time() - started)


def table(rows: Sequence[Row], results: Sequence[Result], kinds: Sequence[str] | None = None) -> list[str]:
    """Recall by kind, false hits and time, a column a tool."""
    tools = [result.tool for result in results]
    lines = [f"| kind | n | {' | '.join(tools)} |", "|---|---|" + "---|" * len(tools)]
    recalls = [recall(rows, result) for result in results]
    shown = kinds or list(recalls[0])
    for kind in shown:
        cells = [f"{hit / of:.3f}" for hit, of in (one[kind] for one in recalls)]
        lines.append(f"| {kind} | {recalls[0][kind][1]} | {' | '.join(cells)} |")
    totals = [tuple(map(sum, zip(*(one[kind] for kind in shown), strict=True))) for one in recalls]
    lines.append(f"| all of these | {totals[0][1]} | {' | '.join(f'{hit / of:.3f}' for hit, of in totals)} |")
    lines.append(f"| false hits | | {' | '.join(str(len(false_hits(rows, r))) for r in results)} |")
    lines.append(f"| ms a text | | {' | '.join(f'{1000 * r.seconds / len(rows):.2f}' for r in results)} |")
    return lines


def _print_missed(rows: Sequence[Row], result: Result) -> None:
    for row, found in zip(rows, result.found, strict=True):
        for span in row.get("spans", []):
            is_structured = span["type"] in STRUCTURED or span["type"].islower()
            if is_structured and not is_covered(row["text"], span, found):
                value = row["text"][span["start"] : span["end"]]
                print(f"  missed {span['type']} {row.get('locale', '')}: {value!r} in {row['text'][:110]!r} {found}")


def main() -> None:
    """Prints the tables of the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=["dev", "test"])
    parser.add_argument("--peers", action="store_true", help="Presidio and scrubadub as well")
    parser.add_argument("--missed", action="store_true", help="what was missed and hit in vain (dev only)")
    parser.add_argument("--by-locale", action="store_true")
    options = parser.parse_args()
    tools = PEERS if options.peers else ()
    parts: list[tuple[str, list[Row], list[str] | None]] = [
        (f"Generated ({options.set}, seed {SEEDS[options.set]})", generated(options.set), None),
        (f"Near misses ({options.set})", near_misses(options.set), []),
    ]
    if options.set == "dev" or options.peers:
        parts.append(("Presidio's 1,500 sentences", presidio_sentences(), [*STRUCTURED, "US_DRIVER_LICENSE", "PERSON"]))
    for name, rows, kinds in parts:
        results = [ours(rows), *(peer(tool, rows) for tool in tools)]
        print(f"\n{name}: {len(rows)} texts\n")
        if kinds == []:
            print("\n".join(f"{r.tool}: {len(false_hits(rows, r))} false hits in {len(rows)}" for r in results))
        else:
            print("\n".join(table(rows, results, kinds)))
        if kinds is None:
            print(f"\nhelploop: {typed(rows, results[0]):.3f} of what was found has the placeholder of its kind")
        if options.by_locale and kinds is None:
            print(Counter({key: of - hit for key, (hit, of) in recall(rows, results[0], "locale").items()}))
        if options.missed and options.set == "dev":
            _print_missed(rows, results[0])
            print("\n".join(f"  false {line}" for line in false_hits(rows, results[0])))
    print("\n" + "\n".join(speed()))


if __name__ == "__main__":
    main()
