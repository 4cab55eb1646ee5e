"""Redaction: the only way from a RawInquiry to an Inquiry. Personal data and secrets become typed placeholders.

Structured kinds only, by pattern and checksum, and the record's own names from its metadata. Names and addresses of
other people in free text are NOT found (nobody does it offline): no customer is quoted without a person's review.
Pure; every pattern is linear.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from stdnum import iban, luhn

from helploop.domain import Inquiry, Kind, RawInquiry, RawReply, Reply, inquiry_id
from helploop.redaction import patterns

__all__ = ["DEFAULTS", "RedactionOptions", "customer_key", "redact", "redact_text"]

KEY_DIGITS = 16  # hex digits of a customer_key


@dataclass(frozen=True)
class RedactionOptions:
    """What differs from company to company."""

    order_number: str = patterns.ORDER_NUMBER  # a regular expression, matched without regard to case
    own_addresses: tuple[str, ...] = ()  # "support@shop.example", "@shop.example": not personal, kept readable


DEFAULTS = RedactionOptions()


def redact(raw: RawInquiry, key: bytes, options: RedactionOptions = DEFAULTS) -> Inquiry:
    """The inquiry with everything recognised masked, customer and agents as keyed hashes; kind unsure until triaged.

    raw: cleaned (question_text filled); where it was not, the text serves. key: the site's secret, never empty.
    """
    if not key:
        raise ValueError("redaction needs a key: without one the customer's hash could be guessed")
    identities = (*raw.customer_names, *((raw.customer,) if raw.customer else ()))
    counts: Counter[str] = Counter()

    def masked(text: str, is_counted: bool = True) -> str:
        new, found = redact_text(text, identities, options, raw.locale)
        if is_counted:
            counts.update(found)
        return new

    text, title = masked(raw.text), masked(raw.title)
    asked = masked(raw.question_text, is_counted=False) if raw.question_text else text
    return Inquiry(
        id=inquiry_id(raw.source, raw.source_id),
        source=raw.source,
        source_id=raw.source_id,
        text=text,
        title=title,
        question_text=asked,
        replies=tuple(_redact_reply(reply, key, masked) for reply in raw.replies),
        channel=raw.channel,
        kind=Kind.UNSURE,
        kind_reason="",
        received_at=raw.received_at,
        first_reply_at=raw.first_reply_at,
        resolved_at=raw.resolved_at,
        customer_key=customer_key(raw.customer, key) if raw.customer else "",
        agent_minutes=raw.agent_minutes,
        waited_minutes=raw.waited_minutes,
        csat=raw.csat,
        nps=raw.nps,
        locale=raw.locale,
        language=raw.language,
        tags=tuple(masked(tag) for tag in raw.tags),
        thread=raw.thread,
        weight=raw.weight,
        attachments=tuple(masked(name) for name in raw.attachments),
        repeat_contacts=raw.repeat_contacts,
        redactions=dict(sorted(counts.items())),
    )


def redact_text(
    text: str, identities: Iterable[str] = (), options: RedactionOptions = DEFAULTS, locale: str = ""
) -> tuple[str, dict[str, int]]:
    """The text with placeholders, and how many of each type were put in.

    identities: names and addresses known from the record, masked as <name> and <email> wherever they stand.
    """
    mask = _Mask(text, options, locale)
    if "://" in text:
        mask.apply(patterns.URL, "url-with-token", _is_url_with_token)
    if any(cue in text for cue in patterns.TOKEN_CUES):
        mask.apply(patterns.TOKENS, "secret")
    lowered = text.lower()
    if any(cue in lowered for cue in patterns.PASSWORD_CUES):
        mask.passwords()
    if "@" in text:
        mask.apply(patterns.EMAIL, "email", mask.is_foreign_address)
    if text.count(":") >= 2:
        mask.apply(patterns.IPV6, "ip", mask.is_ip)
    if patterns.DIGIT.search(text):
        mask.numbers(options.order_number)
    for identity in identities:
        mask.identity(identity)
    return mask.text, dict(sorted(mask.counts.items()))


def customer_key(customer: str, key: bytes) -> str:
    """16 hex digits of HMAC-SHA256 of the customer's address or handle, without regard to case and spaces."""
    return _keyed("customer", " ".join(customer.split()).lower(), key)


def _keyed(role: str, who: str, key: bytes) -> str:
    return hmac.new(key, f"{role}\x00{who}".encode("utf-8", "replace"), "sha256").hexdigest()[:KEY_DIGITS]


def _redact_reply(reply: RawReply, key: bytes, masked: Callable[[str], str]) -> Reply:
    by = "customer"
    if reply.is_agent:
        by = _keyed("agent", " ".join(reply.by.split()).lower(), key) if reply.by else ""
    return Reply(reply.at, by, reply.is_agent, masked(reply.text), reply.helpful)


class _Mask:
    """A text on its way through the patterns."""

    def __init__(self, text: str, options: RedactionOptions, locale: str) -> None:
        self.text = text
        self.counts: Counter[str] = Counter()
        self._own = tuple(address.lower() for address in options.own_addresses)
        language, _, region = locale.replace("_", "-").partition("-")
        home = region.upper() if len(region) == 2 else patterns.LOCALE_REGION.get(language.lower(), language.upper())
        self._home = home if len(home) == 2 else "GB"

    def apply(
        self, pattern: re.Pattern[str], kind: str, check: Callable[[re.Match[str]], bool | int] | None = None
    ) -> None:
        """Replaces what matches and passes the check; a check may say how many characters of the match it means."""

        def placeholder(match: re.Match[str]) -> str:
            meant = True if check is None else check(match)
            if not meant:
                return match[0]
            self.counts[kind] += 1
            return f"<{kind}>" if meant is True else f"<{kind}>{match[0][meant:]}"

        self.text = pattern.sub(placeholder, self.text)

    def numbers(self, order_number: str) -> None:
        """All kinds that are made of digits, the ones with a checksum first."""
        if self.text.count(".") >= 3:
            self.apply(patterns.IPV4, "ip", self.is_ip)
        is_long = patterns.SEVEN_DIGITS.search(self.text) is not None
        if is_long:
            self.apply(patterns.IBAN, "iban", _iban_end)
            self.apply(patterns.CARD, "card", _is_card)
        self.apply(_order_pattern(order_number), "order-number")
        if is_long:
            self.apply(patterns.NATIONAL_ID, "id-number")
            self.apply(patterns.PHONE, "phone", self.is_phone)

    def passwords(self) -> None:
        """What stands after "password is": with a digit or a mark in it, or in quotes."""

        def placeholder(match: re.Match[str]) -> str:
            word = match[3].rstrip(".,;:!?)")
            is_odd = any(not c.isalpha() and c not in "-'’" for c in word)
            if not word or not (is_odd or match[2]) or patterns.NO_PASSWORD.match(word):
                return match[0]
            self.counts["secret"] += 1
            return f"{match[0][: match.start(3) - match.start()]}<secret>{match[3][len(word) :]}"

        self.text = patterns.PASSWORD.sub(placeholder, self.text)

    def is_foreign_address(self, match: re.Match[str]) -> bool:
        """Not one of the company's own addresses."""
        address = match[0].lower()
        return not any(address.endswith(own) if own.startswith("@") else address == own for own in self._own)

    def is_ip(self, match: re.Match[str]) -> bool:
        """A real address, and no version of four numbers."""
        try:
            address = ipaddress.ip_address(match[0])
        except ValueError:
            return False
        before = self.text[max(0, match.start() - 20) : match.start()]
        return not (address.is_loopback or address.is_unspecified or patterns.VERSION_CUE.search(before))

    def is_phone(self, match: re.Match[str]) -> bool:
        """A number that a telephone network would take, and that neither looks nor is introduced as something else."""
        written = match[0].strip()
        digits = re.sub(r"\D", "", re.split(r"x|ext", written)[0])
        before = self.text[max(0, match.start() - 60) : match.start()]
        if not 7 <= len(digits) <= 15 or patterns.DATE.match(written):
            return False
        if written.startswith(("+", "(+", "00")):
            return len(digits) >= 8
        is_order = re.search(r"\border\b", before[-25:], re.IGNORECASE) is not None
        if not is_order and patterns.PHONE_CUE.search(before):
            return True
        after = self.text[match.end() : match.end() + 3]
        if patterns.OTHER_NUMBER_CUE.search(before[-30:]) or patterns.STREET.match(after):
            return patterns.US_PHONE.match(written) is not None and not is_order
        return _is_written_like_a_phone(written, digits, self._home)

    def identity(self, identity: str) -> None:
        """Masks a known name or address, whole and by its words."""
        whole = identity.strip()
        if "@" in whole:
            self._literal(whole, "email")
            whole = whole.split("@", 1)[0]
        lowered = self.text.lower()
        if len(whole) >= 4 and whole.lower() in lowered and whole.lower() not in patterns.COMMON:
            self._literal(whole, "name")
        if any(map(str.isdigit, whole)):
            return  # a handle or an id: its letters alone are no name
        for word in patterns.NAME_WORD.findall(whole.replace(".", " ").replace("_", " ").replace("+", " ")):
            if word.lower() in lowered:
                pattern = _common_name(word) if word.lower() in patterns.COMMON else _name(word)
                self.apply(pattern, "name")

    def _literal(self, value: str, kind: str) -> None:
        if value.lower() in self.text.lower():
            self.apply(_name(value), kind)


@lru_cache(maxsize=4096)
def _name(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w<-]){re.escape(value)}(?![\w>])", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _common_name(word: str) -> re.Pattern[str]:
    capital = re.escape(word.capitalize())
    return re.compile(
        rf"(?:(?<=\bHi )|(?<=\bHello )|(?<=\bDear )|(?<=\bHey )|(?<=\bMr )|(?<=\bMrs )|(?<=\bMs )"
        rf"|(?<=<name> )){capital}(?!\w)"
        rf"|(?<![\w<]){capital}(?= <name>|[ \t]*(?:\n|\Z))"
    )


@lru_cache(maxsize=16)
def _order_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _is_url_with_token(match: re.Match[str]) -> bool:
    url = match[0]
    if patterns.TOKEN_PARAMETER.search(url) or patterns.USER_IN_URL.search(url[:300]) or patterns.UUID.search(url):
        return True
    return any(
        sum(map(str.isdigit, part)) >= 4 and re.search("[a-zA-Z]", part) for part in patterns.LONG_PART.findall(url)
    )


def _is_card(match: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", match[0])
    starts_right = patterns.CARD_PREFIX if len(digits) > 12 else patterns.SHORT_CARD
    return starts_right.match(digits) is not None and bool(luhn.is_valid(digits)) and len(set(digits)) > 1


def _iban_end(match: re.Match[str]) -> int:
    """How much of the match is a valid IBAN: the words after it may look like its last group."""
    text = match[0]
    ends = [len(text), *(m.start() for m in re.finditer(r"[ -]", text))]
    for end in sorted(ends, reverse=True):
        if end >= 15 and iban.is_valid(text[:end].replace("-", "").upper(), check_country=False):
            return end
    return 0


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
