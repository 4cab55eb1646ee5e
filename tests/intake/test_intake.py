"""Intake as a whole: which reader, which error, and that files are never mistaken."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_file, recognise


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"PK\x03\x04" + b"\x00" * 100, "the ZIP archive is damaged"),
        (bytes(range(256)) * 20, "this is a binary file"),
        (b"just some words\n", "the format is not recognised"),
    ],
)
def test_unreadable_files_say_why(tmp_path: Path, content: bytes, message: str) -> None:
    """One clear sentence that names the file."""
    path = tmp_path / "in.dat"
    path.write_bytes(content)
    with pytest.raises(IntakeError, match=message) as error:
        list(read_file(path))
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    """Neither is a traceback."""
    with pytest.raises(IntakeError, match="there is no such file"):
        list(read_file(tmp_path / "nowhere.csv"))
    with pytest.raises(IntakeError, match="this is a folder"):
        list(read_file(tmp_path))


@pytest.mark.parametrize(
    ("wanted", "content", "seen"),
    [
        ("mbox", "id,text\n1,a\n", "csv"),
        ("jsonl", "id,text\n1,a\n", "csv"),
        ("csv", '{"text": "a"}\n', "jsonl"),
        ("events", '{"text": "a"}\n', "jsonl"),
    ],
)
def test_wrong_format_is_refused(tmp_path: Path, wanted: str, content: str, seen: str) -> None:
    """--from that does not fit the content says what the file looks like."""
    path = tmp_path / "in.dat"
    path.write_text(content)
    with pytest.raises(IntakeError, match=f"--from {wanted} does not fit.*it looks like {seen}"):
        list(read_file(path, IntakeOptions(format=wanted)))


def test_unknown_format_offers_the_nearest(tmp_path: Path) -> None:
    """A typo in --from is answered with the right name."""
    with pytest.raises(IntakeError, match="did you mean jsonl"):
        list(read_file(tmp_path / "x", IntakeOptions(format="json1")))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("From a@b.example Mon Jul  6 12:00:00 2026\nSubject: x\n\nhi\n", "mbox"),
        ('{"v": 1, "event": "search", "query_id": "a"}\n', "events"),
        ('{"text": "a"}\n', "jsonl"),
        ('  [{"text": "a"}]', "jsonl"),
        ("subject\ttext\nA\tb\n", "tsv"),
        ("subject;text\nA;b\n", "csv"),
    ],
)
def test_formats_are_recognised(tmp_path: Path, content: str, name: str) -> None:
    """By content, packed or not."""
    path = tmp_path / "in"
    path.write_text(content)
    assert recognise(path) == name
    path.write_bytes(gzip.compress(content.encode()))
    assert recognise(path) == name


def test_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that unpacks to a huge one is stopped."""
    monkeypatch.setattr("helploop.intake.streams._UNPACKED_CAP", 1_000_000)
    monkeypatch.setattr("helploop.intake.streams._RATIO", 20)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"text\n" + b"a" * 5_000_000))
    with pytest.raises(IntakeError, match="zip bomb"):
        list(read_file(path))
