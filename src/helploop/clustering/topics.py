"""Topics: what a help site calls categories. Questions are grouped once more, by their centres.

On a real forum's two years the questions are hundreds; a reader looks for one under a dozen or two headings.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.folding import count_customers
from helploop.clustering.graph import communities, nearest
from helploop.clustering.identity import inherit_topic_ids
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.vectors import groups
from helploop.domain import Inquiry, Question, Round, Topic

_NEIGHBOURS = 6  # of a question among the questions; the graph's own k (options.neighbours) for rows, measured there
_RESOLUTION = 1.0  # plain modularity: the number of topics follows the number of questions, about its square root
_FEW = 8  # questions that need no headings: each topic would hold one or two
_PHRASES = 3
_BIGRAM = 0.6  # of its better word's weight, from where on two words together say more than the word
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|[.?!]")


def group_questions(centroids: NDArray[np.float32], options: ClusteringOptions) -> NDArray[np.int64]:
    """The topic of each question: int64 (K,), from 0 on, numbered by first appearance. One topic for a few questions.

    centroids: float32 (K, d), rows of length 1, in the round's order. Leiden's communities of the questions'
    shared-neighbour graph: no threshold, so topics follow the encoder and the log.
    """
    if len(centroids) < _FEW:
        return np.zeros(len(centroids), dtype=np.int64)
    neighbours, _ = nearest(centroids, _NEIGHBOURS, options)
    found = communities(np.ascontiguousarray(neighbours), _RESOLUTION, options)
    order: dict[int, int] = {}
    return np.array([order.setdefault(int(label), len(order)) for label in found], dtype=np.int64)


def with_topics(
    questions: Sequence[Question],
    centroids: NDArray[np.float32],
    inquiries: Sequence[Inquiry],
    previous: Round | None,
    options: ClusteringOptions,
) -> list[Question]:
    """The questions with their topics: the last round's ids where the inquiries are, labels of keyphrases.

    centroids: (K, d), of the questions in their order. inquiries: the log's, by id.
    """
    found = [rows.tolist() for rows in groups(group_questions(centroids, options))]
    members = [sorted(member for row in rows for member in questions[row].members) for rows in found]
    ids = inherit_topic_ids(members, previous)
    by_id = {inquiry.id: inquiry for inquiry in inquiries}
    log = count_phrases(inquiries)
    made = list(questions)
    for rows, belong, topic_id in zip(found, members, ids, strict=True):
        phrases = keyphrases([by_id[member] for member in belong], log, options.min_customers)
        for row in rows:
            made[row] = replace(questions[row], topic=Topic(topic_id, ", ".join(phrases)))
    return made


@dataclass(frozen=True)
class Phrases:
    """How often words and pairs of words stand in a log: what keyphrases are weighed against."""

    spread: Counter[str]  # word or pair -> inquiries
    rows: int


def count_phrases(inquiries: Sequence[Inquiry]) -> Phrases:
    """In how many inquiries each word and each pair of neighbouring words stands."""
    return Phrases(Counter(phrase for inquiry in inquiries for phrase in _phrases(inquiry)), len(inquiries))


def keyphrases(members: Sequence[Inquiry], log: Phrases, least_customers: int, count: int = _PHRASES) -> list[str]:
    """What these inquiries speak of more than the log does, the most telling first; nothing a single customer says.

    A phrase weighs its part of the Kullback-Leibler divergence between the members and the log, p log(p / q), p and q
    being the shares of inquiries that use it. At least `least_customers` distinct ones must.
    """
    inside = Counter(phrase for member in members for phrase in _phrases(member))
    weights: dict[str, float] = {}
    for phrase, found in inside.items():
        share, usual = found / len(members), log.spread[phrase] / log.rows
        if found >= least_customers and share > usual:
            weights[phrase] = share * math.log(share / usual)
    for pair in [phrase for phrase in weights if " " in phrase]:
        if weights[pair] < _BIGRAM * max(weights.get(word, 0.0) for word in pair.split()):
            del weights[pair]
    chosen: list[str] = []
    used: set[str] = set()
    for phrase in sorted(weights, key=lambda phrase: (-len(phrase.split()) * weights[phrase], phrase)):
        words = set(phrase.split())
        if len(chosen) < count and not words & used and _customers_of(phrase, members) >= least_customers:
            chosen.append(phrase)
            used |= words
    return chosen


def _customers_of(phrase: str, members: Sequence[Inquiry]) -> int:
    return count_customers([member for member in members if phrase in _phrases(member)])


def _phrases(inquiry: Inquiry) -> set[str]:
    """Words of three letters or more, and pairs of them that stand side by side."""
    text = f"{inquiry.title} . {inquiry.question_text}".casefold().replace("’", "'")
    words = [word if len(word) > 2 else "" for word in _WORD.findall(text)]
    pairs = {f"{first} {second}" for first, second in pairwise(words) if first and second}
    return ({*words} | pairs) - {""}
