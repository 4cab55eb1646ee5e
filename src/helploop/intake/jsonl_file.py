"""JSON Lines (plain or .gz), a JSON array of objects, or a JSON document that holds one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from helploop.intake.interface import Row, Table
from helploop.intake.json_records import read_objects
from helploop.intake.mapping import Mapping, paths_of
from helploop.intake.sample import Sample
from helploop.intake.tables import table_reader

LOOKED_AT = 1_000  # records whose fields decide whether a mapped field is there at all


def _open(path: Path, mapping: Mapping | None) -> Table:
    return Table(tuple(sorted(_columns(path, mapping))), path.name, _rows(path))


def _rows(path: Path) -> Iterator[Row]:
    for line, value in read_objects(path):
        if isinstance(value, dict):
            yield Row(line.number, value, line.text)
        else:
            yield Row(line.number, None, line.text, value)


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


READER = table_reader("jsonl", "{ or [", _recognises, _open)
