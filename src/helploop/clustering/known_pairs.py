"""Pairs of a log's own texts that surely ask the same, found without any encoder: what an encoder can be judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from helploop.clustering.answers import answer_vectors
from helploop.clustering.folding import normalise
from helploop.domain import Inquiry

_MAX_CHARACTERS = 400  # of a wording that are compared: 2,000 short ones take 4 s, whatever people paste
_LEAST_WORDS = 3  # "help please" and "please help" are no pair
_SAME_WORDING = 85.0  # rapidfuzz token_sort_ratio; of 116 such pairs among 2,000 of Banking77 .92 have one label
_FOLDED = 95.0  # fuzz.ratio from here on: clustering folds them, no encoder is asked
_SAME_ANSWER = 0.9  # cosine of the answers' words: on the sample all 75 such pairs have one label
_OTHER_ANSWER = 0.2  # ... and below this, alike in words, 70 of the sample's 30,733
_ALIKE = 50.0  # token_sort_ratio from here on is alike enough to be a hard case


class PairKind(StrEnum):
    """Why two texts ask the same."""

    WORDING = "nearly the same words"
    ANSWER = "answered alike"
    TITLE = "title and body of one inquiry"


@dataclass(frozen=True)
class KnownPairs:
    """Rows are those of the inquiries given; a body is `texts[row]`, a title `titles[row]`."""

    texts: tuple[str, ...]  # (n,) question_text; where title and body are a pair, without the title
    titles: dict[int, str]  # row -> its title, where it says enough
    same: dict[PairKind, tuple[tuple[int, int], ...]]  # sorted, a < b; a == b for TITLE
    hard: tuple[tuple[int, int], ...]  # alike in words, answered differently: these do not ask the same


def find_pairs(inquiries: Sequence[Inquiry]) -> KnownPairs:
    """The pairs among these inquiries. Quadratic in them: give a sample of at most some thousands."""
    texts, titles = [], {}
    for row, inquiry in enumerate(inquiries):
        title, body = inquiry.title.strip(), inquiry.question_text.strip()
        rest = body.removeprefix(title).strip()
        is_pair = _says_enough(title) and _says_enough(rest) and normalise(title) != normalise(rest)
        texts.append(rest if is_pair else body)
        if is_pair:
            titles[row] = title
    wordings = [normalise(text[:_MAX_CHARACTERS]) for text in texts]
    likeness = process.cdist(wordings, wordings, scorer=fuzz.token_sort_ratio, dtype=np.uint8)
    said = np.array([_says_enough(wording) for wording in wordings], dtype=np.bool_)
    answers = answer_vectors(inquiries)
    has_answer: NDArray[np.bool_] = (answers != 0).any(axis=1)
    agreement = answers @ answers.T
    both = said[:, None] & said[None, :] & np.triu(np.ones_like(agreement, dtype=np.bool_), 1)
    answered = both & has_answer[:, None] & has_answer[None, :]
    near_words = [
        (a, b)
        for a, b in _pairs(both & (likeness >= _SAME_WORDING) & ~(answered & (agreement < _OTHER_ANSWER)))
        if fuzz.ratio(wordings[a], wordings[b]) < _FOLDED
    ]
    same_answer = [(a, b) for a, b in _pairs(answered & (agreement >= _SAME_ANSWER)) if wordings[a] != wordings[b]]
    same = {
        PairKind.WORDING: tuple(near_words),
        PairKind.ANSWER: tuple(same_answer),
        PairKind.TITLE: tuple((row, row) for row in sorted(titles)),
    }
    hard = _pairs(answered & (agreement < _OTHER_ANSWER) & (likeness >= _ALIKE))
    return KnownPairs(tuple(texts), titles, same, tuple(hard))


def _says_enough(text: str) -> bool:
    return len(text.split()) >= _LEAST_WORDS


def _pairs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in zip(*np.nonzero(mask), strict=True)]
