"""The inquiries in no question, as a queue: why each is there, and what is worth a look first."""

from __future__ import annotations

from dataclasses import dataclass

from helploop.clustering import NoiseReason
from helploop.clustering.standing import explain_noise
from helploop.config import Settings
from helploop.domain import Inquiry, QuestionId
from helploop.pipeline.kept import kept_vectors, read_centres
from helploop.pipeline.rounds import find_question, newest_round
from helploop.store import Store


@dataclass(frozen=True)
class NoiseRow:
    """One of the queue."""

    inquiry: Inquiry
    reason: NoiseReason
    nearest: QuestionId | None
    similarity: float  # cosine to the nearest question's centre
    alike: int  # distinct customers who ask alike and are in no question either
    group: str  # the same for all that ask alike


def noise(settings: Settings, *, reason: NoiseReason | None = None, near: str = "") -> list[NoiseRow]:
    """The queue: what several ask alike first ("almost a question"), then what is near a question, then the rest.

    What only the round could tell (OF_THE_ROUND) was kept with it; the other reasons are worked out anew from the
    vectors it kept, so they tell of the questions as they are. near: an id; only what that question is the nearest of.
    Raises HelploopError when there is no round or no such question.
    """
    with Store(settings.database) as store:
        made = newest_round(store)
        if near:
            find_question(made, near, settings)
        rows = store.inquiries(made.noise)
        if not rows:
            return []
        centres = read_centres(store, made)
        vectors = kept_vectors(store, made.encoder_hash, [row.question_text for row in rows])
    found = [
        NoiseRow(
            row,
            NoiseReason(made.reasons.get(row.id, standing.reason)),
            made.questions[standing.question].id if standing.question >= 0 else None,
            standing.similarity,
            standing.alike,
            standing.group,
        )
        for row, standing in zip(rows, explain_noise(rows, vectors, centres.rows, centres.scale), strict=True)
    ]
    wanted = [one for one in found if (reason is None or one.reason is reason) and (not near or one.nearest == near)]
    order = list(NoiseReason)
    order.sort(key=lambda one: (one is not NoiseReason.TOO_FEW, one is not NoiseReason.BETWEEN, one.value))
    return sorted(
        wanted,
        key=lambda one: (
            order.index(one.reason),
            *((-one.alike, one.group) if one.reason is NoiseReason.TOO_FEW else (0, "")),
            -one.similarity,
            one.inquiry.id,
        ),
    )
