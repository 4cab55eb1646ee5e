"""Says of a question whether its members are one question: clear, mixed, or too few to tell.

Nothing here is a cosine of one encoder: everything is measured between the log's background (any two inquiries: 0) and
the median member's nearness to its nearest few fellow members (1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.answers import answer_vectors
from helploop.clustering.vectors import different_rows, groups
from helploop.domain import Clarity, Inquiry

MIXED = 0.22  # mixedness from here on; how often that is right: benchmarks/clustering/README.md, Verdict mixed
_OTHERS_WEIGHT = 0.5  # of nearness to the next question; AUROC .786 / .790 / .782 at .3 / .5 / 1, .752 without
_NEAREST = 3  # fellow members that are a member's own group
_LEAST_WORDINGS = 6  # two groups of three; fewer cannot fall apart
_MOST_MEMBERS = 400  # looked at; of more an even sample
_ANSWERS, _BACKGROUND = 100, 2000  # members of a question, and inquiries of the log, whose answers are compared
_ALIKE = 0.5  # judged by eye on the sample, where answers are macros
_BARELY = 1  # customers above the minimum: one wrong member more or less decides


@dataclass(frozen=True)
class Judgement:
    """What is to be thought of a question, and why, in words for a person."""

    clarity: Clarity
    reason: str
    mixedness: float  # mixed from MIXED on


def judge_questions(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    centroids: NDArray[np.float32],
    customers: Sequence[int],
    min_customers: int,
) -> list[Judgement]:
    """One Judgement for each question, in the order of their labels.

    vectors: float32 (n, d), rows of length 1; labels: (n,), -1 for no question; centroids: (K, d), rows of length 1;
    customers: (K,). A question is mixed when its members are near to a few of the others and far from the rest, the
    more so when they are nearly as near to another question's centre. Deterministic; linear in n for each K.
    """
    members = [_sampled(rows, _MOST_MEMBERS) for rows in groups(labels)]
    if not members:
        return []
    wordings = [different_rows(vectors[rows]) for rows in members]
    local, whole = zip(*(_nearness(rows) for rows in wordings), strict=True)
    middle = vectors[labels >= 0].mean(axis=0)
    background = float(middle @ middle)
    scale = max(float(np.median(np.concatenate(local))) - background, 1e-6)
    made = []
    for number, rows in enumerate(members):
        apart = (float(local[number].mean()) - whole[number]) / scale
        lead = _lead(vectors[rows], centroids, number) / scale
        mixedness = round(apart - _OTHERS_WEIGHT * lead, 3)
        many = len(wordings[number]) >= _LEAST_WORDINGS
        made.append(_judge(mixedness if many else min(mixedness, 0.0), lead, customers[number], min_customers))
    return made


def acquit(
    judged: Sequence[Judgement], inquiries: Sequence[Inquiry], labels: NDArray[np.int64], min_customers: int
) -> list[Judgement]:
    """The judgements, those taken back that agents contradict: who is answered alike asks alike, however worded.

    inquiries, labels: (n,), by id. A mixed question stays one unless half of its members have an answer and these are
    at least half as near to one another as an answer is to its nearest few, from any two answers of the log on.
    """
    members = groups(labels)
    doubted = [number for number, one in enumerate(judged) if one.clarity is Clarity.MIXED]
    if not doubted:
        return list(judged)
    chosen = [_sampled(members[number], _ANSWERS) for number in doubted]
    others = _sampled(np.arange(len(inquiries)), _BACKGROUND)
    rows = np.unique(np.concatenate([*chosen, others]))
    answers = answer_vectors([inquiries[row] for row in rows.tolist()])
    given = answers[(answers != 0).any(axis=1)]
    middle = given.mean(axis=0) if len(given) else np.zeros(answers.shape[1], dtype=np.float32)
    background = float(middle @ middle)
    made = list(judged)
    for number, positions in zip(doubted, chosen, strict=True):
        of_question = answers[np.searchsorted(rows, positions)]
        answered = of_question[(of_question != 0).any(axis=1)]
        local, whole = _nearness(answered)
        is_answered = len(answered) >= max(min_customers, len(positions) / 2)
        if is_answered and whole - background >= _ALIKE * (float(np.median(local)) - background):
            made[number] = Judgement(Clarity.CLEAR, "", judged[number].mixedness)
    return made


def _judge(mixedness: float, lead: float, customers: int, min_customers: int) -> Judgement:
    if mixedness >= MIXED:
        near = " and many are nearly as near to another question" if lead < 0.2 else ""
        return Judgement(
            Clarity.MIXED, f"its inquiries fall into groups: each is near to a few, far from the rest{near}", mixedness
        )
    if customers <= min_customers + _BARELY:
        return Judgement(Clarity.FEW, f"only {customers} customers; {min_customers} make a question", mixedness)
    return Judgement(Clarity.CLEAR, "", mixedness)


def _sampled(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    return rows[:: max(1, -(-len(rows) // most))]


def _nearness(rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Of different wordings: each one's mean cosine to its nearest few, and the mean over all pairs."""
    if len(rows) < 2:
        return np.ones(len(rows), dtype=np.float32), 1.0
    cosines = rows @ rows.T
    pairs = len(rows) * (len(rows) - 1)
    whole = float((cosines.sum(dtype=np.float64) - np.trace(cosines)) / pairs)
    np.fill_diagonal(cosines, -np.inf)
    few = min(_NEAREST, len(rows) - 1)
    nearest = np.sort(np.partition(cosines, -few, axis=1)[:, -few:], axis=1).mean(axis=1)
    return nearest.astype(np.float32), whole


def _lead(members: NDArray[np.float32], centroids: NDArray[np.float32], number: int) -> float:
    """By how much members are nearer to their own centre than to the next one, on average."""
    if len(centroids) < 2:
        return 1.0
    cosines = members @ centroids.T
    own = cosines[:, number].copy()
    cosines[:, number] = -np.inf
    return float((own - cosines.max(axis=1)).mean())
