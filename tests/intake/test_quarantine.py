"""The quarantine: nothing rejected is lost, nobody else reads it, and it can be taken in again."""

from __future__ import annotations

import stat
from pathlib import Path

from helploop.domain import RawInquiry, RejectedRow
from helploop.intake import Quarantine, read_file
from tests.intake.test_csv_file import rows


def test_rows_are_kept_once_and_privately(tmp_path: Path) -> None:
    """A second intake of the same file adds nothing; the file is readable by its owner alone."""
    quarantine = Quarantine(tmp_path / "q")
    row = RejectedRow("../../a.csv", 3, "why", 2, "raw\ud800")
    assert quarantine.add_all([row, row]) == 1 and quarantine.add_all([row]) == 0
    (path,) = (tmp_path / "q").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.parent == tmp_path / "q"
    assert list(quarantine.rows()) == [row]
    assert quarantine.clear() == 1 and list(quarantine.rows()) == []


def test_mended_rows_are_read_again(tmp_path: Path) -> None:
    """The original rows of a file, its header with them, make a file that intake takes."""
    found = rows(tmp_path / "t.csv", "id,text\n1,a,b\n2,fine\n3,c,d\n")
    quarantine = Quarantine(tmp_path / "q")
    quarantine.add_all(row for row in found if isinstance(row, RejectedRow))
    mended = tmp_path / "mended.csv"
    assert quarantine.write_raw("t.csv", mended) == 2
    mended.write_text(mended.read_text().replace("a,b", "a b").replace("c,d", "c d"))
    assert [r.text for r in read_file(mended) if isinstance(r, RawInquiry)] == ["a b", "c d"]
