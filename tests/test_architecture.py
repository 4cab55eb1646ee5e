"""The layers of the design, held against the code's own imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "helploop"

LAYERS: dict[str, int] = {
    **dict.fromkeys(("domain", "errors"), 0),
    **dict.fromkeys(
        (
            "cleaning",
            "redaction",
            "triage",
            "conversations",
            "clustering",
            "matching",
            "drafting",
            "review",
            "misses",
            "metrics",
        ),
        1,
    ),
    **dict.fromkeys(
        (
            "atomic",
            "intake",
            "store",
            "embedding",
            "articles",
            "drafts",
            "decisions",
            "helpsite",
            "search",
            "tuning",
            "report",
            "outbox",
            "names",
            "erasure",
            "expectations",
        ),
        2,
    ),
    "config": 3,
    "pipeline": 4,
    **dict.fromkeys(("cli", "collector", "mkdocs_plugin"), 5),
}
LIGHT = (
    "helploop.cli",
    "helploop.helpsite.check",
    "helploop.helpsite.build",
    "helploop.mkdocs_plugin",
    "helploop.collector",
)
HEAVY = (
    "torch",
    "sentence_transformers",
    "sklearn",
    "transformers",
    "spacy",
    "presidio_analyzer",
    "altair",
    "vl_convert",
)


def _modules() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        if inside.parts[0] not in ("__init__.py", "sample"):
            found.setdefault(inside.parts[0].removesuffix(".py"), []).append(path)
    return found


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("helploop"):
            rest = node.module.split(".")[1:]
            names.update([rest[0]] if rest else [alias.name for alias in node.names])
        elif isinstance(node, ast.Import):
            names.update(
                parts[1] for alias in node.names if (parts := alias.name.split("."))[0] == "helploop" and parts[1:]
            )
    return names - {"__version__"}


def test_every_module_has_a_layer() -> None:
    """A module that the design does not know is a finding."""
    assert sorted(_modules()) == sorted(LAYERS)


@pytest.mark.parametrize("module", sorted(LAYERS))
def test_imports_go_down_only(module: str) -> None:
    """No module imports from a higher layer; the pure ones of layer 1 never import each other."""
    mine = LAYERS[module]
    for path in _modules()[module]:
        for other in _imports(path) - {module}:
            assert LAYERS[other] <= mine, f"{path.name} (layer {mine}) imports {other} (layer {LAYERS[other]})"
            assert not (mine == LAYERS[other] == 1), f"{path.name} imports {other}: pure stages never import each other"


@pytest.mark.parametrize("module", LIGHT)
def test_doors_start_light(module: str) -> None:
    """The command line, the gate, the plugin and the collector start without the encoder's packages."""
    code = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_command_line_prints() -> None:
    """print() stands in cli alone: everything else returns what it has to say."""
    for name, paths in _modules().items():
        if name != "cli":
            for path in paths:
                calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
                assert not [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"], path
