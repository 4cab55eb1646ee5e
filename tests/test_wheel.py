"""What travels in the wheel: the program, the theme, the sample's log and its site."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NEEDED = {
    "helploop/cli/__init__.py",
    "helploop/intake/presets/hubspot.toml",
    "helploop/report/map.html.jinja",
    "helploop/report/page.html.jinja",
    "helploop/sample/exports/to-2026-09-13/tickets.csv",
    "helploop/sample/exports/to-2026-09-27/mail.mbox",
    "helploop/sample/kb/articles/index.md",
    "helploop/sample/mkdocs.yml",
    "helploop/sample/visitors.jsonl",
    "helploop/site_templates/new_site/mkdocs.yml",
    "helploop/site_templates/theme/assets/helploop/engine.js",
    "helploop/site_templates/theme/main.html",
    "helploop/store/migrations/versions/v0001_first_tables.py",
}


def test_wheel_holds_everything_the_commands_need(tmp_path: Path) -> None:
    """A wheel built from this checkout has the theme, the migrations and the sample in it, and no tests."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert names >= NEEDED
    assert not [name for name in names if name.startswith("tests/") or "/tests/" in name]
