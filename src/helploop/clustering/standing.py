"""Where inquiries stand among the questions: why one is in none, and what inside a question belongs together.

Nothing here is a cosine of one encoder: levels lie between the log's background and its median member, see Scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.folding import count_customers
from helploop.clustering.graph import nearest
from helploop.clustering.merging import merge
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.partition import NoiseReason
from helploop.clustering.vectors import groups
from helploop.domain import Inquiry

_FELLOWS = 3  # members nearest to a member: how near fellows are
_ALIKE = 1.0  # of the scale: as near as the median member and its fellows
_NEAR = 0.75  # of the scale: near to a question
_LEAD = 0.1  # of the scale: by how much the nearest question must lead; below, an inquiry lies between two
_NEIGHBOURS = 5  # inquiries in none that each of them is compared with
_MOST = 300  # members that are split into subgroups


@dataclass(frozen=True)
class Scale:
    """How near things are in this log with this encoder."""

    background: float  # mean cosine of any two inquiries
    near: float  # of the median member to its nearest few fellow members

    def share(self, cosine: float) -> float:
        """0 at the background, 1 at the median member."""
        return (cosine - self.background) / max(self.near - self.background, 1e-6)

    def cosine(self, share: float) -> float:
        """The inverse."""
        return self.background + share * (self.near - self.background)


@dataclass(frozen=True)
class Standing:
    """Why an inquiry is in no question."""

    reason: NoiseReason
    question: int  # the nearest one's row, -1 when there is none
    similarity: float  # cosine to its centre
    alike: int  # distinct customers who ask alike and are in none, this one's included
    group: str  # the same for all that ask alike: their smallest id


def measure_scale(members: Sequence[NDArray[np.float32]]) -> Scale:
    """members: of each question some rows, float32 (n, d), of length 1."""
    local = []
    for rows in members:
        cosines = rows @ rows.T
        np.fill_diagonal(cosines, -np.inf)
        if len(rows) > 1:
            local.append(np.sort(cosines, axis=1)[:, -min(_FELLOWS, len(rows) - 1) :].mean(axis=1))
    middle = np.concatenate(members).mean(axis=0) if members else np.zeros(1, dtype=np.float32)
    background = float(middle @ middle)
    return Scale(background, float(np.median(np.concatenate(local))) if local else 1.0)


def explain_noise(
    inquiries: Sequence[Inquiry], vectors: NDArray[np.float32], centroids: NDArray[np.float32], scale: Scale
) -> list[Standing]:
    """Why each of the inquiries in no question is in none.

    vectors: float32 (n, d), of length 1 or zeros for a blank text; centroids: (K, d), of length 1. Inquiries that ask
    alike are too few; what is near to two questions is between them; the rest has nobody near.
    """
    linked = _ask_alike(vectors, scale.cosine(_ALIKE))
    alike: dict[int, list[int]] = {}
    for row, group in enumerate(linked):
        alike.setdefault(group, []).append(row)
    customers = {group: count_customers([inquiries[row] for row in rows]) for group, rows in alike.items()}
    names = {group: min(inquiries[row].id for row in rows) for group, rows in alike.items()}
    made = []
    for row, group in enumerate(linked):
        cosines = centroids @ vectors[row] if len(centroids) else np.zeros(0, dtype=np.float32)
        order = np.argsort(-cosines, kind="stable")[:2]
        top = float(cosines[order[0]]) if len(order) else 0.0
        lead = top - float(cosines[order[1]]) if len(order) > 1 else 1.0
        if not vectors[row].any():
            reason = NoiseReason.BLANK
        elif len(alike[group]) > 1:
            reason = NoiseReason.TOO_FEW
        elif scale.share(top) >= _NEAR and lead < _LEAD * (scale.near - scale.background):
            reason = NoiseReason.BETWEEN
        else:
            reason = NoiseReason.ALONE
        question = int(order[0]) if len(order) else -1
        made.append(Standing(reason, question, round(top, 4), customers[group], names[group]))
    return made


def subgroups(vectors: NDArray[np.float32]) -> list[NDArray[np.int64]]:
    """The groups that a question's members fall into, largest first; one where they do not fall apart.

    vectors: float32 (n, d), of length 1. Average linkage, halfway from the mean of all pairs to that of each member and
    its nearest few. Of more than 300 members the first 300 are looked at.
    """
    rows = vectors[:_MOST]
    if len(rows) < 2:
        return [np.arange(len(rows))]
    cosines = rows @ rows.T
    whole = float((cosines.sum(dtype=np.float64) - len(rows)) / (len(rows) * (len(rows) - 1)))
    level = (whole + measure_scale([rows]).near) / 2
    found = groups(merge(np.arange(len(rows)), rows, np.ones(len(rows)), level))
    return sorted(found, key=lambda members: (-len(members), int(members[0])))


def _ask_alike(vectors: NDArray[np.float32], level: float) -> list[int]:
    """For each row the first row of its group: those whose mean cosine is at least the level, by average linkage.

    Looked for among what is linked at all. Links alone would chain: each like the next, the ends unlike each other.
    """
    first = np.array(_link(vectors, level), dtype=np.int64)
    for rows in groups(np.unique(first, return_inverse=True)[1]):
        if len(rows) > 2:
            for part in groups(merge(np.arange(len(rows)), vectors[rows], np.ones(len(rows)), level)):
                first[rows[part]] = rows[part[0]]
    return [int(row) for row in first]


def _link(vectors: NDArray[np.float32], level: float) -> list[int]:
    """For each row the first row of those it is linked to by cosines from the level on."""
    parent = list(range(len(vectors)))

    def find(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    if len(vectors) > 1:
        found, products = nearest(vectors, min(_NEIGHBOURS, len(vectors) - 1), ClusteringOptions())
        for row, column in zip(*np.nonzero(products >= level), strict=True):
            first, second = sorted((find(int(row)), find(int(found[row, column]))))
            parent[second] = first
    return [find(row) for row in range(len(vectors))]
