"""What a wording is compared by: the question's vector, and beside it the words of the answers where there are any."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.answers import expected_answers, trust_in
from helploop.clustering.folding import Nodes
from helploop.clustering.options import ClusteringOptions


@dataclass(frozen=True)
class Features:
    """Rows whose inner product is (question cosine + w * cosine of expected answers) / (1 + w).

    Every row has an expected answer (answers.expected_answers), its own in it where it has one. Without enough answers
    in the log, or with w = 0, the rows are the question vectors themselves.
    """

    joint: NDArray[np.float32]  # (m, d) or (m, d + p), rows of length 1
    dimensions: int  # d
    answers: NDArray[np.float32]  # (m, p) what was answered indeed, zeros where nothing was
    weights: NDArray[np.float64]  # (m,) as Nodes
    copies: NDArray[np.float64]  # (m,) as Nodes

    @property
    def is_joint(self) -> bool:
        """Whether there is a second part; all rows have one or none has."""
        return bool(self.joint.shape[1] > self.dimensions)


def join_features(nodes: Nodes, options: ClusteringOptions) -> Features:
    """The features of folded wordings. Too few answers in the log are none.

    w above is options.answer_weight times how far this log's answers can be trusted (answers.trust_in).
    """
    has_answer: NDArray[np.bool_] = (nodes.answers != 0).any(axis=1)
    joint, weight = nodes.vectors, options.answer_weight
    if weight > 0 and len(has_answer) and has_answer.mean() >= max(options.least_answered, 1e-9):
        trust = trust_in(nodes.vectors, nodes.answers)
        weight *= trust
        expected = expected_answers(nodes.vectors, nodes.answers, trust)
        parts = [nodes.vectors, expected * np.float32(math.sqrt(weight))]
        joint = (np.concatenate(parts, axis=1) / math.sqrt(1.0 + weight)).astype(np.float32)
    return Features(joint, nodes.vectors.shape[1], nodes.answers, nodes.weights, nodes.copies)
