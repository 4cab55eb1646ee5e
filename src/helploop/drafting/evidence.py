"""The lines agents wrote to a question's members, each with where it stands: the raw material of a draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from helploop.domain import Inquiry, InquiryId, Reply, text_hash
from helploop.drafting.lines import leans, names_in, trim, why_not, words_of
from helploop.drafting.sentences import split_reply

_QUOTE_RATIO = 92  # docs/measured.md, step 1
_QUOTE_MIN_WORDS = 6  # shorter lines match by chance
_POST_MAX_CHARACTERS = 4_000


@dataclass(frozen=True)
class Line:
    """One usable line of one agent's reply."""

    text: str  # trimmed
    hash: str  # of the sentence as it stands in the redacted reply
    inquiry: InquiryId
    agent: str  # keyed hash
    reply: int  # number of the reply over all members
    number: int  # place in the reply, from 0
    place: float  # the same, 0 to 1
    is_item: bool
    is_leaning: bool
    outcome: float  # 0 to 1: votes and satisfaction behind the reply


@dataclass(frozen=True)
class Evidences:
    """All usable lines, and how many replies and inquiries there were to take them from."""

    lines: tuple[Line, ...]
    answered: int  # inquiries with an agent's reply
    asking_back: int  # units that ask the customer something
    names: frozenset[str]  # first names that greetings and signatures gave away


def collect(members: Sequence[Inquiry]) -> Evidences:
    """The usable lines of the members' agents, members sorted by id so that their order does not matter."""
    inquiries = sorted(members, key=lambda inquiry: inquiry.id)
    names = _names(inquiries)
    lines: list[Line] = []
    answered = asking_back = number = 0
    for inquiry in inquiries:
        answered += any(reply.is_agent for reply in inquiry.replies)
        for index, reply in enumerate(inquiry.replies):
            if not reply.is_agent:
                continue
            earlier = _posts_before(inquiry, index)
            found, asks = _lines_of(inquiry, reply, number, earlier, names)
            lines.extend(found)
            asking_back += asks
            number += 1
    return Evidences(tuple(lines), answered, asking_back, names)


def _names(inquiries: Sequence[Inquiry]) -> frozenset[str]:
    """First names of greetings and signatures, without words that stand within the lines of several inquiries."""
    texts = [[reply.text for reply in inquiry.replies if reply.is_agent] for inquiry in inquiries]
    found = {name for replies in texts for text in replies for name in names_in(text)}
    users = Counter[str]()
    for replies in texts:
        lines = (trim(unit.text) for text in replies for unit in split_reply(text))
        users.update(found & {word for line in lines for word in words_of(line)})
    most = max(2, len(inquiries) // 20)
    return frozenset(name for name in found if users[name] <= most)


def _posts_before(inquiry: Inquiry, index: int) -> list[str]:
    own = inquiry.replies[index].by
    posts = [inquiry.text, *(reply.text for reply in inquiry.replies[:index] if reply.by != own)]
    return [post[:_POST_MAX_CHARACTERS].lower() for post in posts]


def _lines_of(
    inquiry: Inquiry, reply: Reply, number: int, earlier: Sequence[str], names: frozenset[str]
) -> tuple[list[Line], int]:
    units = split_reply(reply.text)
    lines: list[Line] = []
    asks = 0
    for unit in units:
        text = trim(unit.text)
        reason = why_not(text, names, unit.is_item)
        asks += reason == "asks back"
        if reason or _is_quoted(text, earlier):
            continue
        place = unit.number / max(1, len(units) - 1)
        outcome = min(1.0, 0.5 * (reply.helpful > 0) + 0.25 * (reply.helpful > 1) + 0.5 * ((inquiry.csat or 0) >= 4))
        lines.append(
            Line(
                text,
                text_hash(unit.text),
                inquiry.id,
                reply.by,
                number,
                unit.number,
                place,
                unit.is_item,
                leans(text),
                outcome,
            )
        )
    return lines, asks


def _is_quoted(line: str, posts: Sequence[str]) -> bool:
    if len(words_of(line)) < _QUOTE_MIN_WORDS:
        return False
    low = line.rstrip(".").lower()
    return any(low in post or fuzz.partial_ratio(low, post, score_cutoff=_QUOTE_RATIO) > 0 for post in posts)
