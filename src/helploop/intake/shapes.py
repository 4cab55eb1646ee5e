"""What a column of an unknown table holds, told by a sample of its values: times, scores, addresses, free text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any

from helploop.intake.times import is_slashed, parse_time

_MAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,190}\.[a-z]{2,24}\Z", re.IGNORECASE)
_LINK = re.compile(r"https?://\S{4,}\Z", re.IGNORECASE)
_CODE = re.compile(r"#?(?=[\w.:-]*\d)[A-Za-z0-9][\w.:-]{0,63}\Z")  # T-1042, 4711, 5f2c..., t1_abc9
_NAME = re.compile(r"[^\W\d_][^\W\d_.'’-]*(?:[ .'’-]{1,2}[^\W\d_]+){0,4}\.?\Z")
_LOCALE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?\Z")
_FLAGS = frozenset(
    "true false yes no y n 0 1 ja nein oui non vrai faux wahr falsch sí si falso verdadero".split()  # noqa: SIM905
)
_MOST = 0.8  # share of the filled cells that decides: exports hold a few odd ones


class Kind(StrEnum):
    """What most of a column's values are."""

    EMPTY = "empty"
    TIME = "times"
    MAIL = "mail addresses"
    LINK = "links"
    FLAG = "yes or no"
    NUMBER = "numbers"
    LOCALE = "languages"
    CODE = "ids or codes"
    WORD = "a few words that recur"
    NAME = "names"
    LINE = "short texts"
    TEXT = "free text"
    REPLIES = "lists of turns"
    LIST = "lists"
    OTHER = "nested values"


@dataclass(frozen=True)
class Shape:
    """A column's sample in figures; no value of it."""

    kind: Kind
    filled: float  # share of rows that have a value
    distinct: float  # share of the filled ones that are different
    words: float = 0  # median words of a value
    low: float = math.nan  # of numbers
    high: float = math.nan
    is_whole: bool = False  # of numbers: no fractions


def shape_of(values: Sequence[Any]) -> Shape:
    """The shape of a column. Cost: linear in the characters looked at, at most 500 a value."""
    filled = [value for value in values if value not in (None, "", [], {}) and str(value).strip()]
    if not filled:
        return Shape(Kind.EMPTY, 0, 0)
    texts = [" ".join(str(value)[:500].split()) for value in filled]
    share, distinct = len(filled) / len(values), len(set(texts)) / len(texts)
    if (kind := _nested(filled)) is not None:
        return Shape(kind, share, distinct)
    numbers = [number for number in map(_number, filled) if number is not None]
    if len(numbers) >= _MOST * len(filled) and not _most(filled, _is_time):
        low, high = min(numbers), max(numbers)
        is_flag = {low, high} <= {0, 1} and len(filled) > 2
        whole = all(number.is_integer() for number in numbers)
        return Shape(Kind.FLAG if is_flag else Kind.NUMBER, share, distinct, 1, low, high, whole)
    return Shape(_kind(filled, texts, distinct), share, distinct, median(len(text.split()) for text in texts))


def _kind(filled: Sequence[Any], texts: Sequence[str], distinct: float) -> Kind:
    told: tuple[tuple[Kind, Callable[[], bool]], ...] = (
        (Kind.TIME, lambda: _most(filled, _is_time)),
        (Kind.MAIL, lambda: _most(texts, _MAIL.match)),
        (Kind.LINK, lambda: _most(texts, _LINK.match)),
        (Kind.FLAG, lambda: _most(texts, lambda text: text.lower() in _FLAGS)),
        (Kind.LOCALE, lambda: distinct < 0.7 and _most(texts, _LOCALE.match)),
        (Kind.CODE, lambda: _most(texts, _CODE.match)),
    )
    for kind, holds in told:
        if holds():
            return kind
    words = median(len(text.split()) for text in texts)
    if words >= 6 or (words >= 4 and _most(texts, lambda text: text[-1:] in ".?!")):
        return Kind.TEXT
    if distinct < 0.5 and len(texts) >= 4:
        return Kind.WORD
    return Kind.NAME if words <= 3 and _most(texts, _NAME.match) else Kind.LINE


def _nested(filled: Sequence[Any]) -> Kind | None:
    lists = [found for found in map(_list, filled) if found is not None]
    if len(lists) >= _MOST * len(filled):
        return Kind.REPLIES if any(isinstance(part, dict) for part in lists[0]) else Kind.LIST
    return Kind.OTHER if _most(filled, lambda value: isinstance(value, dict)) else None


def _list(value: object) -> list[Any] | None:
    if isinstance(value, list):
        return value
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, list) else None
    return None


def _most(values: Sequence[Any], holds: Callable[[Any], object]) -> bool:
    return sum(bool(holds(value)) for value in values) >= _MOST * len(values)


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return float(value)
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _is_time(value: object) -> bool:
    if isinstance(value, str) and len(value.strip()) < 6:
        return False
    try:
        return parse_time(value) is not None
    except ValueError:
        return is_slashed(value)


def column_shapes(
    columns: Iterable[str], rows: Sequence[dict[str, Any]], look_up: Callable[..., Any]
) -> dict[str, Shape]:
    """The shape of each column in a sample of rows."""
    return {column: shape_of([look_up(row, (column,)) for row in rows]) for column in columns}
