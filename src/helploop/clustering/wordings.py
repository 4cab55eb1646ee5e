"""Old questions whose inquiries are gone, found again by the wording they are known by.

Of an inquiry that was erased, or of a log that another one took the place of, no vector is left; a question's label
is, in the last round and in the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.identity import LedgerEntry
from helploop.domain import InquiryId, QuestionId, Round

_GONE = 0.5  # of a question's members, or more: the rest no longer tells where it is
_NEAR = 0.8  # of the mean distance (1 - cosine) of members to their centre. Five sets, three seeds, half of the rows,
#   then the other half without half of the intents: at 1 / .9 / .8 / .7 of the distance 165 / 146 / 130 / 102 questions
#   are found again, and 3 / 1 / 0 / 0 taken for another; by shares of the log's scale 78 and none at best (two seeds)


def find_lost(
    previous: Round | None, ledger: Sequence[LedgerEntry], present: Collection[InquiryId]
) -> dict[QuestionId, str]:
    """The labels of the old questions most of whose inquiries are not among those present, sorted by id."""
    here = frozenset(present)
    labels = {QuestionId(str(one["id"])): (str(one.get("label", "")), one["members"]) for one in ledger}
    if previous is not None:
        labels |= {question.id: (question.label, question.members) for question in previous.questions}
    return {
        key: label
        for key, (label, members) in sorted(labels.items())
        if label and sum(member in here for member in members) < (1 - _GONE) * len(members)
    }


def match_wordings(
    places: Mapping[QuestionId, NDArray[np.float32]],
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    centroids: NDArray[np.float32],
) -> dict[int, QuestionId]:
    """The cluster that each old question is again, by the cluster's number; at most one each way.

    places: the vector of each lost question's label, (d,), of length 1. vectors: (n, d); labels: (n,), -1 for noise;
    centroids: (K, d). Wording and cluster must be each other's nearest, and the wording clearly nearer to the centre
    than the members are on average: a share of their distance, so that it follows the encoder.
    """
    if not places or not len(centroids):
        return {}
    names = sorted(places)
    placed = labels >= 0
    own = np.einsum("nd,nd->n", vectors[placed], centroids[labels[placed]])
    distances = 1.0 - np.bincount(labels[placed], weights=own) / np.bincount(labels[placed])
    cosines = np.round(np.stack([places[name] for name in names]) @ centroids.T, 6)
    found: dict[int, QuestionId] = {}
    for row, name in enumerate(names):
        number = int(cosines[row].argmax())
        if cosines[:, number].argmax() == row and 1.0 - cosines[row, number] <= _NEAR * distances[number]:
            found[number] = name
    return found
