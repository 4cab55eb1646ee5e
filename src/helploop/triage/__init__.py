"""Triage: whether an inquiry asks, complains, praises, proposes, or is none of it; by signs that name the reason.

signs.toml says what is looked for, weights.toml what each sign counts. They decide at intake, before any encoder;
where signs conflict or are missing the inquiry is unsure, which is an answer, and refine() decides at the next round.
"""

from __future__ import annotations

from helploop.domain import Channel, Inquiry, Kind
from helploop.triage.options import TriageOptions, missing_people
from helploop.triage.signs import find_signs
from helploop.triage.weighing import Weighed, weigh

__all__ = ["TriageOptions", "Weighed", "decide", "missing_people", "triage", "weigh_inquiry"]

# Likelihood from which the signs alone decide: benchmarks/intake/README.md, Triage. A complaint that nobody sees is
# dearer than one too many.
SURE = 0.65
SURE_COMPLAINT = 0.5


def triage(inquiry: Inquiry) -> tuple[Kind, str]:
    """What an inquiry is, and why: the signs that decided, in words."""
    if inquiry.channel is Channel.SEARCH:
        return Kind.QUESTION, "a search"
    if "auto-reply" in inquiry.tags:
        return Kind.OTHER, "sent by a machine"
    return decide(weigh_inquiry(inquiry))


def decide(weighed: Weighed) -> tuple[Kind, str]:
    """The kind that the signs are sure of, and which signs; unsure where they conflict or are few."""
    best, second = weighed.best, weighed.runner_up
    if weighed.probabilities[best] >= (SURE_COMPLAINT if best is Kind.COMPLAINT else SURE):
        return best, weighed.reason_for(best) or "by its form and channel"
    signs = ((kind, weighed.reason_for(kind)) for kind in (best, second))
    told = [f"{kind.value}: {reason}" for kind, reason in signs if reason]
    return Kind.UNSURE, f"signs {'conflict' if len(told) > 1 else 'are few'} ({'; '.join(told)})" if told else "no sign"


def weigh_inquiry(inquiry: Inquiry) -> Weighed:
    """How likely each kind is by the signs alone."""
    return weigh(find_signs(inquiry))
