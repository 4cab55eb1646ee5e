"""Where money is: cards and accounts, by their checksums, and account numbers that are said to be some."""

from __future__ import annotations

import re

from stdnum import iban, luhn

from helploop.redaction.cues import Said, said_before
from helploop.redaction.rules import Digits, Rule, Span, digits_of, ends_of

_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
)
_POLISH = re.compile(
    r"(?<![\w-])\d{2}(?: ?\d{4}){6}(?![\w-])"
)  # an IBAN's number without "PL", as people there write it
# Looked for from each group of digits: another number may stand right before the card's.
_CARD = re.compile(r"(?<![\w+-])(?=(\d{4,19}(?:[ -]\d{2,9}){0,5})(?![\d-]|\w))\d{4,19}")
_FOUR_BEFORE = re.compile(r"[ -]\d{4}[ -]\Z")
# First digits and lengths of the networks (ISO/IEC 7812 numbers as the networks publish them): Visa, Mastercard, Amex,
# Diners, JCB, and the long ranges of Maestro, Discover and UnionPay.
_NETWORK = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|09|6\d|[89]\d)\d{11}|35\d{14}"
    r"|(?:1800|2131)\d{11}|(?:50|5[6-9]|6\d)\d{10,17}"
)
_CARD_CUE = re.compile(
    r"(?<!<)\b(?:credit|debit|bank)?\s?(?:card|karte|carte|tarjeta|carta|kort|karta|cartão)\w{0,7}", re.IGNORECASE
)
_ACCOUNT = re.compile(
    r"\b(?:sort[ -]?code|routing(?: (?:number|no\.?))?|aba|blz|bankleitzahl|konto(?:nummer|-?nr\.?)"
    r"|bank account(?: (?:number|no\.?))?|compte bancaire|cuenta bancaria|conto corrente|rekeningnummer|kontonummer)"
    r"(?:\s{0,2}(?:is|ist|:|=|no\.?|number)){0,2}\s{0,2}"
    r"(\d(?:[ -]?\d){5,16}(?:\s{0,2}(?:,|and|/|und)?\s{0,2}account(?: (?:number|no\.?))?:?\s{0,2}\d{6,12})?)(?![\w-])",
    re.IGNORECASE,
)


def _iban_account(match: re.Match[str], home: str) -> Span | None:
    """The longest start of the match that is an IBAN: the words after it may look like its last group."""
    for end in ends_of(match[0]):
        if end >= 15 and iban.is_valid(match[0][:end].replace("-", "").upper(), check_country=False):
            return match.start(), match.start() + end
    return None


def _polish_account(match: re.Match[str], home: str) -> Span | None:
    return match.span() if iban.is_valid(f"PL{match[0]}", check_country=False) else None


def _card(match: re.Match[str], home: str) -> Span | None:
    """The longest start of the match that is a card's number: a date or a code may follow it."""
    start, number = match.start(), match[1]
    if _FOUR_BEFORE.search(match.string, max(0, start - 6), start):
        number = match[0]  # the rest of a row of fours is no card, digits without a gap may be one
    for end in ends_of(number):
        digits = digits_of(number[:end])
        if 12 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn.is_valid(digits):
            return (start, start + end) if _is_card(match.string, start, digits) else None
    return None


def _is_card(text: str, start: int, digits: str) -> bool:
    """Of a network's form, or said to be one; a shorter one may be a bar code or a parcel's number."""
    if _CARD_CUE.search(text, max(0, start - 40), start):
        return True
    return bool(_NETWORK.fullmatch(digits)) and (len(digits) >= 16 or said_before(text, start) is not Said.OTHER)


IBANS = (
    Rule("iban", _IBAN, _iban_account, digits=Digits.SEVEN),
    Rule("iban", _POLISH, _polish_account, digits=Digits.SEVEN),
)
RULES = (
    Rule("card", _CARD, _card, digits=Digits.SEVEN),
    Rule(
        "bank-account",
        _ACCOUNT,
        lambda match, home: match.span(1),
        ("sort", "routing", "aba", "blz", "bank", "konto", "rekening", "conto"),
        Digits.FIVE,
    ),
)
