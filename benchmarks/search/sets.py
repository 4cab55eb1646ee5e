"""The sets: articles, what is asked, which articles are right, and the log that a word table may learn from.

Each has queries for choosing ("dev": train rows, or the year 2023) and others for reporting ("test"); none of a set's
test queries is in its log or among its aliases.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DATA = Path(os.environ.get("HELPLOOP_DATA", HERE.parents[2] / "shared" / "data"))
ALIASES = 10
_GENERIC = {"troubleshoot-mode-thunderbird", "how-do-i-create-screenshot-my-problem"}  # linked to whatever is asked
_MOST_DEV = 2000


@dataclass(frozen=True)
class Query:
    """A text, and what answers it."""

    text: str
    right: frozenset[str]  # ids of articles; empty: nothing here answers it
    within: int = 1  # the place that is wanted at least, where a set says so


@dataclass(frozen=True)
class SearchSet:
    """One benchmark."""

    name: str
    articles: tuple[dict[str, Any], ...]  # id, title, body, aliases
    dev: tuple[Query, ...]
    test: tuple[Query, ...]
    log: tuple[tuple[str, str], ...]  # (text, customer)


def read(path: str) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file of the data folder."""
    data = (DATA / path).read_bytes()
    lines = gzip.decompress(data) if path.endswith(".gz") else data
    return [json.loads(line) for line in lines.splitlines()]


def banking77(aliases: int = ALIASES) -> SearchSet:
    """77 articles of ours, written from the names of the labels; ten train rows each as aliases."""
    articles = [json.loads(line) for line in (HERE / "data" / "banking77_articles.jsonl").open(encoding="utf-8")]
    return _labelled("banking77", read("intents/banking77.jsonl"), articles, aliases)


def hint3(name: str) -> SearchSet:
    """Rough chats of a shop; articles have a title only, the label's name. Test rows labelled oos have no answer."""
    rows = read(f"intents/hint3_{name}.jsonl")
    labels = sorted({row["label"] for row in rows} - {"oos"})
    articles = [{"id": label, "title": _named(label), "body": ""} for label in labels]
    return _labelled(f"hint3_{name}", rows, articles, ALIASES)


def _labelled(name: str, rows: list[dict[str, Any]], articles: list[dict[str, Any]], aliases: int) -> SearchSet:
    """Rows of train are aliases, then dev queries; the log is all of train but the dev queries."""
    by_label: dict[str, list[str]] = {}
    for row in rows:
        if row["split"] == "train":
            by_label.setdefault(row["label"], []).append(row["text"])
    chance = random.Random(0)
    chosen = {label: chance.sample(sorted(texts), min(10, len(texts))) for label, texts in sorted(by_label.items())}
    made = tuple({**article, "aliases": chosen.get(article["id"], [])[:aliases]} for article in articles)
    used = {text for texts in chosen.values() for text in texts}
    rest = [row for row in rows if row["split"] == "train" and row["text"] not in used]
    chance.shuffle(rest)
    cut = min(_MOST_DEV, len(rest) // 2)
    dev = {row["text"] for row in rest[:cut]}
    train = [row for row in rows if row["split"] == "train" and row["text"] not in dev]
    log = tuple((row["text"], str(number)) for number, row in enumerate(train))
    return SearchSet(name, made, _queries(rest[:cut]), _queries([r for r in rows if r["split"] == "test"]), log)


def _queries(rows: list[dict[str, Any]]) -> tuple[Query, ...]:
    return tuple(Query(row["text"], frozenset({row["label"]} - {"oos"})) for row in rows)


def _named(label: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label.replace("_", " "))
    return words.capitalize()


def thunderbird(titles: bool, choosing: bool = False) -> SearchSet:
    """191 real articles; what helpers linked in 2023 gives aliases (its titles), the year's questions are the log, and
    the linked questions of 2024 are asked: titles alone, or title and text. choosing: half of 2023's linked ones give
    aliases, the others are asked."""
    links = [row for row in read("thunderbird/article_links_dev.jsonl") if set(row["article_ids"]) - _GENERIC]
    articles = [article for article in read("thunderbird/articles.jsonl") if article["id"] not in _GENERIC]
    known = {article["id"] for article in articles}
    aliases: dict[str, list[str]] = {}
    old = [row for row in links if row["created_at"] < "2024"]
    random.Random(0).shuffle(old)
    half = len(old) // 2 if choosing else len(old)
    for row in old[:half]:
        aliases.setdefault(next(a for a in row["article_ids"] if a not in _GENERIC), []).append(row["title"])

    def ask(rows: list[dict[str, Any]]) -> tuple[Query, ...]:
        pairs = [(row["title"] if titles else row["text"], frozenset(row["article_ids"]) & known) for row in rows]
        return tuple(Query(text, right) for text, right in pairs if right)

    asked = {row["id"] for row in old[half:]}
    year = [row for row in read("thunderbird/inquiries_2023.jsonl.gz") if row["id"] not in asked]
    log = tuple((f"{row['title']}\n\n{row['body']}", row["author"]) for row in year)
    made = tuple({**a, "body": _plain(a["body"]), "aliases": sorted(aliases.get(a["id"], []))} for a in articles)
    name = "thunderbird titles" if titles else "thunderbird texts"
    test = [row for row in links if row["created_at"] >= "2024"]
    return SearchSet(name, made, ask(old[half:]), () if choosing else ask(test), log)


def _plain(markdown: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"<[^>]+>|[*_`#|]", " ", text).split())


def govuk() -> SearchSet:
    """Titles of GOV.UK's pages, real queries, and the place in which a page is wanted. The log: the site's 5,000 most
    frequent searches of another month."""
    articles = tuple({**row, "body": "", "aliases": []} for row in read("govuk/search_articles.jsonl"))
    rows = [row for row in read("govuk/search_checks_dev.jsonl") if row["wanted"].startswith("<=")]
    queries = [Query(row["text"], frozenset({row["article_id"]}), row["max_rank"]) for row in rows]
    random.Random(0).shuffle(queries)
    asked = {query.text for query in queries}
    log = tuple(
        (row["text"], f"{row['id']}-{person}")
        for row in read("govuk/govuk_top_terms.jsonl")
        if row["text"] not in asked
        for person in range(3)  # each was typed by hundreds
    )
    cut = len(queries) // 3
    return SearchSet("govuk", articles, tuple(queries[:cut]), tuple(queries[cut:]), log)


def misspelt(some: SearchSet, seed: int = 1) -> SearchSet:
    """The same test queries with one edit in a word of 4 to 7 letters, two in a longer one, in every third such word
    (one at least)."""
    chance = random.Random(seed)
    return replace(
        some,
        name=f"{some.name}, misspelt",
        test=tuple(replace(query, text=_misspell(query.text, chance)) for query in some.test),
    )


def _misspell(text: str, chance: random.Random) -> str:
    words = text.split()
    long = [place for place, word in enumerate(words) if len(re.sub(r"\W", "", word)) >= 4]
    for place in chance.sample(long, max(1, len(long) // 3)) if long else []:
        for _ in range(1 if len(words[place]) < 8 else 2):
            words[place] = _edit(words[place], chance)
    return " ".join(words)


def _edit(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1) if len(word) > 2 else 0
    letter = chance.choice("abcdefghijklmnopqrstuvwxyz")
    kinds: list[Callable[[], str]] = [
        lambda: word[:at] + word[at + 1 :],
        lambda: word[:at] + letter + word[at:],
        lambda: word[:at] + letter + word[at + 1 :],
        lambda: word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    ]
    return chance.choice(kinds)()


SETS: dict[str, Callable[[], SearchSet]] = {
    "banking77": banking77,
    "banking77-3": lambda: replace(banking77(3), name="banking77, 3 aliases"),
    "banking77-0": lambda: replace(banking77(0), name="banking77, no aliases"),
    "banking77-typos": lambda: misspelt(banking77()),
    "curekart": lambda: hint3("curekart"),
    "sofmattress": lambda: hint3("sofmattress"),
    "thunderbird-titles": lambda: thunderbird(titles=True),
    "thunderbird-texts": lambda: thunderbird(titles=False),
    "thunderbird-titles-dev": lambda: thunderbird(titles=True, choosing=True),
    "thunderbird-texts-dev": lambda: thunderbird(titles=False, choosing=True),
    "govuk": govuk,
}
