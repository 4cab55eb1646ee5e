"""The table's files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helploop.tuning import TableError, read_table, write_table
from tests.tuning.helpers import table


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Both files together give the same table, and say how it was made."""
    made = table()
    write_table(tmp_path, made)
    found = read_table(tmp_path)
    assert found is not None
    assert found.for_index() == made.for_index()
    assert found.origin == made.origin
    facts = json.loads((tmp_path / "words.json").read_text(encoding="utf-8"))
    assert facts["v"] == 1
    assert facts["origin"] == {
        "encoder": "fake",
        "encoder_hash": "fake-1",
        "language": "en",
        "customers": 3,
        "logged": 65,
        "site": 2,
    }


def test_no_table_is_none(tmp_path: Path) -> None:
    """A site that was never tuned."""
    assert read_table(tmp_path) is None


@pytest.mark.parametrize("name", ["words.json", "words.bin"])
def test_half_a_table_is_an_error_that_names_the_file(tmp_path: Path, name: str) -> None:
    """One of the two files is missing."""
    write_table(tmp_path, table())
    (tmp_path / name).unlink()
    with pytest.raises(TableError, match=name):
        read_table(tmp_path)


def test_a_table_that_is_cut_short_is_an_error(tmp_path: Path) -> None:
    """So are rows of another table, and a version that is not ours."""
    write_table(tmp_path, table())
    rows = (tmp_path / "words.bin").read_bytes()
    for wrong in (rows[:-1], b"", bytes(len(rows))):
        (tmp_path / "words.bin").write_bytes(wrong)
        with pytest.raises(TableError, match="does not fit"):
            read_table(tmp_path)
    (tmp_path / "words.bin").write_bytes(rows)
    text = (tmp_path / "words.json").read_text(encoding="utf-8")
    (tmp_path / "words.json").write_text(text.replace('"v": 1', '"v": 9'), encoding="utf-8")
    with pytest.raises(TableError, match="version 9"):
        read_table(tmp_path)
    (tmp_path / "words.json").write_text("{", encoding="utf-8")
    with pytest.raises(TableError, match="not a word table"):
        read_table(tmp_path)
