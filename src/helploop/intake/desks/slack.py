"""Slack: an export of a workspace, as a folder or as the ZIP archive; a thread is one inquiry, so is a lone message.

Who began a thread is the customer. Agents are those whom the configuration or a mapping's `agents` name, by the mail or
the names of users.json; where it names nobody of the workspace, everybody but the thread's starter. Bots, and what
Slack itself writes (joins, topics, reminders), are left out; so are direct messages, unless slack_channels names them.
Naming a channel's folder inside an unpacked export reads that channel alone. Fields:
https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports (files),
https://docs.slack.dev/reference/events/message (messages, subtypes),
https://docs.slack.dev/messaging/formatting-message-text (what <...> stands for).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from helploop.domain import Channel, RawInquiry
from helploop.errors import IntakeError
from helploop.intake.desks.conversation import Turn, as_dict, as_dicts, as_id, file_names, known, told
from helploop.intake.desks.joined import TICKET, TURN, Found, JoinedExport, Row
from helploop.intake.desks.slack_files import SlackExport, SlackFileError, is_slack_export
from helploop.intake.desks.spool import Part, Place, Spool
from helploop.intake.interface import IntakeOptions, Reader, Record
from helploop.intake.values import RowError, as_short, as_text, as_time

_NAME = "slack"
_PERSONS = (None, "", "thread_broadcast", "file_share", "me_message")  # subtypes of what people write
_MARK = re.compile(r"<([^<>|\n]{1,2000})(?:\|([^<>\n]{0,2000}))?>")
_THANKS = ("+1", "white_check_mark", "heavy_check_mark")  # reactions that call a reply helpful


def _find(path: Path, options: IntakeOptions) -> Iterator[Found]:
    """The users, then the messages of the chosen channels, each with its channel's name and id."""
    with closing(SlackExport(path)) as export:
        for number, user in enumerate(export.users(), 1):
            yield Place("users.json", 0, number), {"user": user}, ""
        ids, talks = export.channel_ids(), export.talks()
        wanted = {day.channel for day in export.days() if _is_wanted(day.channel, talks, options.slack_channels)}
        if not wanted:
            there = ", ".join(sorted({day.channel for day in export.days()} - talks)[:20])
            chosen = ", ".join(options.slack_channels) or "read"
            raise IntakeError(f"{path}: none of its channels is {chosen} ({there or 'there is none'})")
        for day in export.days():
            if day.channel not in wanted:
                continue
            file, number = f"{path.name}/{day.name}", 0
            try:
                for number, message in enumerate(export.messages(day.name), 1):
                    channel = {"channel": day.channel, "channel_id": ids.get(day.channel, day.channel)}
                    yield Place(file, 0, number), channel | {"message": message}, ""
            except SlackFileError as error:
                yield Place(file, 0, number + 1), str(error), ""


def _is_wanted(channel: str, talks: frozenset[str], chosen: tuple[str, ...]) -> bool:
    if not chosen:
        return channel not in talks
    return any(fnmatchcase(channel, pattern) for pattern in chosen)


def _sort(found: dict[str, Any]) -> list[Row] | str:
    if "user" in found:
        user = found["user"]
        known(*_names(user), _profile(user, "email"))  # one that cannot be read must not cost all they wrote
        return [Row("user", as_id(user.get("id")), user)]
    message = found["message"]
    if not isinstance(message, dict):
        raise RowError(f"not an object but a {type(message).__name__}")
    sent, thread = as_short(message.get("ts"), "ts"), as_short(message.get("thread_ts"), "thread_ts")
    is_reply = thread not in ("", sent)
    if message.get("subtype") not in _PERSONS or message.get("bot_id") or message.get("user") == "USLACKBOT":
        return [] if is_reply else "written by a bot or by Slack"
    if not sent:
        raise RowError("a message without a ts")
    key = f"{found['channel_id']}/{thread or sent}"
    kept = message | {"id": sent, "channel": found["channel"]}
    return [Row(TURN if is_reply else TICKET, key, kept)]


class _Threads:
    """Messages of a filled spool to records."""

    def __init__(self, spool: Spool, options: IntakeOptions) -> None:
        self._spool = spool
        self._options = options
        self._user = lru_cache(maxsize=20_000)(self._look_up)
        self._is_known = any(self._is_agent(part.value) for part in spool.all("user"))

    def record(self, part: Part, replies: list[dict[str, Any]]) -> Record:
        """A thread, or a lone message, as an inquiry. Raises ValueError."""
        first = part.value
        starter = as_id(first.get("user"))
        if not starter:
            raise RowError("a message without a user")
        people = [self._person(message) for message in (first, *replies)]
        mentioned = [self._user(match[1][1:]) for m in (first, *replies) for match in _mentions(m)]
        person = people[0]
        mail = _profile(person, "email")
        draft = RawInquiry(
            source=self._options.source_name(_NAME),
            source_id=part.key,
            text="",
            channel=self._options.channel_or(Channel.CHAT),
            customer=mail or starter,
            customer_names=known(*_names(person), mail, *(name for other in mentioned for name in _names(other))),
            locale=as_short(person.get("locale"))[:20],
            tags=known(first.get("channel")),
        )
        turns = [self._turn(message, starter) for message in (first, *replies)]
        return told(draft, turns, part.place)

    def _turn(self, message: dict[str, Any], starter: str) -> Turn:
        author = as_id(message.get("user"))
        person = self._person(message)
        is_agent = self._is_agent(person) if self._is_known else author != starter
        reactions = as_dicts(message.get("reactions"), "reactions")
        thanks = (reaction.get("count") for reaction in reactions if reaction.get("name") in _THANKS)
        return Turn(
            text=self._readable(as_text(message.get("text"))),
            is_agent=is_agent,
            by=next(iter(_names(person)), author),
            at=as_time(message.get("ts"), "ts"),
            attachments=file_names(message.get("files"), "name", "title"),
            helpful=sum(count for count in thanks if isinstance(count, int)),
        )

    def _readable(self, text: str) -> str:
        """The text with mentions and links as people see them."""

        def shown(match: re.Match[str]) -> str:
            meant, label = match[1], match[2] or ""
            if meant.startswith("@"):
                return f"@{label or next(iter(_names(self._user(meant[1:]))), meant[1:])}"
            if meant.startswith(("#", "!")):
                word = label.lstrip("#@") or meant[1:].split("^")[0]
                return meant[0].replace("!", "@") + word
            address = meant.removeprefix("mailto:").removeprefix("tel:")
            return address if label in ("", address, meant) else f"{label} ({address})"

        return html.unescape(_MARK.sub(shown, text))

    def _person(self, message: dict[str, Any]) -> dict[str, Any]:
        """The user who wrote it; of guests from elsewhere what the message itself says of them."""
        user = self._user(as_id(message.get("user")))
        return user or {"profile": as_dict(message.get("user_profile"), "user_profile")}

    def _is_agent(self, user: dict[str, Any]) -> bool:
        return any(self._options.is_agent(name) for name in (*_names(user), _profile(user, "email")) if name)

    def _look_up(self, identity: str) -> dict[str, Any]:
        found = self._spool.of("user", identity) if identity else []
        return found[-1].value if found else {}


def _mentions(message: dict[str, Any]) -> Iterator[re.Match[str]]:
    text = message.get("text")
    return (match for match in _MARK.finditer(text if isinstance(text, str) else "") if match[1].startswith("@"))


def _names(user: dict[str, Any]) -> tuple[str, ...]:
    """What a person is called, the full name first."""
    full = as_short(user.get("real_name")) or _profile(user, "real_name")
    return known(full, _profile(user, "display_name"), user.get("name"))


def _profile(user: dict[str, Any], key: str) -> str:
    return as_short(as_dict(user.get("profile"), "a user's profile").get(key))


READER = Reader(
    _NAME,
    Channel.CHAT,
    "a folder or an archive with users.json, channels.json and CHANNEL/2026-03-31.json",
    is_slack_export,
    JoinedExport("Slack", _find, "replies", _sort, lambda spool, options: _Threads(spool, options).record).read,
    joins_files=True,
    knows_fields=True,
)
