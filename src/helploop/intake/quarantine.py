"""Rejected rows on disk, until somebody mends them or they expire: JSON Lines, for the owner's eyes only (0600)."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helploop.atomic import write_whole
from helploop.domain import RejectedRow, text_hash
from helploop.errors import IntakeError

_SURROGATE = re.compile("[\ud800-\udfff]")
_TAIL = 8_000_000  # bytes: more than the longest line
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # surrogates that stand for no byte


@dataclass(frozen=True)
class QuarantinedRow:
    """A rejected row as it waits: where it stood, why it cannot be read, and how its file was taken in."""

    file: str
    line: int  # 1-based line where it began; 0 when unknown
    record: int
    reason: str
    row: str = field(repr=False)  # the original: what a person mends. Bytes that are no UTF-8 are \udc80 to \udcff
    at: str = ""  # when it came, ISO 8601 UTC
    id: str = ""  # tells it apart from others, mended or not
    format: str = ""  # the reader's name
    source: str = ""  # of its records
    map: str = ""  # path of the mapping file
    channel: str = ""  # given on the command line

    def age_days(self, now: datetime) -> int | None:
        """Whole days since it came; None when that is unknown."""
        try:
            return (now - datetime.fromisoformat(self.at)).days
        except (ValueError, TypeError):
            return None

    def raw(self) -> bytes:
        """The row's bytes."""
        return _NO_BYTE.sub("\ufffd", self.row).encode("utf-8", "surrogateescape")


class Quarantine:
    """The rejected rows in a folder that git ignores: one JSON Lines file per file (or folder) that was taken in.

    One for each intake: a file's second row of the same words is another row, the same file's next week is the same.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, set[str]] = {}
        self._sizes: dict[Path, int] = {}  # bytes of the files that _known was read from
        self._alike: Counter[str] = Counter()  # rows of the same words added so far

    def add_all(
        self, rejected: Iterable[RejectedRow], at: datetime | None = None, mapping: str = "", channel: str = ""
    ) -> int:
        """Keeps rows; how many of them were new. A row of a file that came before, mended meanwhile or not, is not."""
        written = at.astimezone(UTC).isoformat(timespec="seconds") if at else ""
        by_file: dict[Path, list[QuarantinedRow]] = {}
        for row in rejected:
            identity = self._identity(row)
            kept = QuarantinedRow(
                row.source, row.line, row.record, row.reason, row.row, written, identity,
                row.format, row.taken_as, mapping, channel,
            )  # fmt: skip
            by_file.setdefault(self._file(row.source), []).append(kept)
        if not by_file:
            return 0
        with self._locked():
            return sum(self._append(path, rows) for path, rows in by_file.items())

    def rows(self) -> list[QuarantinedRow]:
        """All kept rows, by file and in the order they came. Raises IntakeError for a damaged line."""
        found: list[QuarantinedRow] = []
        for path in self._files():
            for number, line in enumerate(_lines(path), 1):
                row = _parsed(line)
                if row is None:
                    raise IntakeError(f"{path}:{number}: this line is no quarantined row any more; mend or remove it")
                found.append(row)
        return found

    def replace(self, gone: Iterable[str], new: Iterable[QuarantinedRow] = ()) -> None:
        """Rows of the ids `gone` leave, each file rewritten whole; a row in `new` takes the place of its id."""
        kept, left = {row.id: row for row in new}, set(gone)

        def changed(row: QuarantinedRow) -> QuarantinedRow | None:
            return None if row.id in left else kept.get(row.id, row)

        self._rewrite(changed)

    def expire(self, now: datetime, days: int) -> int:
        """Forgets rows older than so many days; how many there were."""
        limit = (now - timedelta(days=days)).astimezone(UTC).isoformat()
        return self._rewrite(lambda row: None if "" < row.at < limit else row)

    def clear(self, file: str | None = None) -> int:
        """Forgets the rows of one file, or all; how many there were."""
        return self._rewrite(lambda row: None if file is None or row.file == file else row)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for files made of rows, that vanishes; as private as the rows. For one process at a time."""
        with self._locked(".retry.lock"):
            for left in self._folder.glob(".retry-*/"):  # by a process that was killed
                shutil.rmtree(left)
            with tempfile.TemporaryDirectory(prefix=".retry-", dir=self._folder) as folder:
                yield Path(folder)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes rows meanwhile."""
        with self._locked():
            self._known.clear()
            yield

    def file_of(self, row: QuarantinedRow) -> Path:
        """Where a row is kept, to be mended."""
        return self._file(row.file)

    def _identity(self, row: RejectedRow) -> str:
        words = text_hash("\x00".join((row.source, row.row or f"{row.line}:{row.record}")))
        self._alike[words] += 1
        return words if self._alike[words] == 1 else text_hash(f"{words} {self._alike[words]}")

    def _append(self, path: Path, rows: list[QuarantinedRow]) -> int:
        size = path.stat().st_size if path.exists() else 0
        if self._sizes.get(path) != size:  # at first, or another intake wrote on it
            self._known[path] = {row.id for line in _lines(path) if (row := _parsed(line))} if size else set()
        known = self._known[path]
        new = {row.id: row for row in rows if row.id not in known}
        if new:
            _write_on(path, "".join(map(_written, new.values())).encode())
            known.update(new)
        self._sizes[path] = path.stat().st_size if path.exists() else 0
        return len(new)

    def _rewrite(self, changed: Callable[[QuarantinedRow], QuarantinedRow | None]) -> int:
        """Each row as `changed` gives it, or gone; lines that are damaged stay. How many are gone."""
        gone = 0
        if not self._folder.is_dir():
            return 0
        with self._locked():
            for path in self._files():
                before = _lines(path)
                after: list[str] = []
                for line in before:
                    row = _parsed(line)
                    new = changed(row) if row else None
                    if row and new is None:
                        gone += 1
                        continue
                    after.append(line + "\n" if new == row else _written(new) if new else line + "\n")
                if after == [line + "\n" for line in before]:
                    continue
                self._sizes.pop(path, None)
                if after:
                    write_whole(path, "".join(after).encode("utf-8", "surrogateescape"), 0o600)
                else:
                    path.unlink()
        return gone

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl")) if self._folder.is_dir() else []

    def _file(self, name: str) -> Path:
        parts = (part for part in name.split("/") if part not in ("", ".", ".."))
        first = next(parts, "")  # a folder's files share one
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in first)[-100:].lstrip(".")
        return self._folder / f"{safe or 'unnamed'}.jsonl"

    @contextmanager
    def _locked(self, name: str = ".lock") -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _lines(path: Path) -> list[str]:
    text = path.read_bytes().decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    return [line for line in text.split("\n") if line.strip()]


def _parsed(line: str) -> QuarantinedRow | None:
    try:
        row = QuarantinedRow(**json.loads(line))
    except (ValueError, TypeError, RecursionError):
        return None
    texts = (row.file, row.reason, row.row, row.at, row.id, row.format, row.source, row.map, row.channel)
    return row if all(isinstance(text, str) for text in texts) and isinstance(row.line, int) else None


def _written(row: QuarantinedRow) -> str:
    text = json.dumps(asdict(row), ensure_ascii=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _write_on(path: Path, data: bytes) -> None:
    """Appends lines, all or none: what a killed or failed writer left of a line is taken off first."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o600), "a+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        last = file.read().rpartition(b"\n")[2].removeprefix(b"\xef\xbb\xbf")
        is_whole = _parsed(last.decode("utf-8", "surrogateescape")) is not None  # an editor left out its end
        end = size if is_whole else size - len(last)
        data = b"\n" + data if is_whole else data
        file.truncate(end)
        try:
            while data:
                data = data[file.write(data) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise
