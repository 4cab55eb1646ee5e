"""Single values of a row, as exports write them, to ours: for every reader whose records have fields."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from typing import Any

from helploop.intake.interface import KEPT_TEXT
from helploop.intake.streams import mend
from helploop.intake.times import parse_time

_WORD = 320  # characters of the longest address
_PERSON = re.compile(r"([^()<>;@]{0,200}?) ?[(<]([^\s()<>;@]{1,64}@[^\s()<>;@]{1,190})[)>]")


class RowError(ValueError):
    """A row cannot become an inquiry; the message is the reason of its RejectedRow."""


def as_json_list(cell: str) -> list[Any]:
    """The list in a cell that begins like a JSON list. Raises RowError."""
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise RowError("replies begins like a JSON list but is none") from error
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """The value as a text of at most 20,000 characters, cut between words; "" for None. Raises RowError."""
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise RowError(f"a text is expected where a {type(value).__name__} stands")
    return mend(cut(str(value)))


def cut(text: str) -> str:
    """The first 20,000 characters of a text: half an address or number at the cut would not be masked, so it goes."""
    if len(text) <= KEPT_TEXT:
        return text
    head, *last = text[KEPT_TEXT - _WORD : KEPT_TEXT].rsplit(maxsplit=1)
    return text[: KEPT_TEXT - _WORD] + (head.rstrip("+()- 0123456789") if last else head)


def as_short(value: object, name: str = "") -> str:
    """The value as one line of at most 500 characters; "" for None. Raises RowError."""
    if isinstance(value, dict | list):
        if name:
            raise RowError(f"{name} is not a text: a {type(value).__name__}")
        raise RowError(f"a short value is expected where a {type(value).__name__} stands")
    return mend(" ".join(str("" if value is None else value)[:500].split()))


def as_person(value: object) -> tuple[str, str]:
    """Address (or handle, or name) and name of a person, of several the first: "Ann Lee (ann@mail.example)" has both.

    Raises RowError.
    """
    text = as_short(value)
    found = _PERSON.match(text) if "@" in text else None
    return (found[2], found[1].strip(" \"'")) if found else (text, "")


def as_list(value: object, name: str) -> list[object]:
    """At most 100 values of a list, a JSON list in a text, or a text with commas or semicolons. Raises RowError."""
    if value is None:
        return []
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            return as_json_list(value)
        separator = ";" if ";" in value else ","
        return [part for part in (p.strip() for p in value.split(separator)) if part]
    if not isinstance(value, list):
        raise RowError(f"{name} is not a list")
    return value[:100]


def as_time(value: object, name: str, order: str = "") -> datetime | None:
    """The value as aware UTC; None for an empty one; `order` as in parse_time. Raises RowError."""
    try:
        return parse_time(value, order)
    except ValueError as error:
        raise RowError(f"{name}: {error}") from error


def as_number(value: object, name: str, low: float, high: float) -> float | None:
    """The value as a number from low to high; None for None. Raises RowError."""
    if value is None:
        return None
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        raise RowError(f"{name} is not a number: {str(value)[:40]!r}") from None
    if not math.isfinite(number) or not low <= number <= high:
        raise RowError(f"{name} is not between {low:g} and {high:g}: {str(value)[:40]!r}")
    return number
