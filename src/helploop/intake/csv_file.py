"""CSV and its cousins (semicolon, tab, bar), in the encoding and with the delimiter that the file itself shows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from helploop.errors import IntakeError
from helploop.intake.interface import Row, Table
from helploop.intake.mapping import Mapping
from helploop.intake.sample import Sample
from helploop.intake.streams import RECORD_CAP, Line, read_head, read_lines
from helploop.intake.tables import header_names, table_reader

_DELIMITERS = ",;\t|"
_WASTE = 20_000_000  # characters that may be read again because of open quotes, before caution sets in
_FEW_LINES = 20  # lines that a record may span then
_RECORD_LINES = 1_000  # lines that one quoted record may span before its quote counts as left open


@dataclass(frozen=True)
class _Record:
    """A record as it was split: where it began, its cells, its text, and what is wrong with it."""

    line: int
    cells: list[str]
    raw: str
    problem: str = ""


def _open(path: Path, mapping: Mapping | None) -> Table:
    del mapping  # the header has every column
    csv.field_size_limit(RECORD_CAP)
    records = _records(path, _delimiter(read_head(path)))
    header = next(records, None)
    if header is None or header.problem:
        raise IntakeError(f"{path}: the header line cannot be read{': ' + header.problem if header else ''}")
    names, twice = header_names([name.strip() for name in header.cells])
    columns, where = tuple(name for name in names if name), f"the header of {path.name}"
    return Table(columns, where, _rows(records, header, names), twice)


def _rows(records: Iterator[_Record], header: _Record, names: list[str]) -> Iterator[Row]:
    head = header.raw.rstrip("\r\n") + "\n"  # a quarantined row is nothing without its header
    for record in records:
        values = None if record.problem else dict(zip(names, record.cells, strict=True))
        yield Row(record.line, values, head + record.raw, record.problem)


def _records(path: Path, delimiter: str) -> Iterator[_Record]:
    """Rows one by one. A quote left open costs its own line only: what it swallowed is read again as lines.

    Linear: where much is read again, a record may span fewer lines from then on.
    """
    width, seen, wasted = 0, 0, 0
    again: list[Line] = []
    fresh = read_lines(path)
    while True:
        lines = chain(again, fresh)
        first = next(lines, None)
        if first is None:
            return
        again = again[1:]
        seen += len(first.text)
        if first.problem:
            yield _Record(first.number, [], first.text, first.problem)
            continue
        if not first.text.strip():
            continue
        is_costly = wasted > _WASTE + 5 * seen
        taken, is_whole = _one_record(first, lines, delimiter, _FEW_LINES if is_costly else _RECORD_LINES)
        cells = _cells(taken, delimiter) if is_whole else None
        is_right = cells is not None and (not width or len(cells) == width)
        swallowed = taken[1:]
        again = ([] if is_right else swallowed) + again[len(swallowed) :]
        wasted += 0 if is_right else sum(len(line.text) for line in swallowed)
        if cells is None or (swallowed and not is_right):
            yield _Record(first.number, [], first.text, "a quote is opened and not closed")
        elif not is_right:
            yield _Record(first.number, [], first.text, f"{len(cells)} cells where the header has {width}")
        else:
            width = width or len(cells)
            yield _Record(first.number, cells, "".join(line.text for line in taken))


def _one_record(first: Line, lines: Iterator[Line], delimiter: str, cap: int) -> tuple[list[Line], bool]:
    taken, size = [first], len(first.text)
    is_open = _ends_quoted(first.text, False, delimiter)
    while is_open:
        line = next(lines, None)
        if line is None:
            return taken, False
        taken.append(line)
        size += len(line.text)
        if line.problem or len(taken) > cap or size > RECORD_CAP:
            return taken, False
        is_open = _ends_quoted(line.text, True, delimiter)
    return taken, True


def _ends_quoted(text: str, is_open: bool, delimiter: str) -> bool:
    """Whether a quoted cell is still open at the line's end. Linear."""
    at = 0
    while True:
        quote = text.find('"', at)
        if quote < 0:
            return is_open
        if is_open:
            if text.startswith('""', quote):
                at = quote + 2
                continue
            is_open = False
        else:
            is_open = quote == 0 or text[quote - 1] == delimiter
        at = quote + 1


def _cells(lines: list[Line], delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([line.text for line in lines], delimiter=delimiter), None)
    except csv.Error:
        return None


def _delimiter(head: str) -> str:
    """The delimiter that stands most often in the header line, outside quotes; a comma when there is none."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    unquoted = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=lambda d: (unquoted.count(d), -_DELIMITERS.index(d)))


def _recognises(sample: Sample) -> bool:
    first = sample.first_line
    if not first or first.startswith(("{", "[", "From ", "<")):
        return False
    is_named = sample.name.endswith((".csv", ".tsv", ".txt"))
    return is_named or any(d in first for d in _DELIMITERS) or first.strip().strip('"').isidentifier()


def _recognises_tabs(sample: Sample) -> bool:
    return _recognises(sample) and _delimiter(sample.text) == "\t"


READER = table_reader("csv", "a header line of column names", _recognises, _open)
TSV_READER = table_reader("tsv", "a header line of column names with tabs between", _recognises_tabs, _open)
