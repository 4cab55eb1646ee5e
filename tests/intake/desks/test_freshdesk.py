"""Freshdesk's tickets, with conversations inside and in a file of their own."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import read_files
from tests.intake.desks.reading import FIXTURES, at, one, read

TICKET: dict[str, Any] = {
    "id": 1,
    "subject": "Lamp",
    "description_text": "Where is it?",
    "status": 2,
    "source": 2,
    "requester_id": 5,
    "created_at": "2026-04-01T08:00:00Z",
}


def test_tickets_with_their_conversations() -> None:
    """Agents' names, ratings, a reopened ticket, spam, outbound mail, in any order of files."""
    for files in permutations((FIXTURES / "freshdesk.json", FIXTURES / "freshdesk_conversations.jsonl")):
        refund, spam, outbound, chat, broken, orphan = read_files(files)
        assert refund == RawInquiry(
            source="freshdesk",
            source_id="31",
            text="I sent the lamp back two weeks ago. When do I get my money?",
            title="Refund for order 5511",
            replies=(
                RawReply(at("04-01 09:30"), "Ola Agent", True, "It is on its way."),
                RawReply(at("04-01 18:00"), "Jonas Pihl", False, "Nothing came."),
            ),
            channel=Channel.MAIL,
            received_at=at("04-01 08:00"),
            first_reply_at=at("04-01 09:30"),
            resolved_at=at("04-02 12:00"),
            customer="jonas@home.example",
            customer_names=("Jonas Pihl", "jonas@home.example", "+4689912345"),
            csat=4.0,
            tags=("refund",),
            attachments=("receipt.png",),
            repeat_contacts=1,
        )
        assert spam == IgnoredRow("freshdesk.json", 3, "spam")
        assert outbound == IgnoredRow("freshdesk.json", 4, "no words of a customer in it")
        assert isinstance(chat, RawInquiry)
        assert (chat.text, chat.channel, chat.customer) == ("Do you deliver on Saturdays?", Channel.CHAT, "603")
        assert isinstance(broken, RejectedRow) and broken.reason == "stats is not an object"
        assert orphan == IgnoredRow(
            "freshdesk_conversations.jsonl", 4, "replies to a conversation that is not in the files"
        )


def test_older_export(tmp_path: Path) -> None:
    """helpdesk_ticket with notes and users."""
    ticket = {
        "display_id": 12,
        "id": 99012,
        "subject": "Lamp",
        "description": "Where is it?",
        "description_html": "<div>Where is it?</div>",
        "requester_id": 5,
        "requester_name": "Mira",
        "source": 1,
        "status": 4,
        "created_at": "2026-04-01T10:00:00+02:00",
        "ticket_states": {"resolved_at": "2026-04-01T12:00:00+02:00"},
        "notes": [
            {
                "note": {
                    "id": 1,
                    "body": "Here.",
                    "body_html": "<p>Here.</p>",
                    "incoming": False,
                    "user_id": 7,
                    "private": False,
                }
            }
        ],
    }
    users = [{"user": {"id": 5, "email": "mira@home.example", "name": "Mira", "helpdesk_agent": False}}]
    found = one(tmp_path, [{"helpdesk_ticket": ticket}], users)
    assert (found.source_id, found.text, found.customer) == ("12", "Where is it?", "mira@home.example")
    assert (found.received_at, found.resolved_at) == (at("04-01 08:00"), at("04-01 10:00"))
    assert found.replies == (RawReply(None, "7", True, "Here."),)


def test_ticket_without_a_text(tmp_path: Path) -> None:
    """The listing leaves descriptions out: the subject is what there is; without one it is blank."""
    bare = TICKET | {"description_text": None}
    assert one(tmp_path, [bare]).text == "Lamp"
    assert read(tmp_path, [bare | {"subject": None}]) == [IgnoredRow("0.json", 1, "blank")]


def test_who_spoke_without_incoming(tmp_path: Path) -> None:
    """The requester's id tells; nobody's is an agent's."""
    turns = [{"ticket_id": 1, "body": "x", "incoming": None, "user_id": user} for user in (5, 7, None)]
    assert [reply.is_agent for reply in one(tmp_path, [TICKET], turns).replies] == [False, True, True]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "a ticket without an id"),
        ({"requester": "Mira"}, "requester is not an object"),
        ({"description_text": {}}, "a text is expected where a dict stands"),
        ({"tags": 7}, "tags is not a list"),
        ({"conversations": [{"body_text": [], "incoming": True}]}, "a text is expected where a list stands"),
        ({"conversations": {}}, "conversations is not a list of objects"),
        ({"attachments": ["a.png"]}, "attachments is not a list of objects"),
        ({"created_at": -1}, "created_at: not a time: '-1'"),
    ],
)
def test_wrong_shapes_cost_themselves_alone(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    """The ticket is rejected with its JSON, the next one is read."""
    found = read(tmp_path, [TICKET | {"id": 2} | change, TICKET])
    (bad,) = (record for record in found if isinstance(record, RejectedRow))
    assert bad.reason == reason
    assert [record.source_id for record in found if isinstance(record, RawInquiry)] == ["1"]


def test_conversations_alone_are_refused(tmp_path: Path) -> None:
    """The message says what is missing, before any record."""
    with pytest.raises(IntakeError, match="parts of Freshdesk's export without its conversations"):
        read(tmp_path, [{"ticket_id": 1, "body": "x", "incoming": True}])


def test_ten_thousand_turns(tmp_path: Path) -> None:
    """None is lost."""
    turns = [{"ticket_id": 1, "id": i, "body_text": f"turn {i}", "incoming": False} for i in range(10_000)]
    assert len(one(tmp_path, [TICKET], turns).replies) == 10_000
