"""Stages 10 and 11: articles -> checked -> built with its search index; and the site's own search, asked from here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from helploop.articles import assign_ids
from helploop.config import Settings
from helploop.domain import Problem
from helploop.helpsite.build import BuildResult, build
from helploop.helpsite.check import check
from helploop.search import SearchResult, open_site


def check_site(settings: Settings) -> tuple[Problem, ...]:
    """All findings of the gate, sorted by file and line. Needs neither encoder nor database."""
    return check(settings.root)


def build_site(settings: Settings, out: Path | None = None) -> BuildResult:
    """Checks, builds into a new folder, checks what was built, swaps. The old site stays whole if anything fails."""
    return build(settings.root, out)


def search_site(settings: Settings, queries: Sequence[str], limit: int = 10) -> tuple[SearchResult, ...]:
    """What the built site answers to each query, by the very engine that it ships.

    Raises BuildError when no site is built.
    """
    engine = open_site(settings.root / "site")
    return tuple(engine.search(query, limit) for query in queries)


def fix_site(settings: Settings) -> tuple[Path, ...]:
    """Mends what is safe: articles that somebody simply added get an id. The files changed, sorted."""
    return assign_ids(settings.articles)
