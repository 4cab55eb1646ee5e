"""What was found where, and the placeholder that stands for it: the same value, the same placeholder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_NO_MARK = re.compile(r"[\W_]+")
_NO_DIGIT = re.compile(r"\D+")
_PHONE_DIGITS = 9  # the last digits of a phone number are the same with and without its country's code


@dataclass(frozen=True)
class Finding:
    """One piece of personal data in a text. Holds no text of its own but the key."""

    start: int  # text[start:end] is what was found
    end: int
    kind: str  # email, phone, card, ...: the placeholder's name
    key: str = ""  # what makes two findings the same value; "": the text itself, however it is written


class Placeholders:
    """The placeholders of one inquiry: <email> for the first address, <email-2> for the second, in all of its texts."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = {}

    def fill(self, text: str, findings: Sequence[Finding]) -> tuple[str, Counter[str]]:
        """The text with placeholders, and how many of each kind. findings: sorted, not overlapping."""
        parts: list[str] = []
        counts: Counter[str] = Counter()
        done = 0
        for finding in findings:
            written = text[finding.start : finding.end]
            parts += (text[done : finding.start], self._placeholder(finding.kind, finding.key or written))
            counts[finding.kind] += 1
            done = finding.end
        return "".join((*parts, text[done:])), counts

    def _placeholder(self, kind: str, value: str) -> str:
        numbers = self._numbers.setdefault(kind, {})
        number = numbers.setdefault(_same(kind, value), len(numbers) + 1)
        return f"<{kind}>" if number == 1 else f"<{kind}-{number}>"


def _same(kind: str, value: str) -> str:
    """Equal for two ways to write one value."""
    if kind == "phone":
        return _NO_DIGIT.sub("", re.split(r"x|ext", value)[0])[-_PHONE_DIGITS:].lstrip("0")
    if kind == "secret":
        return value  # a password's marks and capitals count
    if kind in ("email", "ip", "url-with-token"):
        return value.lower()
    return _NO_MARK.sub("", value).upper()
