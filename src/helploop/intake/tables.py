"""Files of rows with named fields (CSV, spreadsheets, JSON objects, Parquet): one loop for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from helploop.domain import Channel
from helploop.errors import IntakeError
from helploop.intake.interface import IntakeOptions, OpenTable, Reader, Record, Row, Table, one_by_one
from helploop.intake.mapping import Mapping
from helploop.intake.rows import RowReader
from helploop.intake.sample import Sample

_HEAD_ROWS = 200  # rows that are looked at before the first is read
_HEAD_SIZE = 8_000_000  # characters of them that are held at most


def table_reader(name: str, looks_like: str, recognises: Callable[[Sample], bool], open_table: OpenTable) -> Reader:
    """The reader of a format whose records are rows with named fields."""

    def read(path: Path, options: IntakeOptions) -> Iterator[Record]:
        table, head = peek(open_table(path, options.mapping))
        rows = RowReader(path, options, name, Channel.TICKET)
        if table.columns:
            rows.check_columns(table.columns, table.seen_in)
        for number, row in enumerate(chain(head, table.rows), 1):
            if row.values is None:
                yield rows.rejected(row.line, number, row.problem, row.raw or "")
            else:
                yield rows.record(row.values, row.line, number, row.raw)

    return Reader(name, Channel.TICKET, looks_like, recognises, one_by_one(read), open_table)


def check_header(path: Path, names: Sequence[str]) -> None:
    """Raises IntakeError when a header names a column more than once: both cannot be meant."""
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise IntakeError(f"{path}: the header names {', '.join(twice)} more than once; rename one of the columns")


def peek(table: Table) -> tuple[Table, list[Row]]:
    """The table from its second part on, and the rows before: at most 200, and not more than 8 MB of them."""
    head: list[Row] = []
    size = 0
    for row in table.rows:
        head.append(row)
        size += len(row.raw or "") or sum(len(v) for v in (row.values or {}).values() if isinstance(v, str))
        if len(head) >= _HEAD_ROWS or size > _HEAD_SIZE:
            break
    return table, head


def is_understood(columns: Sequence[str], mapping: Mapping | None) -> bool:
    """Whether rows with these columns can be read: by the mapping, or because a text is among them."""
    known = mapping or Mapping()
    return not known.missing(columns) and any(path in columns for path in (*known.paths("text"), *known.paths("title")))
