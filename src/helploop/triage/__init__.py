"""Triage: whether an inquiry asks, complains, praises, proposes, or is none of it; by rules that name their reason.

The rules were written from every second of 683 invented inquiries and measured on the others. They decide at intake,
before any encoder; what they cannot tell is unsure, which is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from helploop.domain import Channel, Inquiry, Kind
from helploop.triage.options import TriageOptions, missing_people
from helploop.triage.rules import (
    ANGER,
    ASKING,
    CAPITALS,
    CLOSED,
    HOW,
    IDEA,
    NO_SHOUT,
    OTHER,
    PRAISE,
    TROUBLE,
    Rule,
)

__all__ = ["TriageOptions", "missing_people", "triage"]

_SEEN = 2_500  # characters of a text that the rules read, in lower case


def triage(inquiry: Inquiry) -> tuple[Kind, str]:
    """What an inquiry is, and why: the rule that decided, in words."""
    text = f"{inquiry.title}\n{inquiry.text}"[:_SEEN].replace("’", "'").lower()
    if inquiry.channel in (Channel.SEARCH,):
        return Kind.QUESTION, "a search"
    if "auto-reply" in inquiry.tags:
        return Kind.OTHER, "sent by a machine"
    other = _first(OTHER, text[:1_200])
    if other:
        return Kind.OTHER, other
    signs = _Signs(
        asks=sum(weight for pattern, weight, _reason in ASKING if pattern.search(text)) + (1.5 if "?" in text else 0.0),
        is_asking_how=HOW.search(text) is not None,
        has_question_mark="?" in text,
        is_troubled=bool(_first(TROUBLE, text)),
        anger=_sum(ANGER, text, _shouting(inquiry.text)),
        praise=_sum(PRAISE, text),
        idea=_sum(IDEA, text),
    )
    return _first_that_applies(signs) or _leftover(signs, inquiry.text)


@dataclass(frozen=True)
class _Sign:
    """How much speaks for a kind, and what most."""

    weight: float
    reason: str


@dataclass(frozen=True)
class _Signs:
    """What the rules found in a text."""

    asks: float
    is_asking_how: bool
    has_question_mark: bool
    is_troubled: bool
    anger: _Sign
    praise: _Sign
    idea: _Sign


def _first_that_applies(signs: _Signs) -> tuple[Kind, str] | None:
    """The strong signs, in the order of what a wrong answer would cost: a question missed is the dearest."""
    anger, praise, idea, asks = signs.anger, signs.praise, signs.idea, signs.asks
    # Who asks a lot wants an answer first: the more they ask, the angrier a complaint must be.
    bar = 2.0 + 0.5 * min(asks, 3.0) + (0.5 if signs.is_asking_how else 0.0)
    cases = (
        (anger.weight >= max(bar, praise.weight) and anger.reason != "", Kind.COMPLAINT, anger.reason),
        (idea.weight >= 2.0 and not signs.is_asking_how, Kind.IDEA, idea.reason),
        (
            praise.weight >= (3.0 if signs.is_troubled else 2.0)
            and not signs.has_question_mark
            and praise.weight > max(asks, anger.weight),
            Kind.COMPLIMENT,
            praise.reason,
        ),
        (anger.weight >= max(1.5, asks) and not signs.has_question_mark, Kind.COMPLAINT, anger.reason),
        (asks >= 1.5 and signs.is_asking_how, Kind.QUESTION, "asks how, where or when"),
        (asks >= 1.5, Kind.QUESTION, "asks something"),
        (signs.is_troubled, Kind.QUESTION, "describes a trouble that wants an answer"),
        (asks > 0, Kind.QUESTION, "wants something done"),
    )
    return next(((kind, reason) for applies, kind, reason in cases if applies), None)


def _leftover(signs: _Signs, text: str) -> tuple[Kind, str]:
    """For texts that neither ask nor tell of a trouble: the strongest weak sign."""
    signs_by_kind = ((signs.anger, Kind.COMPLAINT), (signs.praise, Kind.COMPLIMENT), (signs.idea, Kind.IDEA))
    best, kind = max(signs_by_kind, key=lambda pair: pair[0].weight)
    if best.weight >= 1.0 and best.reason:
        return kind, best.reason
    if CLOSED.match(text.strip().lower()):
        return Kind.OTHER, "only closes a conversation"
    return Kind.UNSURE, "no rule applies"


def _first(rules: tuple[Rule, ...], text: str) -> str:
    return next((reason for pattern, _weight, reason in rules if pattern.search(text)), "")


def _sum(rules: tuple[Rule, ...], text: str, more: float = 0.0) -> _Sign:
    """All weights of the rules that apply, and the reason of the heaviest."""
    found = [(weight, reason) for pattern, weight, reason in rules if pattern.search(text)]
    best = max(found, key=lambda pair: pair[0], default=(0.0, ""))
    return _Sign(sum(weight for weight, _reason in found) + more, best[1])


def _shouting(text: str) -> float:
    words = CAPITALS.findall(text)
    return min(1.0, 0.5 * len([w for w in words if w not in NO_SHOUT])) + (0.5 if "!!" in text else 0.0)
