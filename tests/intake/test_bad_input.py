"""Files that are no log at all: one line says what is wrong and what to do, nothing is stored, exit code 1."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from tests.intake.hostile import take

MAPPING = 'source = "desk"\n[fields]\ntext = "body"\nreceived_at = "creatd_at"\n'


def zipped(**parts: bytes) -> bytes:
    """A ZIP archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize("name", ["in.csv.gz", "in.jsonl.gz", "in.json.gz", "in.zip", "in.xlsx"])
def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What unpacks to far more than a log can be is refused before memory or disk are full."""
    monkeypatch.setattr("helploop.intake.streams._UNPACKED_CAP", 10_000_000)
    starts = {"in.csv.gz": b"text\n", "in.jsonl.gz": b'{"text": "', "in.json.gz": b'{"tickets": [{"text": "'}
    content = zipped(xl__workbook=b"<x/>", xl__worksheets__sheet1=b"0" * 60_000_000)
    if name in starts:
        content = gzip.compress(starts[name] + b"a" * 30_000_000)
    taken = take(tmp_path, name, content)
    assert taken.exit_code == 1


@pytest.mark.parametrize(
    ("options", "content", "message"),
    [
        (("--from", "mbox"), "id,text\n1,a\n", '--from mbox does not fit, such a file begins with "From "'),
        (("--from", "jsonl"), "id,text\n1,a\n", "it looks like csv"),
        (("--from", "csv"), '{"text": "a"}\n', "it looks like jsonl"),
        ((), "%PDF-1.7\n\x00\x01", "this is a PDF, not a log that can be read"),
    ],
)
def test_wrong_format(tmp_path: Path, options: tuple[str, ...], content: str, message: str) -> None:
    """What it looks like instead is said."""
    taken = take(tmp_path, "in.dat", content, *options)
    assert taken.exit_code == 1 and message in taken.said


def test_mapping_with_a_typo(tmp_path: Path) -> None:
    """The nearest right name is offered, of the mapping's own keys and of the file's columns."""
    mapping = tmp_path / "m.toml"
    content = "body,created_at\nwhere is it,2026-07-06\n"
    mapping.write_text(MAPPING)
    taken = take(tmp_path, "in.csv", content, "--map", str(mapping))
    assert taken.exit_code == 1
    assert (
        "m.toml: fields.received_at = 'creatd_at' is not in the header of in.csv, did you mean 'created_at'?"
        in taken.said
    )
    mapping.write_text(MAPPING.replace("creatd", "created").replace("received_at", "recieved_at"))
    taken = take(tmp_path, "in.csv", content, "--map", str(mapping))
    assert taken.exit_code == 1 and "m.toml: unknown key fields.recieved_at, did you mean 'received_at'?" in taken.said
