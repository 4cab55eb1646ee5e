"""Intake: a file of any known format becomes a stream of inquiries, search events, rejected and ignored rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rapidfuzz import process

from helploop.domain import RejectedRow
from helploop.errors import IntakeError
from helploop.intake import csv_file, events_file, jsonl_file, mail_files, parquet_file, xlsx_file
from helploop.intake.describing import Recognised, describe_file
from helploop.intake.desks import READERS as DESKS
from helploop.intake.interface import IntakeOptions, Reader, Record
from helploop.intake.mapping import Mapping
from helploop.intake.mapping_file import read_mapping
from helploop.intake.presets import mapping_named, preset, preset_names
from helploop.intake.proposing import propose
from helploop.intake.quarantine import Quarantine, QuarantinedRow
from helploop.intake.sample import Sample
from helploop.intake.streams import is_blank, not_text

__all__ = [
    "FORMATS",
    "IntakeOptions",
    "Mapping",
    "Quarantine",
    "QuarantinedRow",
    "Recognised",
    "Record",
    "describe",
    "fits",
    "is_blank",
    "mapping_named",
    "nearest_format",
    "propose_mapping",
    "read_file",
    "read_files",
    "read_mapping",
    "recognise",
    "with_preset",
]

# The order in which formats are tried: the strictest first. A new format is a file with a READER and a place here.
_READERS: tuple[Reader, ...] = (
    mail_files.MBOX,
    mail_files.MAILDIR,
    mail_files.EML,
    events_file.READER,
    *DESKS,
    xlsx_file.READER,
    parquet_file.READER,
    jsonl_file.READER,
    csv_file.TSV_READER,
    csv_file.READER,
)
FORMATS: tuple[str, ...] = tuple(sorted({*(reader.name for reader in _READERS), *preset_names()}))  # for --from


def read_files(paths: Sequence[Path], options: IntakeOptions | None = None) -> Iterator[Record]:
    """The records of files and folders, one after the other, in their order; no file is held in memory.

    Files that a reader joins (tickets, and their comments in a file of their own; mailboxes) are read together, at the
    place of the first. Raises IntakeError, on the first step, when any of them as a whole cannot be read: missing,
    empty, binary, of another format than options.format, or without a field that the mapping names.
    """
    options = with_preset(options or IntakeOptions())
    parts: list[tuple[Reader, list[Path]]] = []
    for path in paths:
        reader = _reader(path, options)
        same = (files for other, files in parts if other.read is reader.read and reader.joins_files)
        together = next(same, None)
        if together is None:
            parts.append((reader, [path]))
        else:
            together.append(path)
    for reader, files in parts:
        source = options.source_name(reader.source or reader.name)
        for record in reader.read(files, options):
            if isinstance(record, RejectedRow):
                yield replace(record, format=reader.name, taken_as=record.taken_as or source)
            else:
                yield record


def read_file(path: Path, options: IntakeOptions | None = None) -> Iterator[Record]:
    """The records of one file or folder, as read_files gives them."""
    return read_files([path], options)


def recognise(path: Path) -> str:
    """The name of the file's format, told by its content. Raises IntakeError when it is none of FORMATS."""
    return _reader(path, IntakeOptions()).name


def fits(path: Path, name: str) -> bool:
    """Whether the file can be read as the named format. Raises IntakeError for a missing or empty file."""
    return any(reader.name == name and reader.recognises(Sample(path)) for reader in _READERS)


def describe(path: Path, options: IntakeOptions | None = None) -> Recognised:
    """How a file will be read: its format, and of a table which column is used for what. Raises IntakeError."""
    options = with_preset(options or IntakeOptions())
    return describe_file(path, _reader(path, options), options)


def propose_mapping(path: Path, options: IntakeOptions | None = None) -> str:
    """A mapping file for a table, made by looking at its columns. Raises IntakeError."""
    options = options or IntakeOptions()
    return propose(path, _reader(path, options), options)


def with_preset(options: IntakeOptions) -> IntakeOptions:
    """Of --from NAME of a preset its mapping, for whichever kind of table the file is."""
    if options.format is None or options.format not in preset_names():
        return options
    return replace(options, mapping=options.mapping or preset(options.format))


def _reader(path: Path, options: IntakeOptions) -> Reader:
    wanted, is_mapped = options.format, options.mapping is not None and bool(options.mapping.fields)
    if wanted is not None and wanted not in FORMATS:
        raise IntakeError(f"--from {wanted}: there is no such format; {nearest_format(wanted)}")
    sample = Sample(path)
    if not path.exists():
        raise IntakeError(f"{path}: there is no such file")
    if wanted in preset_names():
        return _table_reader(path, sample, wanted)
    named = next((reader for reader in _READERS if reader.name == wanted), None)
    if named is not None and named.recognises(sample):
        return named
    readers = (reader for reader in _READERS if not (is_mapped and reader.knows_fields))
    fitting = next((reader for reader in readers if reader.recognises(sample)), None)
    if named is not None:
        seen = f"it looks like {fitting.name}" if fitting else "it looks like none of the known formats"
        raise IntakeError(f"{path}: --from {wanted} does not fit, such a file begins with {named.looks_like}; {seen}")
    if fitting is not None:
        return fitting
    if sample.is_folder:
        raise IntakeError(f"{path}: this is a folder of no known export; name the files in it")
    if sample.binary:
        raise IntakeError(not_text(path, sample.binary))
    raise IntakeError(f"{path}: the format is not recognised; name it with --from ({', '.join(FORMATS)})")


def _table_reader(path: Path, sample: Sample, wanted: str) -> Reader:
    fitting = next((reader for reader in _READERS if reader.recognises(sample) and not reader.knows_fields), None)
    if fitting is not None and fitting.table is not None:
        return fitting
    seen = f"it looks like {fitting.name}" if fitting else "it looks like none"
    raise IntakeError(f"{path}: --from {wanted} does not fit, such a file is a table or JSON; {seen}")


def nearest_format(wrong: str) -> str:
    """What to say to a format that does not exist: the nearest one, and all."""
    near = process.extractOne(wrong, FORMATS)
    return f"did you mean {near[0]}? ({', '.join(FORMATS)})"
