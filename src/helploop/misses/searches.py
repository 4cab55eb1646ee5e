"""Events to searches: each once, with what the visitor did after it, and whether it was a miss."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from helploop.domain import SearchAction, SearchEvent, Verdict


@dataclass(frozen=True)
class MissOptions:
    """When a search counts as a miss, and what its cause needs as evidence."""

    rephrase_minutes: float = 10.0  # a later search of the same visitor within these is a second try
    prefix_seconds: float = 30.0  # prefixes of one another within these are one search (docs/measured.md)
    low_position: int = 4  # clicked here or below: found, but not where people look
    min_cause_share: float = 0.25  # of the query's visitors must show a cause before it is named
    min_scope_weight: float = 3.0  # that many visitors and a query of unknown words is in scope all the same
    max_queries_a_day: int = 100  # of one visitor; what comes after is a machine
    min_visitors_in_a_day: int = 3  # of a question made of searches alone (docs/measured.md, Poisoning)
    min_days: int = 2  # likewise: the visitor hash changes daily, one person on three days must not count as three
    site_words: frozenset[str] = frozenset()  # words_of() the articles
    asked_words: frozenset[str] = frozenset()  # words_of() the log's inquiries; without them nothing is out of scope


_APOSTROPHES = re.compile(r"['’`´]")
_SEPARATORS = re.compile(r"[\W_]+")


def normalise_query(query: str) -> str:
    """A query without case, accents' variants, punctuation and English plurals: "Gift-Cards?" is "gift card"."""
    text = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", query).casefold())
    return " ".join(_singular(word) for word in _SEPARATORS.sub(" ", text).split())


def _singular(word: str) -> str:
    """A light plural rule: wrong on rare words, but always the same, which is all that joining needs."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of texts as misses compare them, for MissOptions.site_words and asked_words."""
    return frozenset(word for text in texts for word in content_words(normalise_query(text)))


# Function words say nothing about whether a query belongs to the company.
_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and any are at be by can do doe for from get go have how i if in is it me my no not of on or our so that "
        "the there thi to up was we what when where which who why will with you your u ur im cant dont",
    )
)


def content_words(key: str) -> set[str]:
    """The words of a normalised query that are about something."""
    return set(key.split()) - _FUNCTION_WORDS


@dataclass
class Search:
    """One search with what the visitor did after it."""

    query_id: str
    at: datetime
    visitor: str
    term: str
    key: str
    verdict: Verdict | None
    unmatched: frozenset[str]
    nearest: str
    clicks: list[tuple[int, str]] = field(default_factory=list)  # position (0: unknown), article
    has_returned: bool = False
    has_contacted: bool = False

    @property
    def day(self) -> date:
        """Its day, UTC."""
        return self.at.date()

    @property
    def visit(self) -> tuple[date, str]:
        """A visitor on a day: what is counted, as the hash is another one the next day."""
        return self.at.date(), self.visitor

    @property
    def answer(self) -> tuple[int, str] | None:
        """The last article opened, when the visitor stayed with it."""
        return None if self.has_returned or self.has_contacted or not self.clicks else self.clicks[-1]


def read_searches(events: Sequence[SearchEvent], options: MissOptions) -> list[Search]:
    """Searches by time, each once (by query_id), prefixes folded, machines capped."""
    searches: dict[str, Search] = {}
    ordered = sorted(events, key=lambda e: (e.at, e.query_id, e.event.value, e.visitor, e.search_term))
    for event in ordered:
        key = normalise_query(event.search_term)
        if event.event is SearchAction.SEARCH and key and event.query_id not in searches:
            unmatched = frozenset(normalise_query(" ".join(event.unmatched_words)).split())
            searches[event.query_id] = Search(
                event.query_id, event.at, event.visitor, event.search_term, key, event.verdict, unmatched, event.article
            )
    for event in ordered:
        search = searches.get(event.query_id)
        if search is None:
            continue
        if event.event is SearchAction.CLICK:
            search.clicks.append((event.position or 0, event.article))
        elif event.event is SearchAction.RETURN:
            search.has_returned = True
        elif event.event is SearchAction.CONTACT:
            search.has_contacted = True
    return _capped(_without_prefixes(list(searches.values()), options), options)


def _without_prefixes(searches: list[Search], options: MissOptions) -> list[Search]:
    """Searches without those that were only half typed: a prefix of the visitor's next search, seconds later."""
    kept: list[Search] = []
    last: dict[tuple[date, str], Search] = {}
    dropped: set[str] = set()
    for search in searches:
        before = last.get(search.visit)
        if before is not None and not before.clicks and _is_prefix(before, search, options):
            dropped.add(before.query_id)
        last[search.visit] = search
        kept.append(search)
    return [search for search in kept if search.query_id not in dropped]


def _is_prefix(before: Search, search: Search, options: MissOptions) -> bool:
    is_soon = search.at - before.at <= timedelta(seconds=options.prefix_seconds)
    return is_soon and before.key != search.key and search.key.startswith(before.key)


def _capped(searches: list[Search], options: MissOptions) -> list[Search]:
    """Searches without a visitor's distinct queries beyond the day's cap."""
    seen: dict[tuple[date, str], set[str]] = defaultdict(set)
    kept = []
    for search in searches:
        queries = seen[search.visit]
        if search.key in queries or len(queries) < options.max_queries_a_day:
            queries.add(search.key)
            kept.append(search)
    return kept


def is_miss(search: Search, options: MissOptions) -> bool:
    """Whether the site did not answer it (find_misses says when)."""
    if search.verdict is Verdict.NONE or search.has_contacted:
        return True
    if not search.clicks:
        return search.verdict is Verdict.WEAK
    return search.has_returned or search.clicks[-1][0] >= options.low_position
