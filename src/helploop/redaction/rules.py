"""What a kind of personal data is recognised by: a pattern, what must be there before it is tried, and a check."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

Span = tuple[int, int]  # start and end in the text


class Digits(Enum):
    """What of digits a text must have for a rule to be worth trying."""

    ANY = 0  # it may have none
    ONE = 1
    FIVE = 5  # anywhere
    SEVEN = 7  # in a row, with up to three marks between two


def whole(match: re.Match[str], home: str) -> Span | None:
    """Accepts every match."""
    return match.span()


@dataclass(frozen=True)
class Rule:
    """One way in which one kind is written. A pattern costs time on every text, so its cues are looked for first."""

    kind: str  # the placeholder's name
    pattern: re.Pattern[str]  # linear: every repeat is bounded
    accept: Callable[[re.Match[str], str], Span | None] = whole  # match, writer's country -> what of it is meant
    cues: tuple[str, ...] = ()  # in small letters; one of them is in every text that the pattern matches
    digits: Digits = Digits.ANY
    longest: int = 0  # characters of the text's longest word, at least


def digits_of(text: str) -> str:
    """The digits alone."""
    return "".join(filter(str.isdecimal, text))


def ends_of(text: str) -> list[int]:
    """Where the text could end, the longest first: a number's match may have run into the next one."""
    return [len(text), *(m.start() for m in reversed(list(re.finditer(r"[ -]", text))))]
