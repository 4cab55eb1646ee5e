"""Files of rows with named fields (CSV, spreadsheets, JSON objects, Parquet): one loop for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from helploop.domain import Channel
from helploop.errors import IntakeError
from helploop.intake.desks.spool import Spool
from helploop.intake.fitting import dates_in, mapping_for
from helploop.intake.interface import IntakeOptions, OpenTable, Reader, Record, Row, Table
from helploop.intake.mapping import FIELDS, FIRST_TURN, FREE_TEXT, Mapping
from helploop.intake.presets import recognise_preset
from helploop.intake.rows import RowReader
from helploop.intake.sample import Sample
from helploop.intake.times import day_order, is_slashed
from helploop.intake.turns import TurnCollector

_HEAD_ROWS = 200  # rows that are looked at before the first is read
_HEAD_SIZE = 8_000_000  # characters of them that are held at most


def table_reader(name: str, looks_like: str, recognises: Callable[[Sample], bool], open_table: OpenTable) -> Reader:
    """The reader of a format whose records are rows with named fields."""

    def read(paths: Sequence[Path], options: IntakeOptions) -> Iterator[Record]:
        with Spool() as spool:
            collector = TurnCollector(spool)
            for path in paths:
                table, options_here = opened(path, options, open_table)
                mapping = options_here.mapping or Mapping()
                rows = RowReader(path, options_here, name, Channel.TICKET)
                if table.columns:
                    rows.check_columns(table.columns, table.seen_in)
                    check_used(path, table, mapping)
                if mapping.turns:
                    yield from collector.take(rows, mapping.turns, table.rows, path.name)
                else:
                    yield from _records(rows, table)
            yield from collector.conversations()

    return Reader(name, Channel.TICKET, looks_like, recognises, read, open_table, joins_files=True)


def _records(rows: RowReader, table: Table) -> Iterator[Record]:
    for number, row in enumerate(table.rows, 1):
        if row.values is None:
            yield rows.rejected(row.line, number, row.problem, row.raw or "")
        else:
            yield rows.record(row.values, row.line, number, row.raw)


def opened(path: Path, options: IntakeOptions, open_table: OpenTable) -> tuple[Table, IntakeOptions]:
    """A table, and the options with the mapping that fits it: the one given, else the preset that knows its columns."""
    table = open_table(path, options.mapping)
    head = peek(table)
    mapping = mapping_for(table.columns, [row.values for row in head if row.values is not None], options.mapping)
    if not mapping.date_order and any(map(is_slashed, dates_in((row.values for row in head), mapping))):
        later = (row.values for row in open_table(path, options.mapping).rows)  # a pass over the file
        mapping = replace(mapping, date_order=day_order(dates_in(later, mapping)))
    return replace(table, rows=chain(head, table.rows)), replace(options, mapping=mapping)


def check_used(path: Path, table: Table, mapping: Mapping) -> None:
    """Raises IntakeError when a field that is used stands in the header more than once: both cannot be meant."""
    used = mapping.used() | {name for ours in FIELDS for name in mapping.paths(ours)}
    if twice := sorted(table.twice & used):
        raise IntakeError(f"{path}: the header names {', '.join(twice)} more than once; rename one of the columns")


def header_names(cells: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """The columns' names, and which of them came more than once: the later ones are numbered, "Other (2)"."""
    names: dict[str, None] = {}
    counts: Counter[str] = Counter()
    found = []
    for cell in cells:
        name = cell
        while name and name in names:
            counts[cell] += 1
            name = f"{cell} ({counts[cell] + 1})"
        names[name] = None
        found.append(name)
    return found, frozenset(counts)


def peek(table: Table) -> list[Row]:
    """The first rows, taken from the table: at most 200, and not more than 8 MB of them."""
    head: list[Row] = []
    size = 0
    for row in table.rows:
        head.append(row)
        size += len(row.raw or "") or sum(len(v) for v in (row.values or {}).values() if isinstance(v, str))
        if len(head) >= _HEAD_ROWS or size > _HEAD_SIZE:
            break
    return head


def is_understood(columns: Sequence[str], mapping: Mapping | None) -> bool:
    """Whether rows with these columns can be read: by the mapping, by a preset, or because a text is among them."""
    if mapping is None and recognise_preset(columns):
        return True
    known = mapping or Mapping()
    places = (*known.paths("text"), *known.paths("title"))
    return not known.missing(columns) and any(path in columns or path in (FREE_TEXT, FIRST_TURN) for path in places)
