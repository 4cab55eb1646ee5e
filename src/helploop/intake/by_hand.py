"""One contact written down by a person: a phone call, a talk at the counter. The form is TOML, for an editor."""

from __future__ import annotations

import secrets
import tomllib
from dataclasses import dataclass
from datetime import datetime

from helploop.domain import Channel, RawInquiry, RawReply
from helploop.errors import IntakeError
from helploop.intake.times import parse_time

SOURCE = "log"

FORM = '''\
# One contact by hand. What stays empty is left out; save it with nothing in "asked" to give up.
asked = """
"""
answered = """
"""
customer = ""        # mail, phone number or whatever you know them by: only a keyed hash of it is kept
name = ""            # masked wherever it stands in the text
channel = "phone"    # phone chat mail ticket social forum review survey
by = ""              # who answered
minutes = 0          # your time; 0: not known
at = ""              # 2026-07-06 14:30; empty: now
tags = []            # ["counter"]
is_settled = true    # false: somebody still has to get back to them
'''


@dataclass(frozen=True)
class Contact:
    """What a person writes down of one contact; the form's fields."""

    asked: str
    answered: str = ""
    customer: str = ""
    name: str = ""
    channel: Channel = Channel.PHONE
    by: str = ""
    minutes: float = 0.0  # of the agent; 0: not known
    at: datetime | None = None  # aware UTC; None: now
    tags: tuple[str, ...] = ()
    is_settled: bool = True


def read_form(text: str, zone: datetime) -> Contact | None:
    """The contact in a filled form; None when nothing was asked. zone: now, with the writer's offset.

    Raises IntakeError naming the line or the field, and what is right.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise IntakeError(f"the form cannot be read: {error}") from error
    known = set(tomllib.loads(FORM))
    wrong = sorted(set(content) - known)
    if wrong:
        raise IntakeError(f"the form has no field {', '.join(wrong)}; there are {', '.join(sorted(known))}")
    asked = _text(content, "asked")
    if not asked:
        return None
    return Contact(
        asked=asked,
        answered=_text(content, "answered"),
        customer=_text(content, "customer"),
        name=_text(content, "name"),
        channel=_channel(_text(content, "channel") or "phone"),
        by=_text(content, "by"),
        minutes=_minutes(content.get("minutes", 0)),
        at=read_time(content.get("at", ""), zone),
        tags=_tags(content.get("tags", [])),
        is_settled=content.get("is_settled", True) is True,
    )


def read_time(value: object, zone: datetime) -> datetime | None:
    """A time as a person writes it, in their own zone; None for an empty one. Raises IntakeError."""
    try:
        if isinstance(value, str) and value.strip():
            value = datetime.fromisoformat(value.strip())
        if isinstance(value, datetime) and value.tzinfo is None:
            value = value.replace(tzinfo=zone.tzinfo)
        at = parse_time(value)
    except ValueError as error:
        raise IntakeError(f"at: {error}; write it like 2026-07-06 14:30") from error
    if at is not None and at > zone:
        raise IntakeError(f"at: {at:%Y-%m-%d %H:%M} UTC has not come yet")
    return at


def to_inquiry(contact: Contact, now: datetime) -> RawInquiry:
    """The contact as an inquiry of the source "log". now: aware UTC, for a contact without a time."""
    at = contact.at or now
    reply = RawReply(at=at, by=contact.by, is_agent=True, text=contact.answered)
    return RawInquiry(
        source=SOURCE,
        source_id=f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}",
        text=contact.asked,
        replies=(reply,) if contact.answered else (),
        channel=contact.channel,
        received_at=at,
        first_reply_at=at if contact.answered else None,
        resolved_at=at if contact.answered and contact.is_settled else None,
        customer=contact.customer,
        customer_names=tuple(name for name in (contact.name, contact.customer) if name),
        agent_minutes=contact.minutes or None,
        tags=contact.tags,
    )


def _text(content: dict[str, object], key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str):
        raise IntakeError(f'{key} must be a text in quotes, like {key} = "..."')
    return value.strip()


def _channel(word: str) -> Channel:
    try:
        return Channel(word.lower())
    except ValueError:
        names = ", ".join(channel.value for channel in Channel if channel is not Channel.SEARCH)
        raise IntakeError(f"channel = {word!r} is none of {names}") from None


def _minutes(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10_000:
        raise IntakeError(f"minutes = {value!r} must be a number from 0 to 10000")
    return float(value)


def _tags(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise IntakeError('tags must be a list of texts, like ["counter"]')
    return tuple(tag.strip() for tag in value if tag.strip())
