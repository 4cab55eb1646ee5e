"""Freshdesk: tickets with their conversations inside or in a file of their own, contacts, agents and ratings beside.

Read together: tickets of API v2 (with include=requester, stats, description, conversations, or without), conversations
that name their ticket_id, contacts, agents and satisfaction ratings; and the older shape
{"helpdesk_ticket": {..., "notes": [...]}}, {"user": ...}. Private notes, forwarded mails and the survey's own notes are
left out. Fields, and the numbers of source, status and ratings: https://developers.freshdesk.com/api/ (tickets,
conversations, satisfaction ratings); the older shape: https://developer.freshdesk.com/v1/ (view a ticket).
"""

from __future__ import annotations

from typing import Any

from helploop.domain import Channel, IgnoredRow, RawInquiry
from helploop.intake.desks.conversation import (
    Turn,
    as_dict,
    as_dicts,
    as_id,
    file_names,
    known,
    mostly,
    text_or_html,
    told,
)
from helploop.intake.desks.joined import TICKET, TURN, JoinedExport, Row, found_in, key_of
from helploop.intake.desks.spool import Part, Spool
from helploop.intake.interface import IntakeOptions, Reader, Record
from helploop.intake.sample import Sample
from helploop.intake.values import RowError, as_list, as_short, as_time

_NAME = "freshdesk"
_LISTS = ("tickets", "results", "conversations", "contacts", "agents", "satisfaction_ratings")
_OUTBOUND = 10  # source of a ticket that an agent's mail began
# A ticket's source -> ours; the portal (2), the feedback widget (9) and shops (11) are tickets.
_CHANNELS = {
    1: Channel.MAIL,
    3: Channel.PHONE,
    4: Channel.FORUM,
    5: Channel.SOCIAL,
    6: Channel.SOCIAL,
    7: Channel.CHAT,
    8: Channel.CHAT,  # the app's
    _OUTBOUND: Channel.MAIL,
    12: Channel.CHAT,  # a bot's
    13: Channel.CHAT,  # WhatsApp
}
_NOT_SPOKEN = (6, 8)  # sources of a conversation: the survey's note, a mail forwarded to somebody else
_DONE = (4, 5)  # resolved, closed
# Surveys have 2 (103, -103), 3 (with 100), 5 or 7 answers; ours go from 1 to 5.
_RATINGS = {103: 5.0, 102: 4.0, 101: 3.5, 100: 3.0, -101: 2.5, -102: 2.0, -103: 1.0}


def _sort(row: dict[str, Any]) -> list[Row] | str:
    wrapped = row.get("helpdesk_ticket") or row.get("ticket")
    if isinstance(wrapped, dict):
        key = as_id(wrapped.get("display_id")) or key_of(wrapped, "id", "a ticket")
        notes = [_unwrapped(note) for note in as_dicts(wrapped.get("notes"), "notes")]
        return [Row(TICKET, key, wrapped | ({"conversations": notes} if notes else {}))]
    kind = _kind(row)
    if kind == "ticket":
        return [Row(TICKET, key_of(row, "id", "a ticket"), row)]
    if kind == "turn":
        return [Row(TURN, key_of(row, "ticket_id", "a conversation"), row)]
    if kind == "rating":
        return [Row("rating", key_of(row, "ticket_id", "a rating"), row)]
    person = row.get("contact") or row.get("user") or row
    if kind == "person" and isinstance(person, dict):
        _check_person(person)
        return [Row("person", key_of({"id": row.get("id") or person.get("id")}, "id", "a person"), person)]
    raise RowError(
        "neither a ticket nor a conversation with its ticket_id, a contact, an agent or a rating of Freshdesk"
    )


class _Tickets:
    """Tickets of a filled spool to records."""

    def __init__(self, spool: Spool, options: IntakeOptions) -> None:
        self._spool = spool
        self._options = options

    def record(self, part: Part, conversations: list[dict[str, Any]]) -> Record:
        """A ticket with its conversations as an inquiry, or as an IgnoredRow. Raises ValueError."""
        ticket = part.value
        for flag in ("spam", "deleted"):
            if ticket.get(flag) is True:
                return IgnoredRow(part.place.file, part.place.line, flag)
        stats = as_dict(ticket.get("stats") or ticket.get("ticket_states"), "stats")
        requester = self._person(ticket.get("requester_id")) | as_dict(ticket.get("requester"), "requester")
        name = as_short(requester.get("name") or ticket.get("requester_name"), "the requester's name")
        mail = as_short(requester.get("email") or ticket.get("email"), "the requester's email")
        phones = [as_id(requester.get(key)) for key in ("phone", "mobile")]
        source = ticket.get("source")
        draft = RawInquiry(
            source=self._options.source_name(_NAME),
            source_id=part.key,
            text="",
            title=as_short(ticket.get("subject"), "subject"),
            channel=_CHANNELS.get(source if isinstance(source, int) else 0) or self._options.channel_or(Channel.TICKET),
            received_at=as_time(ticket.get("created_at"), "created_at"),
            first_reply_at=as_time(stats.get("first_responded_at") or stats.get("first_response_time"), "stats"),
            resolved_at=_resolved_at(ticket, stats),
            customer=mail or next((phone for phone in phones if phone), "") or as_id(ticket.get("requester_id")),
            customer_names=known(name, mail, *phones),
            csat=self._csat(part),
            locale=as_short(requester.get("language"))[:20],
            tags=tuple(as_short(tag) for tag in as_list(ticket.get("tags"), "tags")),
            repeat_contacts=1 if stats.get("reopened_at") else 0,
        )
        opening = Turn(
            text=text_or_html(
                ticket.get("description_text"), ticket.get("description_html") or ticket.get("description")
            ),
            is_agent=source == _OUTBOUND,
            by=name or mail,
            at=draft.received_at,
            attachments=file_names(ticket.get("attachments"), "name", "content_file_name"),
        )
        spoken = (
            row for row in conversations if row.get("private") is not True and row.get("source") not in _NOT_SPOKEN
        )
        return told(draft, [opening, *(self._turn(row, ticket, name or mail) for row in spoken)], part.place)

    def _turn(self, row: dict[str, Any], ticket: dict[str, Any], customer: str) -> Turn:
        by = as_id(row.get("user_id"))
        incoming = row.get("incoming")
        is_requester = by != "" and by == as_id(ticket.get("requester_id"))
        author = self._person(by)
        name = as_short(author.get("name") or author.get("email"), "an author's name")
        is_known = any(self._options.is_agent(str(author[key])) for key in ("name", "email") if author.get(key))
        is_customer = (incoming if isinstance(incoming, bool) else is_requester) and not is_known
        return Turn(
            text=text_or_html(row.get("body_text"), row.get("body_html") or row.get("body")),
            is_agent=not is_customer,
            by=name or (customer if is_requester else by),
            at=as_time(row.get("created_at"), "a conversation's created_at"),
            attachments=file_names(row.get("attachments"), "name", "content_file_name"),
        )

    def _person(self, identity: object) -> dict[str, Any]:
        key = as_id(identity)
        found = self._spool.of("person", key) if key else []
        return found[-1].value if found else {}

    def _csat(self, part: Part) -> float | None:
        found = self._spool.of("rating", part.key)
        ratings = as_dict(found[-1].value.get("ratings"), "ratings") if found else {}
        rating = ratings.get("default_question")
        return _RATINGS.get(rating) if isinstance(rating, int) else None


def _resolved_at(ticket: dict[str, Any], stats: dict[str, Any]) -> Any:
    if ticket.get("status") not in _DONE:
        return None
    return as_time(stats.get("resolved_at") or stats.get("closed_at"), "resolved_at")


def _check_person(person: dict[str, Any]) -> None:
    """Raises RowError: a person who cannot be read must not cost all tickets that name them."""
    for key in ("name", "email", "phone", "mobile", "language"):
        as_short(person.get(key), f"a person's {key}")


def _unwrapped(note: dict[str, Any]) -> dict[str, Any]:
    inside = note.get("note") or note.get("helpdesk_note")
    return inside if isinstance(inside, dict) else note


def _kind(row: dict[str, Any]) -> str:
    """What a record of API v2 is; "" for none of Freshdesk's."""
    kind = ""
    if "requester_id" in row and "status" in row and type(row.get("source")) is int and "via" not in row:
        kind = "ticket"
    elif "ticket_id" in row and "incoming" in row and ("body" in row or "body_text" in row):
        kind = "turn"
    elif "ticket_id" in row and "survey_id" in row:
        kind = "rating"
    elif ("mobile" in row and "twitter_id" in row) or "ticket_scope" in row or _is_older_user(row):
        kind = "person"
    return kind


def _is_older_user(row: dict[str, Any]) -> bool:
    user = row.get("user")
    return isinstance(user, dict) and "helpdesk_agent" in user


def _is_ours(row: dict[str, Any]) -> bool:
    wrapped = row.get("helpdesk_ticket")
    return _kind(row) != "" or (isinstance(wrapped, dict) and "display_id" in wrapped)


def _recognises(sample: Sample) -> bool:
    return mostly(sample, _is_ours)


_EXPORT = JoinedExport(
    "Freshdesk",
    found_in(_LISTS),
    "conversations",
    _sort,
    lambda spool, options: _Tickets(spool, options).record,
    ("person", "requester_id", "requester"),
)
READER = Reader(
    _NAME,
    Channel.TICKET,
    '{"id", "requester_id", "source": 1, "status": 2, ...}',
    _recognises,
    _EXPORT.read,
    joins_files=True,
    knows_fields=True,
)
