"""helploop's own search on a set, by the very modules that the product uses, and the full encoder beside it."""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sets import SearchSet

from helploop.embedding import Encoder, embed, load_encoder
from helploop.search import JavaScript
from helploop.store import Store
from helploop.tuning import Logged, Origin, TuningOptions, WordTable, find_vocabulary, fit_table

CACHE = Path(tempfile.gettempdir()) / "helploop-bench-search"


@cache
def encoder() -> Encoder:
    """The product's default."""
    return load_encoder("all-MiniLM-L6-v2")


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of the texts; each text's is kept between runs."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with Store(CACHE / "vectors.db") as store:
        return embed(list(texts), encoder(), store, _say_progress)


def _say_progress(done: int, total: int) -> None:
    print(f"encoding: {done} of {total}", file=sys.stderr, end="\r" if done < total else "\n")


def documents(some: SearchSet) -> list[dict[str, Any]]:
    """The articles as engine.js takes them."""
    empty = {"url": "", "description": "", "headings": []}
    return [{**empty, **article} for article in sorted(some.articles, key=lambda one: one["id"])]


def table_for(some: SearchSet, options: TuningOptions | None = None) -> WordTable:
    """The word table of a set, of its log and articles."""
    options = options or TuningOptions()
    docs = documents(some)
    with JavaScript() as scripts:
        site = [text for own in json.loads(scripts.call("helploopTexts", json.dumps(docs))) for text in own]
        words = json.loads(scripts.call("helploopIndex", json.dumps(docs), "null"))["words"].split()
        logged = [Logged(text, frozenset({customer})) for text, customer in some.log]
        found = find_vocabulary(logged, site, words, scripts, customers=options.customers, most=options.most_words)
    vectors = encode([one.text for one in logged]), encode(site), encode(found.words)
    return fit_table(found, *vectors, options, Origin("", "", "en", options.customers, len(logged), len(site)))


@dataclass(frozen=True)
class Answer:
    """What came of a query."""

    ids: tuple[str, ...]
    verdict: str
    confidence: float
    evidence: dict[str, float]


_BATCH = 100
_ASK = """
var engine = null;
function open(docs, table) {
  var index = JSON.stringify(HelploopSearch.buildIndex(JSON.parse(docs), JSON.parse(table)));
  engine = HelploopSearch.create(JSON.parse(index));
  return index;
}
function ask(text, limit) {
  return JSON.stringify(JSON.parse(text).map(function (query) {
    var found = engine.search(query, { limit: limit });
    return [found.hits.map(function (hit) { return hit.article; }), found.verdict, found.confidence, found.evidence];
  }));
}
"""


class Ours:
    """The engine over a set's articles."""

    def __init__(self, some: SearchSet, table: WordTable | None) -> None:
        self._scripts = JavaScript()
        self._scripts.evaluate(_ASK)
        index = self._scripts.call(
            "open", json.dumps(documents(some)), json.dumps(table.for_index() if table else None)
        )
        self.index_bytes = len(gzip.compress(index.encode("utf-8"), 9))

    def ask(self, queries: Sequence[str], limit: int = 10) -> list[Answer]:
        """The answers, in order; `milliseconds` is then the median of a query's share of its hundred."""
        found: list[Answer] = []
        times: list[float] = []
        for start in range(0, len(queries), _BATCH):
            began = time.perf_counter()
            batch = json.loads(self._scripts.call("ask", json.dumps(list(queries[start : start + _BATCH])), limit))
            times.append(1000 * (time.perf_counter() - began) / len(batch))
            found += [Answer(tuple(ids), *rest) for ids, *rest in batch]
        self.milliseconds = statistics.median(times) if times else 0.0
        return found


def by_encoder(some: SearchSet, queries: Sequence[str], limit: int = 10) -> list[tuple[str, ...]]:
    """The ceiling: the full encoder over the same texts, an article by .8 of its nearest, .2 of its nearest three."""
    docs = documents(some)
    with JavaScript() as scripts:
        texts = json.loads(scripts.call("helploopTexts", json.dumps(docs)))
    rows = encode([text for own in texts for text in own])
    cosines = encode(list(queries)) @ rows.T
    scores = np.zeros((len(queries), len(docs)))
    start = 0
    for number, own in enumerate(texts):
        part = np.sort(cosines[:, start : start + len(own)], axis=1)[:, ::-1]
        scores[:, number] = 0.8 * part[:, 0] + 0.2 * part[:, :3].mean(axis=1)
        start += len(own)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :limit]
    return [tuple(docs[place]["id"] for place in row) for row in order]
