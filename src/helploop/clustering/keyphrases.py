"""Keyphrases: what some inquiries speak of more than the log does. They stand beside a question's label."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain, pairwise

from helploop.clustering.folding import count_customers
from helploop.clustering.words import STOP_WORDS, words_and_stops
from helploop.domain import Inquiry, InquiryId

_BIGRAM = 0.6  # of its better word's weight, from where on two words together say more than the word
_MAX_CHARACTERS = 1500  # of an inquiry: what it is about comes before the pasted log file
_LOG_SAMPLE = 20_000  # inquiries that the log's shares are estimated from
_MEMBER_SAMPLE = 400  # the same of those described
_LEAST_SHARE = 0.1  # of members that must use a phrase


@dataclass(frozen=True)
class Phrases:
    """How often words and pairs of words stand in a log: what keyphrases are weighed against."""

    spread: Counter[str]  # word or pair -> inquiries of those counted
    bags: Mapping[InquiryId, Set[str]]  # of the inquiries counted, so that they are read once

    @property
    def rows(self) -> int:
        """Inquiries counted."""
        return len(self.bags)


def count_phrases(inquiries: Sequence[Inquiry]) -> Phrases:
    """In how many inquiries each word and each pair of neighbouring words stands; of a large log, of an even sample."""
    some = _sampled(inquiries, _LOG_SAMPLE)
    bags = {inquiry.id: phrases_of(inquiry) for inquiry in some}
    return Phrases(Counter(chain.from_iterable(bags.values())), bags)


def keyphrases(members: Sequence[Inquiry], log: Phrases, least_customers: int, count: int) -> list[str]:
    """What these inquiries speak of more than the log does, the most telling first; nothing a single customer says.

    A phrase weighs its part of the Kullback-Leibler divergence between the members and the log, p log(p / q), p and q
    being the shares of inquiries that use it (class-based TF-IDF of words that inquiries have or not). At least
    `least_customers` distinct customers must use it. No word stands in two phrases, singular and plural being one.
    """
    some = _sampled(members, _MEMBER_SAMPLE)
    bags = [(member, log.bags.get(member.id) or phrases_of(member)) for member in some]
    inside = Counter(chain.from_iterable(bag for _, bag in bags))
    weights: dict[str, float] = {}
    for phrase, found in inside.items():
        share, usual = found / len(bags), (log.spread[phrase] or 1) / max(log.rows, 1)
        if found >= least_customers and share >= _LEAST_SHARE and share > usual:
            weights[phrase] = share * math.log(share / usual)
    for pair in [phrase for phrase in weights if " " in phrase]:
        if weights[pair] < _BIGRAM * max(weights.get(word, 0.0) for word in pair.split()):
            del weights[pair]
    chosen: list[str] = []
    used: set[str] = set()
    for phrase in sorted(weights, key=lambda phrase: (-len(phrase.split()) * weights[phrase], phrase)):
        stems = {_stem(word) for word in phrase.split()}
        if len(chosen) < count and not stems & used and _customers_of(phrase, bags) >= least_customers:
            chosen.append(phrase)
            used |= stems
    return chosen


def still_said(phrases: Sequence[str], members: Sequence[Inquiry], least_customers: int) -> tuple[str, ...]:
    """Those of the phrases that enough distinct customers among these members use."""
    bags = [(member, phrases_of(member)) for member in members]
    return tuple(phrase for phrase in phrases if _customers_of(phrase, bags) >= least_customers)


def phrases_of(inquiry: Inquiry) -> set[str]:
    """Telling words of three letters or more, and pairs of them that stand side by side."""
    found: set[str] = set()
    for text in (inquiry.title, inquiry.question_text[:_MAX_CHARACTERS]):
        said = [word if len(word) > 2 and word not in STOP_WORDS else "" for word in words_and_stops(text)]
        found.update(said)
        found.update([f"{first} {second}" for first, second in pairwise(said) if first and second])
    found.discard("")
    return found


def _customers_of(phrase: str, bags: Sequence[tuple[Inquiry, Collection[str]]]) -> int:
    return count_customers([member for member, bag in bags if phrase in bag])


def _sampled(inquiries: Sequence[Inquiry], most: int) -> Sequence[Inquiry]:
    return inquiries[:: -(-len(inquiries) // most) or 1]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
