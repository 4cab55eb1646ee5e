"""Rejected rows on disk, until somebody mends them: JSON Lines, for the owner's eyes only (0600)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from helploop.domain import RejectedRow
from helploop.errors import IntakeError


class Quarantine:
    """The rejected rows in a folder that git ignores: one JSON Lines file per source file.

    A row keeps its file, line, record number, reason and original text, so that it can be mended and read in again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, rejected: RejectedRow) -> None:
        """Keep one row. The same row of the same file again replaces nothing and is not kept twice."""
        self.add_all((rejected,))

    def add_all(self, rejected: Iterable[RejectedRow]) -> int:
        """Keep rows; how many of them were new."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = set(self.rows())
        new = [row for row in dict.fromkeys(rejected) if row not in known]
        for row in new:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            line = json.dumps(asdict(row), ensure_ascii=True, sort_keys=True) + "\n"
            with os.fdopen(os.open(self._file(row.source), flags, 0o600), "a", encoding="ascii") as file:
                file.write(line)
        return len(new)

    def rows(self) -> Iterator[RejectedRow]:
        """All kept rows, by source file and in the order they came. Raises IntakeError for a damaged file."""
        for path in sorted(self._folder.glob("*.jsonl")) if self._folder.is_dir() else ():
            for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
                try:
                    yield RejectedRow(**json.loads(line))
                except (ValueError, TypeError) as error:
                    raise IntakeError(f"{path}:{number}: this quarantined row is damaged; remove the line") from error

    def clear(self, source: str | None = None) -> int:
        """Forget the rows of one source file, or all; how many there were. Used after a retry, and by `forget`."""
        gone = sum(1 for row in self.rows() if source is None or row.source == source)
        for path in sorted(self._folder.glob("*.jsonl")) if self._folder.is_dir() else ():
            if source is None or path == self._file(source):
                path.unlink()
        return gone

    def write_raw(self, source: str, target: Path) -> int:
        """The original rows of one source file into a new file (0600), to be mended and taken in again; how many."""
        rows = [row.row.rstrip("\r\n") for row in self.rows() if row.source == source]
        header = rows[0].split("\n", 1)[0] + "\n" if rows else ""
        if (
            len(header) > 1 and not header.startswith("From ") and all(row.startswith(header) for row in rows)
        ):  # CSV: the header stands once
            rows[1:] = [row.removeprefix(header) for row in rows[1:]]
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.writelines(row.encode("utf-8", "replace").decode() + "\n\n" for row in rows)
        return len(rows)

    def _file(self, source: str) -> Path:
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in source)[-100:].lstrip(".")
        return self._folder / f"{safe or 'unnamed'}.jsonl"
