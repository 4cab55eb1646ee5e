"""How many questions a log holds, as far as that can be told before it is grouped: by how fast likeness falls.

Within a question wordings are about as near as each one's nearest few; beyond it they are as far as any two. So the
rank at which the mean wording's neighbours have come a good way from the one to the other is about a question's size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.features import Features
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.vectors import mean_row

_ASKED = 512  # wordings whose neighbours are ranked
_AMONG = 60_000  # others they are ranked among, of a longer log
_BLOCK = 64  # of those asked at a time: 64 x 60,000 float32 are 15 MB
_WITHIN = 0.6  # share of the way from any two wordings to the nearest: on 22 logs of 18 to 291 questions the best of
#   .5 to .7; the number is right by a factor of 1.5 for two logs in three
_LARGEST = 8  # a question of more than an eighth of the log is not looked for: it needs no finer cut
_GROWTH = 1.5  # power of the expected questions: mean dF1 of 19 logs .477 without, .509; the best of each alone .565.
#   In proportion to them, 1 for 20: .498, each question found 1.41 times instead of 1.31


def resolution_for(
    features: Features, products: NDArray[np.float32], least: float, options: ClusteringOptions
) -> float:
    """Leiden's resolution: `least`, or more for a log without answers that asks more than options.many_questions.

    Modularity alone cuts a log of 300 questions into 70. Answers already tell such questions apart.
    products: as for `expected_questions`.
    """
    if features.is_joint:
        return least
    questions = expected_questions(features, products, options)
    return max(least, float(options.large_resolution * (questions / options.many_questions) ** _GROWTH))


def expected_questions(features: Features, products: NDArray[np.float32], options: ClusteringOptions) -> float:
    """About how many questions a log without answers asks: wordings divided by a question's size in wordings.

    products: float32 (m, k), of each wording with its nearest, nearest first. Follows the encoder: no cosine in it.
    """
    rows = features.joint
    if not products.shape[1]:
        return 1.0
    middle = mean_row(rows, features.weights)
    background = float(middle @ middle)
    near = float(np.median(products[:, : options.noise_neighbours].mean(axis=1)))
    random = np.random.default_rng(options.seed)
    asked = np.sort(random.choice(len(rows), min(_ASKED, len(rows)), replace=False))
    among = rows if len(rows) <= _AMONG else rows[np.sort(random.choice(len(rows), _AMONG, replace=False))]
    likeness = _mean_by_rank(rows[asked], among, len(among) // _LARGEST + 1)
    inside = likeness >= background + _WITHIN * (near - background)
    size = int(np.argmin(inside)) if not inside.all() else len(inside)
    return len(among) / max(1, size)


def _mean_by_rank(asked: NDArray[np.float32], among: NDArray[np.float32], count: int) -> NDArray[np.float64]:
    """(count,) the mean inner product of the rows asked with their nearest, second nearest ... among all."""
    totals = np.zeros(count)
    for start in range(0, len(asked), _BLOCK):
        found = asked[start : start + _BLOCK] @ among.T
        if count < found.shape[1]:
            found = np.partition(found, found.shape[1] - count, axis=1)[:, -count:]
        totals += np.sort(found, axis=1)[:, ::-1].sum(axis=0, dtype=np.float64)
    return totals / len(asked)
