"""JSON Lines (plain or .gz), a JSON array of objects, or a JSON document that holds one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from helploop.domain import Channel
from helploop.intake.interface import IntakeOptions, Reader, Record, one_by_one
from helploop.intake.json_records import read_objects
from helploop.intake.mapping import Mapping, paths_of
from helploop.intake.rows import RowReader
from helploop.intake.sample import Sample

LOOKED_AT = 1_000  # records whose fields decide whether a mapped field is there at all


def _read(path: Path, options: IntakeOptions) -> Iterator[Record]:
    rows = RowReader(path, options, "jsonl", Channel.TICKET)
    columns = _columns(path, options.mapping)
    if columns:
        rows.check_columns(columns, path.name)
    for number, (line, value) in enumerate(read_objects(path), 1):
        if isinstance(value, dict):
            yield rows.record(value, line.number, number, line.text)
        else:
            yield rows.rejected(line.number, number, value, line.text)


def _columns(path: Path, mapping: Mapping | None) -> set[str]:
    """The fields of the first 1,000 records; of later ones too while a mapped field has not been seen."""
    columns: set[str] = set()
    for number, (_line, value) in enumerate(read_objects(path), 1):
        if isinstance(value, dict):
            columns |= paths_of(value)
        if number >= LOOKED_AT and not (mapping and mapping.missing(columns)):
            break
    return columns


def _recognises(sample: Sample) -> bool:
    return sample.text.lstrip().startswith(("{", "["))


READER = Reader("jsonl", Channel.TICKET, "{ or [", _recognises, one_by_one(_read))
