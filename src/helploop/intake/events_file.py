"""The help site's log of searches, clicks and votes: JSON Lines of SearchEvents, told by "event" and "v"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from helploop.domain import Channel, RejectedRow, SearchAction, SearchEvent, Verdict
from helploop.intake.interface import KEPT_ROW, IntakeOptions, Reader, Record, one_by_one
from helploop.intake.json_records import read_objects
from helploop.intake.sample import Sample
from helploop.intake.streams import mend
from helploop.intake.times import parse_time
from helploop.redaction import redact_text

VERSION = 1
_TERM_CAP = 300  # characters of a query that are kept
_Word = TypeVar("_Word", SearchAction, Verdict)


class EventError(ValueError):
    """A row is no event of the log; the message is the reason of its RejectedRow."""


def parse_event(row: dict[str, Any]) -> SearchEvent:
    """The event in a row, its query redacted. Raises ValueError (mostly as EventError), saying which value is wrong.

    Fields that are no part of the log (an IP, a user agent) are dropped, whoever wrote them.
    """
    if row.get("v") != VERSION:
        raise EventError(f"v is {row.get('v')!r}, only version {VERSION} is known")
    verdict = row.get("verdict") or None
    at = parse_time(row.get("at"))
    if not isinstance(at, datetime):
        raise EventError("at is missing")
    term = redact_text(_text(row, "search_term")[:_TERM_CAP])[0]
    words = row.get("unmatched_words") or []
    if not isinstance(words, list):
        raise EventError("unmatched_words is not a list")
    return SearchEvent(
        event=_enum(SearchAction, row.get("event"), "event"),
        query_id=_text(row, "query_id", is_needed=True)[:64],
        at=at,
        visitor=_text(row, "visitor")[:64],
        search_term=term,
        search_count=_count(row, "search_count") or 0,
        top_score=_score(row.get("top_score")),
        unmatched_words=tuple(redact_text(mend(str(word))[:100])[0] for word in words[:50]),
        verdict=None if verdict is None else _enum(Verdict, verdict, "verdict"),
        position=_count(row, "position"),
        article=_text(row, "article")[:200],
        page=_text(row, "page")[:300],
        locale=_text(row, "locale")[:20],
        vote=_text(row, "vote")[:10],
        reason=redact_text(_text(row, "reason")[:_TERM_CAP])[0],
    )


def _read(path: Path, options: IntakeOptions) -> Iterator[Record]:
    del options  # a log of ours needs no mapping and has no channel
    for number, (line, value) in enumerate(read_objects(path), 1):
        event = value if isinstance(value, str) else _event_or_reason(value)
        if isinstance(event, SearchEvent):
            yield event
        else:
            yield RejectedRow(path.name, line.number, event, number, line.text[:KEPT_ROW])


def _event_or_reason(row: dict[str, Any]) -> SearchEvent | str:
    try:
        return parse_event(row)
    except ValueError as error:
        return str(error)


def _text(row: dict[str, Any], key: str, is_needed: bool = False) -> str:
    value = row.get(key)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise EventError(f"{key} is not a text")
    if is_needed and not value:
        raise EventError(f"{key} is missing")
    return " ".join(mend(value).split())


def _enum(kind: type[_Word], value: object, key: str) -> _Word:
    try:
        return kind(str(value))
    except ValueError:
        raise EventError(
            f"{key} is {str(value)[:40]!r}, none of {', '.join(member.value for member in kind)}"
        ) from None


def _count(row: dict[str, Any], key: str) -> int | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**9:
        raise EventError(f"{key} is not a count")
    return value


def _score(value: object) -> float:
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise EventError("top_score is not a number")
    return float(value)


def _recognises(sample: Sample) -> bool:
    return sample.have("event", "v")


READER = Reader("events", Channel.SEARCH, '{"v": 1, "event": ...}', _recognises, one_by_one(_read))
