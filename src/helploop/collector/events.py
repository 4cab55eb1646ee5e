"""What pages send, parsed strictly, and what of it may be stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from helploop.domain import SearchAction, SearchEvent, Verdict
from helploop.redaction import redact_text


@dataclass(frozen=True)
class CollectorLimits:
    """What one request may hold. Everything above is refused or cut, never stored."""

    body_bytes: int = 64_000  # also the most that navigator.sendBeacon sends (Fetch standard: 64 KiB in flight)
    events: int = 200  # a body
    query: int = 200  # characters
    text: int = 500  # a vote's reason
    words: int = 20  # unmatched words
    late: timedelta = timedelta(hours=12)  # an event kept by a sleeping tab; older or future ones get the clock's time
    bots: tuple[str, ...] = (
        "bot",
        "crawl",
        "spider",
        "slurp",
        "headless",
        "lighthouse",
        "curl",
        "wget",
        "python",
        "java/",
    )


class BadBody(Exception):  # noqa: N818 (told to the sender as `status`, not an error of ours)
    """A body that is refused."""

    def __init__(self, status: int, why: str) -> None:
        """The HTTP status and the sentence that goes with it."""
        super().__init__(why)
        self.status = status
        self.why = why


class SentEvent(msgspec.Struct):
    """An event as the page sends it; anything else in it is dropped unread."""

    v: int
    event: SearchAction
    query_id: str
    at: datetime | None = None
    search_term: str = ""
    search_count: int = 0
    top_score: float = 0.0
    unmatched_words: list[str] = []
    verdict: Verdict | None = None
    position: int | None = None
    article: str = ""
    page: str = ""
    locale: str = ""
    vote: str = ""
    reason: str = ""


_DECODER = msgspec.json.Decoder(SentEvent)
_QUERY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def parse_body(body: bytes, limits: CollectorLimits) -> list[SentEvent]:
    """The events of a body, one JSON object a line. All or nothing: raises BadBody."""
    lines = [(n, line) for n, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    if len(lines) > limits.events:
        raise BadBody(413, f"more than {limits.events} events")
    sent = []
    for number, line in lines:
        try:
            event = _DECODER.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise BadBody(400, f"line {number} is not an event") from error
        if event.v != 1 or not _QUERY_ID.fullmatch(event.query_id):
            raise BadBody(400, f"line {number}: only v 1 with a query_id of letters, digits, - and _ is known")
        sent.append(event)
    return sent


_URL = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def to_event(sent: SentEvent, at: datetime, visitor: str, limits: CollectorLimits) -> SearchEvent:
    """What may be stored of an event."""
    term = _clean(sent.search_term, limits.query)
    # a word that redaction took out of the query must not come in by this door
    words = [w for w in (_cut(word, 50) for word in sent.unmatched_words[: limits.words]) if w and w in term.lower()]
    return SearchEvent(
        event=sent.event,
        query_id=sent.query_id,
        at=at,
        visitor=visitor,
        search_term=term,
        search_count=max(0, min(sent.search_count, 10_000)),
        top_score=max(-1000.0, min(sent.top_score, 1000.0)),
        unmatched_words=tuple(words),
        verdict=sent.verdict,
        position=None if sent.position is None else max(1, min(sent.position, 1000)),
        article=_cut(sent.article, 100),
        page=_cut(re.split(r"[?#]", sent.page, maxsplit=1)[0], 200),
        locale=_cut(sent.locale, 20),
        vote=sent.vote if sent.vote in ("yes", "no") else "",
        reason=_clean(sent.reason, limits.text),
    )


def _cut(text: str, length: int) -> str:
    return _UNSEEN.sub(" ", text).strip()[:length]


def _clean(text: str, length: int) -> str:
    """What a visitor typed, redacted and without URLs. It is cut after that: half a card number looks harmless."""
    shown = _URL.sub(" ", _cut(text, 4 * length))
    return " ".join(redact_text(shown)[0].split())[:length].rstrip()
