"""Where the theme is, and its search scripts: site_templates/theme in a checkout, the packaged copy in a wheel."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from helploop.errors import BuildError

# In the order in which each needs the ones before it. The worker is these and worker.js in one file.
ENGINE_SCRIPTS = (
    *("stemmer-en.js", "words.js", "spelling.js", "vectors.js"),
    *("indexing.js", "sections.js", "verdict.js", "engine.js"),
)
_PACKAGE = Path(__file__).resolve().parents[1]


def theme_dir() -> Path:
    """The folder with main.html and assets/, for MkDocs' `theme.dirs`.

    Raises:
        BuildError: it is neither in the package nor beside it.
    """
    return templates_dir() / "theme"


def templates_dir() -> Path:
    """The folder of everything a site starts from: theme/, articles/, new_site/.

    Raises:
        BuildError: it is neither in the package nor beside it.
    """
    places = (_PACKAGE / "site_templates", _PACKAGE.parents[1] / "site_templates")
    for place in places:
        if (place / "theme" / "main.html").is_file():
            return place
    raise BuildError(f"helploop's theme is missing (looked in {', '.join(map(str, places))}): install helploop again")


@lru_cache
def read_script(name: str) -> str:
    """The source of one of the theme's scripts."""
    return (theme_dir() / "assets" / "helploop" / name).read_text(encoding="utf-8")


def engine_source() -> str:
    """The search engine as one script; it makes the globals HelploopWords, HelploopSpelling and HelploopSearch."""
    return "".join(read_script(name) for name in ENGINE_SCRIPTS)
