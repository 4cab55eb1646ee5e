"""The help site's search from Python: the very JavaScript that visitors run, in V8 (mini-racer). No second engine."""

from __future__ import annotations

import json
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from helploop.domain import ArticleId, Verdict
from helploop.errors import BuildError
from helploop.helpsite.theme import engine_source

ASSETS = "assets/helploop"  # where a built site has its search files
# What V8 is asked: texts go in and out as JSON, so that no value is converted twice.
_GLUE = """
var helploopEngine = null;
function helploopLoad(text) { helploopEngine = HelploopSearch.create(JSON.parse(text)); return true; }
function helploopSearch(query, limit) { return JSON.stringify(helploopEngine.search(query, { limit: limit })); }
function helploopIndex(text, table) {
  return JSON.stringify(HelploopSearch.buildIndex(JSON.parse(text), JSON.parse(table)));
}
function helploopTexts(text) { return JSON.stringify(JSON.parse(text).map(HelploopSearch.textsOf)); }
function helploopWords(text) {
  return JSON.stringify(JSON.parse(text).map(function (one) {
    return HelploopWords.tokenise(one).filter(function (token) { return !token.isExtra; })
      .map(function (token) { return token.word; }).join(" ");
  }));
}
function helploopStems(text) { return JSON.stringify(JSON.parse(text).map(HelploopWords.stemOf)); }
"""


@dataclass(frozen=True)
class SearchHit:
    """One article found."""

    article: ArticleId
    url: str  # relative to the site
    title: str
    score: float  # 0 to 1: the share of what the query could have scored at most
    parts: Mapping[str, float]  # title, alias, headings, body, and meaning with a word table -> its part of the score
    sections: tuple[str, ...] = ()  # URLs of the article's sections that hold most of what was asked, best first


@dataclass(frozen=True)
class SearchResult:
    """The answer to a query. Weak and none still have hits: the nearest articles."""

    query: str
    verdict: Verdict
    hits: tuple[SearchHit, ...]  # best first
    unmatched_words: tuple[str, ...]  # topical words that stand nowhere on the site
    corrections: Mapping[str, str]  # word as typed -> word searched instead
    top_score: float  # 0 without hits
    confidence: float  # 0 to 1: how sure the engine is that the right article is among the first three


class JavaScript:
    """The search scripts in a V8 of their own. Starts in about 0.1 s; close it, or use it in a `with`."""

    def __init__(self, source: str | None = None) -> None:
        from py_mini_racer import MiniRacer  # noqa: PLC0415 - carries V8; only what searches should load it

        self._v8 = MiniRacer()
        # mini-racer 0.14 left open can hang the interpreter's exit (half the runs, measured): closed then at the latest
        self._closing = weakref.finalize(self, self._v8.close)
        self._v8.eval(source if source is not None else engine_source())
        self._v8.eval(_GLUE)

    def evaluate(self, code: str) -> None:
        """Runs a script."""
        self._v8.eval(code)

    def call(self, function: str, *arguments: object) -> Any:
        """What one of the scripts' functions gives for these arguments (anything JSON can carry)."""
        return self._v8.call(function, *arguments)

    def close(self) -> None:
        """Lets V8 go; a second call does nothing."""
        self._closing()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SearchEngine:
    """A site's index, ready for queries. Not for several threads at once."""

    def __init__(self, index: str, script: str | None = None) -> None:
        """index: JSON as helpsite.index.build_index gives it. script: another build's engine; default: this one's.

        Raises:
            BuildError: the index is no search index, or of another version.
        """
        from py_mini_racer import JSEvalException  # noqa: PLC0415 - see JavaScript

        self._scripts = JavaScript(script)
        try:
            self._scripts.call("helploopLoad", index)
        except JSEvalException as error:
            self.close()
            reason = str(error).strip().splitlines()[0]
            raise BuildError(f"the search index cannot be used ({reason}): build the site again") from error

    def search(self, query: str, limit: int = 10) -> SearchResult:
        """The best articles for a query, at most `limit`; any text may be asked. About 1 ms."""
        # a lone surrogate (a broken emoji) cannot be handed to V8
        asked = query.encode("utf-8", "replace").decode("utf-8")
        found = json.loads(self._scripts.call("helploopSearch", asked, max(1, limit)))
        hits = tuple(
            SearchHit(
                article=ArticleId(hit["article"]),
                url=hit["url"],
                title=hit["title"],
                score=float(hit["score"]),
                parts=hit["parts"],
                sections=tuple(section["url"] for section in hit.get("sections", ())),  # a site of before has none
            )
            for hit in found["hits"]
        )
        return SearchResult(
            query=query,
            verdict=Verdict(found["verdict"]),
            hits=hits,
            unmatched_words=tuple(found["unmatched"]),
            corrections={entry["typed"]: entry["used"] for entry in found["corrections"]},
            top_score=float(found["topScore"]),
            confidence=float(found["confidence"]),
        )

    def close(self) -> None:
        """Lets V8 go."""
        self._scripts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_site(site_dir: Path) -> SearchEngine:
    """The search of a built site: its own index under its own worker's engine.

    Raises:
        BuildError: there is no such site, or it has no search of helploop's.
    """
    folder = site_dir / ASSETS
    workers = sorted(folder.glob("search-worker.*.js"))
    if len(workers) != 1:
        found = "no search" if not workers else f"{len(workers)} search workers"
        raise BuildError(f"{site_dir}: {found} in {ASSETS}: build the site with `helploop build`")
    script = workers[0].read_text(encoding="utf-8")
    indexes = [path for path in sorted(folder.glob("index.*.json")) if f'"{path.name}"' in script]
    if len(indexes) != 1:
        raise BuildError(f"{workers[0]}: its search index is missing: build the site with `helploop build`")
    return SearchEngine(indexes[0].read_text(encoding="utf-8"), script)
