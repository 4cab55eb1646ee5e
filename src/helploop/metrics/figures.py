"""Figures of a period: each with numerator, denominator, what is missing, and one sentence that defines it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from helploop.domain import (
    Article,
    ArticleId,
    Coverage,
    Figure,
    Inquiry,
    InquiryId,
    QuestionId,
    ReviewState,
    Round,
    SearchAction,
    SearchEvent,
    Verdict,
)
from helploop.metrics.gaps import Gap, answered_questions, rank_gaps
from helploop.metrics.records import SITE_CHANNELS, Period, distinct_customers, reply_hours


@dataclass(frozen=True)
class MetricOptions:
    """What the figures are measured against."""

    reply_standard_hours: float = 4.0  # wall clock; the default for complaints, here for all
    customer_base: int | None = None  # customers the company has; None: unknown, no contact rate
    top_gaps: int = 10
    max_searches_a_day: int = 100  # of one visitor; what comes after is a machine and counted as missing


def figures(
    inquiries: Sequence[Inquiry],
    events: Sequence[SearchEvent],
    current: Round | None,
    *,
    coverage: Sequence[Coverage],
    articles: Sequence[Article],
    period: Period,
    baseline: Sequence[Figure] = (),
    baseline_period: Period | None = None,
    options: MetricOptions | None = None,
) -> tuple[Figure, ...]:
    """All figures of a period, in a fixed order; the top gaps come last, named gap:<question id>.

    `inquiries` and `events` may be the whole log: the period picks. A figure's baseline is the value of the same name
    in `baseline`; what grows with time (counts, distinct customers, repeats) gets one only when the baseline's period
    has as many days. Shares are 0 to 1. A value is None where nothing can be known.
    """
    options = options or MetricOptions()
    contacts = [i for i in inquiries if i.channel not in SITE_CHANNELS]
    chosen = [i for i in contacts if period.has(i.received_at)]
    answered = answered_questions(current, coverage, articles)
    made = (
        *_volume(chosen, sum(i.received_at is None for i in contacts), period, options),
        *_replies(chosen, _sources_with_replies(contacts), options),
        *_repeats(chosen),
        *_coverage(chosen, current, answered, articles),
        *_searches(events, period, options),
        *_changes(current),
        *(_gap_figure(gap) for gap in rank_gaps(inquiries, current, answered, period)[: options.top_gaps]),
    )
    return _against(made, baseline, is_same_length=baseline_period is not None and baseline_period.days == period.days)


def _is_replied(inquiry: Inquiry) -> bool:
    return inquiry.first_reply_at is not None or any(reply.is_agent for reply in inquiry.replies)


def _sources_with_replies(inquiries: Iterable[Inquiry]) -> frozenset[str]:
    return frozenset(i.source for i in inquiries if _is_replied(i))


def _count(name: str, value: float, definition: str, *, unit: str = "", missing: int = 0) -> Figure:
    return Figure(name, value, unit or name, value, None, missing, None, definition)


def _share(name: str, numerator: float, denominator: float, definition: str, *, missing: int = 0) -> Figure:
    value = numerator / denominator if denominator else None
    return Figure(name, value, "share", numerator, denominator, missing, None, definition)


def _volume(chosen: list[Inquiry], undated: int, period: Period, options: MetricOptions) -> Iterable[Figure]:
    total, weeks = len(chosen), period.days / 7
    unknown = sum(not i.customer_key for i in chosen)
    people = len(distinct_customers(chosen))
    yield _count(
        "inquiries",
        total,
        "What customers wrote or said to the company in the period, on every channel; searches and votes on the help "
        "site are not counted here; missing are inquiries without a date.",
        missing=undated,
    )
    yield Figure(
        "inquiries_per_week",
        total / weeks,
        "inquiries a week",
        total,
        weeks,
        undated,
        None,
        "Inquiries of the period divided by its length in weeks; missing are inquiries without a date.",
    )
    yield _count(
        "customers",
        people,
        "Distinct customers among these inquiries, by keyed hash; missing are inquiries whose customer is unknown.",
        missing=unknown,
    )
    base = options.customer_base
    yield Figure(
        "contact_rate",
        total / base if base else None,
        "inquiries a customer",
        total,
        base,
        0,
        None,
        "Inquiries of the period divided by all customers the company has"
        + (", as configured." if base else "; not known until customer_base is configured."),
    )


def _replies(chosen: list[Inquiry], sources: frozenset[str], options: MetricOptions) -> Iterable[Figure]:
    told = [i for i in chosen if i.source in sources]
    replied = [i for i in told if _is_replied(i)]
    hours = [h for i in replied if (h := reply_hours(i)) is not None]
    untold, untimed = len(chosen) - len(told), len(replied) - len(hours)
    standard = options.reply_standard_hours
    yield _share(
        "reply_share",
        len(replied),
        len(told),
        "Share of inquiries that got at least one reply from the company; missing are inquiries of sources that record "
        "no replies at all.",
        missing=untold,
    )
    yield Figure(
        "first_reply_hours_median",
        statistics.median(hours) if hours else None,
        "hours",
        None,
        len(hours),
        len(chosen) - len(hours),
        None,
        "Half of the first replies came within this many hours, by the wall clock; missing are inquiries without a "
        "reply, or whose reply has no time or one before the question.",
    )
    yield _share(
        "replied_within_standard",
        sum(h <= standard for h in hours),
        len(told) - untimed,
        f"Share of inquiries with a first reply within {standard:g} hours by the wall clock, unanswered ones counting "
        "as not met; missing are inquiries whose reply has no time or one before the question, and sources that "
        "record no replies.",
        missing=untold + untimed,
    )


def _repeats(chosen: list[Inquiry]) -> Iterable[Figure]:
    people = distinct_customers(chosen)
    again = [count for count in people.values() if count > 1]
    unknown = sum(not i.customer_key for i in chosen)
    yield _share(
        "repeat_inquiry_share",
        sum(again),
        len(chosen) - unknown,
        "Share of inquiries that came from customers with more than one inquiry in the period; missing are inquiries "
        "whose customer is unknown.",
        missing=unknown,
    )
    yield _share(
        "repeat_customer_share",
        len(again),
        len(people),
        "Share of customers who wrote more than once in the period; missing are inquiries whose customer is unknown.",
        missing=unknown,
    )
    told = [i for i in chosen if i.replies or i.repeat_contacts]
    yield _share(
        "reopened_inquiry_share",
        sum(i.repeat_contacts > 0 for i in told),
        len(told),
        "Share of answered inquiries whose customer came back to them after they seemed settled (marked so, or silent "
        "for the configured days behind a reply); missing are inquiries without replies.",
        missing=len(chosen) - len(told),
    )


def _coverage(
    chosen: list[Inquiry],
    current: Round | None,
    answered: Mapping[QuestionId, ArticleId],
    articles: Sequence[Article],
) -> Iterable[Figure]:
    seen: set[InquiryId] = set(current.noise) if current else set()
    covered: set[InquiryId] = set()
    for question in current.questions if current else ():
        seen |= set(question.members)
        if question.id in answered:
            covered |= set(question.members)
    looked_at = [i for i in chosen if i.id in seen]
    hits = [i for i in looked_at if i.id in covered]
    missing = len(chosen) - len(looked_at)
    yield _count(
        "approved_articles",
        sum(a.review is ReviewState.APPROVED for a in articles),
        "Approved articles of the help site at the time of the report.",
        unit="articles",
    )
    yield _share(
        "covered_inquiry_share",
        len(hits),
        len(looked_at),
        "Share of the inquiries clustered so far whose question has an approved article; one-off inquiries count as "
        "not covered; missing are inquiries that the last round did not take in.",
        missing=missing,
    )
    yield _share(
        "covered_customer_share",
        len(distinct_customers(hits)),
        len(distinct_customers(looked_at)),
        "Share of the customers behind those inquiries who asked at least one question that has an approved article; "
        "missing are inquiries that the last round did not take in or whose customer is unknown.",
        missing=missing + sum(not i.customer_key for i in looked_at),
    )


_SEARCH_MEASURED = (
    ("no_answer_search_share", "Share of searches for which the help site said that it has no answer"),
    ("weak_search_share", "Share of searches for which the help site had only weak matches"),
)


def _searches(events: Sequence[SearchEvent], period: Period, options: MetricOptions) -> Iterable[Figure]:
    """Searches each once, by query id; the same words of the same visitor on the same day are one (poisoning)."""
    kept, dropped = _counted_searches([e for e in events if period.has(e.at)], options)
    ids = {group for event_ids in kept.values() for group in event_ids}
    clicked = {e.query_id for e in events if e.event is SearchAction.CLICK and e.query_id in ids}
    verdicts = {e.query_id: e.verdict for e in events if e.event is SearchAction.SEARCH and e.query_id in ids}
    best = [_best_verdict([verdicts[i] for i in event_ids]) for event_ids in kept.values()]
    judged = [verdict for verdict in best if verdict is not None]
    yield _count(
        "searches",
        len(kept),
        "Searches on the help site in the period, the same words of the same visitor on the same day once; missing are "
        f"repeats of these and searches beyond {options.max_searches_a_day} a day of one visitor.",
        missing=dropped,
    )
    for (name, definition), verdict in zip(_SEARCH_MEASURED, (Verdict.NONE, Verdict.WEAK), strict=True):
        yield _share(
            name,
            sum(v is verdict for v in judged),
            len(judged),
            f"{definition}; missing are searches logged without a verdict.",
            missing=len(best) - len(judged),
        )
    yield _share(
        "search_click_share",
        sum(bool(clicked & event_ids) for event_ids in kept.values()),
        len(kept),
        "Share of searches after which an article was opened from the results.",
    )


def _counted_searches(
    events: Sequence[SearchEvent], options: MetricOptions
) -> tuple[dict[tuple[date, str, str], set[str]], int]:
    """(day, visitor, words) -> query ids; and how many searches were repeats or over the cap."""
    groups: dict[tuple[date, str, str], set[str]] = {}
    of_visit: Counter[tuple[date, str]] = Counter()
    seen: set[str] = set()
    dropped = 0
    for event in sorted(events, key=lambda e: (e.at, e.query_id)):
        if event.event is not SearchAction.SEARCH or event.query_id in seen:
            continue
        seen.add(event.query_id)
        key = (event.at.date(), event.visitor, " ".join(event.search_term.casefold().split()))
        if key in groups:
            groups[key].add(event.query_id)
            dropped += 1
        elif of_visit[key[:2]] < options.max_searches_a_day:
            of_visit[key[:2]] += 1
            groups[key] = {event.query_id}
        else:
            dropped += 1
    return groups, dropped


def _best_verdict(verdicts: Iterable[Verdict | None]) -> Verdict | None:
    given = set(verdicts)
    return next((v for v in (Verdict.HIT, Verdict.WEAK, Verdict.NONE) if v in given), None)


def _changes(current: Round | None) -> Iterable[Figure]:
    states = Counter(current.inherited.values()) if current else Counter[str]()
    counts: tuple[tuple[str, int, str], ...] = (
        ("questions", len(current.questions) if current else 0, "Recurring questions of the last round."),
        ("questions_new", states["new"], "Questions of the last round that the round before did not have."),
        (
            "questions_grown",
            states["grown"],
            "Questions of the last round with more inquiries than in the round before.",
        ),
        (
            "questions_gone",
            len(current.gone) if current else 0,
            "Questions of the round before that the last one lost.",
        ),
    )
    for name, value, definition in counts:
        yield _count(name, value, definition, unit="questions")


def _gap_figure(gap: Gap) -> Figure:
    where = "the mean of the whole log, as its own have none" if gap.is_assumed else f"the mean of {gap.timed} of them"
    return Figure(
        name=f"gap:{gap.question}",
        value=gap.minutes,
        unit="minutes",
        numerator=gap.customers,
        denominator=None,
        missing=gap.inquiries - gap.timed,
        baseline=None,
        definition=f"Distinct customers who asked this in the period and have no article ({gap.customers}, in "
        f"{gap.inquiries} inquiries), times agents' minutes an inquiry ({where}); missing are inquiries without "
        "minutes.",
    )


# What grows with the length of the period, or belongs to one round: compared over equal periods only.
_OF_THE_PERIOD = (
    *("inquiries", "customers", "contact_rate", "repeat_inquiry_share", "repeat_customer_share", "searches"),
    *("questions_new", "questions_grown", "questions_gone"),
)


def _against(made: Iterable[Figure], baseline: Sequence[Figure], *, is_same_length: bool) -> tuple[Figure, ...]:
    before = {figure.name: figure for figure in baseline}
    return tuple(
        replace(figure, baseline=before[figure.name].value)
        if figure.name in before
        and before[figure.name].unit == figure.unit
        and (is_same_length or not (figure.name in _OF_THE_PERIOD or figure.name.startswith("gap:")))
        else figure
        for figure in made
    )
