"""The signs in an inquiry: which of signs.toml's word patterns it has, and what its form and channel add."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from helploop.domain import Channel, Inquiry
from helploop.triage.escalation import ESCALATION_WORDS
from helploop.triage.patterns import START, Matcher, tokens

# What the form of a text and its channel say; the rest of the signs stands in signs.toml.
FORM: Mapping[str, str] = {
    "shouting": "is in capitals",
    "exclaiming": "has exclamation marks",
    "quoting": "quotes somebody's words",
    "plain_trouble": "tells of a technical trouble, calmly",
    "short": "is very short",
    "long": "is a long story",
    "ends_asking": "ends in a question",
    "states_only": "asks nothing",
    "opinion": "came as a review or a survey's answer",
    "social": "was posted in public",
    "phone": "is a note of a call",
    "forum": "was posted in a forum",
    "told_ed": "",  # verbs in the past
    "low_rating": "came with a bad rating",
    "high_rating": "came with the best rating",
}
ASKING = ("how", "asks_you", "wants", "question_mark", "matter")
_FELT = ("angry", "hurt", "rude", "leaving", "formal", "demand", "sarcasm", "praise", "thanks", "credit", "idea")
_DANGER = "danger"  # the default escalation words, as a sign
_MARKS = frozenset((START, ".", "!", "?"))
_FULL = 40  # words: in a longer text a sign means less, as some are met by chance (40 was best of 25, 40, 60 and none)
_NOT = 3  # words back in which a negation turns a sign round
_STEPS = (0.0, 1.0, 1.6, 2.0)  # what a sign met 0, 1, 2, 3 or more times counts: the second time adds less
_CAPITALS = re.compile(r"\b[A-ZÄÖÜÉÈÑ]{3,}\b")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class _Signs:
    matcher: Matcher
    says: Mapping[str, str]
    negation: Mapping[str, str]  # sign -> the sign it becomes
    negations: frozenset[str]
    shares: frozenset[str]  # signs that count by their share of all words
    at_most: Mapping[str, int]  # sign -> words of a text that it may count in


def reasons() -> Mapping[str, str]:
    """Every sign's name -> what it says of an inquiry, for people."""
    return {**_load().says, **FORM}


def find_signs(inquiry: Inquiry) -> dict[str, float]:
    """Sign -> how much of it there is, more than 0 and at most 2. Linear in the length, which is cut at 3,000."""
    text = f"{inquiry.title}. {inquiry.text}" if inquiry.title.strip() else inquiry.text
    words = tokens(text)
    count = sum(word not in _MARKS for word in words)
    fullness = min(1.0, (_FULL / count) ** 0.5) if count else 1.0
    signs = _load()
    found = {}
    for name, times in _counted(signs, words, count).items():
        if name in signs.shares:
            found[name] = min(2.0, 10 * times / count)
        else:
            found[name] = _STEPS[min(times, len(_STEPS) - 1)] * (1.0 if name in ASKING else fullness)
    found |= dict.fromkeys(_form(inquiry, text, words, count, found), 1.0)
    past = sum(len(word) > 4 and word.endswith("ed") for word in words)
    if past:
        found["told_ed"] = min(2.0, 10 * past / count)
    return found


def _counted(signs: _Signs, words: Sequence[str], count: int) -> dict[str, int]:
    places: dict[str, set[int]] = {}
    for match in signs.matcher.find(words):
        name = match.sign
        if count > signs.at_most.get(name, count):
            continue
        if name in signs.negation and _is_negated(words, match.start, signs.negations):
            name = signs.negation[name]
        places.setdefault(name, set()).add(match.start)
    return {name: len(starts) for name, starts in places.items()}


def _is_negated(words: Sequence[str], at: int, negations: frozenset[str]) -> bool:
    for word in reversed(words[max(0, at - _NOT) : at]):
        if word == START:
            return False
        if word in negations:
            return True
    return False


def _form(inquiry: Inquiry, text: str, words: Sequence[str], count: int, found: Mapping[str, float]) -> list[str]:
    long_words = _WORD.findall(text[:1_000])
    capitals = [word for word in _CAPITALS.findall(text[:1_000]) if len(word) > 3]
    ends = [word for word in words if word != START][-1:]
    is_opinion = inquiry.channel in (Channel.REVIEW, Channel.SURVEY)
    is_rated = is_opinion and (inquiry.csat is not None or inquiry.nps is not None)
    asks = any(name in found for name in ASKING)
    cases = {
        "shouting": len(capitals) >= 4 or len(capitals) >= max(2, 0.3 * len(long_words)),
        "exclaiming": "!" in words,
        "quoting": "technical" not in found and sum(word in '"“”„«»' for word in words) >= 2,
        "plain_trouble": {"trouble", "technical"} <= found.keys() and found.keys().isdisjoint(_FELT),
        "short": count <= 4,
        "long": count >= 90,
        "ends_asking": ends == ["?"],
        "states_only": not asks,
        "opinion": is_opinion,
        "social": inquiry.channel is Channel.SOCIAL,
        "phone": inquiry.channel is Channel.PHONE,
        "forum": inquiry.channel is Channel.FORUM,
        "low_rating": is_rated and ((inquiry.csat or 9) <= 2 or (inquiry.nps if inquiry.nps is not None else 9) <= 6),
        "high_rating": is_rated and ((inquiry.csat or 0) >= 5 or (inquiry.nps or 0) >= 9),
    }
    return [name for name, applies in cases.items() if applies]


@cache
def _load() -> _Signs:
    table = tomllib.loads((files("helploop.triage") / "signs.toml").read_text(encoding="utf-8"))
    classes = table.pop("classes")
    patterns = {
        name: [p for p in sign["patterns"].replace("\n", " ").split(",") if p.strip()] for name, sign in table.items()
    }
    patterns[_DANGER] = [word.replace("'", "") for words in ESCALATION_WORDS.values() for word in words]
    return _Signs(
        matcher=Matcher(patterns, classes),
        says={_DANGER: "has an escalation word"} | {name: sign["says"] for name, sign in table.items()},
        negation={name: sign["negation"] for name, sign in table.items() if "negation" in sign},
        negations=frozenset(classes["no"].split("|")),
        shares=frozenset(name for name, sign in table.items() if sign.get("is_share")),
        at_most={name: sign["at_most"] for name, sign in table.items() if "at_most" in sign},
    )
