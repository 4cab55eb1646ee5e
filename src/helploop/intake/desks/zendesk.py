"""Zendesk: tickets, with their comments and users in the same file, in their own files, or side-loaded.

Read together: the account's JSON export (an object a line, comments inside), pages of the API and of the incremental
exports ({"tickets": [...], "users": [...], "metric_sets": [...]}), files of comments that name their ticket_id, and
streams of ticket events or audits that hold comments. Private comments, and what rules, merges and bots wrote, are left
out. Fields:
https://support.zendesk.com/hc/en-us/articles/4408886165402 (exports),
https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/ and .../ticket_comments/, .../ticket_metrics/,
https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/ (channels).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
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
from helploop.intake.desks.transcript import unfolded
from helploop.intake.interface import IntakeOptions, Reader, Record
from helploop.intake.sample import Sample
from helploop.intake.values import RowError, as_list, as_number, as_short, as_text, as_time

_NAME = "zendesk"
_LISTS = (
    "tickets",
    "comments",
    "users",
    "metric_sets",
    "ticket_metrics",
    "ticket_events",
    "audits",
    "suspended_tickets",
)
_CUSTOMER, _AGENTS = "end-user", ("agent", "admin")
# via.channel as a name or as a number -> ours; a web form, the API and all else are tickets.
_CHANNELS: dict[str, Channel] = {
    **dict.fromkeys(("email", "mail", "4"), Channel.MAIL),
    **dict.fromkeys(("chat", "29", "messaging", "native_messaging", "sms", "57", "text_message", "37"), Channel.CHAT),
    **dict.fromkeys(("whatsapp", "line", "viber", "telegram", "wechat", "apple_business_chat"), Channel.CHAT),
    **dict.fromkeys(
        ("voice", "voicemail", "33", "phone_call_inbound", "34", "phone_call_outbound", "35"), Channel.PHONE
    ),
    **dict.fromkeys(("twitter", "30", "twitter_dm", "26", "twitter_favorite", "23", "x_dm"), Channel.SOCIAL),
    **dict.fromkeys(("facebook", "facebook_post", "38", "facebook_message", "41", "instagram_dm"), Channel.SOCIAL),
    **dict.fromkeys(("forum", "topic", "24"), Channel.FORUM),
}
_NO_PERSON = ("rule", "8", "merge", "19")  # via.channel of comments that a trigger, an automation or a merge made
_RATINGS = {"good": 5.0, "goodwithcomment": 5.0, "bad": 1.0, "badwithcomment": 1.0}
_SAME_TEXT = 300  # characters by which a description is known again as the first comment
_FOLLOWED = 20  # follow-ups of follow-ups


@dataclass(frozen=True)
class _Person:
    """A user of the export."""

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    role: str = ""
    locale: str = ""
    is_suspended: bool = False


def _sort(row: dict[str, Any]) -> list[Row] | str:
    kind = _kind(row)
    if kind == "wrapped":
        return _sort(row["ticket"])
    if kind == "suspended":
        return "suspended by the help desk as spam or automatic"
    if kind == "":
        raise RowError("neither a ticket nor a comment with its ticket_id, a user or a metric of Zendesk")
    if kind == "user":
        _person(row)  # one that cannot be read must not cost all tickets that name them
    if kind in (TICKET, "user"):
        return [Row(kind, key_of(row, "id", f"a {kind}"), row)]
    key = key_of(row, "ticket_id", f"a {kind}")
    if kind == "comments":
        return [Row(TURN, key, comment) for comment in _comments_of(row)]
    return [Row(TURN if kind == "comment" else kind, key, row)]


def _comments_of(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The comments under one ticket_id: a list of them, or the events of an audit or a ticket event that are some."""
    listed = row.get("comments")
    if listed is not None:
        return as_dicts(listed, "comments")
    events = as_dicts(row.get("child_events") or row.get("events"), "events")
    via, at, by = row.get("via"), row.get("created_at") or row.get("timestamp"), row.get("author_id")
    found = (e for e in events if e.get("event_type", e.get("type")) in ("Comment", "VoiceComment"))
    return [{"via": via, "created_at": at, "author_id": by or row.get("updater_id")} | event for event in found]


class _Tickets:
    """Tickets of a filled spool to records."""

    def __init__(self, spool: Spool, options: IntakeOptions) -> None:
        self._spool = spool
        self._options = options
        self._user: Callable[[str], _Person | None] = lru_cache(maxsize=20_000)(self._look_up)

    def record(self, part: Part, comments: list[dict[str, Any]]) -> Record:
        """A ticket with its comments as an inquiry, or as an IgnoredRow. Raises ValueError."""
        ticket, place = part.value, part.place
        via, metrics = as_dict(ticket.get("via"), "via"), self._metrics(part)
        requester = self._requester(ticket, via)
        if reason := _why_ignored(ticket, requester):
            return IgnoredRow(place.file, place.line, reason)
        draft = RawInquiry(
            source=self._options.source_name(_NAME),
            source_id=part.key,
            text="",
            title=as_short(ticket.get("subject") or ticket.get("raw_subject"), "subject"),
            channel=_CHANNELS.get(as_id(via.get("channel")).lower()) or self._options.channel_or(Channel.TICKET),
            received_at=as_time(ticket.get("created_at"), "created_at"),
            resolved_at=as_time(metrics.get("solved_at"), "solved_at"),
            customer=requester.email or requester.phone or requester.id,
            customer_names=known(requester.name, requester.email, requester.phone),
            agent_minutes=_talk_minutes(comments),
            waited_minutes=_minutes(metrics, "requester_wait_time_in_minutes"),
            csat=_csat(ticket.get("satisfaction_rating")),
            locale=requester.locale[:20],
            tags=tuple(as_short(tag) for tag in as_list(ticket.get("tags"), "tags")),
            thread=self._thread(part),
            repeat_contacts=int(as_number(metrics.get("reopens"), "reopens", 0, 1e6) or 0),
        )
        draft = replace(draft, first_reply_at=_replied_at(metrics, draft.received_at))
        turns = self._turns(ticket, comments, requester, draft.channel)
        if draft.channel is Channel.CHAT:
            turns = [one for turn in turns for one in unfolded(turn, requester.name)]
        return told(draft, turns, place)

    def _turns(
        self, ticket: dict[str, Any], comments: list[dict[str, Any]], requester: _Person, channel: Channel
    ) -> list[Turn]:
        """The description first, then every public comment of a person that does not repeat it."""
        said = [comment for comment in comments if _is_persons(comment)]
        said.sort(key=lambda comment: str(comment.get("created_at") or ""))
        description = text_or_html(ticket.get("description"))
        first = said[0] if said and _is_first(said[0], description) else None
        turns = [self._turn(comment, requester) for comment in said if comment is not first]
        if first is None and not description.strip():
            return turns
        submitter = self._user(as_id(ticket.get("submitter_id")))
        is_agents = submitter is not None and submitter.role in _AGENTS and submitter.id != requester.id
        opening = Turn(
            text=description or _text_of(first or {}),
            is_agent=is_agents and channel is not Channel.PHONE,  # of a call the agent writes what the customer said
            by=_name_of(submitter) if is_agents else requester.id,
            at=as_time(ticket.get("created_at"), "created_at"),
            attachments=file_names(first.get("attachments"), "file_name") if first else (),
        )
        return [opening, *turns]

    def _turn(self, comment: dict[str, Any], requester: _Person) -> Turn:
        inline = comment.get("author")
        author = _person(inline) if isinstance(inline, dict) else None
        by = as_id(comment.get("author_id")) or (author.id if author else "")
        author = self._user(by) or author or _Person(by)
        is_requester = by != "" and by == requester.id
        is_named = any(self._options.is_agent(name) for name in (author.email, author.name) if name)
        return Turn(
            text=_text_of(comment),
            is_agent=not is_requester and (author.role != _CUSTOMER or is_named),
            by=_name_of(author),
            at=as_time(comment.get("created_at"), "a comment's created_at"),
            attachments=file_names(comment.get("attachments"), "file_name"),
        )

    def _requester(self, ticket: dict[str, Any], via: dict[str, Any]) -> _Person:
        """Who asks: the user, what the ticket itself holds of them, or whom the mail or the call came from."""
        inline = _person(as_dict(ticket.get("requester"), "requester"))
        identity = as_id(ticket.get("requester_id")) or inline.id
        user = self._user(identity) or inline
        source = as_dict(as_dict(via.get("source"), "via.source").get("from"), "via.source.from")
        is_rel = source.get("ticket_id") is not None
        return _Person(
            id=identity,
            name=user.name or ("" if is_rel else as_short(source.get("name"))),
            email=user.email or as_short(source.get("address")),
            phone=user.phone or as_short(source.get("phone")),
            role=user.role,
            locale=user.locale,
            is_suspended=user.is_suspended,
        )

    def _look_up(self, identity: str) -> _Person | None:
        found = self._spool.of("user", identity) if identity else []
        return _person(found[-1].value) if found else None

    def _metrics(self, part: Part) -> dict[str, Any]:
        inline = as_dict(part.value.get("metric_set"), "metric_set")
        return inline or next((other.value for other in self._spool.of("metric", part.key)), {})

    def _thread(self, part: Part) -> str:
        """The first ticket of those that follow up on each other; "" for one that stands alone."""
        key, ticket = part.key, part.value
        for _ in range(_FOLLOWED):
            before = _followed(ticket)
            if not before or before == key:
                break
            key = before
            ticket = next((other.value for other in self._spool.of(TICKET, key)), {})
        return key if key != part.key or part.value.get("followup_ids") else ""


def _why_ignored(ticket: dict[str, Any], requester: _Person) -> str:
    if ticket.get("status") == "deleted":
        return "deleted"
    if requester.is_suspended:
        return "spam"
    return "no public comment in it" if ticket.get("is_public") is False else ""


def _is_persons(comment: dict[str, Any]) -> bool:
    """Whether a person wrote it for the customer to see, or the customer."""
    if comment.get("public") in (False, 0, "false"):
        return False
    via = as_dict(comment.get("via"), "a comment's via")
    channel, rel = as_id(via.get("channel")).lower(), as_dict(via.get("source"), "via.source").get("rel")
    is_machine = channel in _NO_PERSON or channel.startswith("answer_bot") or rel in ("merge", "trigger", "automation")
    return not is_machine and as_id(comment.get("author_id")) != "-1"


def _is_first(comment: dict[str, Any], description: str) -> bool:
    """Whether the earliest comment is the description, as Zendesk stores it, and no later one."""
    said, asked = "".join(_text_of(comment).split()), "".join(description.split())
    return not asked or said[:_SAME_TEXT] == asked[:_SAME_TEXT]


def _text_of(comment: dict[str, Any]) -> str:
    data = comment.get("data")
    spoken = data.get("transcription_text") if isinstance(data, dict) else None
    return as_text(spoken) or text_or_html(comment.get("plain_body") or comment.get("body"), comment.get("html_body"))


def _person(row: dict[str, Any]) -> _Person:
    return _Person(
        id=as_id(row.get("id")),
        name=as_short(row.get("name")),
        email=as_short(row.get("email")),
        phone=as_id(row.get("phone")),
        role=as_short(row.get("role")),
        locale=as_short(row.get("locale")),
        is_suspended=row.get("suspended") is True,
    )


def _name_of(person: _Person | None) -> str:
    return (person.name or person.email or person.id) if person else ""


def _followed(ticket: dict[str, Any]) -> str:
    source = as_dict(as_dict(ticket.get("via"), "via").get("source"), "via.source")
    named = (
        as_dict(source.get("from"), "via.source.from").get("ticket_id") if source.get("rel") == "follow_up" else None
    )
    return as_id(ticket.get("followup_source_id") or ticket.get("via_followup_source_id") or named)


def _replied_at(metrics: dict[str, Any], received_at: datetime | None) -> datetime | None:
    minutes = _minutes(metrics, "reply_time_in_minutes")
    return received_at + timedelta(minutes=minutes) if received_at and minutes is not None else None


def _minutes(metrics: dict[str, Any], name: str) -> float | None:
    return as_number(as_dict(metrics.get(name), name).get("calendar"), name, 0, 1e7)


def _talk_minutes(comments: list[dict[str, Any]]) -> float | None:
    seconds = [data.get("call_duration") for row in comments if isinstance(data := row.get("data"), dict)]
    known_seconds = [as_number(value, "call_duration", 0, 1e6) or 0.0 for value in seconds if value is not None]
    return round(sum(known_seconds) / 60, 2) if known_seconds else None


def _csat(rating: object) -> float | None:
    """good is 5, bad is 1; offered and unoffered are none. A score from 1 to 5 stays as it is."""
    score = rating.get("score") if isinstance(rating, dict) else rating
    word = as_short(score).lower()
    return _RATINGS.get(word, float(word) if word in ("1", "2", "3", "4", "5") else None)


def _kind(row: dict[str, Any]) -> str:
    """What a record of the export is; "" for none of Zendesk's."""
    kind = ""
    if "requester_id" in row and ("submitter_id" in row or isinstance(row.get("via"), dict)):
        kind = "ticket"
    elif isinstance(row.get("ticket"), dict) and _kind(row["ticket"]) == "ticket":
        kind = "wrapped"
    elif "cause" in row and "content" in row and "author" in row:
        kind = "suspended"
    elif row.get("role") in (_CUSTOMER, *_AGENTS) and "name" in row:
        kind = "user"
    elif "ticket_id" in row and "reopens" in row:
        kind = "metric"
    elif "ticket_id" in row and any(isinstance(row.get(key), list) for key in ("comments", "child_events", "events")):
        kind = "comments"
    elif "author_id" in row and "public" in row and ("body" in row or "plain_body" in row or "html_body" in row):
        kind = "comment"
    return kind


def _recognises(sample: Sample) -> bool:
    return mostly(sample, lambda row: _kind(row) != "")


_EXPORT = JoinedExport(
    "Zendesk",
    found_in(_LISTS),
    "comments",
    _sort,
    lambda spool, options: _Tickets(spool, options).record,
    ("user", "requester_id", "requester"),
)
READER = Reader(
    _NAME,
    Channel.TICKET,
    '{"id", "requester_id", "via": ...}',
    _recognises,
    _EXPORT.read,
    joins_files=True,
    knows_fields=True,
)
