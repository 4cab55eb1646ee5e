"""Figures of a ranking."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from sets import Query


def ranks(found: Sequence[Sequence[str]], queries: Sequence[Query]) -> list[int]:
    """For each query that something answers, the place of the first right article; 0: not among the hits."""
    return [
        next((place for place, article in enumerate(ids, 1) if article in query.right), 0)
        for ids, query in zip(found, queries, strict=True)
        if query.right
    ]


def success(places: Sequence[int], within: int) -> float:
    """Percent of the queries with a right article in the first places."""
    return 100 * sum(0 < place <= within for place in places) / max(1, len(places))


def reciprocal(places: Sequence[int]) -> float:
    """Mean reciprocal rank over the hits that were given."""
    return sum(1 / place for place in places if place) / max(1, len(places))


def wanted(found: Sequence[Sequence[str]], queries: Sequence[Query]) -> float:
    """Percent whose article is within the place that the set wants."""
    good = [
        any(article in query.right for article in ids[: query.within])
        for ids, query in zip(found, queries, strict=True)
    ]
    return 100 * sum(good) / max(1, len(good))


def auroc(yes: Sequence[float], no: Sequence[float]) -> float:
    """How often something answered has the higher score than something that is not; ties count half."""
    values = np.concatenate([yes, no])
    order = np.argsort(values, kind="stable")
    places = np.empty(len(values))
    ordered = values[order]
    starts = np.concatenate(([0], np.nonzero(np.diff(ordered))[0] + 1, [len(ordered)]))
    for first, last in itertools.pairwise(starts):
        places[order[first:last]] = (first + last + 1) / 2
    return float((places[: len(yes)].sum() - len(yes) * (len(yes) + 1) / 2) / (len(yes) * len(no)))
