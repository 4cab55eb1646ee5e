"""Where personal data and secrets stand in a text: each kind by its pattern, those that are surest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from helploop.redaction import checks, patterns
from helploop.redaction.checks import Span
from helploop.redaction.identities import Person, name_patterns, own_words
from helploop.redaction.options import DEFAULTS, RedactionOptions
from helploop.redaction.placeholders import Finding

_TAKEN = "\ufffc"  # stands in the searched text, once a character, for what is found already


def find(
    text: str, people: Sequence[Person] = (), options: RedactionOptions = DEFAULTS, locale: str = ""
) -> tuple[Finding, ...]:
    """What is personal or secret in a text, in its order, never overlapping.

    people: whose names are masked wherever they stand. locale: the writer's, for phone numbers without a country.
    """
    search = _Search(text, options)
    search.secrets()
    if "@" in text:
        search.take(patterns.EMAIL, "email", search.foreign_address)
    if text.count(":") >= 2:
        search.take(patterns.IPV6, "ip", checks.ip_address)
    if patterns.DIGIT.search(text):
        search.numbers(checks.home_region(locale))
    if people:
        search.people(people)
    return tuple(sorted(search.findings, key=lambda finding: finding.start))


class _Search:
    """A text on its way through the patterns. What is found is blanked, so that nothing is found twice."""

    def __init__(self, text: str, options: RedactionOptions) -> None:
        self.text = text
        self.findings: list[Finding] = []
        self._options = options
        self._own = tuple(address.lower() for address in options.own_addresses)

    def take(
        self,
        pattern: re.Pattern[str],
        kind: str,
        accept: Callable[[re.Match[str]], Span | None] = re.Match.span,
        key: str = "",
    ) -> None:
        """Keeps the part of each match that `accept` gives."""
        spans = [span for match in pattern.finditer(self.text) if (span := accept(match)) is not None]
        if not spans:
            return
        parts: list[str] = []
        done = 0
        for start, end in spans:
            self.findings.append(Finding(start, end, kind, key))
            parts += (self.text[done:start], _TAKEN * (end - start))
            done = end
        self.text = "".join((*parts, self.text[done:]))

    def secrets(self) -> None:
        """Links with tokens, tokens of services, passwords; a pattern costs time, so its cues are looked for first."""
        if "://" in self.text:
            self.take(patterns.URL, "url-with-token", checks.url_with_token)
        if any(cue in self.text for cue in patterns.TOKEN_CUES):
            self.take(patterns.TOKENS, "secret")
        lowered = self.text.lower()
        if any(cue in lowered for cue in patterns.PASSWORD_CUES):
            self.take(patterns.PASSWORD, "secret", checks.password)

    def numbers(self, home: str) -> None:
        """All kinds that are made of digits, the ones with a checksum first."""
        if self.text.count(".") >= 3:
            self.take(patterns.IPV4, "ip", checks.ip_address)
        is_long = patterns.SEVEN_DIGITS.search(self.text) is not None
        if is_long:
            self.take(patterns.IBAN, "iban", checks.iban_account)
            self.take(patterns.CARD, "card", checks.card)
        self.take(_order_pattern(self._options.order_number), "order-number")
        if is_long:
            self.take(patterns.NATIONAL_ID, "id-number")
            self.take(patterns.PHONE, "phone", lambda match: checks.phone(match, home))

    def people(self, people: Sequence[Person]) -> None:
        """The people that the record names; all names of one person are the same value."""
        lowered, own = self.text.lower(), own_words(self._options)
        for person in people:
            for pattern, kind in name_patterns(person, lowered, own):
                self.take(pattern, kind, key=person.values[0] if kind == person.kind else "")

    def foreign_address(self, match: re.Match[str]) -> Span | None:
        """Not one of the company's own addresses."""
        address = match[0].lower()
        is_own = any(address.endswith(own) if own.startswith("@") else address == own for own in self._own)
        return None if is_own else match.span()


@lru_cache(maxsize=16)
def _order_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
