"""Proposed mappings: lifelike exports of systems nobody knows, in several languages, come in at once."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helploop.domain import Channel, RawInquiry
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, propose_mapping, read_file, read_mapping
from helploop.intake.column_words import likeness, words_of

UNKNOWN = Path(__file__).resolve().parents[1] / "data" / "unknown"  # exports of systems that no preset knows


def table(path: Path, rows: list[list[str]]) -> Path:
    """A CSV file of cells."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def objects(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def taken(path: Path, folder: Path) -> tuple[dict[str, Any], list[RawInquiry]]:
    """The proposed mapping's content, and what comes in by it: nothing may be rejected."""
    proposed = folder / "proposed.toml"
    proposed.write_text(propose_mapping(path), encoding="utf-8")
    found = list(read_file(path, IntakeOptions(mapping=read_mapping(proposed))))
    return tomllib.loads(proposed.read_text("utf-8")), [record for record in found if isinstance(record, RawInquiry)]


def test_english(tmp_path: Path) -> None:
    """American dates, the agent's column left alone, channels translated."""
    content, found = taken(UNKNOWN / "cases.csv", tmp_path)
    assert content["fields"] == {
        "id": "Case #",
        "text": "Message",
        "title": "Subject line",
        "customer": "Requester e-mail",
        "customer_names": "Requester",
        "channel": "Origin",
        "received_at": "Opened",
        "first_reply_at": "First response?",
        "resolved_at": "Closed?",
        "csat": "Stars?",
    }
    assert (content["date_order"], content["values"]["channel"]["email"]) == ("mdy", "mail")
    assert [str(inquiry.received_at)[:16] for inquiry in found[:3:2]] == ["2026-07-16 09:12", "2026-07-18 14:05"]
    assert [inquiry.channel for inquiry in found[:3]] == [Channel.MAIL, Channel.TICKET, Channel.PHONE]


def test_german(tmp_path: Path) -> None:
    """Semicolons and cp1252; the answer in a column of its own is an agent's reply."""
    content, found = taken(UNKNOWN / "vorgaenge.csv", tmp_path)
    assert content["fields"] == {
        "id": "Vorgangsnr.",
        "text": "Anliegen",
        "title": "Betreff",
        "customer": "E-Mail-Adresse",
        "customer_names": "Kunde",
        "channel": "Eingangskanal",
        "received_at": "Eingegangen am",
        "first_reply_at": "Beantwortet am?",
        "resolved_at": "Erledigt am?",
        "csat": "Bewertung?",
        "tags": "Kategorie",
    }
    assert content["reply_columns"] == [{"text": "Antwort"}]
    assert [inquiry.channel for inquiry in found] == [Channel.MAIL, Channel.PHONE, Channel.TICKET, Channel.MAIL]
    assert [(reply.text[:12], reply.is_agent) for reply in found[0].replies] == [("Die Rechnung", True)]
    assert len(found) == 4 and found[3].customer_names == ("Pia Sommer",)


def test_french(tmp_path: Path) -> None:
    """A workbook with the day first in its dates."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in csv.reader((UNKNOWN / "tickets.csv").read_text(encoding="utf-8").splitlines()):
        book.active.append(row)
    book.save(tmp_path / "tickets.xlsx")
    content, found = taken(tmp_path / "tickets.xlsx", tmp_path)
    assert content["fields"] == {
        "id": "N° de ticket",
        "text": "Demande",
        "title": "Objet",
        "customer": "Courriel",
        "customer_names": "Nom du client",
        "received_at": "Date de création",
        "resolved_at": "Date de clôture?",
        "csat": "Note de satisfaction?",
        "locale": "Langue",
        "tags": "Étiquettes?",
    }
    assert content["date_order"] == "dmy" and str(found[2].received_at)[:10] == "2026-08-02"


@pytest.mark.parametrize("suffix", ["jsonl", "json", "parquet"])
def test_spanish(tmp_path: Path, suffix: str) -> None:
    """Nested objects, and a list of turns whose roles tell agents from customers; as JSON and as Parquet."""
    path, rows = tmp_path / f"solicitudes.{suffix}", objects(UNKNOWN / "solicitudes.jsonl")
    if suffix == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif suffix == "json":
        path.write_text(json.dumps({"items": rows}), encoding="utf-8")
    else:
        path = UNKNOWN / "solicitudes.jsonl"
    content, found = taken(path, tmp_path)
    assert content["fields"] == {
        "id": "identificador",
        "text": "mensaje",
        "title": "asunto",
        "replies": "respuestas?",
        "customer": "solicitante.correo",
        "customer_names": "solicitante.nombre",
        "received_at": "creado_el",
        "tags": "etiquetas?",
    }
    assert content["reply"] == {"at": "fecha", "by": "autor", "text": "texto", "is_agent": 'rol != "cliente"'}
    assert [(reply.by, reply.is_agent) for reply in found[0].replies] == [("Mara", True), ("Inés Prado", False)]


def test_columns_of_a_forum(tmp_path: Path) -> None:
    """The columns of the real data: the list of replies is taken, not the best one beside it."""
    content, found = taken(UNKNOWN / "forum.jsonl", tmp_path)
    assert content["fields"] == {
        "id": "id",
        "text": "body",
        "title": "title",
        "replies": "replies?",
        "customer": "author",
        "received_at": "created_at",
        "first_reply_at": "first_reply_at?",
        "locale": "lang",
        "tags": "tags?",
        "is_spam": "spam",
    }
    assert content["reply"]["is_agent"] == 'by != "asker"'
    assert len(found) == 2 and [reply.is_agent for reply in found[0].replies] == [True, False]


def test_real_forum_is_proposed_and_read(tmp_path: Path, data_dir: Path) -> None:
    """A year of the real forum comes in by what is proposed for it."""
    path = data_dir / "thunderbird" / "inquiries_small.jsonl.gz"
    proposed = tmp_path / "m.toml"
    proposed.write_text(propose_mapping(path), encoding="utf-8")
    found = list(read_file(path, IntakeOptions(mapping=read_mapping(proposed))))
    assert len(found) == 3000 and all(isinstance(record, RawInquiry) for record in found)


def test_survey_without_a_name_for_anything(tmp_path: Path) -> None:
    """Questions as headers: the open answers are joined, the likelihood to recommend is the NPS."""
    head = ["Token", "How likely are you to recommend us?", "What went well?", "What should we change?", "Sent"]
    rows = [head] + [
        [
            f"tok{i}",
            str(i),
            f"The tea number {i} was very good indeed.",
            f"Please make tin {i} easier to open.",
            f"2026-07-1{i}",
        ]
        for i in range(6)
    ]
    content, found = taken(table(tmp_path / "survey.csv", rows), tmp_path)
    assert content["fields"] == {
        "id": "Token",
        "text": "*",
        "received_at": "Sent",
        "nps": "How likely are you to recommend us?",
    }
    assert content["channel"] == "survey" and found[5].nps == 5
    assert found[1].text == "The tea number 1 was very good indeed.\n\nPlease make tin 1 easier to open."


def test_question_mark_of_a_survey_is_part_of_the_name(tmp_path: Path) -> None:
    """A single question as the text keeps its question mark, though one marks optional fields as well."""
    rows = [
        ["When", "What could we do better?"],
        *(["2026-07-06", f"Answer {i} is a whole sentence, isn't it?"] for i in range(3)),
    ]
    content, found = taken(table(tmp_path / "one.csv", rows), tmp_path)
    assert content["fields"]["text"] == "What could we do better?" and len(found) == 3


def test_no_value_is_written_down() -> None:
    """Comments tell shapes, never what somebody wrote; what was left out is said."""
    proposed = propose_mapping(UNKNOWN / "vorgaenge.csv")
    text = (UNKNOWN / "vorgaenge.csv").read_text(encoding="cp1252").lower()
    rows = list(csv.reader(text.splitlines()[1:], delimiter=";"))
    known = {"e-mail", "anruf", "kontaktformular", "abo"}  # our own words for channels, and one inside a word
    cells = {cell for row in rows for cell in row if len(cell) > 2} - known
    assert [cell for cell in cells if cell in proposed.lower()] == []
    assert '#   "Bearbeiter": names in 100% of the rows' in proposed
    assert "free text of about" in proposed


def test_dates_that_could_be_either_are_said(tmp_path: Path) -> None:
    """The order is offered as a comment when no row shows it."""
    path = table(tmp_path / "a.csv", [["Date", "Text"], ["03/04/2026", "Where is my box, please?"]])
    assert '# date_order = "dmy"  # or "mdy"' in propose_mapping(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n3,4\n", r"no column looks like what a customer wrote \(a: numbers"),
        ("text,csat\n", "there are no rows to look at"),
        ("From a@b.example Mon Jul  6 12:00:00 2026\nSubject: x\n\nhi\n", "mbox is read as it is, without a mapping"),
    ],
)
def test_files_without_a_proposal(tmp_path: Path, content: str, message: str) -> None:
    """One sentence says why."""
    path = tmp_path / "in"
    path.write_text(content)
    with pytest.raises(IntakeError, match=message):
        propose_mapping(path)


def test_names_as_words() -> None:
    """Umlauts, accents, camel case and signs do not matter; a general word counts as the whole name only."""
    assert words_of("ErstelltAm") == words_of("erstellt_am:") == "erstellt am"
    assert words_of("Geschlossen / Gelöst") == "geschlossen geloest" and words_of("N° de dossier") == "n de dossier"
    assert likeness("Package Name", ("name",)) == 0 < likeness("Name", ("name",))
