"""Times as exports write them, to aware UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"-?\d{9,16}(?:\.\d{1,9})?\Z")
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class NoTimeError(ValueError):
    """A value is no time at all."""


def parse_time(value: object) -> datetime | None:
    """Aware UTC of ISO 8601, RFC 2822 or an epoch in s, ms or us; None for an empty value. Naive counts as UTC.

    Raises ValueError, saying what it read, for anything else and for years outside 1990 to 2099.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return _utc(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NoTimeError(f"not a time: {type(value).__name__}")
    text = str(value).strip()
    if not text:
        return None
    if len(text) > 60:
        raise ValueError("not a time: longer than 60 characters")
    try:
        at = _epoch(float(text)) if _NUMBER.match(text) else _written(text)
    except (ValueError, TypeError, OverflowError, IndexError, OSError) as error:
        raise ValueError(f"not a time: {text!r}") from error
    if not _EARLIEST <= at < _LATEST:
        raise ValueError(f"a time outside 1990 to 2099: {text!r}")
    return at


def _epoch(number: float) -> datetime:
    while abs(number) > 1e11:  # ms and us: 1e11 s would be the year 5138
        number /= 1000
    return datetime.fromtimestamp(number, UTC)


def _written(text: str) -> datetime:
    try:
        return _utc(datetime.fromisoformat(text.removesuffix(" UTC")))
    except ValueError:
        return _utc(parsedate_to_datetime(text))


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
