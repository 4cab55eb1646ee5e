"""Stages 10 and 11: articles -> checked -> built with its search index; and the site's own search, asked from here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from helploop.articles import assign_ids, read_articles
from helploop.config import Settings
from helploop.domain import ArticleId, Problem, SearchAction
from helploop.errors import ConfigError
from helploop.expectations import (
    EXPECTED_FILE,
    Expectation,
    Unmet,
    alias_expectations,
    hold,
    read_expectations,
)
from helploop.helpsite.build import BuildResult, build
from helploop.helpsite.check import check
from helploop.misses import normalise_query
from helploop.search import SearchResult, open_site
from helploop.store import Store

_CLICKED_BY = 3  # visitors before a query and its article are proposed


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
    """What visitors searched and where they then went, as lines for expected.toml: one article for most of the clicks
    of a query, by three visitors at least; sorted by the query. What stands in the file or is an alias is left out."""
    articles = read_articles(settings.articles)
    known = {article.id for article in articles}
    written = read_expectations(settings.kb / "search" / EXPECTED_FILE)
    old = {normalise_query(one.query) for one in (*written, *alias_expectations(articles))}
    visitors: dict[str, dict[str, set[str]]] = {}
    wordings: dict[str, Counter[str]] = {}
    with Store(settings.database) as store:
        for event in store.events():
            key = normalise_query(event.search_term)
            if event.event is SearchAction.CLICK and event.article in known and key and key not in old:
                visitors.setdefault(key, {}).setdefault(event.article, set()).add(event.visitor)
                wordings.setdefault(key, Counter())[event.search_term] += 1
    found = []
    for key, by_article in sorted(visitors.items()):
        article, who = max(by_article.items(), key=lambda item: (len(item[1]), item[0]))
        if len(who) >= _CLICKED_BY and len(who) > sum(map(len, by_article.values())) / 2:
            query = min(wordings[key], key=lambda text: (-wordings[key][text], text))
            found.append(Expectation(query, ArticleId(article), source=f"clicked by {len(who)} visitors"))
    return tuple(found)
