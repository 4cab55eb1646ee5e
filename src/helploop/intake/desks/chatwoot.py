"""Chatwoot: conversations of the API, with their messages inside or in files of their own.

Read together: pages of conversations ({"data": {"payload": [...]}}; they hold the last message alone), and pages of
messages ({"payload": [...]}, each with its conversation_id). Incoming messages are the customer's, outgoing ones of
people the agents'. Private notes, activities, templates, deleted messages and bots' are left out. Fields:
https://developers.chatwoot.com/api-reference/conversations/conversations-list and .../messages/get-messages; the
numbers of message_type and the names of channels stand in app/models of github.com/chatwoot/chatwoot (MIT).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from helploop.domain import Channel, IgnoredRow, RawInquiry
from helploop.intake.desks.conversation import Turn, as_dict, as_dicts, as_id, known, mostly, told
from helploop.intake.desks.joined import TICKET, TURN, JoinedExport, Row, found_in, key_of
from helploop.intake.desks.spool import Part, Spool
from helploop.intake.interface import IntakeOptions, Reader, Record
from helploop.intake.sample import Sample
from helploop.intake.values import RowError, as_list, as_number, as_short, as_text, as_time

_NAME = "chatwoot"
_LISTS = ("data.payload", "payload", "conversations", "messages")
_INCOMING, _OUTGOING, _ACTIVITY = (0, "incoming"), (1, "outgoing"), (2, "activity")
# Channel::Name -> ours; the widget, the API, SMS and all messengers are chats.
_CHANNELS = {
    "Email": Channel.MAIL,
    "Voice": Channel.PHONE,
    "FacebookPage": Channel.SOCIAL,
    "Instagram": Channel.SOCIAL,
    "TwitterProfile": Channel.SOCIAL,
    "Tiktok": Channel.SOCIAL,
}


def _sort(row: dict[str, Any]) -> list[Row] | str:
    if _is_message(row):
        return [Row(TURN, key_of(row, "conversation_id", "a message"), row)]
    if _is_conversation(row):
        return [Row(TICKET, key_of(row, "id", "a conversation"), row)]
    raise RowError("neither a conversation nor a message with its conversation_id of Chatwoot")


def _record(part: Part, messages: list[dict[str, Any]], options: IntakeOptions) -> Record:
    row = part.value
    meta, more = as_dict(row.get("meta"), "meta"), as_dict(row.get("additional_attributes"), "additional_attributes")
    labels = tuple(as_short(label) for label in as_list(row.get("labels"), "labels"))
    if "spam" in labels:
        return IgnoredRow(part.place.file, part.place.line, "spam")
    person = as_dict(meta.get("sender"), "meta.sender")
    name, mail, phone = (as_short(person.get(key), f"the sender's {key}") for key in ("name", "email", "phone_number"))
    draft = RawInquiry(
        source=options.source_name(_NAME),
        source_id=part.key,
        text="",
        title=as_short(more.get("mail_subject"), "mail_subject"),
        channel=_CHANNELS.get(as_short(meta.get("channel")).removeprefix("Channel::"))
        or options.channel_or(Channel.CHAT),
        received_at=_time(row.get("created_at"), "created_at"),
        first_reply_at=_time(row.get("first_reply_created_at"), "first_reply_created_at"),
        resolved_at=_resolved_at(row, messages),
        customer=mail or phone or as_id(person.get("identifier")) or as_id(person.get("id")),
        customer_names=known(name, mail, phone),
        csat=_csat(messages),
        locale=as_short(as_dict(more.get("browser"), "browser").get("browser_language"))[:20],
        tags=labels,
    )
    turns = (_turn(message, name or mail or phone, options) for message in messages)
    return told(draft, [turn for turn in turns if turn is not None], part.place)


def _turn(message: dict[str, Any], customer: str, options: IntakeOptions) -> Turn | None:
    """What a person said to the other side; None for notes, activities, templates and bots."""
    kind = message.get("message_type")
    sender = as_dict(message.get("sender"), "sender")
    is_bot = any(
        word in as_short(sender.get("type") or message.get("sender_type")).lower() for word in ("bot", "captain")
    )
    is_deleted = as_dict(message.get("content_attributes"), "content_attributes").get("deleted") is True
    if kind not in (*_INCOMING, *_OUTGOING) or message.get("private") is True or is_bot or is_deleted:
        return None
    name, mail = as_short(sender.get("name")), as_short(sender.get("email"))
    is_agent = kind in _OUTGOING or any(options.is_agent(known_as) for known_as in (name, mail) if known_as)
    return Turn(
        text=as_text(message.get("content")),
        is_agent=is_agent,
        by=name or mail or as_id(sender.get("id")) or ("" if is_agent else customer),
        at=_time(message.get("created_at"), "a message's created_at"),
        attachments=_files(message),
    )


def _files(message: dict[str, Any]) -> tuple[str, ...]:
    """The last part of each attachment's address: Chatwoot tells no other name."""
    urls = (as_short(file.get("data_url")) for file in as_dicts(message.get("attachments"), "attachments"))
    names = (unquote(urlsplit(url).path.rsplit("/", 1)[-1])[:200] for url in urls)
    return tuple(name for name in names if name)


def _resolved_at(row: dict[str, Any], messages: list[dict[str, Any]]) -> datetime | None:
    """The time of the activity that ends a resolved conversation ("marked resolved by")."""
    if row.get("status") not in ("resolved", 1):
        return None
    ends = [message.get("created_at") for message in messages if message.get("message_type") in _ACTIVITY]
    return max((at for at in (_time(end, "created_at") for end in ends) if at), default=None)


def _csat(messages: list[dict[str, Any]]) -> float | None:
    for message in messages:
        answers = as_dict(message.get("content_attributes"), "content_attributes").get("submitted_values")
        survey = answers.get("csat_survey_response") if isinstance(answers, dict) else None
        if isinstance(survey, dict) and survey.get("rating") is not None:
            return as_number(survey["rating"], "rating", 1, 5)
    return None


def _time(value: object, name: str) -> datetime | None:
    return None if value == 0 else as_time(value, name)


def _is_message(row: dict[str, Any]) -> bool:
    return "message_type" in row and "content" in row and "conversation_id" in row


def _is_conversation(row: dict[str, Any]) -> bool:
    meta = row.get("meta")
    return isinstance(meta, dict) and "sender" in meta and "inbox_id" in row


def _recognises(sample: Sample) -> bool:
    return mostly(sample, lambda row: _is_message(row) or _is_conversation(row))


def _maker(_spool: Spool, options: IntakeOptions) -> Any:
    return lambda part, messages: _record(part, messages, options)


READER = Reader(
    _NAME,
    Channel.CHAT,
    '{"id", "inbox_id", "meta": {"sender": ...}, "messages": [...]}',
    _recognises,
    JoinedExport("Chatwoot", found_in(_LISTS), "messages", _sort, _maker).read,
    joins_files=True,
    knows_fields=True,
)
