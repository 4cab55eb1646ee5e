"""What the encoder adds: inquiries that the signs are unsure of, held against examples of each kind.

Pure: vectors come as arguments. The examples are the written ones of examples.toml and the inquiries whose kind a
person decided.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from helploop.domain import Kind
from helploop.triage.weighing import KINDS, Weighed, softmax

# Set on the dev half of the sample and on 207 of the written examples before they were learned from
# (benchmarks/intake/README.md, Triage). Ridge regression on the examples' vectors was as good as logistic regression,
# better than the mean cosine of the nearest examples, and has a closed form.
RIDGE = 1.0
WEIGHT = 5.0  # of the regression's answer (how far above the kind's share of the examples) beside the signs' logarithms
COMPLAINT = 1.0  # added for a complaint: one that nobody sees is dearer than one too many
ENOUGH = 0.35  # likelihood from which signs and encoder decide
BARE = 0.5  # the same for a complaint without any sign of one
LEFT_OUT = 0.5  # the same for what no round clusters: a question that is lost is the dearest
SAME = 0.85  # cosine from which an inquiry is of the kind of one that a person decided


# Without one of these an inquiry is not called other: a bare product name is near to nothing, and may be a question.
_OTHER_SIGNS = frozenset(("closing", "machine", "nothing_said", "offer", "papers", "test", "wrong_place"))


_COMPLAINT_SIGNS = frozenset(
    (
        *("again", "angry", "bad_thing", "blame", "contrast", "danger", "demand", "formal", "harm", "hurt", "leaving"),
        *("nobody", "promise", "rhetoric", "rude", "sarcasm", "waiting"),
    )
)


@dataclass(frozen=True)
class Examples:
    """Texts of known kind."""

    vectors: NDArray[np.float32]  # (n, d), rows of length 1
    kinds: tuple[Kind, ...]  # of KINDS, n
    names: tuple[str, ...]  # n; the inquiry's id where a person decided, else ""


@cache
def written_examples() -> tuple[tuple[Kind, str], ...]:
    """The examples that travel with helploop: (kind, text)."""
    table = tomllib.loads((files("helploop.triage") / "examples.toml").read_text(encoding="utf-8"))
    return tuple((Kind(kind), text) for part in table.values() for kind, texts in part.items() for text in texts)


def refine(weighed: Sequence[Weighed], vectors: NDArray[np.float32], examples: Examples) -> list[tuple[Kind, str]]:
    """Each inquiry's kind by signs and encoder together, and why; unsure where both leave it open.

    vectors: float32 (len(weighed), d), rows of length 1; zeros where the encoder has nothing to say (a language that it
    does not understand): the likeliest kind by the signs then, if it is likely enough. Cost: cubic in the examples.
    """
    if not len(weighed):
        return []
    near = vectors @ examples.vectors.T  # (n, examples)
    wanted = np.array([[kind is one for one in KINDS] for kind in examples.kinds], dtype=np.float64)
    gram = (examples.vectors @ examples.vectors.T).astype(np.float64) + RIDGE * np.eye(len(wanted))
    answers = near.astype(np.float64) @ np.linalg.solve(gram, wanted - wanted.mean(axis=0))  # (n, len(KINDS))
    taught = np.array([bool(name) for name in examples.names])
    return [
        _taught(examples, row, taught) or _decided(signs, answer, is_read=bool(row.any()))
        for signs, answer, row in zip(weighed, answers, near, strict=True)
    ]


def _taught(examples: Examples, row: NDArray[np.float32], taught: NDArray[np.bool_]) -> tuple[Kind, str] | None:
    if not taught.any():
        return None
    nearest = int(np.where(taught, row, -1.0).argmax())
    if row[nearest] < SAME:
        return None
    kind = examples.kinds[nearest]
    return kind, f"nearly the same as {examples.names[nearest]}, which a person called {kind.value}"


def _decided(signs: Weighed, answer: NDArray[np.float64], is_read: bool) -> tuple[Kind, str]:
    scores = {
        kind: math.log(max(signs.probabilities[kind], 1e-9)) + (WEIGHT * float(answer[i]) if is_read else 0.0)
        for i, kind in enumerate(KINDS)
    }
    scores[Kind.COMPLAINT] += COMPLAINT
    likely = softmax(scores)
    best, second = sorted(KINDS, key=lambda kind: -likely[kind])[:2]
    if best is Kind.OTHER and _OTHER_SIGNS.isdisjoint(signs.signs):
        return Kind.UNSURE, "near to no question, and without a sign of anything else"
    if likely[best] < _needed(best, signs):
        return Kind.UNSURE, f"between {best.value} and {second.value}, for signs{' and encoder' * is_read}"
    how = "like examples of this kind" if is_read else "likeliest by its signs, in a language not encoded"
    told = signs.reason_for(best)
    return best, f"{how} ({likely[best]:.2f})" + (f": {told}" if told else "")


def _needed(kind: Kind, signs: Weighed) -> float:
    if kind is Kind.COMPLAINT and _COMPLAINT_SIGNS.isdisjoint(signs.signs):
        return BARE
    return ENOUGH if kind in (Kind.QUESTION, Kind.COMPLAINT) else LEFT_OUT
