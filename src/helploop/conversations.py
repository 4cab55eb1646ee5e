"""Conversations: whether two records are the same one, what both together say, and when a customer had to come back.

Pure. A conversation reaches the log more than once: in next week's export, grown; from a second system (the mailbox and
the help desk that reads it); cut in two by an export's date. It is one inquiry all the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from helploop.domain import Channel, Inquiry, Reply

__all__ = ["comebacks", "content_hash", "is_continued", "is_same", "joined"]

SAME_WITHIN = timedelta(hours=48)  # between two systems' times for one conversation: import delays and time zones
_TELLING_WORDS = 12  # words that two customers hardly write alike within SAME_WITHIN
_UNDATED_WORDS = 25  # the same where a time is missing
_COMPARED = 2_000  # characters of a text

_WORD = re.compile(r"\w+")
_PLACEHOLDER = re.compile(r"<[a-z-]{2,20}(?:-\d{1,3})?>")
_SETTLES = re.compile(
    r"\b(?:thank(?:s| ?you)|thx|cheers|ta|great|perfect|brilliant|works? (?:now|fine|again|perfectly)|working now"
    r"|solved|sorted|fixed|resolved|got it|all good|no problem|ok(?:ay)?|danke|vielen dank|merci|gracias|grazie"
    r"|bedankt|obrigad[oa])\b",
    re.IGNORECASE,
)
_STILL = re.compile(
    r"\?|\b(?:but|still|again|not|isn'?t|doesn'?t|didn'?t|can'?t|cannot|no longer|yet|aber|noch|nicht|mais|pero)\b",
    re.IGNORECASE,
)
_SHORT_WORDS = 60  # a word of thanks is short; what is longer tells a story
_LAST = datetime.max.replace(tzinfo=UTC)


def content_hash(inquiry: Inquiry) -> str:
    """32 hex digits that are equal for the same words, however a system wraps them; "" where too few stand there."""
    return _hash_of_words(_written(inquiry)[:_COMPARED])


@lru_cache(maxsize=4096)  # asked several times for each inquiry of a batch
def _hash_of_words(text: str) -> str:
    words = _words(text)
    return (
        hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        if len(words) >= 3
        else ""
    )


def is_same(one: Inquiry, other: Inquiry) -> bool:
    """Whether two records of different sources are one conversation: the same words, near in time, by nobody else.

    Within one source two ids are two contacts: a customer who sends the same text again has come back.
    """
    if (
        Channel.SEARCH in (one.channel, other.channel)
        or one.source == other.source
        or content_hash(one) != content_hash(other)
        or not content_hash(one)
    ):
        return False
    is_dated = one.received_at is not None and other.received_at is not None
    if is_dated and abs(_at(one) - _at(other)) > SAME_WITHIN:
        return False
    if one.customer_key and one.customer_key == other.customer_key:
        return True
    # two systems may know one customer by address and by handle
    return len(_words(_written(one)[:_COMPARED])) >= (_TELLING_WORDS if is_dated else _UNDATED_WORDS)


def is_continued(one: Inquiry, other: Inquiry) -> bool:
    """Whether two records of one source are parts of one thread by one customer."""
    return (
        one.source == other.source
        and one.id != other.id
        and one.thread != ""
        and one.thread == other.thread
        and (one.customer_key == other.customer_key or not one.customer_key or not other.customer_key)
    )


def joined(kept: Inquiry, other: Inquiry, reopen_after: timedelta) -> Inquiry:
    """Both records as one, under the id of `kept`: the earlier text asks, what came later are replies, none twice."""
    first, later = (other, kept) if _at(other) < _at(kept) else (kept, other)
    replies = [*first.replies, *later.replies]
    is_same_text = _flat(_written(first)) == _flat(_written(later))
    if not is_same_text:
        replies.append(Reply(later.received_at, "customer", False, later.text, uncut_text=later.uncut_text))
    whole = replace(
        first,
        id=kept.id,
        source=kept.source,
        source_id=kept.source_id,
        replies=_distinct(replies),
        first_reply_at=min(_known(first.first_reply_at, later.first_reply_at), default=None),
        resolved_at=max(_known(first.resolved_at, later.resolved_at), default=None),
        customer_key=kept.customer_key or other.customer_key,
        agent_minutes=_minutes(first.agent_minutes, later.agent_minutes, is_added=not is_same_text),
        waited_minutes=first.waited_minutes if first.waited_minutes is not None else later.waited_minutes,
        csat=later.csat if later.csat is not None else first.csat,
        nps=later.nps if later.nps is not None else first.nps,
        tags=tuple(dict.fromkeys((*first.tags, *later.tags))),
        attachments=tuple(dict.fromkeys((*first.attachments, *later.attachments))),
        repeat_contacts=max(first.repeat_contacts, later.repeat_contacts),
    )
    return replace(whole, repeat_contacts=max(whole.repeat_contacts, comebacks(whole, reopen_after)))


def comebacks(inquiry: Inquiry, reopen_after: timedelta) -> int:
    """How often the customer came back to a matter that seemed settled.

    Settled: marked so (resolved_at), or silent for `reopen_after` behind an agent's reply. Each return counts once,
    until an agent has replied to it; a word of thanks is none. Turns without a time cannot tell.
    """
    turns = sorted((r for r in inquiry.replies if r.at is not None), key=lambda r: r.at or _LAST)
    count = 0
    settled_at: datetime | None = None  # of the agents' last reply since the customer's last return
    for turn in turns:
        assert turn.at is not None
        if turn.is_agent:
            settled_at = turn.at
            continue
        was_resolved = inquiry.resolved_at is not None and turn.at > inquiry.resolved_at
        was_silent = settled_at is not None and turn.at - settled_at >= reopen_after
        if (was_silent or (was_resolved and settled_at is not None)) and not _only_thanks(turn.text):
            count += 1
            settled_at = None
    return count


def _only_thanks(text: str) -> bool:
    words = _WORD.findall(text[:_COMPARED])
    return not words or (
        len(words) <= _SHORT_WORDS and _SETTLES.search(text[:200]) is not None and _STILL.search(text) is None
    )


def _written(turn: Inquiry | Reply) -> str:
    """What was written, with the template lines that may have been cut since."""
    return turn.uncut_text or turn.text


def _words(text: str) -> list[str]:
    return _WORD.findall(_PLACEHOLDER.sub(" ", text).lower())


def _flat(text: str) -> str:
    return " ".join(_words(text))


def _distinct(replies: Sequence[Reply]) -> tuple[Reply, ...]:
    """The replies by time, those without one behind; of the same words by the same side the first, with most votes."""
    ordered = sorted(enumerate(replies), key=lambda pair: (pair[1].at or _LAST, pair[0]))
    found: dict[tuple[bool, str], Reply] = {}
    for _place, reply in ordered:
        key = (reply.is_agent, _flat(_written(reply)))
        before = found.get(key)
        found[key] = reply if before is None else replace(before, helpful=max(before.helpful, reply.helpful))
    return tuple(found.values())


def _at(inquiry: Inquiry) -> datetime:
    return inquiry.received_at or _LAST


def _known(*times: datetime | None) -> Iterable[datetime]:
    return [time for time in times if time is not None]


def _minutes(one: float | None, other: float | None, is_added: bool) -> float | None:
    known = [minutes for minutes in (one, other) if minutes is not None]
    if not known:
        return None
    return sum(known) if is_added else known[0]
