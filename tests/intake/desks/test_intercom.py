"""Intercom's conversations: people's turns told apart, bots, notes and events left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow
from helploop.intake import IntakeOptions, read_file, recognise
from tests.intake.desks.reading import FIXTURES, at, one, read

AUTHOR = {"type": "user", "id": "c1", "name": "Ada", "email": "ada@home.example"}
CONVERSATION: dict[str, Any] = {
    "type": "conversation",
    "id": "1",
    "created_at": 1772442000,
    "source": {"type": "email", "subject": "Bulbs", "body": "<p>Where?</p>", "author": AUTHOR},
}


def part(text: str | None, kind: str = "admin", part_type: str = "comment", **more: Any) -> dict[str, Any]:
    """A part of a conversation."""
    return {"part_type": part_type, "body": text, "created_at": 1772442600, "author": {"type": kind, "id": "9"}} | more


def with_parts(*parts: Any, **more: Any) -> dict[str, Any]:
    """The conversation with these parts."""
    return CONVERSATION | {"conversation_parts": {"conversation_parts": list(parts)}} | more


def test_conversations() -> None:
    """A whole page: a chat with a bot and a note in it, an answered campaign, an unanswered one, a broken one."""
    chat, answered, unanswered, broken = read_file(FIXTURES / "intercom.json")
    assert chat == RawInquiry(
        source="intercom",
        source_id="7001",
        text="Hi\nWhen do the tulip bulbs arrive?",
        replies=(
            RawReply(at("03-02 09:05"), "Cem", True, "In week 12.\n\nWe write to you then."),
            RawReply(at("03-02 09:50"), "Cem", True, "Have a good day"),
        ),
        channel=Channel.CHAT,
        received_at=at("03-02 09:00"),
        first_reply_at=at("03-02 09:05"),
        resolved_at=at("03-02 09:50"),
        customer="ada@home.example",
        customer_names=("Ada Brandt", "ada@home.example"),
        agent_minutes=5.0,
        csat=4.0,
        tags=("garden",),
        attachments=("order.pdf",),
        repeat_contacts=2,
    )
    assert answered == RawInquiry(
        source="intercom",
        source_id="7002",
        text="Do you have dahlias, too?",
        channel=Channel.MAIL,
        received_at=at("03-02 12:13").replace(second=20),
        customer="c2",
        customer_names=("Blue Fox",),
    )
    assert unanswered == IgnoredRow("intercom.json", 0, "no words of a customer in it")
    assert isinstance(broken, RejectedRow)
    assert broken.reason == "a part's created_at: not a time: 'soon'" and '"7004"' in broken.row


def test_listing_without_parts(tmp_path: Path) -> None:
    """The first turn and the statistics are all there is."""
    found = one(tmp_path, [CONVERSATION | {"statistics": {"first_admin_reply_at": 1772442600}}])
    assert (found.text, found.title, found.replies) == ("Where?", "Bulbs", ())
    assert found.first_reply_at == at("03-02 09:10")


def test_older_shape(tmp_path: Path) -> None:
    """conversation_message and user instead of source and contacts."""
    old = {
        "type": "conversation",
        "id": 7,
        "created_at": 1772442000,
        "user": {"type": "user", "id": "c1"},
        "conversation_message": {"subject": "", "body": "Where?", "author": {"type": "user", "id": "c1"}},
        "conversation_parts": {"conversation_parts": [part("Here.")]},
    }
    found = one(tmp_path, old)
    assert (found.source_id, found.text, found.customer) == ("7", "Where?", "c1")
    assert found.replies == (RawReply(at("03-02 09:10"), "9", True, "Here."),)


def test_parts_that_are_no_words(tmp_path: Path) -> None:
    """Notes of all kinds, events, bots, removed tweets and empty bodies; a tapped quick reply is the customer's."""
    parts = [
        part("secret", part_type="note"),
        part("secret", part_type="note_and_reopen"),
        part("Ada was asked", part_type="participant_added"),
        part("I am a bot", "bot"),
        part("We've removed this part of the conversation to comply with Twitter's terms", "user"),
        part(None),
        part("<p> </p>"),
        part("Yes please", "user", "quick_reply"),
        part("taken", part_type="assign_and_reopen"),
    ]
    assert [r.text for r in one(tmp_path, with_parts(*parts)).replies] == ["Yes please", "taken"]


def test_colleague_who_writes_as_a_contact(tmp_path: Path) -> None:
    """An address of the company makes an agent."""
    more = part("We know.", "user", author={"type": "user", "id": "c5", "email": "ola@bulbs.example"})
    found = one(tmp_path, with_parts(more), options=IntakeOptions(agent_addresses=("@bulbs.example",)))
    assert [reply.is_agent for reply in found.replies] == [True]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "a conversation without an id"),
        ({"conversation_parts": {"conversation_parts": 7}}, "conversation_parts is not a list of objects"),
        ({"conversation_parts": {"conversation_parts": [part("x", author="Cem")]}}, "author is not an object"),
        ({"conversation_rating": {"rating": 9}}, "rating is not between 1 and 5: '9'"),
        ({"tags": {"tags": "garden"}}, "tags is not a list of objects"),
        ({"statistics": []}, "statistics is not an object"),
        ({"conversation_parts": {"conversation_parts": [part({})]}}, "a text is expected where a dict stands"),  # type: ignore[arg-type]
    ],
)
def test_wrong_shapes_cost_themselves_alone(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    """The conversation is rejected with its JSON, the next one is read."""
    first, second = read(tmp_path, [CONVERSATION | change, CONVERSATION])
    assert isinstance(first, RejectedRow) and first.reason == reason
    assert isinstance(second, RawInquiry)


def test_ten_thousand_parts(tmp_path: Path) -> None:
    """None is lost; a part without an author is nobody's."""
    found = one(tmp_path, with_parts(*(part(f"part {i}") for i in range(10_000)), part("who?", author=None)))
    assert len(found.replies) == 10_000


def test_one_conversation_is_recognised(tmp_path: Path) -> None:
    """As the API gives a single one."""
    path = tmp_path / "x"
    path.write_text(
        (FIXTURES / "intercom.json").read_text().split('"conversations": [')[1].split("},\n    {\n")[0] + "}"
    )
    assert recognise(path) == "intercom"
