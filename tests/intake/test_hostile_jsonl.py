"""JSON Lines that are none (docs/measured.md, bad inputs: JSONL 7): a bad line costs itself alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.hostile import peak_megabytes, take

BAD_LINES = {
    "truncated_last_line": ('{"id": "2", "text": "cut of', "not JSON: "),
    "non_object": ("[1, 2]", "not an object but a list"),
    "duplicate_key": ('{"id": "2", "text": "a", "text": "b"}', "the key 'text' stands twice in one object"),
    "nan": ('{"id": "2", "text": "a", "csat": NaN}', "NaN is no JSON value"),
    "depth_10000": ('{"text": ' + "[" * 10_000 + "]" * 10_000 + "}", "nested too deeply"),
    "1e400": ('{"id": "2", "text": "a", "csat": 1e400}', "the number 1e400 is too large"),
}


@pytest.mark.parametrize("name", BAD_LINES)
@pytest.mark.parametrize("is_last", [False, True], ids=["in the middle", "at the end"])
def test_bad_line(tmp_path: Path, name: str, is_last: bool) -> None:
    """It is quarantined whole, with its place and reason; its neighbours are read."""
    line, reason = BAD_LINES[name]
    lines = ['{"id": "1", "text": "where is it"}', line, *([] if is_last else ['{"id": "3", "text": "fine"}'])]
    taken = take(tmp_path, "in.jsonl", "\n".join(lines))
    assert taken.texts == ["where is it", "fine"][: len(lines) - 1]
    assert len(taken.rows) == 1 and taken.rows[0].row.rstrip("\n") == line
    assert taken.reasons[0].startswith("in.jsonl:2 (record 2): ") and reason in taken.reasons[0]


def test_lone_surrogate(tmp_path: Path) -> None:
    """What no database can hold becomes U+FFFD, in texts, names and keys."""
    row = '{"id": "1\\udfff", "text": "where\\ud800 is it", "tags": ["\\ud800"], "replies": [{"text": "so\\udc80"}]}'
    taken = take(tmp_path, "in.jsonl", row + '\n{"id": "2", "text": "fine"}\n')
    assert taken.texts == ["where\ufffd is it", "fine"]
    assert taken.inquiries[0].replies[0].text == "so\ufffd" and taken.inquiries[0].tags == ("\ufffd",)


def test_100_mb_line(tmp_path: Path) -> None:
    """It is passed over in pieces: the whole program stays below 500 MB."""
    path = tmp_path / "in.jsonl"
    with path.open("wb") as out:
        out.write(b'{"text": "')
        for _ in range(100):
            out.write(b"where is my box, " * 62_500)
        out.write(b'"}\n{"text": "fine"}\n')
    (tmp_path / "site").mkdir()
    peak, done = peak_megabytes(tmp_path / "site", "intake", str(path), "--strict")
    assert done.returncode == 3 and "2 read = 1 stored" in done.stderr and peak <= 500


def test_document_of_100_mb_without_line_ends(tmp_path: Path) -> None:
    """One JSON document with its records inside is read record by record."""
    path = tmp_path / "in.json"
    record = b'{"id": "%d", "text": "where is box %d", "notes": "%s"},'
    with path.open("wb") as out:
        out.write(b'{"tickets": [')
        for number in range(100):
            out.write(record % (number, number, b"n" * 1_000_000))
        out.write(b'{"id": "last", "text": "fine"}]}')
    (tmp_path / "site").mkdir()
    peak, done = peak_megabytes(tmp_path / "site", "intake", str(path))
    assert done.returncode == 0 and "101 read = 101 stored" in done.stderr and peak <= 500
