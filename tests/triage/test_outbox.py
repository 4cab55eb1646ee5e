"""What is handed over: to whom, by when, and how it stands; questions stay with the clustering."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from helploop.domain import Channel, Inquiry, Kind, Reply
from helploop.triage.options import TriageOptions
from helploop.triage.outbox import ReplyState, make_outbox
from tests.conftest import NOON, make_inquiry

OPTIONS = TriageOptions(
    owners={"complaint": "desk", "complaint/delivery": "logistics", "escalation/safety": "head", "idea": "product"},
    backups={"complaint": "lead"},
    categories={"delivery": ("courier*",)},
)
COMPLAINT = make_inquiry("This is unacceptable.", kind=Kind.COMPLAINT)


def _after(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("inquiry", "hours", "state", "is_due_known"),
    [
        (COMPLAINT, 3.9, ReplyState.OPEN, True),
        (COMPLAINT, 4.1, ReplyState.OVERDUE, True),
        (replace(COMPLAINT, first_reply_at=_after(4)), 99, ReplyState.MET, True),
        (replace(COMPLAINT, first_reply_at=_after(4.1)), 99, ReplyState.LATE, True),
        (replace(COMPLAINT, first_reply_at=_after(-1)), 99, ReplyState.ANSWERED, True),
        (replace(COMPLAINT, resolved_at=_after(1)), 99, ReplyState.ANSWERED, True),
        (replace(COMPLAINT, replies=(Reply(None, "a", True, "Sorry."),)), 99, ReplyState.ANSWERED, True),
        (replace(COMPLAINT, replies=(Reply(None, "customer", False, "Well?"),)), 99, ReplyState.OVERDUE, True),
        (replace(COMPLAINT, received_at=None), 99, ReplyState.OPEN, False),
        (replace(COMPLAINT, received_at=None, first_reply_at=NOON), 99, ReplyState.ANSWERED, False),
    ],
)
def test_complaints_stand_against_the_standard(
    inquiry: Inquiry, hours: float, state: ReplyState, is_due_known: bool
) -> None:
    """Four hours by the wall clock; what is not known is not guessed."""
    (item,) = make_outbox([inquiry], OPTIONS, _after(hours))
    assert (item.owner, item.backup, item.state) == ("desk", "lead", state)
    assert item.due_at == (_after(4) if is_due_known else None)


def test_each_goes_to_its_owner_the_urgent_first() -> None:
    """Escalations of any kind first, by topic; a category has its own owner; praise and ideas have no standard."""
    danger = make_inquiry("How do I stop it sparking?", source_id="1")
    late = make_inquiry("The courier was rude. Unacceptable.", source_id="2", kind=Kind.COMPLAINT)
    tagged = make_inquiry(
        "Unacceptable.", source_id="3", kind=Kind.COMPLAINT, tags=("Delivery",), received_at=_after(1)
    )
    praise = make_inquiry("Lovely!", source_id="4", kind=Kind.COMPLIMENT)
    idea = make_inquiry("You should sell mugs", source_id="5", kind=Kind.IDEA)
    found = make_outbox([idea, praise, tagged, danger, late], OPTIONS, _after(1))
    assert [(item.inquiry.id, item.section, item.owner) for item in found] == [
        (danger.id, "escalation", "head"),
        (late.id, "complaint", "logistics"),
        (tagged.id, "complaint", "logistics"),
        (praise.id, "compliment", ""),
        (idea.id, "idea", "product"),
    ]
    assert found[0].topics == {"safety": "sparking"} and found[0].due_at == _after(4)
    assert {item.state for item in found[3:]} == {ReplyState.NO_STANDARD}


def test_questions_searches_and_machines_are_not_handed_over() -> None:
    """Questions are the clustering's; nobody waits for a reply to a search or an automatic mail."""
    rows = [
        make_inquiry("Where is my parcel?"),
        make_inquiry("what?", kind=Kind.UNSURE),
        make_inquiry("gas leak", channel=Channel.SEARCH),
        make_inquiry("Our lawyer is out of the office", kind=Kind.OTHER, tags=("auto-reply",)),
    ]
    assert make_outbox(rows, OPTIONS, NOON) == ()


def test_a_configured_topic_replaces_or_adds() -> None:
    """An empty list switches a default off; a new topic adds one."""
    options = TriageOptions(escalation={"legal": (), "vip": ("palace",)})
    rows = [make_inquiry("my lawyer asks"), make_inquiry("the palace asks")]
    assert [item.topics for item in make_outbox(rows, options, NOON)] == [{"vip": "palace"}]
