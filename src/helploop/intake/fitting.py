"""A mapping made to fit one table: what only its rows show is filled in before they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from helploop.intake.column_words import NAMES, likeness
from helploop.intake.mapping import FREE_TEXT, TIMES, Mapping, lookup
from helploop.intake.presets import preset, recognise_preset
from helploop.intake.shapes import Kind, Shape, column_shapes
from helploop.intake.times import day_order

_TELLING = 5  # rows that tell free text from words
_SCORES = {"nps": (0, 10), "csat": (1, 5)}
_ALIKE = 0.45  # likeness of a column's name to those of scores


def mapping_for(columns: Sequence[str], rows: Sequence[dict[str, Any]], given: Mapping | None) -> Mapping:
    """How a table is read: the mapping given, else the preset that knows its columns, else our own names.

    rows: the first ones. They show which columns are free text or a score, and whether 03/04/2026 is in March or April.
    """
    known = recognise_preset(columns) if given is None else ""
    mapping = preset(known) if known else given or Mapping()
    if mapping.recognised_by:
        mapping = mapping.fitted(columns)
    open_fields = [ours for ours in ("text", *_SCORES) if FREE_TEXT in mapping.paths(ours)]
    if open_fields:
        answers = [row for row in rows if not any(ignored.holds(row) for ignored in mapping.ignored)]
        used = mapping.used()
        shapes = column_shapes([column for column in columns if column not in used], answers, lookup)
        if "text" in open_fields:
            wanted = {Kind.TEXT} if len(answers) >= _TELLING else {Kind.TEXT, Kind.LINE}  # a mended row comes alone
            mapping = replace(mapping, free_text=tuple(c for c, shape in shapes.items() if shape.kind in wanted))
        scores = {ours: _score_column(ours, shapes) for ours in open_fields if ours in _SCORES}
        fields = {ours: paths for ours, paths in {**mapping.fields, **scores}.items() if paths}
        mapping = replace(mapping, fields=fields)
    if not mapping.date_order:
        mapping = replace(mapping, date_order=day_order(dates_in(rows, mapping)))
    return mapping


def dates_in(rows: Iterable[dict[str, Any] | None], mapping: Mapping) -> Iterator[object]:
    """The values of the rows' times."""
    paths = [path for name in TIMES for path in mapping.paths(name)]
    paths += [path for reply in mapping.reply_columns for path in reply.at]
    return (lookup(row, (path,)) for row in rows for path in paths)


def _score_column(ours: str, shapes: dict[str, Shape]) -> tuple[str, ...]:
    """The question that asks for this score: whole numbers within its bounds, under a name that says so."""
    low, high = _SCORES[ours]
    fitting = [
        column
        for column, shape in shapes.items()
        if shape.kind is Kind.NUMBER and shape.is_whole and low <= shape.low and shape.high <= high
    ]
    best = max(fitting, key=lambda column: likeness(column, NAMES[ours]), default="")
    return (best,) if best and likeness(best, NAMES[ours]) >= _ALIKE else ()
