"""Title and aliases of a draft: the customers' own words, chosen, never written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.domain import Inquiry
from helploop.drafting.facts import stems
from helploop.drafting.lines import PLACEHOLDER, words_of
from helploop.drafting.ranking import Group
from helploop.drafting.sentences import has_link, split_reply

TITLE_MAX_CHARACTERS = 70
ALIAS_MAX_CHARACTERS = 100
ALIASES_MIN, ALIASES_MAX = 5, 15

_OPENING = re.compile(
    r"^(?:(?:hi+|hiya|hello|hey|dear|good (?:morning|evening|afternoon|day)|morning|greetings|"
    r"howdy)\b(?: (?:all|there|team|both|everyone|sir|"
    r"madam|sir or madam|kettlewren|again|folks|guys))?[\s,!.:–-]*|(?:so|and|but|ok|okay|well|oh|"
    r"um|quick question|question|please|pls|also|anyway|"
    r"basically|just wondering|i was wondering|was wondering|just to ask|just asking|can you tell "
    r"me|could you tell me|please tell me|do you know|"
    r"i would like to know|i['’]d like to know|i want to know|i need to know|tell me|re|fwd?|aw|"
    r"my question is)\b[\s,:–-]*)+",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^(?:how|what|where|when|why|which|who|whose|can|could|do|does|did|is|are|am|will|would|should|may|has|have)\b",
    re.IGNORECASE,
)
_HOW = re.compile(
    r"^(?:how (?:do|can|to|long|many|much|often|does)|can i|where (?:do|can|is)|why (?:is|does|do|"
    r"has|was)|what (?:do|is|does))\b",
    re.IGNORECASE,
)
_DEICTIC = re.compile(
    r"\b(?:this|that|it|these|those|them|they|he|she|him|her|his|yesterday|today|tomorrow|last|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|"
    r"sunday|wife|husband|son|daughter|mother|father|mum|dad|sister|brother|neighbour|please|sorry|thanks|thank)\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\b[A-Z]{2,5}-?\d{3,}\b|\d{5,}|[£$€]\s?\d|@|\b\d+[.,]\d\d\b|\d{3,}[ -]\d{3,}")
_TASK = re.compile(
    r"^(?:\w+ing|change|cancel|stop|skip|return|delete|update|track|find|get|use|set|add|remove|"
    r"missing|damaged|wrong)\b",
    re.IGNORECASE,
)
_SLOPPY = re.compile(
    r"\b(?:u|ur|yr|ye|i|im|ive|cant|dont|wont|wasnt|isnt|didnt|doesnt|havent|whats|pls|plz|abt|"
    r"bcoz|acct|wanna|gonna|tmrw|lol|sposed|thx|gf|bf|"
    r"needful|kindly|respected)\b"
)
_TELLING = re.compile(r"^(?:i|we|my|our|the|when i|just|there|had|got|bought|found|it|they|by)\b", re.IGNORECASE)
_VAGUE = frozenset({"email", "problem", "problems", "help", "question", "issue", "issues", "query", "order", "trouble"})


@dataclass(frozen=True)
class Wording:
    """One customer's way to say it, with its nearness to the question."""

    text: str
    vector: NDArray[np.float32]  # (d,), length 1
    relevance: float  # cosine to the question


def wordings_of(members: Sequence[Inquiry], names: Collection[str]) -> tuple[str, ...]:
    """Sentences and subject lines short enough to be an alias, without personal data, distinct, sorted."""
    found: dict[str, str] = {}
    for inquiry in sorted(members, key=lambda inquiry: inquiry.id):
        pieces = [inquiry.title, inquiry.question_text]
        pieces += [unit.text for text in (inquiry.question_text, inquiry.title) for unit in split_reply(text)]
        pieces += [piece[: piece.index("?") + 1] for piece in pieces if "?" in piece[:-1]]
        for piece in pieces:
            text = tidy(piece)
            if len(words_of(text)) > 2 and len(text) <= ALIAS_MAX_CHARACTERS and _is_clean(text, names):
                found.setdefault(text.rstrip("?.!").lower(), text)
    return tuple(sorted(found.values()))


def title_of(wordings: Sequence[Wording], label: str, answers: Sequence[Group] = ()) -> str:
    """The clearest wording as a title, at most 70 characters; the question's label, cut at a word, where none will do.

    answers: the lines that answer the question; a title that shares their words names what the article is about.
    """
    held = frozenset[str]().union(*(group.stems for group in answers))
    toward = np.sum([group.vector for group in answers], axis=0) if answers else None
    fit = [wording for wording in wordings if len(wording.text) < TITLE_MAX_CHARACTERS]
    if fit:
        best = max(
            fit,
            key=lambda wording: (
                round(_clarity(wording) + _grounding(wording, held, toward, wordings), 6),
                wording.text,
            ),
        )
        if best.relevance > 0.3:
            return _as_title(best.text)
    return _as_title(_cut(tidy(label) or "Untitled question"))


def aliases_of(wordings: Sequence[Wording], title: str) -> tuple[str, ...]:
    """5 to 15 wordings, near the question and unlike one another (maximal marginal relevance), best first; fewer when
    there are fewer."""
    left = [wording for wording in wordings if wording.text.rstrip("?.!").lower() != title.rstrip("?.!").lower()]
    chosen: list[Wording] = []
    while left and len(chosen) < ALIASES_MAX:
        values = [
            (w.relevance - 0.5 * max((float(w.vector @ c.vector) for c in chosen), default=0.0), w.text, w)
            for w in left
        ]
        value, _, best = max(values, key=lambda entry: entry[:2])
        if len(chosen) >= ALIASES_MIN and (value < 0.05 or best.relevance < 0.42):
            break
        chosen.append(best)
        left = [w for w in left if w is not best and float(w.vector @ best.vector) < 0.9]
    return tuple(wording.text for wording in chosen)


def tidy(text: str) -> str:
    """One line without greeting, "just wondering" and the like."""
    line = " ".join(text.split())
    return _OPENING.sub("", line).strip(" ,;:-–\"'“”>") or line


def _is_clean(text: str, names: Collection[str]) -> bool:
    if PLACEHOLDER.search(text) or _PERSONAL.search(text) or has_link(text):
        return False
    return not any(word.split("'")[0].split("’")[0] in names for word in words_of(text))


def _clarity(wording: Wording) -> float:
    """Nearness to the question, and the shape of a title: a question or a task that needs nothing else to be
    understood."""
    text = wording.text
    words = words_of(text)
    is_question = _ASKING.match(text) is not None
    return (
        1.5 * wording.relevance
        + 0.12 * is_question
        + 0.12 * (_HOW.match(text) is not None)
        + 0.05 * (_TASK.match(text) is not None)
        - 0.15 * min(3, len(_DEICTIC.findall(text)))
        - 0.10 * (len(words) < 4)
        - 0.02 * max(0, len(words) - 7)
        - 0.25 * (not stems(text))
        - 0.15 * all(word.lower() in _VAGUE for word in words)
        - 0.12 * (any(mark in text for mark in ".,;+") or "? " in text)
        - 0.08 * (any(ord(char) > 0x2100 for char in text) or "??" in text or "!" in text)
        - 0.12 * (_SLOPPY.search(text) is not None)
        - 0.15 * (not is_question and len(words) > 7)
        - 0.10 * (_TELLING.match(text) is not None)
    )


def _grounding(
    wording: Wording, held: frozenset[str], toward: NDArray[np.float32] | None, wordings: Sequence[Wording]
) -> float:
    """How much a wording speaks of what the answer and other customers speak of."""
    near = float(wording.vector @ toward) / (float(np.linalg.norm(toward)) or 1.0) if toward is not None else 0.0
    own = stems(wording.text)
    others = Counter(stem for other in wordings if other is not wording for stem in stems(other.text))
    shared = sum(others[stem] >= 2 for stem in own)
    return 0.4 * near + 0.08 * min(2, len(own & held)) + 0.06 * min(3, shared) - 0.15 * (shared == 0)


def _as_title(text: str) -> str:
    line = re.sub(r"\bi\b", "I", text.strip())
    line = re.sub(r"([?!.])[?!.]+$", r"\1", line)
    line = line.rstrip(".!,;: ")
    if _ASKING.match(line) and not line.endswith("?") and not line.lower().startswith("how to"):
        line += "?"
    return line[:1].upper() + line[1:]


def _cut(text: str) -> str:
    if len(text) < TITLE_MAX_CHARACTERS:
        return text
    return text[: TITLE_MAX_CHARACTERS - 2].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"
