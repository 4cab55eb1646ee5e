"""Cleaning beside mail-parser-reply: what is left of mails exactly as expected, questions lost, texts a second.

    make bench-cleaning                   (HELPLOOP_DATA names the folder of real data; default ../shared/data)
    ... cleaning.py dev --missed          what is looked at while rules are written (tests/data/mails_dev.toml)
    ... cleaning.py test                  held out: tests/data/mails_test.toml

Exact: on the public mails what is left when quotes and signatures are gone, character by character; on ours what
clean() leaves, blank lines and the first letter's case aside. A question is lost when a sentence that asks (by its
question mark or a request; in ours the sentences listed) is no longer in what is left.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import gzip
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inscriptis import get_text

from helploop.cleaning import clean, html_to_text, strip_politeness, strip_quotes
from helploop.domain import Channel, RawInquiry

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("HELPLOOP_DATA", HERE.parents[2] / "shared" / "data"))
MAILS = HERE.parents[1] / "tests" / "data"
PEERS_PYTHON = HERE / ".venv" / "bin" / "python"
RUNS = 5
ASKS = re.compile(r"[^.!?\n]*\?|[^.!?\n]*\b(?:please|could you|can you|let me know)\b[^.!?\n]*", re.IGNORECASE)

LINK = re.compile(r"https?://\S+")  # its question mark asks nothing


@dataclass(frozen=True)
class Mail:
    """A mail of a set: its text (HTML turned into text), what should be left, and the sentences that must be."""

    name: str
    style: str
    text: str
    expected: str
    asks: tuple[str, ...]
    html: str = ""
    is_public: bool = False
    writer: str = ""


def public_mails() -> list[Mail]:
    """Those of text/email_quoting.jsonl and _html that say what is expected."""
    mails = []
    for name in ("email_quoting.jsonl", "email_quoting_html.jsonl"):
        for line in (DATA / "text" / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            if "expected" not in row:
                continue
            html, text = row.get("html", ""), row.get("text", "")
            if "eml" in row:
                body = email.message_from_string(row["eml"], policy=email.policy.default).get_body(("plain", "html"))
                text = body.get_content() if body else ""
                html = text if body and body.get_content_type() == "text/html" else ""
            text = get_text(html) if html else text
            asks = tuple(found.strip() for found in ASKS.findall(LINK.sub("", row["expected"])) if found.strip())
            style = row["id"].split("/")[0]
            mails.append(Mail(row["id"], style, text, row["expected"].strip(), asks, html, is_public=True))
    return mails


def own_mails(half: str) -> list[Mail]:
    """The invented ones of a half."""
    rows = tomllib.loads((MAILS / f"mails_{half}.toml").read_text("utf-8"))["mail"]
    return [
        Mail(
            name=row["id"],
            style=row["style"],
            text=get_text(row["text"]) if row["style"] == "html" else row["text"],
            expected=row["said"],
            asks=tuple(row["asks"]),
            html=row["text"] if row["style"] == "html" else "",
            writer=row.get("name", ""),
        )
        for row in rows
    ]


def ours(mail: Mail) -> str:
    """What helploop leaves."""
    if mail.is_public:
        return strip_quotes(html_to_text(mail.html) if mail.html else mail.text)
    return cleaned(mail).text


def cleaned(mail: Mail) -> RawInquiry:
    """The whole of clean(), as intake calls it for a mail."""
    names = (mail.writer,) if mail.writer else ()
    return clean(RawInquiry("mails", mail.name, mail.html or mail.text, channel=Channel.MAIL, customer_names=names))


def peer(mails: Sequence[Mail], runs: int = 1) -> tuple[list[str], list[float]]:
    """What mail-parser-reply leaves, and the seconds of each run, from a process of its own."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": mail.text}) + "\n" for mail in mails)
        file.flush()
        command = [str(PEERS_PYTHON), str(HERE / "cleaning_peers.py"), file.name, str(runs)]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [json.loads(line) for line in lines[1:]], json.loads(lines[0])["seconds"]


def is_exact(mail: Mail, left: str) -> bool:
    """Character by character; blank lines and the first letter's case are not counted in ours."""
    if mail.is_public:
        return left.strip() == mail.expected
    return _loose(left) == _loose(mail.expected)


def lost(mail: Mail, left: str) -> list[str]:
    """The sentences that ask and are not in what is left."""
    flat = _flat(left)
    return [ask for ask in mail.asks if _flat(ask) not in flat]


def table(mails: Sequence[Mail], results: dict[str, list[str]]) -> list[str]:
    """Exact of all, and questions lost, by style and tool."""
    lines = [f"| style | n | {' | '.join(f'{tool}: exact | lost' for tool in results)} |"]
    lines.append("|---" * (2 + 2 * len(results)) + "|")
    styles = sorted({mail.style for mail in mails})
    for style in [*styles, "all"] if len(styles) > 1 else styles:
        chosen = [i for i, mail in enumerate(mails) if style in (mail.style, "all")]
        cells = []
        for left in results.values():
            cells += [
                sum(is_exact(mails[i], left[i]) for i in chosen),
                sum(bool(lost(mails[i], left[i])) for i in chosen),
            ]
        lines.append(f"| {style} | {len(chosen)} | {' | '.join(map(str, cells))} |")
    return lines


def speed(mails: Sequence[Mail]) -> list[str]:
    """Texts a second of all mails and of a forum's posts, median and slowest of the runs, each on one core."""
    with gzip.open(DATA / "thunderbird" / "inquiries_small.jsonl.gz", "rt", encoding="utf-8") as file:
        posts = [json.loads(line)["body"] for line in file][:1_000]
    forum = [Mail("post", "post", text, "", ()) for text in posts]
    lines = ["| texts | n | characters, median | clean() texts/s | slowest | mail-parser-reply texts/s | slowest |"]
    lines.append("|---|---|---|---|---|---|---|")
    for name, texts in (("mails", mails), ("a forum's posts", forum)):
        own = []
        for _ in range(RUNS):
            started = time.process_time()
            for mail in texts:
                cleaned(mail)
            own.append(time.process_time() - started)
        other = peer(texts, RUNS)[1]
        rates = [len(texts) / f for f in (statistics.median(own), max(own), statistics.median(other), max(other))]
        length = round(statistics.median(len(mail.text) for mail in texts))
        lines.append(f"| {name} | {len(texts):,} | {length:,} | {' | '.join(f'{rate:,.0f}' for rate in rates)} |")
    return lines


def _loose(text: str) -> str:
    flat = "\n".join(line for line in (" ".join(part.split()) for part in text.split("\n")) if line)
    return flat[:1].lower() + flat[1:]


def _flat(text: str) -> str:
    return " ".join(text.lower().split())


def main() -> None:
    """The tables on stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("half", choices=("dev", "test"))
    parser.add_argument("--missed", action="store_true", help="show what is not as expected (never of the test half)")
    parser.add_argument("--no-speed", action="store_true")
    chosen = parser.parse_args()
    public, own = public_mails(), own_mails(chosen.half)
    for title, mails in (("Public mails", public), (f"Our own mails, {chosen.half} half", own)):
        left = [ours(mail) for mail in mails]
        theirs = peer(mails)[0]
        results = {"helploop": left, "mail-parser-reply": theirs}
        if mails is own:
            results["the same, then our greetings and thanks"] = [strip_politeness(text) for text in theirs]
        print(f"\n{title}\n")
        print("\n".join(table(mails, results)))
        for mail, text in zip(mails, left, strict=True):
            if lost(mail, text):
                print(f"question lost: {mail.name}")
            if chosen.missed and chosen.half == "dev" and not is_exact(mail, text):
                print(f"--- {mail.name}: {text!r}\n    expected {mail.expected!r}")
    if not chosen.no_speed:
        print()
        print("\n".join(speed([*public, *own])))


if __name__ == "__main__":
    main()
