"""The few members that show how differently a question is asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.folding import normalise
from helploop.domain import Inquiry

_BALANCE = 0.7  # of MMR: nearness to the centre against difference from those chosen (Carbonell & Goldstein 1998)


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
