"""Chats that were put into a ticket as one text."""

from __future__ import annotations

from pathlib import Path

from helploop.domain import Channel
from helploop.intake.desks.conversation import Turn
from helploop.intake.desks.transcript import unfolded
from tests.intake.desks.reading import at, one
from tests.timing import assert_linear

CHAT = """Chat started: 2026-03-02 10:17 AM UTC

(10:17:44 AM) *** Visitor 4711 joined the chat ***
(10:17:44 AM) Visitor 4711: Hi
(10:17:50 AM) Visitor 4711: do you deliver to Malta?
and to Gozo: both?
(10:18:20 AM) *** Ines joined the chat ***
(10:18:30 AM) Ines: Yes, to both.
(10:19:02 AM) Visitor 4711: Thanks
(10:20:02 AM) *** Visitor 4711 left the chat ***
"""


def test_chat_is_unfolded() -> None:
    """Lines of one person in a row are one turn, what goes on in the next line too; nobody's lines are left out."""
    turns = unfolded(Turn(CHAT, is_agent=True, at=at("03-02 10:20"), attachments=("a.png",)), "")
    assert [(turn.by, turn.is_agent, turn.text) for turn in turns] == [
        ("Visitor 4711", False, "Hi\ndo you deliver to Malta?\nand to Gozo: both?"),
        ("Ines", True, "Yes, to both."),
        ("Visitor 4711", False, "Thanks"),
    ]
    assert [turn.attachments for turn in turns] == [("a.png",), (), ()]
    assert {turn.at for turn in turns} == {at("03-02 10:20")}


def test_customer_by_name() -> None:
    """Who asks may have given a name; without seconds and halves of the day it is a transcript, too."""
    turns = unfolded(Turn("(10:17) Ada Brandt: Where?\n(10:18) Ines: Here.", is_agent=False), "ada brandt")
    assert [(turn.text, turn.is_agent) for turn in turns] == [("Where?", False), ("Here.", True)]


def test_other_texts_stay() -> None:
    """One line may be quoted."""
    for text in ("Where is it?", "It said:\n(10:17:44 AM) Ines: soon\nand nothing came.", ""):
        turn = Turn(text, is_agent=False)
        assert unfolded(turn, "Ada") == [turn]


def test_ticket_of_a_chat(tmp_path: Path) -> None:
    """The description and the first comment are the same transcript: it is read once."""
    ticket = {
        "id": 1,
        "requester_id": 5,
        "submitter_id": 5,
        "subject": "Chat with Visitor 4711",
        "description": CHAT,
        "created_at": "2026-03-02T10:20:00Z",
        "via": {"channel": "chat"},
    }
    comment = {
        "ticket_id": 1,
        "id": 2,
        "author_id": 5,
        "public": True,
        "body": CHAT,
        "created_at": "2026-03-02T10:20:00Z",
    }
    found = one(tmp_path, [ticket], [comment])
    assert (found.channel, found.text) == (Channel.CHAT, "Hi\ndo you deliver to Malta?\nand to Gozo: both?")
    assert [(reply.by, reply.is_agent) for reply in found.replies] == [("Ines", True), ("Visitor 4711", False)]


def test_probes_are_linear() -> None:
    """20 kB that nearly fit."""
    for probe in (
        "(10:17:44 AM) " * 1_500,
        "(10:17) a" + "b" * 20_000,
        "(1:11) x: y\n" * 1_700,
        "(10:17) " + ": " * 10_000,
    ):
        assert_linear(lambda text: unfolded(Turn(text, is_agent=False), "Ada"), probe, 0.5)
