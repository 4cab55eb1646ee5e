"""A row of named values (a CSV record, a JSON object) to a RawInquiry: for every reader whose records have fields."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rapidfuzz import process

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow, text_hash
from helploop.errors import IntakeError
from helploop.intake.interface import KEPT_ROW, IntakeOptions, Record
from helploop.intake.mapping import Mapping, lookup
from helploop.intake.values import RowError, as_json_list, as_list, as_number, as_short, as_text, as_time

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
        if not any(path in there for path in wanted):
            near = process.extractOne("text", there)
            raise IntakeError(
                f"{self._file}: no field 'text' in {seen_in}"
                f" ({', '.join(there[:20]) or 'nothing'}); name it in a mapping file (--map)"
                + (f', perhaps [fields] text = "{near[0]}"' if near else "")
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
            return RejectedRow(self._file, line, str(error), number, kept)

    def rejected(self, line: int, number: int, reason: str, raw: str) -> RejectedRow:
        """A RejectedRow of this file."""
        return RejectedRow(self._file, line, reason, number, raw[:KEPT_ROW])

    def _inquiry(self, row: dict[str, Any], line: int) -> RawInquiry | IgnoredRow:
        get = self._getter(row)
        text, title = as_text(get("text")), as_text(get("title"))[:1_000]
        if not text or text == title:
            text, title = text or title, ""
        if not text.strip():
            return IgnoredRow(self._file, line, "blank")
        if self._flag(get("is_spam"), "is_spam"):
            return IgnoredRow(self._file, line, "spam")
        customer = as_short(get("customer"))
        replies = self._replies(get("replies"), customer)
        received_at = as_time(get("received_at"), "received_at")
        first_reply_at = as_time(get("first_reply_at"), "first_reply_at")
        if first_reply_at is None:
            first_reply_at = min((r.at for r in replies if r.is_agent and r.at), default=None)
        source_id = as_short(get("id")) or text_hash("\x00".join((title, text, customer, str(received_at))))
        nps = as_number(get("nps"), "nps", 0, 10)
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
            resolved_at=as_time(get("resolved_at"), "resolved_at"),
            customer=customer,
            customer_names=tuple(as_short(name) for name in as_list(get("customer_names"), "customer_names")),
            agent_minutes=as_number(get("agent_minutes"), "agent_minutes", 0, 1e6),
            waited_minutes=as_number(get("waited_minutes"), "waited_minutes", 0, 1e7),
            csat=as_number(get("csat"), "csat", 1, 5),
            nps=None if nps is None else round(nps),
            locale=as_short(get("locale"))[:20],
            tags=tuple(as_short(tag) for tag in as_list(get("tags"), "tags")),
            thread=as_short(get("thread")),
            weight=1.0 if weight is None else weight,
            attachments=tuple(as_short(name) for name in as_list(get("attachments"), "attachments")),
        )

    def _getter(self, row: dict[str, Any]) -> Any:
        mapping = self._mapping
        return lambda ours: lookup(row, mapping.paths(ours))

    def _channel_of(self, value: object) -> Channel:
        if value is None:
            return self._channel
        word = as_short(value).lower()
        word = self._mapping.values.get("channel", {}).get(word, word)
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
        translated = self._mapping.values.get(name, {}).get(word)
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
        replies = (self._reply(reply, customer) for reply in value)
        return tuple(reply for reply in replies if reply.text.strip())

    def _reply(self, reply: object, customer: str) -> RawReply:
        if isinstance(reply, str):
            reply = {"text": reply}
        if not isinstance(reply, dict):
            raise RowError("a reply is neither an object nor a text")
        paths = self._mapping.reply_paths
        by = as_short(lookup(reply, paths("by")))
        helpful = lookup(reply, paths("helpful"))
        return RawReply(
            at=as_time(lookup(reply, paths("at")), "a reply's at"),
            by=by,
            is_agent=self._is_agent(reply, by, customer),
            text=as_text(lookup(reply, paths("text"))),
            helpful=int(helpful) if isinstance(helpful, bool) else int(as_number(helpful, "helpful", -1e9, 1e9) or 0),
        )

    def _is_agent(self, reply: dict[str, Any], by: str, customer: str) -> bool:
        rule = self._mapping.agent_rule
        if rule is not None:
            found = lookup(reply, (rule.path,))
            if rule.value is None:
                return self._flag(found, "is_agent")
            return (str(found if found is not None else "") == rule.value) != rule.is_negated
        told = lookup(reply, ("is_agent",))
        if told is not None:
            return self._flag(told, "is_agent")
        if by and self._options.is_agent(by):
            return True
        is_customer = by.lower() in _CUSTOMER_ROLES or (by != "" and by.lower() == customer.lower())
        return not is_customer
