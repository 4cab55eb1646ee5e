"""The quarantine: nothing rejected is lost, nobody else reads it, and people may edit its files."""

from __future__ import annotations

import dataclasses
import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from helploop.domain import RejectedRow
from helploop.errors import IntakeError
from helploop.intake import Quarantine
from tests.conftest import NOON

ROW = RejectedRow("../../a.csv", 3, "why", 2, "raw\ud800", "csv", "desk")


def test_rows_are_kept_once_and_privately(tmp_path: Path) -> None:
    """A second intake of the same file adds nothing; folder and file are the owner's alone."""
    quarantine = Quarantine(tmp_path / "q")
    assert quarantine.add_all([ROW], NOON, "m.toml", "chat") == 1
    assert Quarantine(tmp_path / "q").add_all([ROW], NOON) == 0
    (path,) = (tmp_path / "q").glob("*.jsonl")
    assert [stat.S_IMODE(p.stat().st_mode) for p in (path, tmp_path / "q")] == [0o600, 0o700]
    (row,) = quarantine.rows()
    assert (row.file, row.line, row.record, row.reason, row.row) == ("../../a.csv", 3, 2, "why", "raw\ud800")
    assert (row.format, row.source, row.map, row.channel, row.age_days(NOON + timedelta(days=2.5))) == (
        "csv",
        "desk",
        "m.toml",
        "chat",
        2,
    )
    assert quarantine.clear() == 1 and quarantine.rows() == []


def test_rows_of_the_same_words_are_rows_of_their_own(tmp_path: Path) -> None:
    """As many wait as were counted; next week's export of the file, with other lines in it, adds none."""
    moved = dataclasses.replace(ROW, line=7, record=6)
    assert Quarantine(tmp_path).add_all([ROW, moved]) == 2
    again = Quarantine(tmp_path)
    assert again.add_all([moved]) == 0 and again.add_all([ROW]) == 0 and len(again.rows()) == 2


def test_two_intakes_at_once_add_a_row_once(tmp_path: Path) -> None:
    """Each sees what the other wrote since it looked."""
    one, other = Quarantine(tmp_path), Quarantine(tmp_path)
    assert one.add_all([ROW]) == 1 and other.add_all([ROW]) == 0
    more = dataclasses.replace(ROW, row="more")
    assert other.add_all([more]) == 1 and one.add_all([more]) == 0


def test_bytes_that_are_no_text_come_back(tmp_path: Path) -> None:
    """Mails of any charset are kept to the byte, in a file that is UTF-8."""
    raw = bytes(range(256)) + "où \u2028".encode()
    Quarantine(tmp_path).add_all([RejectedRow("a.mbox", 1, "why", 1, raw.decode("utf-8", "surrogateescape"))])
    (path,) = tmp_path.glob("*.jsonl")
    path.read_text(encoding="utf-8")
    assert Quarantine(tmp_path).rows()[0].raw() == raw


def test_a_mended_row_is_not_added_again(tmp_path: Path) -> None:
    """The file it came from still holds it as it was: taken in again it must not undo a person's work."""
    Quarantine(tmp_path).add_all([ROW])
    (path,) = tmp_path.glob("*.jsonl")
    path.write_text(path.read_text().replace("raw\\ud800", "mended"))
    assert Quarantine(tmp_path).add_all([ROW]) == 0
    assert [row.row for row in Quarantine(tmp_path).rows()] == ["mended"]


def test_what_a_killed_writer_left_is_taken_off(tmp_path: Path) -> None:
    """Half a line at the end gives way to the row that comes again."""
    Quarantine(tmp_path).add_all([ROW])
    (path,) = tmp_path.glob("*.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    assert Quarantine(tmp_path).add_all([RejectedRow("../../a.csv", 4, "why", 3, "x")]) == 1
    assert [row.line for row in Quarantine(tmp_path).rows()] == [3, 4]


def test_an_editor_that_leaves_out_the_last_line_end(tmp_path: Path) -> None:
    """The last row is whole all the same, and the next one stands in a line of its own."""
    Quarantine(tmp_path).add_all([ROW])
    (path,) = tmp_path.glob("*.jsonl")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().rstrip())
    Quarantine(tmp_path).add_all([RejectedRow("../../a.csv", 4, "why", 3, "x")])
    assert [row.line for row in Quarantine(tmp_path).rows()] == [3, 4]


def test_a_damaged_line_is_named_and_kept(tmp_path: Path) -> None:
    """A slip of the editor stops neither intake nor expiry, loses nothing, and is told with its place."""
    quarantine = Quarantine(tmp_path)
    quarantine.add_all([ROW], NOON)
    (path,) = tmp_path.glob("*.jsonl")
    path.write_text(path.read_text() + '{"file": "a.csv", "row": "my wo"rk"}\n' + json.dumps({"line": 1}) + "\n")
    assert Quarantine(tmp_path).add_all([RejectedRow("../../a.csv", 4, "why", 3, "x")], NOON) == 1
    assert Quarantine(tmp_path).expire(NOON + timedelta(days=91), 90) == 2
    assert "my wo" in path.read_text()
    with pytest.raises(IntakeError, match=r"a\.csv\.jsonl:1: this line is no quarantined row any more"):
        quarantine.rows()


def test_old_rows_expire(tmp_path: Path) -> None:
    """Raw rows are personal data: they leave after so many days, mended or not."""
    quarantine = Quarantine(tmp_path)
    quarantine.add_all([ROW], NOON)
    quarantine.add_all([RejectedRow("b.csv", 4, "why", 3, "x")], NOON + timedelta(days=10))
    assert quarantine.expire(NOON + timedelta(days=90), 90) == 0
    assert quarantine.expire(NOON + timedelta(days=91), 90) == 1
    assert [row.file for row in quarantine.rows()] == ["b.csv"]


def test_files_of_like_names_share_a_file_but_not_their_rows(tmp_path: Path) -> None:
    """What one file's rows are asked to leave, the other's stay."""
    quarantine = Quarantine(tmp_path)
    quarantine.add_all([RejectedRow("ä.csv", 1, "why", 1, "x"), RejectedRow("ö.csv", 1, "why", 1, "x")])
    assert len(list(tmp_path.glob("*.jsonl"))) == 1 and quarantine.clear("ä.csv") == 1
    assert [row.file for row in quarantine.rows()] == ["ö.csv"]
