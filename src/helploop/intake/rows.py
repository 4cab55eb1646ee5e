"""A row of named values (a CSV record, a JSON object) to a RawInquiry: for every reader whose records have fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rapidfuzz import process

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow, text_hash
from helploop.errors import IntakeError
from helploop.intake.interface import KEPT_ROW, IntakeOptions, Record
from helploop.intake.mapping import FIRST_TURN, FREE_TEXT, Mapping, Rule, listed_names, lookup
from helploop.intake.values import RowError, as_json_list, as_list, as_number, as_person, as_short, as_text, as_time

_TAG_NAMES = ("name", "tag", "value", "label", "title")  # of a tag that is an object
_NEVER = datetime(1990, 1, 1, tzinfo=UTC)
_TRUE = {"true", "yes", "y", "1", "t"}
_FALSE = {"false", "no", "n", "0", "f", ""}
_CUSTOMER_ROLES = {"customer", "asker", "user", "end-user", "end_user", "enduser", "contact", "visitor", "requester"}


class RowReader:
    """Turns the rows of one file into records, by the mapping and the options."""

    def __init__(self, path: Path, options: IntakeOptions, format_name: str, channel: Channel) -> None:
        self._file = path.name
        self._options = options
        self._mapping = options.mapping or Mapping()
        self._source = options.source_name(format_name)
        self._channel = options.channel or self._mapping.channel or channel

    def check_columns(self, columns: Iterable[str], seen_in: str) -> None:
        """Raises IntakeError when a mapped field, or the text, is none of the file's columns."""
        there = sorted(set(columns))
        self._mapping.check(there, seen_in)
        wanted = (*self._mapping.paths("text"), *self._mapping.paths("title"))
        if not any(path in there or path in (FIRST_TURN, FREE_TEXT) for path in wanted):
            near = process.extractOne("text", there)
            raise IntakeError(
                f"{self._file}: no field 'text' in {seen_in}"
                f" ({listed_names(there) or 'nothing'}); name it in a mapping file (--map)"
                + (f', perhaps [fields] text = "{listed_names(near[:1])}"' if near else "")
            )

    def record(self, row: dict[str, Any], line: int, number: int, raw: str | None) -> Record:
        """The row as an inquiry; as an IgnoredRow when it is spam or blank; as a RejectedRow when a value is wrong.

        `raw` is the row as it stands in the file. Without one a rejected row is kept as a JSON object, which can be
        mended and taken in again, whatever the file was.
        """
        try:
            return self._inquiry(row, line)
        except (RowError, ValueError) as error:
            if raw is not None:
                return self.rejected(line, number, str(error), raw)
            kept = json.dumps(row, ensure_ascii=False, default=str)[:KEPT_ROW]
            return self.rejected(line, number, str(error), kept)

    def rejected(self, line: int, number: int, reason: str, raw: str) -> RejectedRow:
        """A RejectedRow of this file."""
        return RejectedRow(self._file, line, reason, number, raw[:KEPT_ROW], taken_as=self._source)

    def _inquiry(self, row: dict[str, Any], line: int) -> RawInquiry | IgnoredRow:
        get = self._getter(row)
        for ignored in self._mapping.ignored:
            if ignored.holds(row):
                return IgnoredRow(self._file, line, ignored.reason)
        customer, name = as_person(get("customer"))
        replies = (*self._replies(get("replies"), customer), *self._column_replies(row))
        turn, replies = self._first_turn(replies)
        text, title = as_text(turn.text if turn else self._free_text(row) or get("text")), as_text(get("title"))[:1_000]
        if not text or text == title:
            text, title = text or title, ""
        if not text.strip():
            return IgnoredRow(self._file, line, "blank")
        if self._flag(get("is_spam"), "is_spam"):
            return IgnoredRow(self._file, line, "spam")
        customer = customer or (turn.by if turn else "")
        received_at = self._time(get("received_at"), "received_at") or (turn.at if turn else None)
        first_reply_at = self._time(get("first_reply_at"), "first_reply_at")
        if first_reply_at is None:
            first_reply_at = min((r.at for r in replies if r.is_agent and r.at), default=None)
        source_id = as_short(get("id")) or text_hash("\x00".join((title, text, customer, str(received_at))))
        nps = self._score(get("nps"), "nps", 0, 10)
        weight = as_number(get("weight"), "weight", 0, 1e9)
        return RawInquiry(
            source=self._source,
            source_id=source_id,
            text=text,
            title=title,
            replies=replies,
            channel=self._channel_of(get("channel")),
            received_at=received_at,
            first_reply_at=first_reply_at,
            resolved_at=self._time(get("resolved_at"), "resolved_at"),
            customer=customer,
            customer_names=self._names(row, name),
            agent_minutes=as_number(get("agent_minutes"), "agent_minutes", 0, 1e6),
            waited_minutes=as_number(get("waited_minutes"), "waited_minutes", 0, 1e7),
            csat=self._score(get("csat"), "csat", 1, 5),
            nps=None if nps is None else round(nps),
            locale=as_short(get("locale"))[:20],
            tags=self._tags(row, get("tags")),
            thread=as_short(get("thread")),
            weight=1.0 if weight is None else weight,
            attachments=tuple(as_short(name) for name in as_list(get("attachments"), "attachments")),
        )

    def _free_text(self, row: dict[str, Any]) -> str:
        """The answers in all columns of free text, each on lines of its own."""
        answers = (as_text(lookup(row, (column,))).strip() for column in self._mapping.free_text)
        return "\n\n".join(answer for answer in answers if answer)

    def _names(self, row: dict[str, Any], first: str) -> tuple[str, ...]:
        """All names of the customer: they are masked in the record's texts."""
        found = (lookup(row, (path,)) for path in self._mapping.paths("customer_names"))
        names = [as_short(name) for value in found for name in as_list(value, "customer_names")]
        return tuple(dict.fromkeys(name for name in (first, *names) if name))

    def _time(self, value: object, name: str) -> datetime | None:
        return as_time(value, name, self._mapping.date_order)

    def _score(self, value: object, name: str, low: float, high: float) -> float | None:
        if value is not None and name in self._mapping.values:
            value = self._translated(name, str(value).strip().lower(), value)
        return as_number(None if value == "" else value, name, low, high)

    def _translated(self, name: str, word: str, otherwise: Any) -> Any:
        """Ours for their word, "*" standing for all words that are not listed."""
        words = self._mapping.values.get(name, {})
        return words.get(word, words.get("*", otherwise))

    def _tags(self, row: dict[str, Any], value: object) -> tuple[str, ...]:
        listed = [as_short(lookup(tag, _TAG_NAMES) if isinstance(tag, dict) else tag) for tag in as_list(value, "tags")]
        told = [(label, as_short(lookup(row, (path,)))) for label, path in self._mapping.tags.items()]
        return tuple([tag for tag in listed if tag] + [f"{label}:{word}" for label, word in told if word])

    def _getter(self, row: dict[str, Any]) -> Any:
        mapping = self._mapping

        def get(ours: str) -> Any:
            rule = mapping.only_if.get(ours)
            return lookup(row, mapping.paths(ours)) if rule is None or rule.holds(row) else None

        return get

    def _channel_of(self, value: object) -> Channel:
        if value is None:
            return self._channel
        word = as_short(value).lower()
        word = self._translated("channel", word, word)
        try:
            return Channel(word)
        except ValueError:
            names = ", ".join(channel.value for channel in Channel)
            raise RowError(f"channel {word[:40]!r} is none of {names}; translate it in [values.channel]") from None

    def _flag(self, value: object, name: str) -> bool:
        if value is None:
            return False
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        translated = self._translated(name, word, None)
        if translated is not None:
            return bool(translated)
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise RowError(f"{name} {word[:40]!r} is neither true nor false; translate it in [values.{name}]")

    def _replies(self, value: object, customer: str) -> tuple[RawReply, ...]:
        if value is None:
            return ()
        if isinstance(value, str):  # a CSV cell: a JSON list, or the answer itself
            start = value.lstrip()[:2]
            value = as_json_list(value) if start.startswith("[{") or start == "[]" else [{"text": value}]
        if not isinstance(value, list):
            raise RowError("replies is not a list")
        skip = self._mapping.reply_skip
        replies = (self._reply(reply, customer) for reply in value if not any(rule.holds(reply) for rule in skip))
        return tuple(reply for reply in replies if reply.text.strip())

    def _column_replies(self, row: dict[str, Any]) -> Iterator[RawReply]:
        for columns in self._mapping.reply_columns:
            text = as_text(lookup(row, columns.text))
            if text.strip():
                at = self._time(lookup(row, columns.at), "a reply's at")
                yield RawReply(at, as_short(lookup(row, columns.by)), columns.is_agent, text)

    def _first_turn(self, replies: tuple[RawReply, ...]) -> tuple[RawReply | None, tuple[RawReply, ...]]:
        """The customer's first turn, when the mapping says that it is the text, and the turns after it, by time."""
        if FIRST_TURN not in self._mapping.paths("text"):
            return None, replies
        ordered = sorted(replies, key=lambda reply: (reply.at is not None, reply.at or _NEVER))
        first = next((i for i, reply in enumerate(ordered) if not reply.is_agent), None)
        return (None, tuple(ordered)) if first is None else (ordered[first], tuple(ordered[first + 1 :]))

    def _reply(self, reply: object, customer: str) -> RawReply:
        if isinstance(reply, str):
            reply = {"text": reply}
        if not isinstance(reply, dict):
            raise RowError("a reply is neither an object nor a text")
        paths = self._mapping.reply_paths
        by = as_short(lookup(reply, paths("by")))
        helpful = lookup(reply, paths("helpful"))
        return RawReply(
            at=self._time(lookup(reply, paths("at")), "a reply's at"),
            by=by,
            is_agent=self._is_agent(reply, by, customer),
            text=as_text(lookup(reply, paths("text"))),
            helpful=int(helpful) if isinstance(helpful, bool) else int(as_number(helpful, "helpful", -1e9, 1e9) or 0),
        )

    def is_agents(self, row: dict[str, Any], rule: Rule | None, turn: RawInquiry) -> bool:
        """Whether a row that is one turn of a conversation is an agent's: by the rule, or named as one."""
        if rule is not None and rule.path:
            return rule.holds(row) if rule.value is not None else self._flag(lookup(row, (rule.path,)), "is_agent")
        return any(self._options.is_agent(name) for name in (turn.customer, *turn.customer_names) if name)

    def _is_agent(self, reply: dict[str, Any], by: str, customer: str) -> bool:
        rule = self._mapping.agent_rule
        if rule is not None and not rule.path:
            return self._options.is_agent(by)
        if rule is not None and rule.value is None:
            return self._flag(lookup(reply, (rule.path,)), "is_agent")
        if rule is not None:
            return rule.holds(reply)
        told = lookup(reply, ("is_agent",))
        if told is not None:
            return self._flag(told, "is_agent")
        if by and self._options.is_agent(by):
            return True
        is_customer = by.lower() in _CUSTOMER_ROLES or (by != "" and by.lower() == customer.lower())
        return not is_customer
