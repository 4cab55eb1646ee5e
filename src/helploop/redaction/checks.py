"""Whether what matched a pattern is what it looks like, by checksum, number plan and the words around it."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

import phonenumbers
from stdnum import iban, luhn

from helploop.redaction import patterns

Span = tuple[int, int]  # start and end in the text


def home_region(locale: str) -> str:
    """The two letters of the country a writer of this locale is likely in: "GB" for "en", "AT" for "de-AT"."""
    language, _, region = locale.replace("_", "-").partition("-")
    home = region.upper() if len(region) == 2 else patterns.LOCALE_REGION.get(language.lower(), language.upper())
    return home if len(home) == 2 else "GB"


def url_with_token(match: re.Match[str]) -> Span | None:
    """A link that lets whoever has it in: a token or password in it, or a long part of letters and digits."""
    url = match[0]
    if patterns.TOKEN_PARAMETER.search(url) or patterns.USER_IN_URL.search(url[:300]) or patterns.UUID.search(url):
        return match.span()
    is_secret = any(
        sum(map(str.isdigit, part)) >= 4 and re.search("[a-zA-Z]", part) for part in patterns.LONG_PART.findall(url)
    )
    return match.span() if is_secret else None


def password(match: re.Match[str]) -> Span | None:
    """What stands after "password is": with a digit or a mark in it, or in quotes."""
    word = match[3].rstrip(".,;:!?)")
    is_odd = any(not c.isalpha() and c not in "-'’" for c in word)
    if not word or not (is_odd or match[2]) or patterns.NO_PASSWORD.match(word):
        return None
    return match.start(3), match.start(3) + len(word)


def card(match: re.Match[str]) -> Span | None:
    """The longest start of the match that is a card's number: a date or a code may follow it."""
    for end in _ends(match[0]):
        digits = re.sub(r"\D", "", match[0][:end])
        starts_right = patterns.CARD_PREFIX if len(digits) > 12 else patterns.SHORT_CARD
        if len(digits) >= 12 and starts_right.match(digits) and luhn.is_valid(digits) and len(set(digits)) > 1:
            return match.start(), match.start() + end
    return None


def iban_account(match: re.Match[str]) -> Span | None:
    """The longest start of the match that is an IBAN: the words after it may look like its last group."""
    for end in _ends(match[0]):
        if end >= 15 and iban.is_valid(match[0][:end].replace("-", "").upper(), check_country=False):
            return match.start(), match.start() + end
    return None


def ip_address(match: re.Match[str]) -> Span | None:
    """A real address, and no version of four numbers."""
    try:
        address = ipaddress.ip_address(match[0])
    except ValueError:
        return None
    before = match.string[max(0, match.start() - 20) : match.start()]
    is_nobody = address.is_loopback or address.is_unspecified
    return None if is_nobody or patterns.VERSION_CUE.search(before) else match.span()


def phone(match: re.Match[str], home: str) -> Span | None:
    """A number that a telephone network would take, and that neither looks nor is introduced as something else."""
    return match.span() if _is_phone(match, home) else None


def _ends(text: str) -> list[int]:
    return [len(text), *(m.start() for m in reversed(list(re.finditer(r"[ -]", text))))]


def _is_phone(match: re.Match[str], home: str) -> bool:
    text, written = match.string, match[0].strip()
    digits = re.sub(r"\D", "", re.split(r"x|ext", written)[0])
    before = text[max(0, match.start() - 60) : match.start()]
    if not 7 <= len(digits) <= 15 or patterns.DATE.match(written):
        return False
    if written.startswith(("+", "(+", "00")):
        return len(digits) >= 8
    is_order = re.search(r"\border\b", before[-25:], re.IGNORECASE) is not None
    if not is_order and patterns.PHONE_CUE.search(before):
        return True
    after = text[match.end() : match.end() + 3]
    if patterns.OTHER_NUMBER_CUE.search(before[-30:]) or patterns.STREET.match(after):
        return patterns.US_PHONE.match(written) is not None and not is_order
    return _is_written_like_a_phone(written, digits, home)


def _is_written_like_a_phone(written: str, digits: str, home: str) -> bool:
    if patterns.US_PHONE.match(written):
        return True
    if not (written.startswith(("0", "(")) or patterns.GROUPED.match(written)):
        return False
    if len(digits) in (10, 11) and digits.startswith("0") and (digits != written or digits.startswith("07")):
        return True  # as British and German numbers are written; the ranges for invented ones are not "valid"
    return _is_valid_anywhere(digits if written.isdigit() else written, home, written.isdigit())


@lru_cache(maxsize=8192)
def _is_valid_anywhere(written: str, home: str, is_plain: bool) -> bool:
    """Whether it is a valid number in the writer's country; with separators, in any of the countries met often."""
    regions = (home, "GB", "US") if is_plain else (home, *patterns.REGIONS)
    for region in dict.fromkeys(regions):
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(written, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False
