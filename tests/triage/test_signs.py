"""Signs: what an inquiry has of each, what turns round, and what its form and rating add."""

from __future__ import annotations

from helploop.domain import Channel, Kind
from helploop.triage import decide, weigh_inquiry
from helploop.triage.signs import find_signs, reasons
from helploop.triage.weighing import KINDS, shipped_weights
from tests.conftest import make_inquiry


def test_every_sign_has_a_weight_for_every_kind() -> None:
    """weights.toml is fitted on the very signs that are looked for."""
    assert set(shipped_weights()) == {"bias", *reasons()}
    assert all(list(row) == list(KINDS) for row in shipped_weights().values())


def test_negated_praise_is_no_praise() -> None:
    """A "not" up to three words before turns it; one in the sentence before does not."""
    assert "denied_praise" in find_signs(make_inquiry("It was not a great visit"))
    assert "nice" in find_signs(make_inquiry("I did not wait. Great visit"))


def test_a_sign_of_short_texts_is_none_in_a_longer_one() -> None:
    """ "ok" closes a conversation of a few words only."""
    assert "closing" in find_signs(make_inquiry("ok thanks"))
    assert "closing" not in find_signs(make_inquiry("ok thanks, and how do I change the address for my next box?"))


def test_a_rating_speaks() -> None:
    """The same survey answer leans to a complaint with a bad score, to praise with the best one."""
    low, high = (
        weigh_inquiry(make_inquiry("The staff", channel=Channel.SURVEY, csat=score)).probabilities for score in (1, 5)
    )
    assert low[Kind.COMPLAINT] > high[Kind.COMPLAINT]
    assert high[Kind.COMPLIMENT] > low[Kind.COMPLIMENT]


def test_reason_names_the_signs() -> None:
    """In words; an unsure one says what speaks for which kind."""
    kind, reason = decide(weigh_inquiry(make_inquiry("Rude and ridiculous. You promised a call, nobody called.")))
    assert kind is Kind.COMPLAINT and reason
    kind, reason = decide(weigh_inquiry(make_inquiry("The app and the password")))
    assert kind is Kind.UNSURE and reason.startswith(("signs ", "no sign"))
