"""Where personal data and secrets stand in a text: each kind by its rules, those that are surest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from helploop.redaction import accounts, ids, network, phones, tokens
from helploop.redaction.identities import Person, name_patterns, own_words
from helploop.redaction.options import DEFAULTS, ORDER_NUMBER, RedactionOptions
from helploop.redaction.placeholders import Finding
from helploop.redaction.rules import Digits, Rule, Span, whole

_TAKEN = "\ufffc"  # stands in the searched text, once a character, for what is found already
_IN_A_ROW = re.compile(r"\d(?:[\s().\-/]{0,3}\d){6}")
_DIGIT = re.compile(r"\d")
# A region stands for a language where the two differ in their letters.
_REGION_OF = dict(pair.split("-") for pair in "en-GB cs-CZ sv-SE da-DK el-GR sl-SI et-EE ja-JP he-IL nb-NO".split())  # noqa: SIM905


def find(
    text: str, people: Sequence[Person] = (), options: RedactionOptions = DEFAULTS, locale: str = ""
) -> tuple[Finding, ...]:
    """What is personal or secret in a text, in its order, never overlapping.

    people: whose names are masked wherever they stand. locale: the writer's, for phone numbers without a country.
    """
    search = _Search(text)
    lowered, digits, longest = text.lower(), _digits(text), max(map(len, text.split()), default=0)
    home = home_region(locale)
    for rule in _rules(options):
        is_worth_it = rule.digits.value <= digits and rule.longest <= longest
        if is_worth_it and (not rule.cues or any(cue in lowered for cue in rule.cues)):
            search.take(rule, home)
    for person in people:
        for pattern, kind in name_patterns(person, lowered, own_words(options)):
            search.take(Rule(kind, pattern), home, person.values[0] if kind == person.kind else "")
    return tuple(sorted(search.findings, key=lambda finding: finding.start))


def home_region(locale: str) -> str:
    """The two letters of the country a writer of this locale is likely in: "GB" for "en", "AT" for "de-AT"."""
    language, _, region = locale.replace("_", "-").partition("-")
    home = region.upper() if len(region) == 2 else _REGION_OF.get(language.lower(), language.upper())
    return home if len(home) == 2 else "GB"


class _Search:
    """A text on its way through the rules. What is found is blanked, so that nothing is found twice."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.findings: list[Finding] = []

    def take(self, rule: Rule, home: str, key: str = "") -> None:
        """Keeps what the rule accepts. Where that is a part of a match, the search goes on right behind it."""
        at = 0
        while (match := rule.pattern.search(self.text, at)) is not None:
            span = rule.accept(match, home)
            at = max(at + 1, match.end() if span is None else span[1])
            if span is not None:
                start, end = span
                self.findings.append(Finding(start, end, rule.kind, key))
                self.text = f"{self.text[:start]}{_TAKEN * (end - start)}{self.text[end:]}"


def _digits(text: str) -> int:
    """How much a text has of digits, as Digits counts it."""
    if not _DIGIT.search(text):
        return Digits.ANY.value
    if _IN_A_ROW.search(text):
        return Digits.SEVEN.value
    return Digits.FIVE.value if len(_DIGIT.findall(text)) >= 5 else Digits.ONE.value


@lru_cache(maxsize=16)
def _rules(options: RedactionOptions) -> tuple[Rule, ...]:
    """All rules in their order, with the company's own addresses and order numbers."""
    email = Rule(network.EMAIL.kind, network.EMAIL.pattern, _foreign(options.own_addresses), network.EMAIL.cues)
    digits = Digits.FIVE if options.order_number == ORDER_NUMBER else Digits.ANY
    order = Rule("order-number", re.compile(options.order_number, re.IGNORECASE), _group_or_all, digits=digits)
    return (
        *(*tokens.RULES, email, *network.RULES, *accounts.IBANS),
        *(*ids.RULES, *accounts.RULES, order, *phones.RULES),
    )


def _group_or_all(match: re.Match[str], home: str) -> Span | None:
    return match.span(match.lastindex or 0)


def _foreign(own_addresses: Iterable[str]) -> Callable[[re.Match[str], str], Span | None]:
    """Accepts an address that is not one of the company's own."""
    whole_own = frozenset(own.lower() for own in own_addresses)
    domains = tuple(own for own in whole_own if own.startswith("@"))

    def accept(match: re.Match[str], home: str) -> Span | None:
        address = match[0].lower()
        is_own = address in whole_own or (bool(domains) and address.endswith(domains))
        return None if is_own else whole(match, home)

    return accept
