"""Workbooks: what people really save, and what must not be unpacked."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_file, read_mapping, recognise

HEAD = ("id", "subject", "text", "customer", "received_at", "csat")
AT = datetime(2026, 7, 6, 12, 30, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A workbook to be."""
    return tmp_path / "tickets.xlsx"


def save(path: Path, *sheets: Sequence[Sequence[Any]], hide: Sequence[int] = ()) -> Path:
    """A workbook with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
        if number in hide:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def pack(path: Path, parts: dict[str, str | bytes]) -> Path:
    """A ZIP archive with these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def texts(path: Path, options: IntakeOptions | None = None) -> list[str]:
    """The texts of a workbook's inquiries."""
    return [record.text for record in read_file(path, options) if isinstance(record, RawInquiry)]


def test_rows_are_inquiries(file: Path) -> None:
    """Whole numbers stay whole, dates are times in UTC, blank rows are none."""
    naive = AT.replace(tzinfo=None)
    save(
        file,
        [HEAD, (4711, "Box", "where is it", "a@b.example", naive, 4.0), (), (4712.0, None, "how", None, None, None)],
    )
    assert recognise(file) == "xlsx"
    assert list(read_file(file)) == [
        RawInquiry(
            "xlsx",
            "4711",
            "where is it",
            "Box",
            customer="a@b.example",
            received_at=AT,
            csat=4.0,
            channel=Channel.TICKET,
        ),
        RawInquiry("xlsx", "4712", "how"),
    ]


def test_cells_of_every_kind(file: Path) -> None:
    """A date without a time, a duration, a truth value, an error and a formula that was never calculated."""
    head = ("text", "received_at", "agent_minutes", "is_spam", "locale", "csat")
    save(
        file, [head, ("a", date(2026, 7, 6), timedelta(minutes=90), False, "#N/A", "=1+1"), ("b", "", "", True, "", "")]
    )
    first, second = read_file(file)
    assert isinstance(first, RawInquiry)
    assert (first.received_at, first.agent_minutes) == (datetime(2026, 7, 6, tzinfo=UTC), 90)
    assert (first.locale, first.csat) == ("", None)
    assert second == IgnoredRow("tickets.xlsx", 3, "spam")


def test_title_lines_and_merged_headers(file: Path) -> None:
    """The header is found below a title; names merged over two rows, or over several columns, are put together."""
    rows = [
        ("Tickets, July 2026",),
        (),
        ("id", "Customer", None, "text", "Dates", None),
        (None, "customer", "customer_name", None, "received_at", "resolved_at"),
        (1, "a@b.example", "Ann", "where", "2026-07-06T12:30:00Z", None),
    ]
    book = openpyxl.load_workbook(save(file, rows))
    for cells in ("A1:F1", "A3:A4", "B3:C3", "D3:D4", "E3:F3"):
        book.active.merge_cells(cells)
    book.save(file)
    (found,) = read_file(file)
    assert found == RawInquiry(
        "xlsx", "1", "where", received_at=AT, customer="a@b.example", customer_names=("Ann",), channel=Channel.TICKET
    )


def test_the_sheet_with_the_log_is_taken(file: Path) -> None:
    """Neither the cover sheet, nor an empty one, nor a hidden one."""
    cover = [("Made by", "On"), ("Ops", "2026-07-06")]
    save(
        file,
        [("text",), ("hidden",)],
        [],
        cover,
        [HEAD[:3], (1, "a", "right")],
        [HEAD[:3], (1, "a", "later")],
        hide=[0],
    )
    assert texts(file) == ["right"]


def test_mapping_decides_on_the_sheet(file: Path, tmp_path: Path) -> None:
    """A mapping's columns are looked for in every sheet; what lacks is named with the sheet."""
    mapping = tmp_path / "m.toml"
    mapping.write_text('[fields]\ntext = "Frage"')
    save(file, [("text",), ("not me",)], [("Nr", "Frage"), (1, "wo")])
    assert texts(file, IntakeOptions(mapping=read_mapping(mapping))) == ["wo"]
    mapping.write_text('[fields]\ntext = "Fragen"')
    with pytest.raises(IntakeError, match=r"'Fragen' is not in the header of tickets\.xlsx, sheet Sheet 0"):
        texts(file, IntakeOptions(mapping=read_mapping(mapping)))


def test_rejected_row_can_be_mended(file: Path, tmp_path: Path) -> None:
    """A row of a binary file is kept as JSON, and comes in again under the same id."""
    save(file, [HEAD, (1, None, "where\n\nis it?", None, AT.replace(tzinfo=None), 9), (2, None, "fine", None, None, 5)])
    rejected, _ = read_file(file)
    assert isinstance(rejected, RejectedRow)
    assert (rejected.line, rejected.record, rejected.reason) == (2, 1, "csat is not between 1 and 5: '9'")
    assert json.loads(rejected.row)["received_at"] == "2026-07-06 12:30:00"
    (tmp_path / "1.jsonl").write_text(rejected.row.replace('"csat": 9', '"csat": 5'))
    assert list(read_file(tmp_path / "1.jsonl", IntakeOptions(source=rejected.taken_as))) == [
        RawInquiry("xlsx", "1", "where\n\nis it?", received_at=AT, csat=5.0)
    ]


def test_header_names_a_column_twice(file: Path) -> None:
    """As in CSV: both cannot be meant."""
    with pytest.raises(IntakeError, match="names text more than once"):
        texts(save(file, [("text", "text"), ("a", "b")]))


@pytest.mark.parametrize(
    ("rows", "message"),
    [([], "no sheet has a header"), ([("id", "texte"), (1, "a")], "no field 'text' in the header of tickets.xlsx")],
)
def test_workbooks_without_a_log(file: Path, rows: list[Any], message: str) -> None:
    """One sentence says what is there instead."""
    with pytest.raises(IntakeError, match=message):
        texts(save(file, rows))


def test_bomb_is_not_unpacked(file: Path) -> None:
    """A part that is much larger than its packed size is refused by what the archive says of it."""
    pack(file, {"xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": b" " * 60_000_000})
    with pytest.raises(IntakeError, match="unpacks to 60,000,000 bytes; this looks like a zip bomb"):
        texts(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(file: Path, encoding: str) -> None:
    """No spreadsheet declares any: a billion laughs, and files read from the disk, end here."""
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><workbook>&b;</workbook>'
    pack(file, {"xl/workbook.xml": bomb.encode(encoding)})
    with pytest.raises(IntakeError, match=r"xl/workbook.xml declares XML entities"):
        texts(file)


def test_rows_and_columns_far_out(file: Path) -> None:
    """A row number beyond Excel's own, or a cell in column ZZZ, costs nothing and hides nothing."""
    save(file, [("text",), ("first",), ("last",)])
    with zipfile.ZipFile(file) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert isinstance(sheet, bytes)
    far = sheet.replace(b'<row r="3"', b'<row r="3"><c r="ZZZ3"><v>1</v></c></row><row r="99999999999"')
    pack(file, parts | {"xl/worksheets/sheet1.xml": far.replace(b'r="A3"', b'r="A99999999999"')})
    assert texts(file) == ["first"]
    wide = sheet.replace(b'<dimension ref="A1:A3"', b'<dimension ref="A1:XFD1048576"')
    pack(file, parts | {"xl/worksheets/sheet1.xml": wide})
    assert texts(file) == ["first", "last"]


def test_damaged_workbooks(file: Path) -> None:
    """A workbook that cannot be opened is refused; one whose sheet breaks off gives what it has and one reject."""
    pack(file, {"xl/workbook.xml": "<workbook"})
    with pytest.raises(IntakeError, match="the workbook is damaged"):
        texts(file)
    save(file, [("text",), *((f"t{i}",) for i in range(2000))])
    with zipfile.ZipFile(file) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    pack(file, parts | {"xl/worksheets/sheet1.xml": sheet[: len(sheet) // 2]})
    *read, last = read_file(file)
    assert len(read) > 500 and isinstance(last, RejectedRow)
    assert last.reason.startswith("the sheet cannot be read after row")


def test_other_archives_are_no_workbooks(tmp_path: Path) -> None:
    """A ZIP archive of anything else says so."""
    with pytest.raises(IntakeError, match="a ZIP archive or an Excel workbook, not a log"):
        texts(pack(tmp_path / "a.zip", {"notes.txt": "hello"}))
