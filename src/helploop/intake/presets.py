"""Mapping files that travel with the program: exports whose columns are known. A file is told by its columns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cache
from pathlib import Path

from rapidfuzz import process

from helploop.errors import IntakeError
from helploop.intake.mapping import PRESET, Mapping, plain_name
from helploop.intake.mapping_file import read_mapping

_FOLDER = Path(__file__).parent / "presets"


@cache
def preset_names() -> tuple[str, ...]:
    """The presets' names, sorted: what --from and --map take."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def preset(name: str) -> Mapping:
    """The preset of that name, one of preset_names()."""
    return replace(read_mapping(_FOLDER / f"{name}.toml"), file=f"{PRESET}{name}")


def recognise_preset(columns: Collection[str]) -> str:
    """The preset whose columns are all among these, the one with most of them when several are; "" for none."""
    there = {plain_name(column) for column in columns}
    fitting = [
        (len(names), name)
        for name in preset_names()
        for names in preset(name).recognised_by
        if {plain_name(column) for column in names} <= there
    ]
    return max(fitting)[1] if fitting else ""


def mapping_named(file_or_preset: Path) -> Mapping:
    """What --map (or the quarantine) names: a file, else a preset. Raises IntakeError, offering the nearest preset."""
    name = str(file_or_preset).removeprefix(PRESET)
    if not file_or_preset.exists() and name in preset_names():
        return preset(name)
    try:
        return read_mapping(file_or_preset)
    except IntakeError as error:
        near = process.extractOne(name, preset_names(), score_cutoff=60)
        if file_or_preset.exists() or near is None:
            raise
        raise IntakeError(f"{error}; did you mean the preset {near[0]}?") from None
