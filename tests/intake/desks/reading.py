"""Small exports written and read: what the tests of all desks share."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from helploop.domain import RawInquiry
from helploop.intake import IntakeOptions, Record, read_files

FIXTURES = Path(__file__).resolve().parents[2] / "data" / "intake"


def at(text: str) -> datetime:
    """A time of 2026: "03-02 09:00"."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def read(folder: Path, *files: object, options: IntakeOptions | None = None) -> list[Record]:
    """The records of files with these contents: lists become JSON Lines, everything else a document."""
    paths = []
    for number, content in enumerate(files):
        path = folder / f"{number}.json"
        path.write_text("\n".join(map(json.dumps, content)) if isinstance(content, list) else json.dumps(content))
        paths.append(path)
    return list(read_files(paths, options))


def one(folder: Path, *files: object, options: IntakeOptions | None = None) -> RawInquiry:
    """The only record, an inquiry."""
    (found,) = read(folder, *files, options=options)
    assert isinstance(found, RawInquiry), found
    return found
