"""Every value of every fixture in the wrong shape: nothing but records comes out, and no record is lost."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helploop.domain import IgnoredRow, RawInquiry, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_files
from helploop.intake.desks import READERS
from helploop.intake.json_records import read_objects
from tests.intake.desks.reading import FIXTURES

WRONG: tuple[Any, ...] = (None, True, 0, -1, 7.5, 10**30, "", "x", "\ud800", [], [1], [[]], [{}], {}, {"a": {"b": []}})
ROUNDS = 60  # for each system; each changes two values


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to every value inside, the containers' too."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


def change(value: Any, path: tuple[Any, ...], wrong: object) -> None:
    """Puts something else at a path, if the path is still there."""
    for key in path[:-1]:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return
    last = path[-1]
    if isinstance(value, dict) or (isinstance(value, list) and isinstance(last, int) and last < len(value)):
        value[last] = wrong


def documents(name: str) -> dict[str, Any]:
    """The fixtures of a system by their file names: a list for JSON Lines and arrays, else the document."""
    files = [path for path in FIXTURES.iterdir() if path.name.split(".")[0].split("_")[0] == name]
    plain = [file for path in files for file in (path.rglob("*.json") if path.is_dir() else [path])]
    return {
        file.relative_to(FIXTURES).as_posix(): [value for _, value in read_objects(file)]
        if file.suffix == ".jsonl"
        else json.loads(file.read_text())
        for file in sorted(plain)
    }


@pytest.mark.parametrize("name", [reader.name for reader in READERS])
def test_wrong_values_anywhere(tmp_path: Path, name: str) -> None:
    """Seed 5; --from keeps the system where its shape can no longer be told."""
    draw = random.Random(5)
    whole = documents(name)
    before = {file: list(places(content)) for file, content in whole.items()}
    for _ in range(ROUNDS):
        changed = json.loads(json.dumps(whole))
        for _ in range(2):
            file = draw.choice(sorted(whole))
            change(changed[file], draw.choice(before[file]), draw.choice(WRONG))
        paths = []
        for file, content in changed.items():
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            is_lines = file.endswith(".jsonl")
            path.write_text("\n".join(map(json.dumps, content)) if is_lines else json.dumps(content))
            paths.append(path)
        roots = [tmp_path / name] if (tmp_path / name).is_dir() else paths
        try:
            found = list(read_files(roots, IntakeOptions(format=name)))
        except IntakeError:
            continue
        assert all(isinstance(record, RawInquiry | IgnoredRow | RejectedRow) for record in found)
        assert all(record.source_id for record in found if isinstance(record, RawInquiry))
