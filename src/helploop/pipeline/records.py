"""Looking at single records: inquiries, one customer's over all channels, and where a round's members came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from helploop.config import Settings
from helploop.domain import Channel, Inquiry, InquiryId, Kind, Question, Round
from helploop.errors import HelploopError
from helploop.pipeline.rounds import with_states
from helploop.pipeline.site_key import keys_of
from helploop.store import InquiryFilter, InquiryPage, Store

PAGE = 20  # inquiries a page where no other number is asked for
_NEVER = datetime.max.replace(tzinfo=UTC)
_NOBODY = 1_000_000  # more than any customer writes: a timeline is whole


@dataclass(frozen=True)
class Contact:
    """One inquiry of a customer, and the question it belongs to."""

    inquiry: Inquiry
    question: Question | None  # of the newest round, with its state and article; None: in no question


@dataclass(frozen=True)
class Timeline:
    """One customer's inquiries over all channels, oldest first, undated ones last."""

    customer_keys: tuple[str, ...]
    contacts: tuple[Contact, ...]


def find_inquiries(
    settings: Settings,
    words: str = "",
    limit: int = PAGE,
    *,
    page: int = 1,
    kind: Kind | None = None,
    channel: Channel | None = None,
    customer: str = "",
    since: datetime | None = None,
) -> InquiryPage:
    """The newest inquiries that fit all of it: `limit` a page, pages from 1. customer: as keys_of takes it."""
    keys = keys_of(settings, customer) if customer else ()
    with Store(settings.database) as store:
        return store.find_inquiries(InquiryFilter(words, kind, channel, keys, since), limit, (page - 1) * limit)


def read_inquiry(settings: Settings, which: str) -> Inquiry:
    """One inquiry. Raises HelploopError when there is none of that id."""
    with Store(settings.database) as store:
        found = store.inquiries([InquiryId(which)])
    if not found:
        raise HelploopError(f"{which}: no such inquiry; `helploop inquiries` lists them")
    return found[0]


def read_customer(settings: Settings, who: str) -> Timeline:
    """One customer's timeline. Raises HelploopError when nobody of that key, address or handle has asked anything."""
    keys = keys_of(settings, who)
    with Store(settings.database) as store:
        found = store.find_inquiries(InquiryFilter(customer_keys=keys), _NOBODY).rows
        made = store.load_round()
    if not found:
        raise HelploopError("nobody of that address, handle or key has asked anything; `helploop inquiries` lists all")
    questions = with_states(settings, made.questions, None) if made else ()
    of = {member: question for question in questions for member in question.members}
    ordered = sorted(found, key=lambda i: (i.received_at is None, i.received_at or _NEVER, i.id))
    seen = tuple(sorted({inquiry.customer_key for inquiry in found}))
    return Timeline(seen, tuple(Contact(inquiry, of.get(inquiry.id)) for inquiry in ordered))


def sources(settings: Settings, made: Round) -> dict[str, dict[str, str]]:
    """Of each inquiry of a round, the source it came from and its id there."""
    wanted = [member for question in made.questions for member in question.members]
    with Store(settings.database) as store:
        rows = store.inquiries([*wanted, *made.noise])
    return {row.id: {"source": row.source, "source_id": row.source_id} for row in rows}
