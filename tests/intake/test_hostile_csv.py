"""CSV files that exports should not be, but are (docs/measured.md, bad inputs: CSV 13)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.hostile import peak_megabytes, take


def test_empty(tmp_path: Path) -> None:
    """Nothing to read is an error: an export that failed must not look like a quiet week."""
    for content in (b"", b"\n\n  \n", b"\xef\xbb\xbf"):
        taken = take(tmp_path, "in.csv", content)
        assert taken.exit_code == 1 and "the file is empty" in taken.said


def test_header_only(tmp_path: Path) -> None:
    """A log without records is a log."""
    assert take(tmp_path, "in.csv", "id,text\n").counts["read"] == 0


def test_missing_column(tmp_path: Path) -> None:
    """No text, no log: what is there instead is named."""
    taken = take(tmp_path, "in.csv", "id,texte\n1,a\n")
    assert taken.exit_code == 1 and "no field 'text' in the header of in.csv (id, texte)" in taken.said


def test_wrong_delimiter(tmp_path: Path) -> None:
    """Rows of another delimiter than the header's are quarantined one by one."""
    taken = take(tmp_path, "in.csv", "id,text\n1;where is it\n2,fine\n")
    assert taken.texts == ["fine"]
    assert taken.reasons == ["in.csv:2 (record 1): 1 cells where the header has 2"]


def test_open_quote(tmp_path: Path) -> None:
    """An open quote costs its own row."""
    taken = take(tmp_path, "in.csv", 'id,text\n1,"never closed\n2,fine\n3,"quoted, well"\n')
    assert taken.texts == ["fine", "quoted, well"]
    assert taken.reasons == ["in.csv:2 (record 1): a quote is opened and not closed"]
    assert taken.rows[0].row == 'id,text\n1,"never closed\n'


def test_open_quotes_on_every_line(tmp_path: Path) -> None:
    """Each could go on to the end of the file: the time stays linear, and the row after them is read."""
    taken = take(tmp_path, "in.csv", "id,text\n" + 'x","y\n' * 20_000 + "2,fine\n")
    assert taken.texts == ["fine"] and taken.counts["quarantined"] == 20_000


def test_extra_cells(tmp_path: Path) -> None:
    """Nobody can say which cell is which."""
    taken = take(tmp_path, "in.csv", "id,text\n1,a,b\n2\n3,fine\n")
    assert taken.texts == ["fine"]
    assert taken.reasons == [
        "in.csv:2 (record 1): 3 cells where the header has 2",
        "in.csv:3 (record 2): 1 cells where the header has 2",
    ]


def test_nul(tmp_path: Path) -> None:
    """NUL is dropped from texts, and stays no reason to lose one."""
    taken = take(tmp_path, "in.csv", "id,text\n1,where\x00 is the parcel that I sent\n\x002,fine\n")
    assert taken.texts == ["where is the parcel that I sent", "fine"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_and_bom(tmp_path: Path, encoding: str) -> None:
    """With a BOM or without one."""
    taken = take(tmp_path, "in.csv", "id,text\n1,où est ma boîte\n2,fine\n".encode(encoding))
    assert taken.texts == ["où est ma boîte", "fine"]


def test_cp1252(tmp_path: Path) -> None:
    """What old spreadsheets save."""
    taken = take(tmp_path, "in.csv", "id;text\n1;“où” est ma boîte – 5 €\n".encode("cp1252"))
    assert taken.texts == ["“où” est ma boîte – 5 €"]


def test_100_mb_line(tmp_path: Path) -> None:
    """It is passed over in pieces: the whole program stays below 500 MB, and the next row is read."""
    path = tmp_path / "in.csv"
    with path.open("wb") as out:
        out.write(b"id,text\n1,")
        for _ in range(100):
            out.write(b"where is my box, " * 62_500)
        out.write(b"\n2,fine\n")
    (tmp_path / "site").mkdir()
    peak, done = peak_megabytes(tmp_path / "site", "intake", str(path))
    assert done.returncode == 0 and "2 read = 1 stored" in done.stderr
    assert "in.csv:2 (record 1): the line is longer than 4,000,000 characters" in done.stderr
    assert peak <= 500


def test_formula_cells(tmp_path: Path) -> None:
    """A formula is text here; what is exported again is quoted then."""
    taken = take(tmp_path, "in.csv", 'id,text\n1,"=HYPERLINK(""http://x.example"",""click"")"\n2,+49 is my code\n')
    assert taken.texts == ['=HYPERLINK("http://x.example","click")', "+49 is my code"]


def test_duplicate_ids(tmp_path: Path) -> None:
    """One id is one record: the later row updates it, the same row again is known."""
    taken = take(tmp_path, "in.csv", "id,text\n1,where is it\n1,where is it\n2,fine\n")
    assert taken.texts == ["where is it", "fine"]
    assert (taken.counts["stored"], taken.counts["duplicates"]) == (2, 1)


def test_mixed_newlines(tmp_path: Path) -> None:
    """Line ends of three systems in one file, one of them inside a quoted cell."""
    taken = take(tmp_path, "in.csv", 'id,text\r\n1,"two\nlines"\n2,fine\r3,"three\r\nlines"\n')
    assert taken.texts == ["two\nlines", "fine", "three\nlines"]
