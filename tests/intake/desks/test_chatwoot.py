"""Chatwoot's conversations, joined with pages of messages."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_files
from tests.intake.desks.reading import FIXTURES, at, one, read

CONVERSATION: dict[str, Any] = {
    "meta": {"sender": {"id": 1, "name": "Lea"}, "channel": "Channel::Email"},
    "id": 5,
    "inbox_id": 1,
    "created_at": 1775030400,
    "additional_attributes": {"mail_subject": "Boots"},
    "messages": [],
}


def message(text: object, kind: object = 1, **more: Any) -> dict[str, Any]:
    """A message of that conversation."""
    return {"content": text, "message_type": kind, "conversation_id": 5, "created_at": 1775030460, "inbox_id": 1} | more


def test_conversations_with_their_messages() -> None:
    """A resolved chat with a bot, templates, a note and a rating; spam; a picture alone; in any order of files."""
    for files in permutations((FIXTURES / "chatwoot.json", FIXTURES / "chatwoot_messages.json")):
        lost, chat, spam, picture = read_files(files)
        assert isinstance(lost, RejectedRow)
        assert (lost.reason, lost.record) == ("a message without the conversation_id", 8)
        assert chat == RawInquiry(
            source="chatwoot",
            source_id="41",
            text="Hallo\nFallen die Stiefel klein aus?",
            replies=(RawReply(at("04-01 08:10"), "Tom", True, "Ja, eine Nummer."),),
            channel=Channel.CHAT,
            received_at=at("04-01 08:00"),
            first_reply_at=at("04-01 08:10"),
            resolved_at=at("04-01 10:40"),
            customer="lea@home.example",
            customer_names=("Lea Moor", "lea@home.example"),
            csat=4.0,
            locale="de",
            tags=("sizes",),
        )
        assert spam == IgnoredRow("chatwoot.json", 0, "spam")
        assert picture == IgnoredRow("chatwoot.json", 0, "blank")


def test_messages_inside(tmp_path: Path) -> None:
    """A conversation a line, all messages in it, words instead of numbers; the file's name is in its address."""
    file = {"data_url": "https://boots.example/x/sole%20front.jpg?sig=1"}
    row = CONVERSATION | {
        "messages": [message("Sole is off", "incoming", attachments=[file]), message("Oh.", "outgoing")]
    }
    found = one(tmp_path, [row])
    assert (found.text, found.title, found.channel) == ("Sole is off", "Boots", Channel.MAIL)
    assert found.replies == (RawReply(at("04-01 08:01"), "", True, "Oh."),)
    assert found.attachments == ("sole front.jpg",)


def test_what_nobody_said(tmp_path: Path) -> None:
    """Notes, activities, templates, bots and deleted messages."""
    rows = [
        message("Where?", 0),
        message("note", private=True),
        message("activity", 2),
        message("template", 3),
        message("bot", sender={"type": "agent_bot", "name": "Robo"}),
        message("assistant", sender_type="Captain::Assistant"),
        message("This message was deleted", content_attributes={"deleted": True}),
        message("Here.", sender={"type": "user", "name": "Tom"}),
    ]
    assert [reply.text for reply in one(tmp_path, [CONVERSATION], rows).replies] == ["Here."]


def test_colleague_who_writes_as_a_contact(tmp_path: Path) -> None:
    """An address of the company makes an agent."""
    rows = [message("Where?", 0), message("We ask.", 0, sender={"email": "ola@boots.example"})]
    found = one(tmp_path, [CONVERSATION], rows, options=IntakeOptions(agent_addresses=("@boots.example",)))
    assert [reply.is_agent for reply in found.replies] == [True]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "a conversation without an id"),
        ({"labels": 7}, "labels is not a list"),
        ({"created_at": "later"}, "created_at: not a time: 'later'"),
        ({"messages": "none"}, "messages is not a list of objects"),
        ({"messages": [message({}, 0)]}, "a text is expected where a dict stands"),
        ({"messages": [message("x", 0, sender="Lea")]}, "sender is not an object"),
        ({"messages": [message("x", 0, attachments={})]}, "attachments is not a list of objects"),
        ({"additional_attributes": []}, "additional_attributes is not an object"),
    ],
)
def test_wrong_shapes_cost_themselves_alone(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    """The conversation is rejected with its JSON, the next one is read."""
    good = CONVERSATION | {"id": 6, "messages": [message("Where?", 0)]}
    found = read(tmp_path, [CONVERSATION | change, good])
    (bad,) = (record for record in found if isinstance(record, RejectedRow))
    assert bad.reason == reason and '"meta"' in bad.row
    assert [record.source_id for record in found if isinstance(record, RawInquiry)] == ["6"]


def test_messages_alone_are_refused(tmp_path: Path) -> None:
    """Who asked stands in the conversation."""
    with pytest.raises(IntakeError, match="parts of Chatwoot's export without its conversations"):
        read(tmp_path, {"meta": {}, "payload": [message("x", 0)]})


def test_ten_thousand_messages(tmp_path: Path) -> None:
    """None is lost; of one that comes twice the later counts."""
    rows = [message(f"m {i}", 0 if i == 0 else 1, id=i) for i in range(10_000)]
    found = one(tmp_path, [CONVERSATION | {"messages": rows[-1:]}], rows)
    assert len(found.replies) == 9_999
