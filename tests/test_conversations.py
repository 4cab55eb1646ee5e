"""One conversation is one inquiry, whichever way it comes; and a customer who comes back is seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from helploop.conversations import comebacks, content_hash, is_continued, is_same, joined
from helploop.domain import Channel, Inquiry, Reply
from tests.conftest import NOON, make_inquiry

WEEK = timedelta(days=7)
TEXT = "My second parcel was left with a neighbour I do not know, who is it?"


def ticket(text: str = TEXT, **facts: Any) -> Inquiry:
    """An inquiry of the help desk by customer k1."""
    return make_inquiry(text, **({"source": "desk", "customer_key": "k1"} | facts))


def mail(text: str = TEXT, **facts: Any) -> Inquiry:
    """The same from the mailbox."""
    return make_inquiry(text, **({"source": "mailbox", "customer_key": "k1", "channel": Channel.MAIL} | facts))


def agent(text: str, at: datetime) -> Reply:
    """An agent's reply."""
    return Reply(at, "a1", True, text)


def customer(text: str, at: datetime) -> Reply:
    """The customer's later turn."""
    return Reply(at, "customer", False, text)


def test_words_alone_make_the_hash() -> None:
    """Wrapping, case, marks and numbered placeholders do not."""
    assert content_hash(ticket("Where is <email>'s box?\nThanks")) == content_hash(
        ticket("where is <email-2> s box thanks")
    )
    assert content_hash(ticket("Hi there")) == ""


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (mail(), True),
        (mail(customer_key="handle"), True),
        (mail(received_at=NOON + timedelta(hours=30)), True),
        (mail(received_at=NOON + timedelta(days=3)), False),
        (mail(received_at=None), True),
        (mail(received_at=None, customer_key=""), False),
        (mail("Another matter altogether, please"), False),
        (ticket(source_id="2"), False),
    ],
    ids=[
        "customer",
        "telling words",
        "delay",
        "days later",
        "undated",
        "undated, unknown",
        "other words",
        "one source",
    ],
)
def test_two_systems_one_conversation(other: Inquiry, same: bool) -> None:
    """The same words near in time across sources; never within one source."""
    assert is_same(ticket(), other) is same


def test_short_texts_need_the_same_customer() -> None:
    """Two customers may both write where their order is."""
    assert not is_same(ticket("Where is my order?"), mail("Where is my order?", customer_key="k2"))
    assert is_same(ticket("Where is my order?"), mail("Where is my order?"))


def test_parts_of_a_thread_belong_together() -> None:
    """The same thread of one source and customer; another customer in it is another inquiry."""
    assert is_continued(ticket(thread="t1"), ticket("And now?", thread="t1"))
    assert not is_continued(ticket(thread="t1"), ticket("And now?", thread="t1", customer_key="k2"))
    assert not is_continued(ticket(thread=""), ticket("And now?", thread=""))


def test_joined_copies_keep_every_reply_once() -> None:
    """Replies of both systems, by time, the same words once; the id of the first."""
    reply, second = agent("Ring the depot, please.", NOON + WEEK / 7), agent("Did it turn up?", NOON + WEEK / 2)
    kept = ticket(replies=(reply,), csat=4.0)
    copy = mail(replies=(agent("ring the depot please", NOON + WEEK / 6), second))
    whole = joined(kept, copy, WEEK)
    assert (whole.id, whole.source, whole.replies, whole.csat) == (kept.id, "desk", (reply, second), 4.0)
    assert joined(whole, copy, WEEK) == whole


def test_joined_parts_start_with_the_earlier_text() -> None:
    """Whichever part came first into the log, the first thing said asks; minutes add up."""
    early = ticket(thread="t", agent_minutes=3.0)
    late = ticket("It is still not here", source_id="2", thread="t", received_at=NOON + WEEK * 2, agent_minutes=4.0)
    for kept, other in ((early, late), (late, early)):
        whole = joined(kept, other, WEEK)
        assert (whole.id, whole.text, whole.received_at) == (kept.id, TEXT, NOON)
        assert whole.replies == (customer("It is still not here", NOON + WEEK * 2),)
        assert whole.agent_minutes == 7.0


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("replies", "resolved_at", "count"),
    [
        ((), None, 0),
        ((agent("Ring them.", NOON), customer("I did, nobody answers.", NOON + DAY)), None, 0),
        ((agent("Ring them.", NOON), customer("It happened again.", NOON + 9 * DAY)), None, 1),
        ((agent("Ring them.", NOON), customer("Thank you, all good now.", NOON + 9 * DAY)), None, 0),
        ((agent("Ring them.", NOON), customer("Thanks but it is still lost", NOON + 9 * DAY)), None, 1),
        ((agent("Done.", NOON), customer("It broke again.", NOON + 2 * DAY)), NOON + DAY, 1),
        ((customer("Anybody?", NOON + 9 * DAY), customer("Hello?", NOON + 20 * DAY)), None, 0),
        (
            (
                agent("Done.", NOON),
                customer("It broke again.", NOON + 9 * DAY),
                customer("Hello?", NOON + 18 * DAY),
                agent("Sorry, sent a new one.", NOON + 19 * DAY),
                customer("The new one leaks.", NOON + 40 * DAY),
            ),
            None,
            2,
        ),
    ],
    ids=["none", "goes on", "silence", "thanks", "thanks but", "after solved", "never answered", "twice"],
)
def test_comebacks(replies: tuple[Reply, ...], resolved_at: datetime | None, count: int) -> None:
    """A return after silence or after it was marked solved; thanks and waiting are none."""
    assert comebacks(ticket(replies=replies, resolved_at=resolved_at), WEEK) == count
