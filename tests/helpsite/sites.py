"""Small sites on disk for the tests of the gate, the plugin and the build."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

MKDOCS = """site_name: Help
docs_dir: kb/articles
theme:
  name: material
  font: false
plugins:
  - search
  - helploop
markdown_extensions:
  - admonition
  - attr_list
  - tables
"""
HOME = "---\ntitle: Help\n---\n\n# Help\n\nAsk.\n"


def make_site(root: Path, files: Mapping[str, str] | None = None, mkdocs: str = MKDOCS) -> Path:
    """A site with a home page and these files (path below kb/articles -> text)."""
    (root / "mkdocs.yml").write_text(mkdocs, encoding="utf-8")
    for name, text in {"index.md": HOME, **(files or {})}.items():
        path = root / "kb" / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def make_text(body: str = "Open **Orders**.", **front: str) -> str:
    """An approved article's file; a front matter value is written as it is given, "" leaves the key out."""
    values = {
        "id": "track",
        "title": "Track a delivery",
        "review": "approved",
        "owner": "support",
        "reviewed_by": "Mara",
    }
    lines = [f"{key}: {value}" for key, value in (values | front).items() if value]
    return "---\n" + "\n".join(lines) + f"\n---\n\n{body}\n"
