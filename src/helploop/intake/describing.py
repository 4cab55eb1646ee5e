"""What a dry run says of a file: how it was recognised, which of its columns are used for what, and which are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from helploop.intake.interface import IntakeOptions, Reader
from helploop.intake.mapping import FIELDS, FIRST_TURN
from helploop.intake.mapping import Mapping as FieldMapping
from helploop.intake.tables import opened


@dataclass(frozen=True)
class Recognised:
    """A file as it will be read."""

    file: str
    format: str
    mapping: str = ""  # the mapping's file, or "preset hubspot"; "" when our own names, or the format's, are enough
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # ours -> theirs, of a table
    unused: tuple[str, ...] = ()  # columns of a table that nothing is taken from


def describe_file(path: Path, reader: Reader, options: IntakeOptions) -> Recognised:
    """How this reader will read the file. Raises IntakeError as the reader does."""
    if reader.table is None:
        return Recognised(str(path), reader.name)
    table, options = opened(path, options, reader.table)
    mapping = options.mapping or FieldMapping()
    there = set(table.columns)
    columns: dict[str, tuple[str, ...]] = {}
    for ours in FIELDS:
        found = tuple(name for name in mapping.paths(ours) if name in there)
        columns[ours] = mapping.free_text if ours == "text" and mapping.free_text else found
    if FIRST_TURN in mapping.paths("text"):
        columns["text"] = columns["replies"]
    for reply in mapping.reply_columns:
        columns["replies"] += tuple(name for name in (*reply.text, *reply.at, *reply.by) if name in there)
    columns["tags"] += tuple(name for name in mapping.tags.values() if name in there)
    columns = {ours: tuple(dict.fromkeys(names)) for ours, names in columns.items() if names}
    used = {*mapping.used(), *(name for names in columns.values() for name in names)}
    return Recognised(str(path), reader.name, mapping.file, columns, _unused(table.columns, used))


def _unused(columns: Iterable[str], used: set[str]) -> tuple[str, ...]:
    """Columns that are neither used, nor inside one that is, nor hold one that is."""
    return tuple(
        name
        for name in columns
        if not any(name == one or name.startswith(f"{one}.") or one.startswith(f"{name}.") for one in used)
    )
