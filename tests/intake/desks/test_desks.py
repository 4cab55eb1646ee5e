"""All readers of help desks' exports together: none takes another's file, a mapping is stronger than any."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helploop.domain import RawInquiry
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, Mapping, read_file, recognise
from helploop.intake.desks import READERS
from tests.intake.desks.reading import FIXTURES

NAMES = {reader.name for reader in READERS}


@pytest.mark.parametrize("path", sorted(FIXTURES.iterdir()), ids=lambda path: path.name)
def test_every_fixture_is_its_own_format(path: Path, tmp_path: Path) -> None:
    """By content alone: under another name each file is told all the same, and no other file is taken for a desk's."""
    name = path.name.split(".")[0].split("_")[0]
    nameless = path if path.is_dir() else Path(shutil.copy(path, tmp_path / "export"))
    try:
        told = recognise(nameless)
    except IntakeError:
        told = ""
    assert told == name if name in NAMES else told not in NAMES


def test_every_desk_has_a_fixture() -> None:
    """A newcomer can take in each format with one command."""
    assert {path.name.split(".")[0].split("_")[0] for path in FIXTURES.iterdir()} >= NAMES


def test_mapping_is_stronger() -> None:
    """A file with [fields] of its own is read by them, whatever its shape; --from takes it back."""
    mapping = Mapping(fields={"text": ("subject",), "id": ("id",)})
    found = list(read_file(FIXTURES / "zendesk.json", IntakeOptions(mapping=mapping)))
    assert isinstance(found[0], RawInquiry)
    assert (found[0].source, found[0].text) == ("jsonl", "Lid does not fit")
    again = next(read_file(FIXTURES / "zendesk.json", IntakeOptions(mapping=mapping, format="zendesk")))
    assert isinstance(again, RawInquiry) and again.source == "zendesk"
