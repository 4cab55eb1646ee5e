"""Owners and standards: the more exact key counts, and what is missing is said."""

from __future__ import annotations

import pytest

from helploop.triage.options import TriageOptions, missing_people, nearest

OWNERS = {"complaint": "desk", "complaint/delivery": "logistics", "compliment": "marketing", "idea": "product"}


def test_the_more_exact_key_counts() -> None:
    """With the category first, then alone, then the stand-in's."""
    assert nearest(OWNERS, ("complaint",), ("delivery",)) == "logistics"
    assert nearest(OWNERS, ("complaint",), ("billing",)) == "desk"
    assert nearest(OWNERS, ("escalation", "complaint"), ("safety", "delivery")) == "logistics"
    assert nearest(OWNERS, ("question",), ()) is None


def test_missing_people_are_named() -> None:
    """Each kind needs an owner and a backup; an escalation may do with the complaints'; a category must exist."""
    assert missing_people(TriageOptions()) == [
        "no owner for escalation, complaint, compliment, idea",
        "no backup for escalation, complaint, compliment, idea",
    ]
    half = TriageOptions(owners=OWNERS, backups={"complaint": "lead"}, categories={"billing": ("invoice",)})
    assert missing_people(half) == [
        "no backup for compliment, idea",
        "owners: 'complaint/delivery' names no category",
    ]
    whole = TriageOptions(owners=OWNERS, backups=OWNERS, categories={"delivery": ("parcel*",)})
    assert missing_people(whole) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"owners": {"complaints": "desk"}}, "'complaints' is not handed over; there are escalation, complaint"),
        ({"standard_hours": {"complaint": 0.0}}, "more than 0"),
        ({"categories": {"all": ("*",)}}, "write a word"),
    ],
)
def test_what_cannot_be_meant_is_refused(facts: dict[str, object], said: str) -> None:
    """A wrong key, a standard of no time, a word that matches everything."""
    with pytest.raises(ValueError, match=said):
        TriageOptions(**facts)  # type: ignore[arg-type]
