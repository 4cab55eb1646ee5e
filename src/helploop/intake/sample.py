"""What a reader is shown of a file, or of a folder, to tell whether it is its format: the start, read once."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from helploop.errors import IntakeError
from helploop.intake.json_records import read_objects
from helploop.intake.streams import binary_kind, decode_head, head_bytes

_OBJECTS = 20  # looked at
_MEMBERS = 10_000  # of a folder
_ZIP_END = 65_557  # bytes: the longest record at an archive's end, with its comment
_ZIP_LIST = 100_000_000  # bytes of an archive's list of files: 1 million names of an export, 1 GB in memory
_ZIP_MEMBERS = 200_000  # of an archive: its list is read whole anyway


@dataclass(frozen=True)
class Sample:
    """The start of what was named on the command line. Every property is read when first asked for."""

    path: Path

    @cached_property
    def name(self) -> str:
        """The file's name in lower case, without .gz."""
        return self.path.name.lower().removesuffix(".gz")

    @cached_property
    def is_folder(self) -> bool:
        """Whether it is a folder: a Maildir, an unpacked export."""
        return self.path.is_dir()

    @cached_property
    def head(self) -> bytes:
        """The first 64 kB, unpacked when it is gzip; empty for a folder.

        Raises IntakeError when the file is missing or empty.
        """
        return b"" if self.is_folder else head_bytes(self.path)

    @cached_property
    def binary(self) -> str:
        """What kind of binary file it is ("a ZIP archive or an Excel workbook"); "" for text and folders."""
        return "" if self.is_folder else binary_kind(self.head)

    @cached_property
    def text(self) -> str:
        """The head as text; "" for a folder and for a binary file."""
        return "" if self.is_folder or self.binary else decode_head(self.head)

    @cached_property
    def first_line(self) -> str:
        """The first line that is not blank."""
        return next((line for line in self.text.splitlines() if line.strip()), "")

    @cached_property
    def objects(self) -> tuple[dict[str, Any], ...]:
        """The first JSON objects: lines, elements of an array, or records inside one document; at most 20."""
        if not self.text.lstrip().startswith(("{", "[")):
            return ()
        found = (value for _line, value in islice(read_objects(self.path), _OBJECTS))
        return tuple(value for value in found if isinstance(value, dict))

    def have(self, *keys: str) -> bool:
        """Whether there are JSON objects and every one of them has all of the keys."""
        return bool(self.objects) and all(key in row for row in self.objects for key in keys)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The files in a folder or a ZIP archive, as relative posix paths, sorted; () for any other file."""
        if self.is_folder:
            files = (p for p in islice(self.path.rglob("*"), _MEMBERS) if p.is_file())
            return tuple(sorted(p.relative_to(self.path).as_posix() for p in files))
        if not self.head.startswith(b"PK\x03\x04"):
            return ()
        with open_zip(self.path) as archive:
            return tuple(sorted(info.filename for info in archive.infolist()[:_ZIP_MEMBERS] if not info.is_dir()))


def open_zip(path: Path) -> zipfile.ZipFile:
    """A ZIP archive, its list of files read. Raises IntakeError when it is damaged or that list is a bomb itself."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _ZIP_END))
            end = file.read()
        at = end.rfind(b"PK\x05\x06")
        size = int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
        if size > _ZIP_LIST and size != 0xFFFFFFFF:
            raise IntakeError(f"{path}: the ZIP archive lists too many files ({size:,} bytes of names)")
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise IntakeError(f"{path}: the ZIP archive is damaged ({error})") from error
