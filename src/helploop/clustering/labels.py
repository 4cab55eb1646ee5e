"""The wording that stands for a question, and the few members that show how differently it is asked."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.folding import normalise
from helploop.domain import Inquiry

MAX_LABEL = 90  # characters of a label: one line of `helploop questions`
_MIN_LABEL = 20  # shorter ones ("Any news?") say what is wanted only to who wrote them
_CANDIDATE_MEMBERS = 40  # members nearest to the centre whose sentences may become the label
_BALANCE = 0.7  # of MMR: nearness to the centre against difference from those chosen (Carbonell & Goldstein 1998)
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening|day))(?: (?:there|all|team|everyone|sir|madam|"
    r"support|folks))*[ ,.!:–-]+)+",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?=\s|$)|[.!?](?=\S)[^.!?\n]*)*[.!?]*")
_PLACEHOLDER = re.compile(r"<[a-z][a-z-]{0,24}\d{0,4}>|\[[A-Z_ ]{3,}\]")
_LINK = re.compile(r"https?://|www\.|@\w")
_WORD = re.compile(r"[^\W\d_]{3,}")
_POINTS_BACK = re.compile(r"\b(?:it|its|this|that|these|those|they|them|there|he|she|him|her)\b", re.IGNORECASE)
_ASKS = re.compile(
    r"^(?:how|what|where|when|why|who|which|can|could|is|are|do|does|did|will|would|should|may|am|was|has|have)\b",
    re.IGNORECASE,
)


def spread_of_words(inquiries: Iterable[Inquiry]) -> Counter[str]:
    """In how many inquiries each word stands; pick_label weighs words by it."""
    return Counter(word for inquiry in inquiries for word in set(_words(inquiry.question_text)))


def pick_label(members: Sequence[Inquiry], nearness: NDArray[np.float32], spread: Counter[str], rows: int) -> str:
    """The clearest real wording among the members: a sentence of theirs, made neat, at most 90 characters.

    members, nearness: with their cosine to the centre, nearest first. spread: words of the whole log of `rows`
    inquiries. A wording is clear when its member is near the centre, its words are the question's own (the share of
    members that use them, by how rare they are elsewhere: class-based TF-IDF), it ends in "?" and starts like a
    question; placeholders, links, shouting and half sentences count against it.
    """
    inside = spread_of_words(members)
    telling = {
        word: (count / len(members)) * math.log((1 + rows) / (1 + spread[word]))
        for word, count in inside.items()
        if count > 1 or len(members) < 3
    }
    best = max(telling.values(), default=1.0) or 1.0
    telling = {word: weight / best for word, weight in telling.items()}
    choices = [
        (_clearness(sentence, inquiry, float(cosine), telling), sentence)
        for inquiry, cosine in zip(members[:_CANDIDATE_MEMBERS], nearness, strict=False)
        for sentence in _sentences(inquiry)
    ]
    if not choices:
        return "(no wording)"
    return max(choices, key=lambda choice: (round(choice[0], 6), -len(choice[1]), choice[1]))[1]


def pick_representatives(
    members: Sequence[Inquiry], vectors: NDArray[np.float32], nearness: NDArray[np.float32], count: int
) -> tuple[int, ...]:
    """Positions of up to `count` members that are near the centre and unlike each other; the nearest comes first.

    vectors: float32 (n, d), rows of length 1; nearness: (n,) cosine to the centre. The same wording comes once.
    """
    chosen: list[int] = []
    seen: set[str] = set()
    likeness = np.zeros(len(members), dtype=np.float32)
    while len(chosen) < count:
        score = nearness if not chosen else _BALANCE * nearness - (1 - _BALANCE) * likeness
        position = next(
            (int(i) for i in np.argsort(-score, kind="stable") if _is_fresh(members[i], int(i), chosen, seen)), -1
        )
        if position < 0:
            break
        chosen.append(position)
        seen.add(normalise(members[position].question_text))
        likeness = np.maximum(likeness, vectors @ vectors[position])
    return tuple(chosen)


def _is_fresh(inquiry: Inquiry, position: int, chosen: Sequence[int], seen: set[str]) -> bool:
    return position not in chosen and normalise(inquiry.question_text) not in seen


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _sentences(inquiry: Inquiry) -> list[str]:
    """Neat candidates of one inquiry: its title, and each sentence of what it asks."""
    found: dict[str, None] = {}
    for text in (inquiry.title, *_SENTENCE.findall(inquiry.question_text)):
        if neat := _neat(text):
            found.setdefault(neat)
    return list(found)


def _neat(text: str) -> str:
    text = _GREETING.sub("", " ".join(text.split())).strip(" \t\"'“”‘’*_-–—:,;")
    text = re.sub(r"([?!])[?!.]+", r"\1", re.sub(r"\.{2,}$", "", text))
    if len(text) > MAX_LABEL:
        text = text[: MAX_LABEL - 1].rsplit(" ", 1)[0].rstrip(" ,.;:-") + "…"
    return text[:1].upper() + text[1:]


def _clearness(sentence: str, inquiry: Inquiry, cosine: float, telling: dict[str, float]) -> float:
    """The weights are judged by eye on the sample and on 3,000 posts of a forum; none is measured."""
    words = set(_words(sentence))
    said = len(sentence) / max(len(sentence), len(inquiry.question_text))  # a short part says little of its member
    score = cosine * (0.6 + 0.4 * said)
    score += 0.5 * min(2.0, sum(sorted((telling.get(word, 0.0) for word in words), reverse=True)[:3]))
    score += 0.2 * sentence.endswith("?") + 0.15 * bool(_ASKS.match(sentence))
    score -= 0.15 * min(3, len(_POINTS_BACK.findall(sentence)))
    score -= 0.4 * (len(sentence) < _MIN_LABEL) + 0.3 * sentence.endswith("…")
    score -= 0.5 * bool(_PLACEHOLDER.search(sentence)) + 0.5 * bool(_LINK.search(sentence))
    score -= 0.3 * _is_shouting(sentence) + 0.3 * (len(words) < 3)
    return score


def _is_shouting(sentence: str) -> bool:
    letters = [letter for letter in sentence if letter.isalpha()]
    return len(letters) > 8 and sum(letter.isupper() for letter in letters) > 0.6 * len(letters)
