"""Looking for inquiries: by words, kind, channel, customer and date, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, or_, select

from helploop.domain import Channel, Inquiry, Kind
from helploop.store.schema import inquiries, known_as

_decode = msgspec.json.Decoder(Inquiry)


@dataclass(frozen=True)
class InquiryFilter:
    """Which inquiries are wanted; what is left empty asks for nothing."""

    words: str = ""  # stand so in the title, the text, what is asked or a reply; without regard to case
    kind: Kind | None = None
    channel: Channel | None = None
    customer_keys: tuple[str, ...] = ()  # of any of these
    since: datetime | None = None  # aware: received then or later; undated ones are left out


@dataclass(frozen=True)
class InquiryPage:
    """Some of the inquiries found, and how many there are in all."""

    total: int
    rows: tuple[Inquiry, ...]  # newest first, undated ones last


def find_page(connection: Connection, wanted: InquiryFilter, limit: int, offset: int) -> InquiryPage:
    """The inquiries that the filter asks for, without the first `offset`, at most `limit`.

    Costs a look at each inquiry when words are asked for: there is no index of texts, so none has to be erased.
    """
    query = select(inquiries.c.record).where(*_conditions(wanted))
    ordered = query.order_by(inquiries.c.received_at.desc(), inquiries.c.id)
    if wanted.words:
        found = [row for row in _decoded(connection.execute(ordered)) if _holds(row, wanted.words.casefold())]
        return InquiryPage(len(found), tuple(islice(found, offset, offset + limit)))
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    return InquiryPage(int(total), tuple(_decoded(connection.execute(ordered.limit(limit).offset(offset)))))


def _conditions(wanted: InquiryFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.kind is not None:
        yield inquiries.c.kind == wanted.kind.value
    if wanted.channel is not None:
        yield inquiries.c.channel == wanted.channel.value
    if wanted.customer_keys:
        elsewhere = select(known_as.c.inquiry_id).where(known_as.c.customer_key.in_(wanted.customer_keys))
        yield or_(inquiries.c.customer_key.in_(wanted.customer_keys), inquiries.c.id.in_(elsewhere))
    if wanted.since is not None:
        yield inquiries.c.received_at >= wanted.since.astimezone(UTC).isoformat(timespec="microseconds")
    if wanted.words.isascii():  # databases fold the case of other letters each in their own way
        written = msgspec.json.encode(wanted.words).decode()[1:-1]  # as it stands in a record
        yield inquiries.c.record.icontains(written, autoescape=True)


def _decoded(rows: Any) -> Iterator[Inquiry]:
    return (_decode.decode(row.record) for row in rows)


def _holds(found: Inquiry, words: str) -> bool:
    texts = (found.title, found.text, found.question_text, *(reply.text for reply in found.replies))
    return any(words in text.casefold() for text in texts)
