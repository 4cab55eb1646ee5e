"""Intake: a file of any known format becomes a stream of inquiries, search events, rejected and ignored rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rapidfuzz import process

from helploop.errors import IntakeError
from helploop.intake import csv_file, events_file, jsonl_file, mbox_file
from helploop.intake.interface import IntakeOptions, Reader, Record
from helploop.intake.mapping import Mapping, read_mapping
from helploop.intake.quarantine import Quarantine
from helploop.intake.streams import read_head

__all__ = ["FORMATS", "IntakeOptions", "Mapping", "Quarantine", "Record", "read_file", "read_mapping", "recognise"]

# The order in which formats are tried: the strictest first. A new format is a file with a READER and a place here.
_READERS: tuple[Reader, ...] = (mbox_file.READER, events_file.READER, jsonl_file.READER, csv_file.READER)
FORMATS: tuple[str, ...] = tuple(sorted(reader.name for reader in _READERS))


def read_file(path: Path, options: IntakeOptions | None = None) -> Iterator[Record]:
    """The records of a file, one after the other, in the file's order; the file is never held in memory.

    Raises IntakeError, on the first step, when the file as a whole cannot be read: missing, empty, a folder, binary,
    of another format than options.format, or without a field that the mapping names.
    """
    options = options or IntakeOptions()
    return _reader(path, options.format).read(path, options)


def recognise(path: Path) -> str:
    """The name of the file's format, told by its content. Raises IntakeError when it is none of FORMATS."""
    return _reader(path, None).name


def _reader(path: Path, wanted: str | None) -> Reader:
    if wanted is not None and wanted not in FORMATS:
        near = process.extractOne(wanted, FORMATS)
        raise IntakeError(f"--from {wanted}: there is no such format; did you mean {near[0]}? ({', '.join(FORMATS)})")
    head = read_head(path)
    fitting = [reader for reader in _READERS if reader.recognises(head, path.name.lower())]
    if wanted is None:
        if fitting:
            return fitting[0]
        raise IntakeError(f"{path}: the format is not recognised; name it with --from ({', '.join(FORMATS)})")
    reader = next(reader for reader in _READERS if reader.name == wanted)
    if reader not in fitting:
        seen = f"it looks like {fitting[0].name}" if fitting else "it looks like none of the known formats"
        raise IntakeError(f"{path}: --from {wanted} does not fit, such a file begins with {reader.looks_like}; {seen}")
    return reader
