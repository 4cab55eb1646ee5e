"""The files of a Slack export, in a folder or in the ZIP archive as it was downloaded; nothing is unpacked to disk.

Only names of the kind CHANNEL/2026-03-31.json and the lists beside them are opened, whatever else there is: links in a
folder are not followed, and names in an archive are never used as paths. What the files are:
https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports.
"""

from __future__ import annotations

import glob
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import ijson

from helploop.errors import IntakeError
from helploop.intake.sample import Sample, open_zip

_DAY = re.compile(r"([^/.][^/]{0,199})/(\d{4}-\d{2}-\d{2})\.json")
_USERS = ("users.json", "org_users.json")
_CHANNELS = ("channels.json", "groups.json")
_TALKS = ("dms.json", "mpims.json")  # direct messages
FILE_CAP = 100_000_000  # bytes of one file of the export: a day of a busy channel has one hundredth
_TOTAL_CAP = 1_000_000_000  # bytes all of them may unpack to when that is more than _RATIO times the archive
_RATIO = 200


class SlackFileError(ValueError):
    """One file of the export cannot be read on; the message is the reason of a RejectedRow."""


@dataclass(frozen=True)
class Day:
    """A file of messages."""

    channel: str  # the folder's name
    name: str  # as it stands in the export, with the folders above


class SlackExport:
    """An export, opened. Raises IntakeError when the archive is damaged, encrypted or a bomb."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip: zipfile.ZipFile | None = None
        self._only = ""
        if path.is_dir():
            self._root = path if _has_users(path) else path.parent
            self._only = "" if self._root == path else path.name
            return
        self._zip = open_zip(path)
        total = sum(info.file_size for info in self._zip.infolist())
        if total > max(_TOTAL_CAP, path.stat().st_size * _RATIO):
            raise IntakeError(f"{path}: unpacks to {total:,} bytes; this looks like a zip bomb")

    def close(self) -> None:
        """Closes the archive."""
        if self._zip:
            self._zip.close()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All files, sorted, as posix paths below the folder that holds the list of users."""
        if self._zip is None:
            found = (*self._root.glob("*.json"), *self._root.glob(f"{glob.escape(self._only) or '*'}/*.json"))
            plain = (file for file in found if file.is_file() and not file.is_symlink())
            return tuple(
                sorted(file.relative_to(self._root).as_posix() for file in plain if not file.parent.is_symlink())
            )
        top = self._top
        return tuple(sorted(name.removeprefix(top) for name in self._zip.namelist() if name.startswith(top)))

    @cached_property
    def _top(self) -> str:
        """The folder inside the archive that holds the list of users: "" or "name/"."""
        assert self._zip is not None
        found = [name for name in self._zip.namelist() if name.rpartition("/")[2] in _USERS]
        nearest = min(found, key=lambda name: (name.count("/"), name), default="")
        return nearest[: nearest.rfind("/") + 1]

    def days(self) -> Iterator[Day]:
        """The files of messages, by channel and date; direct messages too."""
        for name in self.names:
            told = _DAY.fullmatch(name)
            if told:
                yield Day(told[1], name)

    def channel_ids(self) -> dict[str, str]:
        """The id of each channel by its name."""
        rows = (row for name in _CHANNELS for row in self._list(name))
        return {str(row.get("name")): str(row.get("id") or row.get("name")) for row in rows}

    def talks(self) -> frozenset[str]:
        """The folders that hold direct messages."""
        rows = (row for name in _TALKS for row in self._list(name))
        return frozenset(str(row.get(key)) for row in rows for key in ("id", "name") if row.get(key))

    def users(self) -> Iterator[dict[str, Any]]:
        """The people."""
        for name in _USERS:
            yield from self._list(name)

    def messages(self, name: str) -> Iterator[Any]:
        """The elements of a file's list. Raises SlackFileError where it cannot be read on."""
        with self._open(name) as file:
            try:
                yield from ijson.items(file, "item", use_float=True)
            except (ijson.JSONError, UnicodeError, RecursionError, ValueError) as error:
                raise SlackFileError(f"the file cannot be read from here on: {str(error)[:200]}") from error

    def _list(self, name: str) -> Iterator[dict[str, Any]]:
        if name in self.names:
            try:
                yield from (row for row in self.messages(name) if isinstance(row, dict))
            except SlackFileError as error:
                raise IntakeError(f"{self._path}: {name}: {error}") from error

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            if self._zip is None:
                size = (self._root / name).stat().st_size
                opened: IO[bytes] = (self._root / name).open("rb")
            else:
                info = self._zip.getinfo(self._top + name)
                size = info.file_size
                opened = self._zip.open(info)
            with opened:
                if size > FILE_CAP:
                    raise SlackFileError(f"the file is larger than {FILE_CAP:,} bytes")
                yield opened
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, NotImplementedError) as error:
            raise SlackFileError(f"the file cannot be read ({error})") from error  # RuntimeError: encrypted


def is_slack_export(sample: Sample) -> bool:
    """Whether it is an export, or the folder of one channel inside an unpacked one."""
    if sample.is_folder:
        days = any(_DAY.fullmatch(f"x/{file.name}") for file in sample.path.glob("*.json"))
        is_whole = _has_users(sample.path) and any(_DAY.fullmatch(name) for name in sample.members)
        return is_whole or (days and _has_users(sample.path.parent))
    names = {name.rpartition("/")[2] for name in sample.members}
    has_days = any(_DAY.fullmatch("/".join(name.split("/")[-2:])) for name in sample.members)
    return has_days and any(name in names for name in _USERS) and any(name in names for name in (*_CHANNELS, *_TALKS))


def _has_users(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _USERS)
