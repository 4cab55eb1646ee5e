"""Times as exports write them, to aware UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"-?\d{9,16}(?:\.\d{1,9})?\Z")
_CLOCK = r"(?:(?:,|\s+at)?[ T]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?\s*([ap])?\.?(?:m\.?)?)?"
_ZONE = r"\s*(?:(?:UTC|GMT|Z)?\s*([+-]\d{2}):?(\d{2})|UTC|GMT|Z)?\s*\Z"
_DATE = re.compile(r"(\d{1,4})([./-])\s?(\d{1,2})\2\s?(\d{2,4})" + _CLOCK + _ZONE, re.IGNORECASE)
_NAMED = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(?:(\d{1,2})[. -]+)?([a-z]{3})[a-z]*[. -]+(?:(\d{1,2}),?\s+)?(\d{4})" + _CLOCK + _ZONE, re.I
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_SLASHED = re.compile(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b")
ORDERS = ("dmy", "mdy")  # of day, month and year in 03/04/2026
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class NoTimeError(ValueError):
    """A value is no time at all."""


class AmbiguousTimeError(ValueError):
    """A date could be the day or the month first."""


def parse_time(value: object, order: str = "") -> datetime | None:
    """Aware UTC of ISO 8601, RFC 2822, an epoch in s, ms or us, or a date as people and spreadsheets write it.

    None for an empty value; naive counts as UTC. 31.12.2026 is the day first; of 03/04/2026 `order` says which comes
    first ("dmy", "mdy"), unless one of the two is above 12. Raises ValueError, saying what it read, for anything else,
    for a date that could be either, and for years outside 1990 to 2099.
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
        at = _epoch(float(text)) if _NUMBER.match(text) else _written(text, order)
    except AmbiguousTimeError:
        raise
    except (ValueError, TypeError, OverflowError, IndexError, OSError) as error:
        raise ValueError(f"not a time: {text!r}") from error
    if not _EARLIEST <= at < _LATEST:
        raise ValueError(f"a time outside 1990 to 2099: {text!r}")
    return at


def _epoch(number: float) -> datetime:
    while abs(number) > 1e11:  # ms and us: 1e11 s would be the year 5138
        number /= 1000
    return datetime.fromtimestamp(number, UTC)


def day_order(values: Iterable[object]) -> str:
    """Which of ORDERS the dates of a column show: one of the two numbers is above 12 somewhere; "" if none is."""
    for value in values:
        found = _SLASHED.match(value) if isinstance(value, str) else None
        if found and int(found[1]) > 12 >= int(found[2]):
            return "dmy"
        if found and int(found[2]) > 12 >= int(found[1]):
            return "mdy"
    return ""


def is_slashed(value: object) -> bool:
    """Whether a value is a date like 03/04/2026, of which only the other rows say what is the month."""
    return isinstance(value, str) and _SLASHED.match(value) is not None


def _written(text: str, order: str) -> datetime:
    try:
        return _utc(datetime.fromisoformat(text.removesuffix(" UTC")))
    except ValueError:
        pass
    if parts := _DATE.match(text):
        return _built(*_ordered(parts, order), parts.groups()[4:])
    parts = _NAMED.match(text)
    if parts and parts[2].lower() in _MONTHS and (parts[1] or parts[3]):
        return _built(int(parts[4]), _MONTHS.index(parts[2].lower()) + 1, int(parts[1] or parts[3]), parts.groups()[4:])
    return _utc(parsedate_to_datetime(text))


def _ordered(parts: re.Match[str], order: str) -> tuple[int, int, int]:
    """Year, month and day."""
    first, second, third = int(parts[1]), int(parts[3]), int(parts[4])
    if len(parts[1]) == 4:
        return first, second, third
    year = third + 2000 if third < 100 else third
    order = "dmy" if parts[2] == "." else day_order([parts[0]]) or order
    if not order and first != second:
        raise AmbiguousTimeError(
            f'{parts[0][:20]!r} may be the day or the month first; say date_order = "dmy" or "mdy" in a mapping (--map)'
        )
    return (year, second, first) if order == "dmy" else (year, first, second)


def _built(year: int, month: int, day: int, clock: tuple[str | None, ...]) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if clock[3]:
        hour = hour % 12 + (12 if clock[3].lower() == "p" else 0)
    ahead = timedelta(hours=int(clock[4] or 0), minutes=int((clock[4] or "+")[0] + (clock[5] or "0")))
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone(ahead)).astimezone(UTC)


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
