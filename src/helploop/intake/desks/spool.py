"""What several files of one export hold, kept on disk until it is joined: memory does not grow with the export."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from helploop.domain import RejectedRow
from helploop.intake.interface import KEPT_ROW


@dataclass(frozen=True)
class Place:
    """Where a record was read."""

    file: str  # name
    line: int  # 0: unknown, inside a document
    number: int  # of the record in the file, from 1

    def rejected(self, reason: str, row: dict[str, Any] | str) -> RejectedRow:
        """The record here as a RejectedRow with its JSON, cut at 1 MB."""
        raw = row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)
        return RejectedRow(self.file, self.line, reason, self.number, raw[:KEPT_ROW])


@dataclass(frozen=True)
class Part:
    """One record of the export."""

    key: str  # what it is joined by: a ticket's or a user's id
    place: Place
    value: dict[str, Any]


class Spool:
    """Records by kind and key, in a temporary database that vanishes when it is closed, or when the process ends."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("")  # a private temporary file, unlinked at once; in memory while it is small
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000;"
            "CREATE TABLE part (kind TEXT, key TEXT, file TEXT, line INTEGER, number INTEGER, value TEXT)"
        )
        self._is_indexed = False

    def __enter__(self) -> Spool:
        """The spool itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Drops everything."""
        self._db.close()

    def add(self, kind: str, key: str, place: Place, value: dict[str, Any]) -> None:
        """Keeps a record until the spool is closed."""
        row = (kind, key, place.file, place.line, place.number, json.dumps(value))
        self._db.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)", row)

    def has(self, kind: str) -> bool:
        """Whether there is any record of a kind."""
        return self._db.execute("SELECT 1 FROM part WHERE kind = ? LIMIT 1", (kind,)).fetchone() is not None

    def all(self, kind: str) -> Iterator[Part]:
        """The records of a kind in the order they came."""
        self._index()
        yield from map(_part, self._db.execute(f"{_SELECT} WHERE kind = ? ORDER BY rowid", (kind,)))

    def of(self, kind: str, key: str) -> list[Part]:
        """The records of a kind with that key, in the order they came."""
        self._index()
        return list(map(_part, self._db.execute(f"{_SELECT} WHERE kind = ? AND key = ? ORDER BY rowid", (kind, key))))

    def orphans(self, kind: str, of: str) -> Iterator[Part]:
        """The first record of each key of `kind` that has no record of kind `of`."""
        self._index()
        where = (
            "WHERE rowid IN (SELECT min(rowid) FROM part WHERE kind = ? GROUP BY key)"
            " AND key NOT IN (SELECT key FROM part WHERE kind = ?) ORDER BY rowid"
        )
        yield from map(_part, self._db.execute(f"{_SELECT} {where}", (kind, of)))

    def _index(self) -> None:
        """After everything is in: adding to an index of a large table costs more than making it."""
        if not self._is_indexed:
            self._db.execute("CREATE INDEX part_by_key ON part (kind, key)")
            self._is_indexed = True


_SELECT = "SELECT key, file, line, number, value FROM part"


def _part(row: tuple[str, str, int, int, str]) -> Part:
    key, file, line, number, value = row
    return Part(key, Place(file, line, number), json.loads(value))
