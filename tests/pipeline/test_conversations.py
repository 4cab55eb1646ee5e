"""One conversation through two systems, in two exports or in two parts is stored once, and nothing of it is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helploop.config import Settings
from helploop.domain import Inquiry
from helploop.intake import IntakeOptions
from helploop.pipeline import forget, intake, read_customer
from helploop.pipeline.intake_report import IntakeReport
from helploop.store import Store

TEXT = "The kettle you sent on Monday trips the fuse each time, what should I do with it?"
ROW: dict[str, Any] = {"id": "1", "text": TEXT, "customer": "ana@mail.example", "received_at": "2026-07-06T12:00:00Z"}
REPLY = {"at": "2026-07-06T13:00:00Z", "by": "Mara", "is_agent": True, "text": "Unplug it, we collect it tomorrow."}
LATER = {"at": "2026-07-20T09:00:00Z", "by": "customer", "is_agent": False, "text": "The new one does the same."}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty site."""
    return Settings(root=tmp_path)


def take(settings: Settings, source: str, *rows: dict[str, Any]) -> tuple[int, int, int]:
    """Takes rows in; how many were stored, updated, and known already. The invariant holds each time."""
    path = settings.root / f"{source}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report: IntakeReport = intake(settings, [path], IntakeOptions(source=source))
    told = report.stored + report.updated + report.duplicates + report.ignored.total() + report.quarantined
    assert report.read == told
    return report.stored, report.updated, report.duplicates


def stored(settings: Settings) -> list[Inquiry]:
    """What the database holds."""
    with Store(settings.database) as store:
        return store.inquiries()


def test_two_systems_give_one_inquiry_with_all_replies(settings: Settings) -> None:
    """The mailbox's copy adds its reply to the help desk's ticket; both files again add nothing."""
    desk = ROW | {"replies": [REPLY]}
    mailbox = ROW | {"id": "<m1@mail.example>", "received_at": "2026-07-06T12:04:00Z", "replies": [LATER]}
    assert take(settings, "desk", desk) == (1, 0, 0)
    assert take(settings, "mailbox", mailbox) == (0, 1, 0)
    assert take(settings, "desk", desk) == take(settings, "mailbox", mailbox) == (0, 0, 1)
    (whole,) = stored(settings)
    assert (whole.source, [reply.text for reply in whole.replies]) == ("desk", [REPLY["text"], LATER["text"]])
    assert whole.repeat_contacts == 1


def test_copy_keeps_growing_beside_the_first(settings: Settings) -> None:
    """A later export of either system updates the one inquiry, and takes nothing of the other's away."""
    take(settings, "desk", ROW)
    take(settings, "mailbox", ROW | {"id": "m1", "replies": [REPLY]})
    assert take(settings, "desk", ROW | {"csat": 2}) == (0, 1, 0)
    assert take(settings, "mailbox", ROW | {"id": "m1", "replies": [REPLY, LATER]}) == (0, 1, 0)
    (whole,) = stored(settings)
    assert (whole.csat, [reply.text for reply in whole.replies]) == (2.0, [REPLY["text"], LATER["text"]])


def test_copy_in_the_same_batch(settings: Settings) -> None:
    """Two names for one record in one file: stored, then known."""
    rows = settings.root / "both.csv"
    rows.write_text("id,text,customer\n1,Where is my parcel?,ana@mail.example\n", encoding="utf-8")
    one = intake(settings, [rows], IntakeOptions(source="a"))
    two = intake(settings, [rows], IntakeOptions(source="b"))
    assert (one.stored, two.stored, two.duplicates) == (1, 0, 1)


def test_ticket_that_grew_is_updated(settings: Settings) -> None:
    """The same id with a new reply is the same inquiry."""
    assert take(settings, "desk", ROW) == (1, 0, 0)
    assert take(settings, "desk", ROW | {"replies": [REPLY]}) == (0, 1, 0)
    assert [reply.text for reply in stored(settings)[0].replies] == [REPLY["text"]]


@pytest.mark.parametrize("is_reversed", [False, True])
def test_reopened_thread_is_a_repeat_contact(settings: Settings, is_reversed: bool) -> None:
    """A second ticket of the same thread is a return to the first, in whichever order they come."""
    first = ROW | {"thread": "t1", "replies": [REPLY]}
    second = {"id": "2", "text": LATER["text"], "customer": ROW["customer"], "received_at": LATER["at"], "thread": "t1"}
    for row in (second, first) if is_reversed else (first, second):
        take(settings, "desk", row)
    (whole,) = stored(settings)
    assert (whole.text, whole.repeat_contacts) == (TEXT, 1)
    assert [reply.text for reply in whole.replies] == [REPLY["text"], LATER["text"]]
    assert take(settings, "desk", first, second) == (0, 0, 2)


def test_customer_of_the_second_system_is_found_too(settings: Settings) -> None:
    """Who is known there by a handle: the timeline shows the one inquiry, and forgetting the handle erases it."""
    long = TEXT + " I have tried two sockets and another fuse already."
    take(settings, "desk", ROW | {"text": long})
    assert take(settings, "forum", ROW | {"id": "f1", "text": long, "customer": "bel_77"}) == (0, 0, 1)
    (contact,) = read_customer(settings, "bel_77").contacts
    assert contact.inquiry.source == "desk"
    forget(settings, ["bel_77"])
    assert stored(settings) == []
    assert take(settings, "forum", ROW | {"id": "f1", "text": long, "customer": "bel_77"}) == (0, 0, 0)
