"""Files that hold customers' data: found, written privately, rid of what is one customer's; one command at a time."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from helploop.atomic import write_whole
from helploop.errors import StoreError

_MAIL = re.compile(rb"(?m)^(?=From )")


def files_below(folder: Path) -> Iterator[Path]:
    """All files below a folder, hidden ones too, sorted; links are not followed."""
    for here, names, files in os.walk(folder, followlinks=False):
        names.sort()
        for name in sorted(files):
            path = Path(here, name)
            if path.is_file() and not path.is_symlink():
                yield path


def write_privately(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Writes a whole file, for its owner alone unless told: beside its place, to the disk, then there in one step.

    Raises StoreError when it cannot be written; what stood there still stands.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, data, mode)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror})") from error


def drop_rows(path: Path, is_theirs: Callable[[bytes], bool], *, dry_run: bool) -> int:
    """Takes the rows of a file away that are theirs: lines, or mails in an mbox; how many. An emptied file goes."""
    data = path.read_bytes()
    rows = _MAIL.split(data) if data.startswith(b"From ") else data.splitlines(keepends=True)
    kept = [row for row in rows if not is_theirs(row)]
    if len(kept) < len(rows) and not dry_run:
        if any(row.strip() for row in kept):
            write_privately(path, b"".join(kept), path.stat().st_mode & 0o777)
        else:
            path.unlink()
    return len(rows) - len(kept)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Lets one process at a time in; the system lets go of the lock when its process dies, however it dies.

    Raises StoreError when another one is at work.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError("another helploop is erasing here; wait for it to end, then try again") from error
        yield
