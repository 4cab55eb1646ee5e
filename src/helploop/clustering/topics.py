"""Topics: what a help site calls categories. Questions are grouped once more, by their centres.

On a real forum's two years the questions are hundreds; a reader looks for one under a dozen or two headings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.graph import communities, nearest
from helploop.clustering.identity import LedgerEntry, inherit_topic_ids
from helploop.clustering.keyphrases import Phrases, keyphrases
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.vectors import groups
from helploop.domain import Inquiry, Question, Round, Topic

_NEIGHBOURS = 6  # of a question among the questions; the graph's own k (options.neighbours) for rows, measured there
_RESOLUTION = 1.0  # plain modularity: the number of topics follows the number of questions, about its square root
_FEW = 8  # questions that need no headings: each topic would hold one or two
_PHRASES = 3


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
    log: Phrases,
    previous: Round | None,
    ledger: Sequence[LedgerEntry],
    options: ClusteringOptions,
) -> list[Question]:
    """The questions with their topics: the last round's (or the ledger's) ids where the inquiries are, labels of
    keyphrases.

    centroids: (K, d), of the questions in their order. inquiries: the log's, by id; log: its phrases counted.
    """
    found = [rows.tolist() for rows in groups(group_questions(centroids, options))]
    members = [sorted(member for row in rows for member in questions[row].members) for rows in found]
    ids = inherit_topic_ids(members, previous, ledger)
    by_id = {inquiry.id: inquiry for inquiry in inquiries}
    made = list(questions)
    for rows, belong, topic_id in zip(found, members, ids, strict=True):
        phrases = keyphrases([by_id[member] for member in belong], log, options.min_customers, _PHRASES)
        for row in rows:
            made[row] = replace(questions[row], topic=Topic(topic_id, ", ".join(phrases)))
    return made
