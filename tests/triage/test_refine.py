"""What the encoder adds where the signs are unsure; a person's word on a like one comes first."""

from __future__ import annotations

import numpy as np

from helploop.domain import Kind
from helploop.triage.refine import Examples, refine, written_examples
from helploop.triage.weighing import KINDS, Weighed

FLAT = Weighed(dict.fromkeys(KINDS, 0.2), {})
AXES = np.eye(8, dtype=np.float32)
EXAMPLES = Examples(AXES[:5], KINDS, ("",) * 5)


def test_nearest_kind_decides_what_the_signs_leave_open() -> None:
    """Like an example of praise: praise; the reason says by what."""
    ((kind, reason),) = refine([FLAT], AXES[KINDS.index(Kind.COMPLIMENT)][None], EXAMPLES)
    assert kind is Kind.COMPLIMENT and reason.startswith("like examples of this kind (0.")


def test_other_needs_a_sign_of_its_own() -> None:
    """A bare product name is near to nothing: it stays unsure, and is clustered."""
    vector = AXES[KINDS.index(Kind.OTHER)][None]
    assert refine([FLAT], vector, EXAMPLES)[0][0] is Kind.UNSURE
    assert refine([Weighed(FLAT.probabilities, {"closing": 1.0})], vector, EXAMPLES)[0][0] is Kind.OTHER


def test_a_persons_word_on_nearly_the_same_comes_first() -> None:
    """Above a cosine of .85 to an inquiry that a person decided, its kind holds."""
    taught = Examples(AXES[:6], (*KINDS, Kind.IDEA), ("", "", "", "", "", "0123456789abcdef"))
    kind, reason = refine([FLAT], AXES[5][None], taught)[0]
    assert (kind, reason) == (Kind.IDEA, "nearly the same as 0123456789abcdef, which a person called idea")


def test_without_a_vector_the_signs_decide_if_they_are_likely_enough() -> None:
    """A language that the encoder does not understand."""
    likely = Weighed(dict.fromkeys(KINDS, 0.075) | {Kind.QUESTION: 0.7}, {})
    nothing = np.zeros((2, 8), dtype=np.float32)
    found = refine([likely, FLAT], nothing, EXAMPLES)
    assert [kind for kind, _ in found] == [Kind.QUESTION, Kind.UNSURE]
    assert refine([], nothing[:0], EXAMPLES) == []


def test_there_are_examples_of_every_kind() -> None:
    """Enough of each, and none twice."""
    examples = written_examples()
    assert all(sum(kind is one for one, _ in examples) >= 50 for kind in KINDS)
    assert len({text for _, text in examples}) == len(examples)
