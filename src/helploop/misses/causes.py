"""Why a query was missed, by what its visitors did next and which words anybody knows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rapidfuzz.distance import OSA

from helploop.domain import MissCause, Verdict
from helploop.misses.searches import MissOptions, Search, content_words, is_miss


@dataclass(frozen=True)
class Trace:
    """What a visitor's own next steps say about why the search failed."""

    cause: MissCause
    article: str
    term: str = ""  # the wording or word that worked


def read_traces(searches: list[Search], options: MissOptions) -> Mapping[str, Trace]:
    """query_id -> trace, of the missed searches that left one."""
    traces: dict[str, Trace] = {}
    unrelated: dict[tuple[str, str], list[tuple[Search, Search]]] = defaultdict(list)
    for search, later in _with_second_try(searches, options):
        own = _own_trace(search, options)
        if own is not None:
            traces[search.query_id] = own
        elif later is not None and later.answer is not None:
            if _is_correction(search, later):
                traces[search.query_id] = Trace(MissCause.MISSPELT, later.answer[1], later.term)
            elif _is_related(search.key, later.key):
                traces[search.query_id] = Trace(MissCause.OTHER_WORDS, later.answer[1], later.term)
            else:
                unrelated[search.key, later.answer[1]].append((search, later))
    for (_, article), pairs in unrelated.items():
        # no word in common: one visitor may simply have wanted two things, two with the same article did not
        if len({search.visit for search, _ in pairs}) >= 2:
            for search, later in pairs:
                traces[search.query_id] = Trace(MissCause.OTHER_WORDS, article, later.term)
    return traces


def _with_second_try(searches: list[Search], options: MissOptions) -> Iterable[tuple[Search, Search | None]]:
    """Each missed search with the same visitor's first answered search within the minutes after it."""
    by_visit: dict[tuple[date, str], list[Search]] = defaultdict(list)
    for search in searches:
        by_visit[search.visit].append(search)
    window = timedelta(minutes=options.rephrase_minutes)
    for visit in sorted(by_visit):
        answered: Search | None = None
        for search in reversed(by_visit[visit]):
            if is_miss(search, options):
                is_near = answered is not None and answered.at - search.at <= window and answered.key != search.key
                yield search, answered if is_near else None
            if search.answer is not None:
                answered = search


def _own_trace(search: Search, options: MissOptions) -> Trace | None:
    if search.answer is None:
        return None
    position, article = search.answer
    if position >= options.low_position:
        return Trace(MissCause.RANKING, article)
    if search.verdict is Verdict.NONE:
        return Trace(MissCause.OTHER_WORDS, article)
    return None


def _is_correction(search: Search, later: Search) -> bool:
    """Whether the later query is the same with an unmatched word spelt otherwise."""
    before, after = search.key.split(), later.key.split()
    changed = [word for word in before if word not in after]
    return bool(changed) and all(
        word in search.unmatched and any(_is_misspelling(word, other) for other in after) for word in changed
    )


def _is_misspelling(word: str, other: str) -> bool:
    """One edit for words of 4 to 7 letters, two above: the limits typo fixers of search engines use."""
    limit = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
    return word != other and OSA.distance(word, other, score_cutoff=limit) <= limit


def _is_related(key: str, other: str) -> bool:
    return bool(content_words(key) & content_words(other))


def name_cause(
    group: list[Search], visits: int, traces: Mapping[str, Trace], options: MissOptions
) -> tuple[MissCause, str, str]:
    """The cause, the article it points to, and the evidence in words. One visitor of many cannot set it."""
    shown: dict[MissCause, set[tuple[date, str]]] = defaultdict(set)
    for search in group:
        if search.query_id in traces:
            shown[traces[search.query_id].cause].add(search.visit)
    order = (MissCause.RANKING, MissCause.MISSPELT, MissCause.OTHER_WORDS)
    cause = max(order, key=lambda c: (len(shown[c]), -order.index(c)))
    if shown[cause] and len(shown[cause]) >= options.min_cause_share * visits:
        of_cause = Counter(
            (trace.article, trace.term)
            for search in group
            if (trace := traces.get(search.query_id)) is not None and trace.cause is cause
        )
        article, term = min(of_cause, key=lambda pair: (-of_cause[pair], pair))
        return cause, article, _reason(cause, article, term, f"{len(shown[cause])} of {visits}", options)
    corrected = _corrected(group, options)
    if corrected is not None:
        return MissCause.MISSPELT, "", f"“{corrected[0]}” is on no page, “{corrected[1]}” is"
    if _is_out_of_scope(group, visits, options):
        return (
            MissCause.OUT_OF_SCOPE,
            "",
            f"no article and no inquiry has a word of it, and only {visits} searched for it",
        )
    failed = sum(search.has_returned or search.has_contacted for search in group)
    if failed:
        return MissCause.NO_ARTICLE, "", f"after {failed} of {len(group)} searches the article read did not answer"
    return MissCause.NO_ARTICLE, "", "no visitor found an article that answers it"


def _reason(cause: MissCause, article: str, term: str, share: str, options: MissOptions) -> str:
    place = article or "a page"
    if cause is MissCause.RANKING:
        return f"{share} visitors opened {place} only at position {options.low_position} or below"
    if not term:
        return f"{share} visitors opened {place} and stayed, though the search had called it no match"
    how = "spelt it" if cause is MissCause.MISSPELT else "tried"
    return f"{share} visitors then {how} “{term}” and stayed with {place}"


def _corrected(group: list[Search], options: MissOptions) -> tuple[str, str] | None:
    """The unmatched word that every search of it has and the site's word it misspells, when all else was matched."""
    unmatched = content_words(group[0].key).intersection(*(search.unmatched for search in group))
    if len(unmatched) != 1:
        return None
    (word,) = unmatched
    if word in options.asked_words:
        return None
    near = sorted(other for other in options.site_words if _is_misspelling(word, other))
    return (word, near[0]) if near else None


def _is_out_of_scope(group: list[Search], visits: int, options: MissOptions) -> bool:
    # words that only the site lacks are what a gap looks like: without the log's words nothing is out of scope
    if not options.asked_words or visits >= options.min_scope_weight:
        return False
    known = options.site_words | options.asked_words
    return not any(_is_kin(word, other) for word in content_words(group[0].key) for other in known)


def _is_kin(word: str, other: str) -> bool:
    """The same word, misspelt or otherwise ended: cancelling of cancel."""
    longer, shorter = (word, other) if len(word) > len(other) else (other, word)
    return word == other or (len(shorter) >= 4 and longer.startswith(shorter)) or _is_misspelling(word, other)
