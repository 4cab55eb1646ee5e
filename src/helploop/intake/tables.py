"""Files of rows with named fields (CSV, spreadsheets, JSON objects, Parquet): one loop for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from helploop.domain import Channel
from helploop.errors import IntakeError
from helploop.intake.desks.spool import Spool
from helploop.intake.interface import IntakeOptions, OpenTable, Reader, Record, Row, Table
from helploop.intake.mapping import FIELDS, FIRST_TURN, FREE_TEXT, TIMES, Mapping, lookup
from helploop.intake.presets import preset, recognise_preset
from helploop.intake.rows import RowReader
from helploop.intake.sample import Sample
from helploop.intake.shapes import Kind, column_shapes
from helploop.intake.times import day_order, is_slashed
from helploop.intake.turns import TurnCollector

_HEAD_ROWS = 200  # rows that are looked at before the first is read
_TELLING = 5  # rows that tell free text from words
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
    mapping = mapping_for(table, head, options.mapping)
    if not mapping.date_order and is_dated_either_way(head, mapping):
        mapping = replace(mapping, date_order=_order_of_all(open_table(path, options.mapping), mapping))
    return replace(table, rows=chain(head, table.rows)), replace(options, mapping=mapping)


def mapping_for(table: Table, head: Sequence[Row], given: Mapping | None) -> Mapping:
    """How a table is read: the mapping given, else the preset that knows its columns, else our own names.

    What only its rows show is filled in: which columns are free text, and whether 03/04/2026 is in March or April.
    """
    known = recognise_preset(table.columns) if given is None else ""
    mapping = preset(known) if known else given or Mapping()
    if mapping.recognised_by:
        mapping = mapping.fitted(table.columns)
    rows = [row.values for row in head if row.values is not None]
    if FREE_TEXT in mapping.paths("text"):
        rows = [row for row in rows if not any(ignored.holds(row) for ignored in mapping.ignored)]
        shapes = column_shapes(sorted(set(table.columns) - mapping.used()), rows, lookup)
        wanted = {Kind.TEXT} if len(rows) >= _TELLING else {Kind.TEXT, Kind.LINE}  # a mended row comes alone
        order = {column: i for i, column in enumerate(table.columns)}
        texts = sorted((c for c, shape in shapes.items() if shape.kind in wanted), key=lambda c: order[c])
        mapping = replace(mapping, free_text=tuple(texts))
    if not mapping.date_order:
        mapping = replace(mapping, date_order=day_order(_dates(rows, mapping)))
    return mapping


def is_dated_either_way(head: Sequence[Row], mapping: Mapping) -> bool:
    """Whether the first rows hold dates like 03/04/2026."""
    return any(is_slashed(value) for value in _dates((row.values for row in head), mapping))


def _order_of_all(table: Table, mapping: Mapping) -> str:
    """The order that some later row shows. A pass over the file."""
    return day_order(_dates((row.values for row in table.rows), mapping))


def _dates(rows: Iterable[dict[str, Any] | None], mapping: Mapping) -> Iterator[object]:
    paths = [path for name in TIMES for path in mapping.paths(name)]
    paths += [path for reply in mapping.reply_columns for path in reply.at]
    return (lookup(row, (path,)) for row in rows for path in paths)


def check_used(path: Path, table: Table, mapping: Mapping) -> None:
    """Raises IntakeError when a field that is used stands in the header more than once: both cannot be meant."""
    used = mapping.used() | {name for ours in FIELDS for name in mapping.paths(ours)}
    if twice := sorted(table.twice & used):
        raise IntakeError(f"{path}: the header names {', '.join(twice)} more than once; rename one of the columns")


def header_names(cells: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """The columns' names, and which of them came more than once: the later ones are numbered, "Other (2)"."""
    names: list[str] = []
    twice = set()
    for cell in cells:
        name, number = cell, 1
        while name and name in names:
            number += 1
            name = f"{cell} ({number})"
        twice.update([cell] if number > 1 else [])
        names.append(name)
    return names, frozenset(twice)


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
