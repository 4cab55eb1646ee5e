"""What a wording is compared by: the question's vector, and beside it the words of the answers where there are any."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.folding import Nodes
from helploop.clustering.options import ClusteringOptions


@dataclass(frozen=True)
class Features:
    """Rows whose inner product is (question cosine + w * answer cosine) / (1 + w).

    A row without an answer has nothing in the second part: its products are its question cosines, all divided by
    1 + w, so it is drawn to answered and unanswered rows alike. Without any answer in the log, or with w = 0, the rows
    are the question vectors themselves.
    """

    joint: NDArray[np.float32]  # (m, d) or (m, d + p), rows of length 1 or less
    dimensions: int  # d
    has_answer: NDArray[np.bool_]  # (m,)
    stretch: NDArray[np.float32]  # (m,) what a row's products must be multiplied by to be cosines again
    weights: NDArray[np.float64]  # (m,) as Nodes
    copies: NDArray[np.float64]  # (m,) as Nodes

    @property
    def answered(self) -> float:
        """Share of rows with an answer; 0 where answers are not compared."""
        return float(self.has_answer.mean()) if len(self.has_answer) else 0.0

    @property
    def is_joint(self) -> bool:
        """Whether there is a second part."""
        return bool(self.joint.shape[1] > self.dimensions)


def join_features(nodes: Nodes, options: ClusteringOptions) -> Features:
    """The features of folded wordings; options.answer_weight is w above. Too few answers in the log are none."""
    has_answer: NDArray[np.bool_] = (nodes.answers != 0).any(axis=1)
    stretch = np.ones(len(nodes.texts), dtype=np.float32)
    joint = nodes.vectors
    answer_weight = options.answer_weight
    if answer_weight > 0 and len(has_answer) and has_answer.mean() >= max(options.least_answered, 1e-9):
        parts = [nodes.vectors, nodes.answers * np.float32(math.sqrt(answer_weight))]
        joint = (np.concatenate(parts, axis=1) / math.sqrt(1.0 + answer_weight)).astype(np.float32)
        stretch[~has_answer] = 1.0 + answer_weight
    else:
        has_answer = np.zeros(len(nodes.texts), dtype=np.bool_)
    return Features(joint, nodes.vectors.shape[1], has_answer, stretch, nodes.weights, nodes.copies)
