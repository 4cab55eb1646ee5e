"""Records picked by period: which days count, what a contact is, hours to a reply, and a question week by week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helploop.domain import Channel, Inquiry, InquiryId, SearchEvent

# What visitors leave on the help site is no contact: nobody is asked to reply to it, and it has figures of its own.
SITE_CHANNELS = frozenset({Channel.SEARCH, Channel.FEEDBACK})


@dataclass(frozen=True)
class Period:
    """Whole days in UTC, both ends included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    def has(self, at: datetime | None) -> bool:
        """Whether a time (aware UTC) falls into it; an unknown time never does."""
        return at is not None and self.start <= at.date() <= self.end

    def before(self) -> Period:
        """The period of the same length that ends the day before."""
        return Period(self.start - timedelta(days=self.days), self.start - timedelta(days=1))


def period_of(inquiries: Iterable[Inquiry], events: Iterable[SearchEvent] = ()) -> Period | None:
    """From the first to the last dated record; None where nothing is dated."""
    days = [i.received_at.date() for i in inquiries if i.received_at is not None] + [e.at.date() for e in events]
    return Period(min(days), max(days)) if days else None


@dataclass(frozen=True)
class Week:
    """A question's inquiries in one week."""

    start: date  # a Monday
    inquiries: int
    customers: int
    is_whole: bool  # False: the period has only a part of it


def weekly(members: Iterable[InquiryId], inquiries: Iterable[Inquiry], period: Period) -> tuple[Week, ...]:
    """A question's contacts week by week (Monday to Sunday, UTC), weeks without any included, oldest first."""
    wanted = frozenset(members)
    by_week: dict[date, list[Inquiry]] = defaultdict(list)
    for inquiry in inquiries:
        at = inquiry.received_at
        if inquiry.id in wanted and inquiry.channel not in SITE_CHANNELS and at is not None and period.has(at):
            by_week[_monday(at.date())].append(inquiry)
    first, last = _monday(period.start), _monday(period.end)
    starts = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    return tuple(
        Week(
            start=start,
            inquiries=len(by_week[start]),
            customers=len(distinct_customers(by_week[start])),
            is_whole=period.start <= start and start + timedelta(days=6) <= period.end,
        )
        for start in starts
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def reply_hours(inquiry: Inquiry) -> float | None:
    """Hours to the first reply; None when there is none, its time is unknown, or it is dated before the question."""
    if inquiry.first_reply_at is None or inquiry.received_at is None:
        return None
    hours = (inquiry.first_reply_at - inquiry.received_at).total_seconds() / 3600
    return hours if hours >= 0 else None


def distinct_customers(inquiries: Iterable[Inquiry]) -> Counter[str]:
    """Distinct customers with how many inquiries each; unknown customers are left out."""
    return Counter(i.customer_key for i in inquiries if i.customer_key)
