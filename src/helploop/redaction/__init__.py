"""Redaction: the only way from a RawInquiry to an Inquiry. Personal data and secrets become typed placeholders.

Structured kinds only, by pattern and checksum, and the record's own people from its metadata. Names and addresses of
other people in free text are NOT found (a model finds some, where one is passed in): no customer is quoted without a
person's review. Pure; every pattern is linear. Reading order: redact() below, finding, then a kind, then identities.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterable

from helploop.domain import Inquiry, Kind, RawInquiry, RawReply, Reply, inquiry_id
from helploop.redaction.finding import find
from helploop.redaction.identities import NameDetector, Person, people_of
from helploop.redaction.options import DEFAULTS, RedactionOptions
from helploop.redaction.placeholders import Finding, Placeholders

__all__ = ["DEFAULTS", "Finding", "NameDetector", "RedactionOptions", "customer_key", "find", "redact", "redact_text"]

KEY_DIGITS = 16  # hex digits of a customer_key


def redact(
    raw: RawInquiry, key: bytes, options: RedactionOptions = DEFAULTS, detect_names: NameDetector | None = None
) -> Inquiry:
    """The inquiry with everything recognised masked, customer and agents as keyed hashes; kind unsure until triaged.

    The same value has the same placeholder in the title, the text and all replies; two values are told apart.

    raw: cleaned (question_text filled); where it was not, the text serves. key: the site's secret, never empty.
    detect_names: finds names of people whom the record does not name; none by default, names.py makes one.
    """
    if not key:
        raise ValueError("redaction needs a key: without one the customer's hash could be guessed")
    people, placeholders = people_of(raw, options, detect_names), Placeholders()
    counts: Counter[str] = Counter()

    def masked(text: str, is_counted: bool = True) -> str:
        new, found = placeholders.fill(text, find(text, people, options, raw.locale))
        if is_counted:
            counts.update(found)
        return new

    title, text = masked(raw.title), masked(raw.text)
    asked = text if raw.question_text in ("", raw.text) else masked(raw.question_text, is_counted=False)
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
    text: str, names: Iterable[str] = (), options: RedactionOptions = DEFAULTS, locale: str = ""
) -> tuple[str, dict[str, int]]:
    """The text with placeholders, and how many of each type were put in.

    names: names and addresses of one person, masked as <name> and <email> wherever they stand.
    """
    person = Person(tuple(names))
    filled, counts = Placeholders().fill(text, find(text, (person,) if person.values else (), options, locale))
    return filled, dict(sorted(counts.items()))


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
