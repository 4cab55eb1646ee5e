"""What is handed over to whom: escalations, complaints against their response standard, compliments, ideas.

Questions are not handed over: they are clustered, and answered once for all. Derived from what is stored and the
options at every call; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from helploop.domain import Channel, Inquiry
from helploop.triage.escalation import find_words
from helploop.triage.options import ESCALATION, HANDED_OVER, TriageOptions, nearest, stand_ins

_LAST = datetime.max.replace(tzinfo=UTC)
_SITE = (Channel.SEARCH, Channel.FEEDBACK)  # nobody waits for a reply to these


class ReplyState(StrEnum):
    """How a reply stands against the response standard, in the order in which somebody should look."""

    OVERDUE = "overdue"
    OPEN = "open"  # not due yet, or it cannot be known when
    LATE = "late"
    ANSWERED = "answered"  # whether in time cannot be known
    MET = "met"
    NO_STANDARD = "no standard"


@dataclass(frozen=True)
class OutboxItem:
    """One inquiry on its way to its owner."""

    inquiry: Inquiry
    section: str  # one of HANDED_OVER
    topics: dict[str, str]  # escalation topic -> the word that was found
    category: str  # "" when none of the configured ones applies
    owner: str  # "" when nobody is named
    backup: str
    due_at: datetime | None  # None: no standard, or the received time is unknown
    state: ReplyState

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to reply within a standard."""
        return self.state in (ReplyState.OVERDUE, ReplyState.OPEN)


def make_outbox(inquiries: Iterable[Inquiry], options: TriageOptions, now: datetime) -> tuple[OutboxItem, ...]:
    """What is handed over, escalations first, then by kind; in each what waits longest first."""
    found = [item for inquiry in inquiries if (item := _item(inquiry, options, now)) is not None]
    return tuple(sorted(found, key=_order))


def _item(inquiry: Inquiry, options: TriageOptions, now: datetime) -> OutboxItem | None:
    if inquiry.channel in _SITE or "auto-reply" in inquiry.tags:
        return None
    text = f"{inquiry.title}\n{inquiry.text}"
    topics = find_words(text, options.escalation_words)
    if not topics and inquiry.kind.value not in HANDED_OVER:
        return None
    category = _category(inquiry, text, options)
    section = ESCALATION if topics else inquiry.kind.value
    lookup, details = stand_ins(section), (*topics, *([category] if category else ()))
    hours = nearest(options.standard_hours, lookup, details)
    due_at = inquiry.received_at + timedelta(hours=hours) if hours and inquiry.received_at else None
    return OutboxItem(
        inquiry=inquiry,
        section=section,
        topics=topics,
        category=category,
        owner=(nearest(options.owners, lookup, details) or "").strip(),
        backup=(nearest(options.backups, lookup, details) or "").strip(),
        due_at=due_at,
        state=_state(inquiry, due_at, now) if hours else ReplyState.NO_STANDARD,
    )


def _category(inquiry: Inquiry, text: str, options: TriageOptions) -> str:
    """The first configured category that the record's tags name, else the first whose words stand in the text."""
    tags = {tag.strip().lower() for tag in inquiry.tags}
    for name, words in options.categories.items():
        if tags.intersection({name.lower(), *(word.strip().lower() for word in words)}):
            return name
    return next(iter(find_words(text, options.categories)), "")


def _state(inquiry: Inquiry, due_at: datetime | None, now: datetime) -> ReplyState:
    replied_at = inquiry.first_reply_at
    is_answered = replied_at or inquiry.resolved_at or any(reply.is_agent for reply in inquiry.replies)
    if not is_answered:
        return ReplyState.OVERDUE if due_at and now > due_at else ReplyState.OPEN
    # a reply dated before the inquiry is a clock that cannot be believed
    if not due_at or not replied_at or not inquiry.received_at or replied_at < inquiry.received_at:
        return ReplyState.ANSWERED
    return ReplyState.MET if replied_at <= due_at else ReplyState.LATE


def _order(item: OutboxItem) -> tuple[int, int, datetime, str]:
    when = item.due_at or item.inquiry.received_at or _LAST
    return HANDED_OVER.index(item.section), list(ReplyState).index(item.state), when, item.inquiry.id
