"""Scaffolds a site: an empty one (`helploop init`) or the sample company's (`helploop demo`)."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

from helploop.errors import HelploopError
from helploop.helpsite.theme import templates_dir

IGNORED = "# machine state and what is built: never in git\n.helploop/\nsite/\n"


def init_site(folder: Path) -> Path:
    """An empty site in `folder`: mkdocs.yml, helploop.toml, kb/. Existing files are left alone.

    Raises HelploopError when the folder holds a site already, or cannot be written.
    """
    folder = folder.resolve()
    if (folder / "mkdocs.yml").exists():
        raise HelploopError(f"{folder}: there is a site here already (mkdocs.yml); choose another folder")
    try:
        _copy(templates_dir() / "new_site", folder)
        for part in ("kb/drafts", "kb/decisions", "kb/search"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        if not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
    except OSError as error:
        raise HelploopError(f"{folder}: cannot be written ({error.strerror})") from error
    return folder


def copy_sample_site(folder: Path) -> None:
    """The sample company's site: its nine articles, mkdocs.yml and helploop.toml."""
    sample = sample_dir()
    checkout = Path(__file__).resolve().parents[3]
    root = sample if (sample / "mkdocs.yml").exists() else checkout  # inside a wheel it travels with the sample
    for name in ("mkdocs.yml", "helploop.toml"):
        shutil.copyfile(root / name, folder / name)
    _copy(root / "kb" / "articles", folder / "kb" / "articles")
    (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")


def sample_dir() -> Path:
    """Where the invented company's log is."""
    return Path(str(files("helploop") / "sample"))


def _copy(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_file():
            to = target / path.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            if not to.exists():
                shutil.copyfile(path, to)
