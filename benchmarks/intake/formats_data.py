"""Invented conversations, and a writer for each format: a question with an agent's answer, no two alike.

The sentences are those of the sample company's log, put together anew; every tenth text has a mail address and an
order number in it. Deterministic: the same count gives the same files.
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from helploop.pipeline.demo import sample_dir

_START = datetime(2026, 1, 1, tzinfo=UTC)
_SENTENCE = re.compile(r"(?<=[.?!])\s+")


@dataclass(frozen=True)
class Talk:
    """One conversation."""

    number: int
    title: str
    asked: str
    answer: str
    name: str
    asked_at: datetime
    answered_at: datetime

    @property
    def mail(self) -> str:
        """The customer's address; three conversations a customer."""
        return f"customer{self.number // 3}@mail.example"


def talks(count: int) -> Iterator[Talk]:
    """So many conversations, in the order of time."""
    with (sample_dir() / "exports" / "to-2026-09-13" / "tickets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    asked = [s for row in rows for s in _SENTENCE.split(row["Description"]) if len(s) > 20]
    told = [turn["body"] for row in rows if row["Conversation"] for turn in json.loads(row["Conversation"])]
    answers = [s for text in told for s in _SENTENCE.split(text) if len(s) > 20]
    titles = sorted({row["Subject"] for row in rows})
    names = sorted({row["Requester"] for row in rows})
    chance = random.Random(20263)
    for number in range(count):
        text = " ".join(chance.sample(asked, chance.randint(2, 4)))
        if number % 10 == 0:
            text += f" My order is KW-{number:06d}, write to other{number}@home.example."
        at = _START + timedelta(minutes=number * 3)
        reply = " ".join(chance.sample(answers, 3))
        yield Talk(number, chance.choice(titles), text, reply, chance.choice(names), at, at + timedelta(hours=2))


_COLUMNS = (
    "id",
    "title",
    "text",
    "customer",
    "customer_names",
    "received_at",
    "first_reply_at",
    "csat",
    "tags",
    "replies",
)


def _row(talk: Talk) -> dict[str, Any]:
    """In our own names, the reply as a list."""
    return {
        "id": f"T-{talk.number}",
        "title": talk.title,
        "text": talk.asked,
        "customer": talk.mail,
        "customer_names": talk.name,
        "received_at": talk.asked_at.isoformat(),
        "first_reply_at": talk.answered_at.isoformat(),
        "csat": talk.number % 5 + 1,
        "tags": "delivery;box",
        "replies": [{"by": "Mara", "at": talk.answered_at.isoformat(), "text": talk.answer, "is_agent": True}],
    }


def _flat(talk: Talk) -> list[Any]:
    row = _row(talk)
    return [json.dumps(row[name]) if name == "replies" else row[name] for name in _COLUMNS]


def _table(delimiter: str) -> Callable[[Path, int], list[Path]]:
    def write(folder: Path, count: int) -> list[Path]:
        path = folder / ("log.tsv" if delimiter == "\t" else "log.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(_COLUMNS)
            writer.writerows(map(_flat, talks(count)))
        return [path]

    return write


def _xlsx(folder: Path, count: int) -> list[Path]:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Tickets")
    sheet.append(_COLUMNS)
    for talk in talks(count):
        cells = _flat(talk)
        cells[5], cells[6] = talk.asked_at.replace(tzinfo=None), talk.answered_at.replace(tzinfo=None)
        sheet.append(cells)
    book.save(folder / "log.xlsx")
    return [folder / "log.xlsx"]


def _parquet(folder: Path, count: int) -> list[Path]:
    columns = list(zip(*(_row(talk).values() for talk in talks(count)), strict=True))
    arrays = {name: list(values) for name, values in zip(_COLUMNS, columns, strict=True)}
    arrays["received_at"] = [datetime.fromisoformat(at) for at in arrays["received_at"]]
    pq.write_table(pa.table(arrays), folder / "log.parquet", row_group_size=20_000)
    return [folder / "log.parquet"]


def lines(path: Path, rows: Iterable[dict[str, Any]]) -> list[Path]:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return [path]


def _jsonl(folder: Path, count: int) -> list[Path]:
    return lines(folder / "log.jsonl", map(_row, talks(count)))


def document(path: Path, before: str, rows: Iterable[dict[str, Any]], after: str) -> list[Path]:
    with path.open("w", encoding="utf-8") as file:
        file.write(before)
        for number, row in enumerate(rows):
            file.write((",\n" if number else "\n") + json.dumps(row))
        file.write(after)
    return [path]


def _json(folder: Path, count: int) -> list[Path]:
    return document(folder / "log.json", '{"tickets": [', map(_row, talks(count)), "]}\n")


def _mbox(folder: Path, count: int) -> list[Path]:
    """Two mails a conversation, with what a program quotes."""
    path = folder / "log.mbox"
    with path.open("w", encoding="utf-8") as file:
        for talk in talks(count):
            asked_id, answer_id = f"<q{talk.number}@mail.example>", f"<a{talk.number}@kettlewren.example>"
            quoted = "\n".join(f"> {line}" for line in talk.asked.split("\n"))
            wrote = f"On {talk.asked_at:%d %b %Y} {talk.name} wrote:"
            for sender, name, at, own_id, text in (
                (talk.mail, talk.name, talk.asked_at, asked_id, f"Hello,\n\n{talk.asked}\n\nBest regards\n{talk.name}"),
                ("help@kettlewren.example", "Mara", talk.answered_at, answer_id, f"{talk.answer}\n\n{wrote}\n{quoted}"),
            ):
                mail = EmailMessage()
                mail["From"], mail["Subject"] = (
                    f"{name} <{sender}>",
                    ("Re: " if own_id == answer_id else "") + talk.title,
                )
                mail["To"] = talk.mail if own_id == answer_id else "help@kettlewren.example"
                mail["Date"], mail["Message-ID"] = format_datetime(at), own_id
                if own_id == answer_id:
                    mail["In-Reply-To"] = asked_id
                mail.set_content(text)
                file.write(f"From {sender} {at:%a %b %d %H:%M:%S %Y}\n{mail.as_string()}\n")
    return [path]


def _hubspot(folder: Path, count: int) -> list[Path]:
    head = [
        "Ticket ID",
        "Ticket name",
        "Ticket description",
        "Pipeline",
        "Ticket status",
        "Create date",
        "Close date",
        "First agent email response date",
        "Source",
        "Priority",
        "Category",
        "Associated Contact",
    ]
    path = folder / "hubspot.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for talk in talks(count):
            asked, answered = (f"{at:%Y-%m-%d %H:%M}" for at in (talk.asked_at, talk.answered_at))
            writer.writerow(
                [
                    talk.number,
                    talk.title,
                    talk.asked,
                    "Support",
                    "Closed",
                    asked,
                    answered,
                    answered,
                    "Email",
                    "Low",
                    "Delivery",
                    f"{talk.name} ({talk.mail})",
                ]
            )
    return [path]


def _front(folder: Path, count: int) -> list[Path]:
    """A message a line: two rows a conversation."""
    head = [
        "Message ID",
        "Conversation ID",
        "Direction",
        "Message date",
        "Autoreply",
        "Author",
        "Contact name",
        "Contact handle",
        "Extract",
        "Tags",
        "Subject",
    ]
    path = folder / "front.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for talk in talks(count):
            for which, way, at, by, text in (
                ("q", "Inbound", talk.asked_at, "", talk.asked),
                ("a", "Outbound", talk.answered_at, "mara@kettlewren.example", talk.answer),
            ):
                writer.writerow(
                    [
                        f"{which}{talk.number}",
                        f"c{talk.number}",
                        way,
                        f"{at:%Y-%m-%d %H:%M:%S}",
                        "No",
                        by,
                        talk.name,
                        talk.mail,
                        text,
                        "box",
                        talk.title,
                    ]
                )
    return [path]


# Name -> writes so many conversations into a folder and says what to name on the command line.
TABLES: dict[str, Callable[[Path, int], list[Path]]] = {
    "csv": _table(","),
    "tsv": _table("\t"),
    "xlsx": _xlsx,
    "jsonl": _jsonl,
    "json document": _json,
    "parquet": _parquet,
    "hubspot (preset)": _hubspot,
    "front (preset, a message a row)": _front,
    "mbox": _mbox,
}
