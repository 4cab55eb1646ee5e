"""CSV: what exports really hold, and what must not break the row after it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_file, recognise


def rows(path: Path, content: bytes | str, options: IntakeOptions | None = None) -> list[object]:
    """The records of a file with this content."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_file(path, options))


def texts(records: Iterable[object]) -> list[str]:
    """The texts of the inquiries among the records."""
    return [record.text for record in records if isinstance(record, RawInquiry)]


def reasons(records: Iterable[object]) -> list[str]:
    """The reasons of the rejected rows among the records."""
    return [record.reason for record in records if isinstance(record, RejectedRow)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A CSV file to be."""
    return tmp_path / "tickets.csv"


def test_a_row_needs_no_more_than_a_text(file: Path) -> None:
    """One column called text is a log; everything else is unknown."""
    (inquiry,) = rows(file, "text\nwhere is my box\n")
    assert isinstance(inquiry, RawInquiry)
    assert (inquiry.text, inquiry.source, inquiry.channel) == ("where is my box", "csv", Channel.TICKET)
    assert inquiry.received_at is None and len(inquiry.source_id) == 16


def test_design_names_are_taken(file: Path) -> None:
    """docs/design.md's field names need no mapping; replies are a JSON list or one answer."""
    head = "id,subject,text,replies,customer,received_at,csat,tags\n"
    listed = '7,Box,where,"[{""by"":""Mara"",""text"":""here"",""at"":""2026-07-06T12:00:00Z""}]",'
    listed += "a@b.example,1783339200,5,a;b\n"
    first, second = rows(file, head + listed + "8,,how,like this,,,,\n")
    assert isinstance(first, RawInquiry) and isinstance(second, RawInquiry)
    assert (first.source_id, first.title, first.csat, first.tags) == ("7", "Box", 5.0, ("a", "b"))
    assert first.replies[0].is_agent and first.first_reply_at == first.replies[0].at == first.received_at
    assert [reply.text for reply in second.replies] == ["like this"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_detected(file: Path, encoding: str, delimiter: str) -> None:
    """The file itself shows how it was written."""
    content = f"id{delimiter}text\n1{delimiter}où est ma boîte – “là”\n".encode(encoding)
    assert texts(rows(file, content)) == ["où est ma boîte – “là”"]


def test_header_only_is_an_empty_log(file: Path) -> None:
    """A header without rows gives nothing, and no error."""
    assert rows(file, "id,text\n") == []


def test_missing_text_column_is_named(file: Path) -> None:
    """Without a text the whole file is refused, with what it has instead."""
    with pytest.raises(IntakeError, match=r"no field 'text' in the header of tickets.csv \(id, texte\).*texte"):
        rows(file, "id,texte\n1,hello\n")


def test_open_quote_costs_its_own_row(file: Path) -> None:
    """Rows that an open quote swallows are read all the same."""
    found = rows(file, 'id,text\n1,"never closed\n2,fine\n3,also fine\n')
    assert texts(found) == ["fine", "also fine"]
    assert found[0] == RejectedRow(
        "tickets.csv", 2, "a quote is opened and not closed", 1, 'id,text\n1,"never closed\n', "csv", "csv"
    )


def test_open_quote_before_a_quoted_row(file: Path) -> None:
    """An open quote that a later quote seems to close does not garble the rows between."""
    assert texts(rows(file, 'id,text\n1,"open\n2,fine\n3,"quoted, well"\n')) == ["fine", "quoted, well"]


def test_wrong_number_of_cells(file: Path) -> None:
    """Extra and missing cells are rejected, with both numbers."""
    assert reasons(rows(file, "id,text\n1,a,b\n2\n3,fine\n")) == [
        "3 cells where the header has 2",
        "1 cells where the header has 2",
    ]


def test_multiline_cell_mixed_newlines_and_inch_marks(file: Path) -> None:
    """Line ends of all systems, quoted ones included, and quotes inside plain cells are text."""
    assert texts(rows(file, 'id,text\r\n1,"two\nlines"\n2,a 5" pipe\r3,c\n')) == ["two\nlines", 'a 5" pipe', "c"]


def test_long_line_is_not_loaded(file: Path) -> None:
    """A line beyond the cap is rejected with its beginning, and the next row is read."""
    found = rows(file, "id,text\n1," + "x" * 9_000_000 + "\n2,fine\n")
    assert texts(found) == ["fine"]
    assert isinstance(found[0], RejectedRow) and len(found[0].row) <= 20_100 and "4,000,000" in found[0].reason


def test_nul_and_formula_cells_are_text(file: Path) -> None:
    """A NUL is dropped, a formula is no formula here."""
    assert texts(rows(file, 'id,text\n1,a\x00b\n2,"=HYPERLINK(""x"")"\n')) == ["ab", '=HYPERLINK("x")']


def test_bad_values_are_rejected_with_their_reason(file: Path) -> None:
    """A time, number or channel that cannot be read is told, the row kept for mending."""
    content = "text,received_at,csat,channel\na,yesterday,,\nb,,9,\nc,,,pigeon\nd,2026-07-06 12:00,4,chat\n"
    found = rows(file, content)
    assert [reason.split(":")[0] for reason in reasons(found)][:2] == ["received_at", "csat is not between 1 and 5"]
    assert "pigeon" in reasons(found)[2] and texts(found) == ["d"]
    assert isinstance(found[0], RejectedRow) and (found[0].line, found[0].record) == (2, 1)


def test_spam_and_blank_are_ignored(file: Path) -> None:
    """Both are counted under their reason and are no inquiries."""
    assert rows(file, 'text,is_spam\n"  ",\nbuy,yes\n') == [
        IgnoredRow("tickets.csv", 2, "blank"),
        IgnoredRow("tickets.csv", 3, "spam"),
    ]


def test_twice_named_column_is_refused(file: Path) -> None:
    """Two columns of one name cannot both be meant."""
    with pytest.raises(IntakeError, match="names text more than once"):
        rows(file, "text,text\na,b\n")


def test_same_rows_have_the_same_ids(file: Path) -> None:
    """Without an id the content is the id, so that a second export adds nothing."""
    first = rows(file, "text\na\nb\n")
    assert [r.source_id for r in first if isinstance(r, RawInquiry)] == [
        r.source_id for r in rows(file, "text\na\nb\n") if isinstance(r, RawInquiry)
    ]


def test_recognised_by_content(file: Path) -> None:
    """The name does not matter."""
    other = file.with_name("export.dat")
    other.write_text("id;text\n1;a\n")
    assert recognise(other) == "csv"


def test_a_header_of_many_equal_names_is_read_at_once(file: Path) -> None:
    """A hundred thousand columns called alike cost no more than others."""
    found = rows(file, "text" + ",a" * 100_000 + "\nwhere" + ",b" * 100_000 + "\n")
    assert texts(found) == ["where"]
