"""Intercom: conversations with their parts, as the API gives them one by one, in pages, or saved a line each.

Turns of users, leads and contacts are the customer's, those of admins the agents'. Bots (Fin, Operator) are neither:
their turns are left out, and so are notes, assignments and what automations changed. Conversations that a campaign or
an agent began count once the customer answers. Fields:
https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/conversation (source, parts,
statistics, conversation_rating) and, for the older `conversation_message` and `user`,
https://developers.intercom.com/docs/references/1.0/rest-api/conversations/conversation-part-model.
The listing and the search of conversations hold no parts: they give the first turn and the statistics alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from helploop.domain import Channel, IgnoredRow, RawInquiry
from helploop.intake.desks.conversation import (
    NO_CUSTOMER,
    Turn,
    as_dict,
    as_id,
    file_names,
    known,
    listed,
    mostly,
    read_each,
    text_or_html,
    told,
)
from helploop.intake.desks.spool import Place
from helploop.intake.interface import IntakeOptions, Reader, Record, one_by_one
from helploop.intake.sample import Sample
from helploop.intake.values import as_number, as_short, as_time

_NAME = "intercom"
_CUSTOMERS = ("user", "lead", "contact")
_AGENTS = ("admin", "team")
# source.type -> ours; the messenger ("conversation"), whatsapp, sms and push are chats.
_CHANNELS = {
    "email": Channel.MAIL,
    "phone_call": Channel.PHONE,
    "phone_switch": Channel.PHONE,
    "facebook": Channel.SOCIAL,
    "instagram": Channel.SOCIAL,
    "twitter": Channel.SOCIAL,
}
# Parts in which somebody speaks to the other side; the same with "note" in its name is for colleagues.
_SPOKEN = ("", "comment", "open", "close", "assignment", "assign_and_reopen", "assign_and_unsnooze", "snoozed")
_REMOVED = "We've removed this part of the conversation to comply with Twitter"  # stands where a tweet was


def _read(path: Path, options: IntakeOptions) -> Iterator[Record]:
    return read_each(path, lambda row, place: _record(row, place, options), ("conversations", "data"))


def _record(row: dict[str, Any], place: Place, options: IntakeOptions) -> Record:
    source = as_dict(row.get("source") or row.get("conversation_message"), "source")
    parts = listed(row.get("conversation_parts"), "conversation_parts")
    said = [_turn(source, options, source.get("created_at") or row.get("created_at"))]
    said += [_turn(part, options, part.get("created_at")) for part in parts]
    is_theirs = as_dict(source.get("author"), "author").get("type") in _CUSTOMERS  # a campaign's subject asks nothing
    title = text_or_html(None, source.get("subject") or row.get("title"))[:1_000].strip() if is_theirs else ""
    if not title and not any(turn and not turn.is_agent for turn in said):
        return IgnoredRow(place.file, place.line, NO_CUSTOMER)
    statistics = as_dict(row.get("statistics"), "statistics")
    person = _customer(row, [source, *parts])
    name, mail = as_short(person.get("name"), "name"), as_short(person.get("email"), "email")
    draft = RawInquiry(
        source=options.source_name(_NAME),
        source_id=_id(row),
        text="",
        title=title,
        channel=_CHANNELS.get(as_short(source.get("type"))) or options.channel_or(Channel.CHAT),
        received_at=as_time(row.get("created_at"), "created_at"),
        first_reply_at=as_time(statistics.get("first_admin_reply_at"), "first_admin_reply_at"),
        resolved_at=_closed_at(row, statistics, parts),
        customer=mail or as_id(person.get("external_id")) or as_id(person.get("id")),
        customer_names=known(name, mail, person.get("phone")),
        agent_minutes=_handling_minutes(statistics),
        csat=as_number(as_dict(row.get("conversation_rating"), "conversation_rating").get("rating"), "rating", 1, 5),
        tags=tuple(as_short(tag.get("name")) for tag in listed(row.get("tags"), "tags") if tag.get("name")),
        repeat_contacts=int(as_number(statistics.get("count_reopens"), "count_reopens", 0, 1e6) or 0),
    )
    return told(draft, [turn for turn in said if turn is not None], place)


def _turn(part: dict[str, Any], options: IntakeOptions, at: object) -> Turn | None:
    """What the part says to the other side; None when it is a note, an event, or a bot's."""
    author = as_dict(part.get("author"), "author")
    kind, mail, name = as_short(author.get("type")), as_short(author.get("email")), as_short(author.get("name"))
    is_event = as_short(part.get("part_type"), "part_type") not in _SPOKEN and "delivered_as" not in part
    is_spoken = not is_event or (kind in _CUSTOMERS and part.get("part_type") == "quick_reply")
    if not is_spoken or kind not in (*_CUSTOMERS, *_AGENTS):
        return None
    text = text_or_html(None, part.get("body"))
    return Turn(
        text="" if text.startswith(_REMOVED) else text,
        is_agent=kind in _AGENTS or any(options.is_agent(known_as) for known_as in (mail, name) if known_as),
        by=name or mail or as_id(author.get("id")),
        at=as_time(at, "a part's created_at"),
        attachments=file_names(part.get("attachments"), "name"),
    )


def _customer(row: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Who asks: the first customer who speaks, with what the list of contacts adds to it."""
    authors = (as_dict(part.get("author"), "author") for part in parts)
    author = next((author for author in authors if author.get("type") in _CUSTOMERS), {})
    contacts = listed(row.get("contacts") or row.get("customers"), "contacts")
    contacts = contacts or [as_dict(row.get("user"), "user")]
    same = next((contact for contact in contacts if as_id(contact.get("id")) == as_id(author.get("id"))), contacts[0])
    return same | {key: value for key, value in author.items() if value}


def _closed_at(row: dict[str, Any], statistics: dict[str, Any], parts: list[dict[str, Any]]) -> datetime | None:
    """When it was closed for the last time; None while it is open."""
    if row.get("state") != "closed" and row.get("open") is not False:
        return None
    closed = [part.get("created_at") for part in parts if part.get("part_type") == "close"]
    return as_time(statistics.get("last_close_at") or (closed[-1] if closed else None), "last_close_at")


def _handling_minutes(statistics: dict[str, Any]) -> float | None:
    seconds = as_number(statistics.get("handling_time"), "handling_time", 0, 1e8)
    return None if seconds is None else round(seconds / 60, 2)


def _id(row: dict[str, Any]) -> str:
    identity = as_id(row.get("id"))
    if not identity:
        raise ValueError("a conversation without an id")
    return identity


def _is_conversation(row: dict[str, Any]) -> bool:
    if isinstance(row.get("conversation_message"), dict):
        return "id" in row
    source = row.get("source")
    is_typed = row.get("type") == "conversation" or "conversation_parts" in row
    return is_typed and isinstance(source, dict) and "author" in source


def _recognises(sample: Sample) -> bool:
    return mostly(sample, _is_conversation)


READER = Reader(
    _NAME,
    Channel.CHAT,
    '{"type": "conversation", "source": {"author": ...}}',
    _recognises,
    one_by_one(_read),
    knows_fields=True,
)
