"""Weighs signs against each other: how likely each kind is, and which signs said so."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from helploop.domain import Kind
from helploop.triage.signs import reasons

KINDS = (Kind.QUESTION, Kind.COMPLAINT, Kind.COMPLIMENT, Kind.IDEA, Kind.OTHER)
Weights = Mapping[str, Mapping[Kind, float]]  # sign, or "bias" -> kind -> natural logarithm of odds

_SHOWN = 2  # signs that a reason names
_LEAST = 0.15  # what a sign must add (natural log of odds) to be named


@dataclass(frozen=True)
class Weighed:
    """What the signs of one inquiry come to."""

    probabilities: Mapping[Kind, float]  # of KINDS, adding up to 1
    signs: Mapping[str, float]

    @property
    def best(self) -> Kind:
        """The likeliest kind."""
        return max(KINDS, key=lambda kind: self.probabilities[kind])

    @property
    def runner_up(self) -> Kind:
        """The second likeliest."""
        return max((kind for kind in KINDS if kind is not self.best), key=lambda kind: self.probabilities[kind])

    def reason_for(self, kind: Kind) -> str:
        """The signs that speak most for a kind against the others, in words; "" when none does."""
        weights, others = shipped_weights(), [other for other in KINDS if other is not kind]
        room = sum(self.probabilities[other] for other in others) or 1.0
        added = {}
        for sign, value in self.signs.items():
            if not reasons()[sign]:
                continue
            against = sum(self.probabilities[other] * weights[sign][other] for other in others) / room
            added[sign] = value * (weights[sign][kind] - against)
        best = sorted(added, key=lambda sign: (-added[sign], sign))[:_SHOWN]
        return ", ".join(dict.fromkeys(reasons()[sign] for sign in best if added[sign] >= _LEAST))


def weigh(signs: Mapping[str, float], weights: Weights | None = None) -> Weighed:
    """A multinomial logistic model over the signs; weights: other ones than those of weights.toml (benchmarks)."""
    counts = weights or shipped_weights()
    scores = {
        kind: counts["bias"][kind] + sum(value * counts[sign][kind] for sign, value in signs.items()) for kind in KINDS
    }
    return Weighed(softmax(scores), signs)


def softmax(scores: Mapping[Kind, float]) -> dict[Kind, float]:
    """Scores (natural log, up to a constant) -> probabilities."""
    top = max(scores.values())
    powers = {kind: math.exp(score - top) for kind, score in scores.items()}
    whole = sum(powers.values())
    return {kind: power / whole for kind, power in powers.items()}


@cache
def shipped_weights() -> Weights:
    """The weights of weights.toml."""
    table = tomllib.loads((files("helploop.triage") / "weights.toml").read_text(encoding="utf-8"))
    return {sign: dict(zip(KINDS, row, strict=True)) for sign, row in table.items()}
