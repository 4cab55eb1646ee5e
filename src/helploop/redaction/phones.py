"""Phone numbers as people write them, in many countries, and not the other numbers that look alike."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from helploop.redaction.cues import Said, is_phone_near, said_before
from helploop.redaction.rules import Digits, Rule, Span, digits_of

_PHONE = re.compile(
    r"(?<![\w.:/=#€$£-])(?<!\d,)(?!(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}) )"  # no date
    r"(?:\+\s?|\(\+?)?\d(?:[ \u00a0().\-/–]{0,3}\d){6,16}(?:\s?(?:x"
    r"|ext\.?)\s?\d{1,5})?(?![\w%€£$]|[.,:-]\d|-[A-Z]{2})"
)
_DATE = re.compile(
    r"(?:(?:19|20)\d{2}[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-./ ](?:0?[1-9]|[12]\d|3[01])[-./ ](?:\d{4}|\d{2}(?!\d)))"
    r"(?:[ T,]{1,2}\d{1,2}(?:[:.-]?\d{2}){0,2}|\D{1,4}\d{1,3})?\Z|(?:19|20)\d{2}\s?[-–/]\s?(?:19|20)\d{2}\Z"
)
_AMOUNT = re.compile(
    r"\d{1,3}(?:[ .\u00a0]\d{3})+(?:[.,]\d{1,2})\Z"
    r"|\d(?:[ .\u00a0]\d{3}){2,}\Z|\d{1,3}(?:[ .\u00a0]\d{3})*[ .\u00a0]000\Z"
)
_UNITED_STATES = re.compile(r"\(?[2-9]\d{2}\)?[ .\-]{1,2}[2-9]\d{2}[ .\-]\d{4}\Z")
_GROUPED = re.compile(r"\(?\d{1,5}\)?(?:[ .\-/]{1,2}\d{2,7}){1,6}\Z")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15  # E.164 has 15 at most
_TWO_NUMBERS = 12  # digits in a row may be two numbers with a space between
_SPACE = re.compile(r"[ \u00a0]")
_SHORT = re.compile(r"\d{3}[ -]\d{4}\Z")
# Where ten digits in a row and nothing else are how people write their number.
_BARE = {
    "US": re.compile(r"[2-9]\d{2}[2-9]\d{6}\Z"),
    "CA": re.compile(r"[2-9]\d{2}[2-9]\d{6}\Z"),
    "IT": re.compile(r"3\d{8,9}\Z"),
}
_STREET = re.compile(r"[ ,]{1,2}[A-Z]")  # "17 2450 Crown Street" is an address
_PART_OF_CODE = re.compile(
    r"(?<![\w'’])(?=[A-Z0-9]{0,19}[A-Z])(?=[A-Z0-9]{0,19}\d)[A-Z0-9]{2,20}[ -]\Z"
)  # "1Z 999 AA1 "
_SAID_AFTER = re.compile(r"[\s,\-–(]{1,3}(?:mobile|cell|office|home|work|fax|phone)\b", re.IGNORECASE)
# Tried in this order for a national number, after the locale's own: the order is by how often their formats are met.
_REGIONS = tuple(
    "GB US DE FR IT ES NL BE AT CH IE PT SE NO DK FI PL CZ HU SI SK GR BR AU NZ IN ZA CA JP IL EE IS TN CY UY".split()  # noqa: SIM905
)


def _phone(match: re.Match[str], home: str) -> Span | None:
    """A number that a telephone network would take, and that neither looks nor is introduced as something else."""
    start, end = match.span()
    if _is_phone(match.string, start, end, home):
        return start, end
    if len(digits_of(match.string[start:end])) < _TWO_NUMBERS or match.string[start] not in "0+(":
        return None
    for space in reversed(list(_SPACE.finditer(match.string, start, end))):  # the search goes on behind what is found
        if _is_phone(match.string, start, space.start(), home):
            return start, space.start()
    return None


def _is_phone(text: str, start: int, end: int, home: str) -> bool:
    written = re.split(r"\s?(?:x|ext)", text[start:end].strip())[0]
    if ")" not in written:
        written = written.removeprefix("(")
    digits = digits_of(written)
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS or _DATE.match(written.removeprefix("(")):
        return False
    if written.startswith(("+", "(+")):
        return len(digits) >= 8
    is_american = _UNITED_STATES.match(written) is not None
    said = _said(text, start, end)
    if said is Said.OTHER:
        return is_american and "order" not in text[max(0, start - 25) : start].lower()
    if said is Said.PHONE or is_american:
        return True
    is_street = len(digits) < 10 and _STREET.match(text, end) is not None
    if is_street or _is_quantity(written, digits):
        return False
    return _is_written_like_one(written, digits, home, _is_alone(text, start, end))


def _is_quantity(written: str, digits: str) -> bool:
    """An amount, or a version: its parts are joined by points and short."""
    if "." in written and (len(digits) < 9 or re.search(r"(?<!\d)\d(?!\d)", written[1:])):
        return True
    return _AMOUNT.match(written) is not None


def _said(text: str, start: int, end: int) -> Said:
    """What the words around the number say it is."""
    said = said_before(text, start)
    if said is Said.NOTHING and _PART_OF_CODE.search(text, max(0, start - 22), start):
        return Said.OTHER
    if said is Said.NOTHING and (_SAID_AFTER.match(text, end) or is_phone_near(text, start)):
        return Said.PHONE
    return said


def _is_written_like_one(written: str, digits: str, home: str, is_alone: bool) -> bool:
    is_plain = written.isdigit()
    if digits.startswith("00"):  # a country's code follows
        is_long = len(digits) >= 10 and digits[2] != "0"
        return is_long and (not is_plain or _is_valid_anywhere(f"+{digits[2:]}", home, is_plain))
    if len(digits) == _FEWEST_DIGITS and not _SHORT.match(written):
        return False
    is_bare = home in _BARE and _BARE[home].match(written) is not None
    if not (written.startswith(("0", "(")) or _GROUPED.match(written) or is_bare or is_alone):
        return False
    if len(digits) in (10, 11) and digits.startswith("0"):
        return True  # as British and German numbers are written; the ranges for invented ones are not "valid"
    return _is_valid_anywhere(digits if is_plain else written, home, is_plain)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether the number fills its brackets or its line."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return (text[start] == "(" and after == ")") or (before in ("", "\n") and after in ("", "\n"))


@lru_cache(maxsize=8192)
def _is_valid_anywhere(written: str, home: str, is_plain: bool) -> bool:
    """Whether it is a valid number in the writer's country; with separators, in any of the countries met often."""
    regions = (home, "GB", "US") if is_plain else (home, *_REGIONS)
    for region in dict.fromkeys(regions):
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(written, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


RULES = (Rule("phone", _PHONE, _phone, digits=Digits.SEVEN),)
