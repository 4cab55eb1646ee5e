"""The docs tell the truth: every command is explained, every module stands in the README's table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from helploop.cli import main

ROOT = Path(__file__).resolve().parents[1]
DOCS = "\n".join(p.read_text(encoding="utf-8") for p in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
# modules that no stage of the table is: they join, configure, name or serve all stages
NOT_A_STAGE = {"domain", "errors", "atomic", "config", "pipeline", "cli", "mkdocs_plugin"}


def _commands(group: click.Group, path: str = "helploop") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(_commands(main))


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_command_has_help_that_ends_in_an_example(path: str) -> None:
    """Every command's help says what it does, and its last paragraph is an example that calls it."""
    text = (COMMANDS[path].help or "").strip()
    assert text, f"{path} has no help"
    assert path in text.split("\n\n")[-1], f"{path}: the help does not end in an example"


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_command_stands_in_the_docs(path: str) -> None:
    """A command nobody can read about does not exist."""
    assert path in DOCS


def test_readme_table_names_every_module() -> None:
    """README's stage table holds every module that is a stage."""
    table = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    package = ROOT / "src" / "helploop"
    names = {p.stem if p.is_file() else p.name for p in package.iterdir() if p.suffix == ".py" or p.is_dir()}
    names -= NOT_A_STAGE | {"__init__", "__pycache__", "sample"}
    missing = [name for name in sorted(names) if not any(f"`{name}`" in line or f"`{name}/`" in line for line in table)]
    assert missing == []
