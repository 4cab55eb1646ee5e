"""Whether two lines agree: their quantities, what they forbid, and the words they share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from helploop.drafting.lines import words_of


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
    )
}
_UNITS = r"(?:working |business |calendar )?(minute|min|hour|hr|day|week|month|year|second|sec|h|%)s?"
_QUANTITY = re.compile(
    r"(?<![\w.,:-])(\d+(?:[.,]\d+)?(?:, \d+){0,5})(?:,?\s?(-|–|to|or|and)\s?(\d+(?:[.,]\d+)?))?"
    rf"[\s-]?{_UNITS}(?![\w])",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[£$€]\s?(\d+(?:[.,]\d+)?)|(\d+(?:[.,]\d+)?) (?:pounds?|euros?|dollars?|GBP|EUR)\b", re.IGNORECASE)
_CLOCK = re.compile(r"\b(\d{1,2}):(\d\d)\b")
_SAME_UNIT = {"min": "minute", "hr": "hour", "h": "hour", "sec": "second"}
_FORBIDS = re.compile(
    r"(?:\((?:please )?(?:not|no|never)|, (?:but )?(?:not|never)|\b(?:[Dd]on['’]?t|[Dd]o not|"
    r"[Nn]ever) use|\b[Nn]ever|\b[Aa]void|\binstead of)\s+"
    r"(?:the |a |an |any |with )*([a-z][\w-]{3,})"
)
_USES = re.compile(
    r"\b(?:use|using|with|add|take|try|pour|put in|apply)\s+(?:the |a |an |any |some )*([a-z][\w-]{3,})", re.IGNORECASE
)
_NEGATES = re.compile(r"\b(?:not|no|neither|never|avoid|harms?|damages?|cannot)\b|n['’]t\b", re.IGNORECASE)
_STOP = _set(
    """a an and any are as at be been but by can choose do does for from get go has have if in into is it its just may
    more my no not of on once one only open or our out please press so some select than that the their them then there
    they this to under until up use via was we when where which will with you your yourself what how why who did would
    could am were had about i me also still each both same here click tap page app website must need should make sure"""
)
_UNTELLING = _set(
    """longer need more only just sure able been come charged possible always have this that your with work worry right
    wait sent available applied really yet then allowed again account here there until change choose enter forget open
    press yours them taken turn used show shown updated"""
)

Quantities = Mapping[str, frozenset[tuple[float, float]]]  # unit -> ranges, a single value as (value, value)


@lru_cache(maxsize=20_000)
def quantities(line: str) -> Quantities:
    """Numbers by unit: "3-5 working days, 20 pounds" gives {"day": {(3, 5)}, "money": {(20, 20)}}."""
    text = re.sub(r"\b[A-Za-z]+\b", lambda word: _NUMBER_WORDS.get(word.group().lower(), word.group()), line)
    found: dict[str, set[tuple[float, float]]] = {}
    for first, joint, last, unit in _QUANTITY.findall(text):
        values = [_number(part) for part in [*first.split(", "), last] if part]
        is_range = joint.lower() in {"-", "–", "to"} and len(values) == 2
        ranges = {(min(values), max(values))} if is_range else {(value, value) for value in values}
        found.setdefault(_SAME_UNIT.get(unit.lower(), unit.lower()), set()).update(ranges)
    for before, after in _MONEY.findall(text):
        found.setdefault("money", set()).add((_number(before or after),) * 2)
    for hour, minute in _CLOCK.findall(text):
        found.setdefault("clock", set()).add((int(hour) * 60.0 + int(minute),) * 2)
    return {unit: frozenset(ranges) for unit, ranges in found.items()}


def differ(one: Quantities, other: Quantities) -> bool:
    """Whether both give a quantity of one unit and none fits: 3-5 days against 10 or 5-7 days, not against 5 days."""
    return any(
        unit in other and not any(_fits(a, b) or _fits(b, a) for a in ranges for b in other[unit])
        for unit, ranges in one.items()
    )


def _fits(inner: tuple[float, float], outer: tuple[float, float]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def forbidden(line: str) -> frozenset[str]:
    """Words a line says no to: "citric acid (not vinegar)" gives {"vinegar"}."""
    return frozenset(word.lower() for word in _FORBIDS.findall(line)) - _UNTELLING


def opposes(one: str, other: str) -> bool:
    """Whether one line tells to use what the other forbids."""
    return _tells(one, forbidden(other)) or _tells(other, forbidden(one))


def _tells(line: str, words: frozenset[str]) -> bool:
    if not words or _NEGATES.search(line):
        return False
    return any(match.group(1).lower() in words for match in _USES.finditer(line))


@lru_cache(maxsize=20_000)
def stems(line: str) -> frozenset[str]:
    """The words that carry a line, roughly stemmed; numbers count."""
    return frozenset(_stem(word.lower()) for word in words_of(line) if word.lower() not in _STOP)


def covered(line: frozenset[str], by: frozenset[str]) -> float:
    """The share of a line's stems that stand in another, 0 to 1; 0 for a line without stems."""
    return len(line & by) / len(line) if line else 0.0


def _stem(word: str) -> str:
    word = _SAME_UNIT.get(word, word)
    word = word.split("'")[0].split("’")[0]
    for ending in ("ations", "ation", "ings", "ing", "ies", "ied", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
