"""Stages 10 and 11: articles -> checked -> built with its search index; and the site's own search, asked from here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from helploop.articles import assign_ids, read_articles
from helploop.config import Settings
from helploop.domain import Problem
from helploop.errors import ConfigError
from helploop.expectations import (
    EXPECTED_FILE,
    Expectation,
    Unmet,
    alias_expectations,
    hold,
    propose,
    read_expectations,
)
from helploop.helpsite.build import BuildResult, build
from helploop.helpsite.check import check
from helploop.search import SearchResult, open_site
from helploop.store import Store


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


def check_search(settings: Settings) -> tuple[int, tuple[Unmet, ...]]:
    """How many questions must find their article (aliases, and kb/search/expected.toml), and those that do not.

    Needs the built site, neither encoder nor database. Raises ConfigError for a wrong line, BuildError without a site.
    """
    articles = read_articles(settings.articles)
    known = {article.id for article in articles}
    written = read_expectations(settings.kb / "search" / EXPECTED_FILE)
    gone = [
        f"{EXPECTED_FILE}: {one.source}: there is no article {one.article}"
        for one in written
        if one.article not in known
    ]
    if gone:
        raise ConfigError("\n".join(gone))
    expected = (*written, *alias_expectations(articles))
    with open_site(settings.root / "site") as engine:
        return len(expected), hold(engine, expected)


def propose_expectations(settings: Settings) -> tuple[Expectation, ...]:
    """What visitors searched and where they then went, as lines for expected.toml (expectations.propose)."""
    articles = read_articles(settings.articles)
    old = (*read_expectations(settings.kb / "search" / EXPECTED_FILE), *alias_expectations(articles))
    with Store(settings.database) as store:
        return propose(store.events(), frozenset(article.id for article in articles), old)
