"""What the search must go on finding: kb/search/expected.toml, held against a built site's own engine."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from helploop.domain import Article, ArticleId, SearchAction, SearchEvent
from helploop.errors import ConfigError
from helploop.misses import normalise_query
from helploop.search import SearchEngine, SearchHit

EXPECTED_FILE = "expected.toml"
WITHIN = 3  # hits that a visitor looks at
_CLICKED_BY = 3  # visitors, before a query and its article are proposed
_LOOKED_AT = 50  # hits in which a missed article is looked for


@dataclass(frozen=True)
class Expectation:
    """A question, and the article that must be among the first hits."""

    query: str
    article: ArticleId
    within: int = WITHIN
    source: str = ""  # "expected.toml:12", or "alias"


@dataclass(frozen=True)
class Unmet:
    """An expectation that does not hold, and what won instead."""

    expectation: Expectation
    rank: int  # of the article; 0 when it was not found at all
    hit: SearchHit | None  # the article, with its parts
    winners: tuple[SearchHit, ...]  # the hits in front of it, at most three


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """A table of the file."""

    query: str
    article: str
    within: int = WITHIN


def read_expectations(path: Path) -> tuple[Expectation, ...]:
    """The lines of a file, in order; none when there is no file.

    Raises: ConfigError naming every line that is wrong.
    """
    if not path.exists():
        return ()
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text).get("expected", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    starts = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[expected\]\]", line)]
    if not isinstance(tables, list) or len(starts) != len(tables):
        raise ConfigError(f"{path}: write each question as a table of its own: [[expected]], query, article, within")
    problems, found = [], []
    for line, table in zip(starts, tables, strict=True):
        where = f"{path.name}:{line}"
        try:
            one = msgspec.convert(table, _Line)
        except msgspec.ValidationError as error:
            problems.append(f"{path}:{line}: {error}")
            continue
        if not one.query.strip() or one.within < 1:
            problems.append(f"{path}:{line}: query must say something, within is 1 at least")
        found.append(Expectation(one.query, ArticleId(one.article), one.within, where))
    if problems:
        raise ConfigError("\n".join(problems))
    return tuple(found)


def alias_expectations(articles: Sequence[Article]) -> tuple[Expectation, ...]:
    """Every alias must find its article; one that several articles have need not."""
    owners: dict[str, set[ArticleId]] = {}
    for article in articles:
        for alias in article.aliases:
            owners.setdefault(alias, set()).add(article.id)
    return tuple(
        Expectation(alias, next(iter(ids)), WITHIN, "alias") for alias, ids in sorted(owners.items()) if len(ids) == 1
    )


def hold(engine: SearchEngine, expectations: Sequence[Expectation]) -> tuple[Unmet, ...]:
    """Those that do not hold, in order."""
    unmet = []
    for expectation in expectations:
        hits = engine.search(expectation.query, limit=_LOOKED_AT).hits
        rank = next((place for place, hit in enumerate(hits, 1) if hit.article == expectation.article), 0)
        if not 0 < rank <= expectation.within:
            before = hits[: rank - 1] if rank else hits
            unmet.append(Unmet(expectation, rank, hits[rank - 1] if rank else None, before[:WITHIN]))
    return tuple(unmet)


def propose(
    events: Iterable[SearchEvent], articles: frozenset[ArticleId], old: Sequence[Expectation]
) -> tuple[Expectation, ...]:
    """What visitors searched, and the article that most of those who clicked went to, three at least; by the query.

    Queries that differ in case, signs or plurals are one, in its commonest wording. old: what is expected already.
    """
    known = {normalise_query(one.query) for one in old}
    visitors: dict[str, dict[ArticleId, set[str]]] = {}
    wordings: dict[str, Counter[str]] = {}
    for event in events:
        key, article = normalise_query(event.search_term), ArticleId(event.article)
        if event.event is SearchAction.CLICK and article in articles and key and key not in known:
            visitors.setdefault(key, {}).setdefault(article, set()).add(event.visitor)
            wordings.setdefault(key, Counter())[event.search_term] += 1
    found = []
    for key, by_article in sorted(visitors.items()):
        article, who = max(by_article.items(), key=lambda item: (len(item[1]), item[0]))
        if len(who) >= _CLICKED_BY and len(who) > sum(map(len, by_article.values())) / 2:
            query = min(wordings[key], key=lambda text: (-wordings[key][text], text))
            found.append(Expectation(query, article, source=f"clicked by {len(who)} visitors"))
    return tuple(found)


def as_toml(expectations: Sequence[Expectation]) -> str:
    """Lines for the file."""
    return "\n".join(
        f"[[expected]] # {one.source}\nquery = {_quoted(one.query)}\narticle = {_quoted(one.article)}\n"
        + (f"within = {one.within}\n" if one.within != WITHIN else "")
        for one in expectations
    )


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()  # a JSON string is a TOML basic string
