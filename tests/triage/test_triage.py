"""Triage names the kind and the rule that decided."""

from __future__ import annotations

import pytest

from helploop.domain import Channel, Kind
from helploop.triage import triage
from tests.conftest import make_inquiry
from tests.timing import assert_linear


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("How do I change my address?", Kind.QUESTION),
        ("can u tell me when it comes", Kind.QUESTION),
        ("the lid is cracked right across, what now?", Kind.QUESTION),
        ("Please cancel my box", Kind.QUESTION),
        ("Your driver was rude and threw the box over our gate. Utterly unacceptable, I am furious.", Kind.COMPLAINT),
        ("Disappointed. The service has gone downhill and nobody answers.", Kind.COMPLAINT),
        ("Just wanted to say your Mara was brilliant, well done!", Kind.COMPLIMENT),
        ("you should do a tea box for children", Kind.IDEA),
        ("Suggestion: print the roast date on the front", Kind.IDEA),
        ("I am out of the office until Monday", Kind.OTHER),
        ("Dear webmaster, we sell backlinks", Kind.OTHER),
        ("ok thanks", Kind.OTHER),
        ("blue", Kind.UNSURE),
    ],
)
def test_kinds(text: str, kind: Kind) -> None:
    """A plain example of each kind; in doubt unsure."""
    found, reason = triage(make_inquiry(text))
    assert found is kind and reason


def test_an_angry_how_to_stays_a_question() -> None:
    """Who asks how wants an answer, annoyed or not."""
    assert triage(make_inquiry("Annoying! How do I get my money back, where is the button?"))[0] is Kind.QUESTION


def test_machines_and_searches() -> None:
    """A mail sent by a machine is no question; a search always is."""
    assert triage(make_inquiry("How are you?", tags=("auto-reply",))) == (Kind.OTHER, "sent by a machine")
    assert triage(make_inquiry("bag", channel=Channel.SEARCH)) == (Kind.QUESTION, "a search")


@pytest.mark.parametrize(
    "probe",
    [
        "\n",
        " ",
        "a ",
        "please ",
        "how ",
        "you should ",
        "is a ",
        "n't",
        "i want ",
        "which ",
        "HELP ",
        "ok ",
        "!",
        "thank you for ",
    ],
)
def test_hostile_texts_are_linear(probe: str) -> None:
    """20 kB of anything are triaged in a fifth of a second."""
    assert_linear(lambda text: triage(make_inquiry(text)), (probe * 20_000)[:20_000], 0.2)
