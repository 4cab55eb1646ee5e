"""Searches to misses, and misses to the next round's inquiries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from helploop.domain import Channel, Miss, MissCause, RawInquiry, SearchEvent
from helploop.misses.causes import Trace, name_cause, read_traces
from helploop.misses.searches import MissOptions, Search, is_miss, normalise_query, read_searches

SOURCE = "searches"  # the source of every inquiry made of a miss


def find_misses(events: Sequence[SearchEvent], options: MissOptions | None = None) -> tuple[Miss, ...]:
    """Every query the site did not answer, heaviest first.

    A search is a miss when its verdict was none, or weak and nothing was clicked, or the visitor came back from the
    article or wrote in anyway, or had to click at `low_position` or below. Equal queries (see normalise_query) are one
    miss. Its weight is the distinct visitors of each day, added up: 10,000 posts of one visitor weigh 1 a day.
    Linear in events but for sorting; any order of events gives the same misses.
    """
    options = options or MissOptions()
    searches = read_searches(events, options)
    traces = read_traces(searches, options)
    groups: dict[str, list[Search]] = defaultdict(list)
    for search in searches:
        if is_miss(search, options):
            groups[search.key].append(search)
    misses = [_miss(group, traces, options) for group in groups.values()]
    return tuple(sorted(misses, key=lambda miss: (-miss.weight, miss.query)))


def to_inquiries(misses: Sequence[Miss], options: MissOptions | None = None) -> tuple[RawInquiry, ...]:
    """The misses that no article answers, as inquiries of the next round: weight = visitors, id = the normalised query.

    The other causes have other cures: other_words becomes an alias, ranking is the engine's matter, misspelt is only
    counted, out_of_scope is shown in the list of misses and goes nowhere.
    """
    return tuple(
        RawInquiry(
            source=SOURCE,
            source_id=normalise_query(miss.query),
            text=miss.query,
            channel=Channel.SEARCH,
            received_at=miss.last_at,
            weight=miss.weight,
        )
        for miss in misses
        if miss.cause is MissCause.NO_ARTICLE
    )


def may_form_question(
    misses: Iterable[Miss], events: Sequence[SearchEvent], options: MissOptions | None = None
) -> bool:
    """Whether a group of misses has enough people behind it to be a question without any inquiry beside it.

    True with at least `min_visitors_in_a_day` distinct visitors on one day, over all the group's wordings, and visitors
    on at least `min_days` days. The events are needed because a Miss counts its own visitors only: three wordings of
    one visitor are one visitor, three wordings of three visitors are three.
    """
    options = options or MissOptions()
    keys = {normalise_query(miss.query) for miss in misses}
    by_day: dict[date, set[str]] = defaultdict(set)
    for search in read_searches(events, options):
        if search.key in keys and is_miss(search, options):
            by_day[search.day].add(search.visitor)
    most = max((len(visitors) for visitors in by_day.values()), default=0)
    return most >= options.min_visitors_in_a_day and len(by_day) >= options.min_days


def _miss(group: list[Search], traces: Mapping[str, Trace], options: MissOptions) -> Miss:
    visits = {search.visit for search in group}
    by_day = Counter(day for day, _ in visits)
    wordings = Counter(term for _, term in {(search.visit, " ".join(search.term.split())) for search in group})
    articles = Counter(
        article for search in group for article in ([a for _, a in search.clicks] or [search.nearest]) if article
    )
    cause, article, reason = name_cause(group, len(visits), traces, options)
    return Miss(
        query=min(wordings, key=lambda term: (-wordings[term], term)),
        cause=cause,
        weight=float(len(visits)),
        visitors=len({visitor for _, visitor in visits}),
        days=len(by_day),
        first_at=group[0].at,
        last_at=group[-1].at,
        most_in_a_day=max(by_day.values()),
        nearest=article or min(articles, key=lambda name: (-articles[name], name), default=""),
        reason=reason,
    )
