"""What a table is worth: logged questions that it has not seen, asked of the site's own search with and without it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from helploop.domain import ArticleId
from helploop.search import SearchEngine

_SHOWN = 3  # hits that a visitor looks at
_MOST_ASKED = 2000  # questions that are asked; each takes about a millisecond
_SURE = 2.0  # standard deviations: the losses beyond the wins are chance up to here


@dataclass(frozen=True)
class Asked:
    """A logged question, and the article that answers it."""

    text: str
    article: ArticleId


@dataclass(frozen=True)
class Measured:
    """How a search answered the same questions."""

    ranks: tuple[int, ...]  # of the right article, for each question; 0 when it was not shown

    @property
    def first(self) -> int:
        """Questions whose article came first."""
        return sum(rank == 1 for rank in self.ranks)

    @property
    def shown(self) -> int:
        """Questions whose article was among the first three."""
        return sum(0 < rank <= _SHOWN for rank in self.ranks)


def is_held_out(key: str, share: float) -> bool:
    """Whether an inquiry is for measuring: always the same ones, so that no table has ever learned from them."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8"), digest_size=4).digest()) < share * 2**32


def measure(index: str, asked: Sequence[Asked]) -> Measured:
    """The ranks of the right articles in the search of this index (as helpsite.index gives it)."""
    ranks = []
    with SearchEngine(index) as engine:
        for one in _sample(asked):
            found = [hit.article for hit in engine.search(one.text, limit=10).hits]
            ranks.append(found.index(one.article) + 1 if one.article in found else 0)
    return Measured(tuple(ranks))


def _sample(asked: Sequence[Asked]) -> Sequence[Asked]:
    """At most 2,000 of them, spread evenly."""
    step = max(1, math.ceil(len(asked) / _MOST_ASKED))
    return asked[::step]


def is_worse(new: Measured, old: Measured) -> bool:
    """Whether more questions have lost their place among the first three, or the first, than chance explains (the sign
    test on those that changed, by its normal approximation)."""
    return any(_loses(new, old, place) for place in (1, _SHOWN))


def _loses(new: Measured, old: Measured, place: int) -> bool:
    pairs = [(0 < n <= place, 0 < o <= place) for n, o in zip(new.ranks, old.ranks, strict=True)]
    wins, losses = sum(n and not o for n, o in pairs), sum(o and not n for n, o in pairs)
    return losses - wins > _SURE * math.sqrt(wins + losses)
