"""Zendesk's exports: tickets, comments and users of several files are one inquiry each."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_files
from tests.intake.desks.reading import FIXTURES, at, one, read

TICKETS, COMMENTS = FIXTURES / "zendesk.json", FIXTURES / "zendesk_comments.jsonl"
TICKET: dict[str, Any] = {
    "id": 1,
    "requester_id": 5,
    "submitter_id": 5,
    "description": "Where is it?",
    "created_at": "2026-03-02T09:00:00Z",
    "via": {"channel": "web"},
}


LID = RawInquiry(
    source="zendesk",
    source_id="101",
    text="Hello,\n\nthe lid of the 24 cm pot does not fit. Can I get another one?\n\nMira Falk",
    title="Lid does not fit",
    replies=(
        RawReply(at("03-02 10:00"), "Ines Agent", True, "Which pot is it?"),
        RawReply(at("03-02 12:30"), "Mira Falk", False, "It is the one from 2024."),
        RawReply(at("03-03 15:00"), "Ines Agent", True, "We send you a new lid."),
    ),
    channel=Channel.MAIL,
    received_at=at("03-02 09:12"),
    first_reply_at=at("03-02 10:00"),
    resolved_at=at("03-03 15:00"),
    customer="mira@home.example",
    customer_names=("Mira Falk", "mira@home.example"),
    waited_minutes=300.0,
    csat=5.0,
    locale="en-GB",
    tags=("pot", "spare_part"),
    thread="101",
    attachments=("lid.jpg",),
    repeat_contacts=1,
)
WOK = RawInquiry(
    source="zendesk",
    source_id="102",
    text="Customer asks whether the wok works on induction.",
    title="Call from +44 20 7946 0012",
    replies=(RawReply(at("03-02 11:20"), "Ines Agent", True, "Yes, it works on induction."),),
    channel=Channel.PHONE,
    received_at=at("03-02 11:00"),
    first_reply_at=at("03-02 11:20"),
    customer="+442079460012",
    customer_names=("Caller", "+442079460012"),
    agent_minutes=1.5,
    locale="en-GB",
)
AGAIN = RawInquiry(
    source="zendesk",
    source_id="104",
    text="The new lid does not fit either.",
    title="Re: Lid does not fit",
    channel=Channel.TICKET,
    received_at=at("03-20 07:30"),
    customer="mira@home.example",
    customer_names=("Mira Falk", "mira@home.example"),
    csat=1.0,
    locale="en-GB",
    thread="101",
)


def test_tickets_with_their_comments() -> None:
    """Roles, channels, ratings, follow-ups, private comments and comments without a ticket, in any order of files."""
    for files in permutations((TICKETS, COMMENTS)):
        found = list(read_files(files))
        assert found[:2] == [LID, WOK]
        assert found[2:5] == [
            IgnoredRow("zendesk.json", 0, "spam"),
            AGAIN,
            IgnoredRow("zendesk.json", 0, "no words of a customer in it"),
        ]
        broken, orphans = found[5:]
        assert isinstance(broken, RejectedRow) and (broken.record, broken.reason) == (
            6,
            "subject is not a text: a dict",
        )
        assert json.loads(broken.row)["id"] == 106
        assert orphans == IgnoredRow("zendesk_comments.jsonl", 8, "replies to a conversation that is not in the files")


def test_account_export_with_everything_inside(tmp_path: Path) -> None:
    """A ticket a line, its requester and its comments in it."""
    ticket = TICKET | {
        "requester": {"id": 5, "name": "Mira Falk", "email": "mira@home.example"},
        "metric_set": {"reopens": 2, "solved_at": "2026-03-02T12:00:00Z"},
        "comments": [
            {"id": 1, "author_id": 5, "public": True, "plain_body": "Where is it?", "created_at": TICKET["created_at"]},
            {
                "id": 2,
                "author_id": 9,
                "public": True,
                "plain_body": "On its way.",
                "created_at": "2026-03-02T09:05:00Z",
            },
        ],
    }
    found = one(tmp_path, [ticket])
    assert found.replies == (RawReply(at("03-02 09:05"), "9", True, "On its way."),)
    assert (found.customer, found.repeat_contacts, found.resolved_at) == ("mira@home.example", 2, at("03-02 12:00"))


def test_comments_in_events_and_audits(tmp_path: Path) -> None:
    """Streams of changes hold the comments, too."""
    comment = {"id": 3, "type": "Comment", "author_id": 9, "public": True, "body": "Tomorrow.", "event_type": "Comment"}
    event = {"id": 1, "ticket_id": 1, "timestamp": 1772442300, "updater_id": 9, "child_events": [comment, {"id": 4}]}
    audit = {"id": 2, "ticket_id": 1, "created_at": "2026-03-02T09:05:00Z", "author_id": 9, "events": [comment]}
    for stream in ({"ticket_events": [event]}, {"audits": [audit]}):
        found = one(tmp_path, stream, {"tickets": [TICKET]})
        assert found.replies == (RawReply(at("03-02 09:05"), "9", True, "Tomorrow."),)


def test_description_is_not_repeated(tmp_path: Path) -> None:
    """The first comment is the description; an incremental export may hold later ones only."""
    later = {"ticket_id": 1, "author_id": 5, "public": True, "body": "And now?", "created_at": "2026-03-04T09:00:00Z"}
    assert [r.text for r in one(tmp_path, [TICKET], [later]).replies] == ["And now?"]
    bare = {key: value for key, value in TICKET.items() if key != "description"}
    assert one(tmp_path, [bare], [later]).text == "And now?"


def test_the_same_comment_from_two_files_counts_once(tmp_path: Path) -> None:
    """Inside the ticket and in a file of its own."""
    comment = {"id": 8, "author_id": 9, "public": True, "body": "Soon.", "created_at": "2026-03-02T10:00:00Z"}
    found = one(tmp_path, [TICKET | {"comments": [comment]}], [comment | {"ticket_id": 1}, comment | {"ticket_id": 1}])
    assert [reply.text for reply in found.replies] == ["Soon."]


def test_chat_begins_with_what_is_asked(tmp_path: Path) -> None:
    """A greeting of its own line is no inquiry; the agent's first words are still the first reply."""
    said = [("Hi", 5), ("Hello, how can I help?", 9), ("Do you ship to Malta?", 5), ("Yes.", 9)]
    comments = [
        {"ticket_id": 1, "author_id": by, "public": True, "body": text, "created_at": f"2026-03-02T09:0{i}:00Z"}
        for i, (text, by) in enumerate(said)
    ]
    found = one(tmp_path, [TICKET | {"description": "Hi", "via": {"channel": "chat"}}], comments)
    assert (found.text, found.channel) == ("Hi\nDo you ship to Malta?", Channel.CHAT)
    assert [(r.is_agent, r.text) for r in found.replies] == [(True, "Hello, how can I help?"), (True, "Yes.")]
    assert found.first_reply_at == at("03-02 09:01")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "deleted"}, "deleted"),
        ({"is_public": False}, "no public comment in it"),
        ({"description": " ", "subject": ""}, "blank"),
    ],
)
def test_tickets_left_out(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    """Each with its reason."""
    assert read(tmp_path, [TICKET | change]) == [IgnoredRow("0.json", 1, reason)]


def test_suspended_tickets_are_ignored(tmp_path: Path) -> None:
    """The list of suspended tickets is spam by the help desk's own word."""
    row = {"id": 3, "author": {"name": "x"}, "cause": "Detected as spam", "content": "buy", "subject": "now"}
    found = read(tmp_path, {"suspended_tickets": [row]})
    assert found == [IgnoredRow("0.json", 0, "suspended by the help desk as spam or automatic")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"via": "web", "submitter_id": 5}, "via is not an object"),
        ({"description": ["x"]}, "a text is expected where a list stands"),
        ({"created_at": "yesterday"}, "created_at: not a time: 'yesterday'"),
        ({"comments": "none"}, "comments is not a list of objects"),
        ({"comments": [7]}, "comments is not a list of objects"),
        ({"comments": [{"author_id": 9, "body": {"a": 1}}]}, "a text is expected where a dict stands"),
        ({"tags": 7}, "tags is not a list"),
        ({"id": None}, "a ticket without an id"),
        ({"metric_set": {"reopens": "many"}}, "reopens is not a number: 'many'"),
        ({"satisfaction_rating": {"score": {}}}, "a short value is expected where a dict stands"),
    ],
)
def test_wrong_shapes_cost_themselves_alone(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    """The ticket is rejected with its JSON, the next one is read."""
    found = read(tmp_path, [TICKET, TICKET | {"id": 2} | change, TICKET | {"id": 3}])
    (bad,) = (record for record in found if isinstance(record, RejectedRow))
    assert (bad.reason, bad.line, bad.record) == (reason, 2, 2)
    assert json.loads(bad.row)["requester_id"] == 5
    assert [record.source_id for record in found if isinstance(record, RawInquiry)] == ["1", "3"]


def test_hostile_comments(tmp_path: Path) -> None:
    """Without an author, without a text, without a ticket, ten thousand of them."""
    rows: list[dict[str, Any]] = [
        {"ticket_id": 1, "author_id": None, "public": True, "body": "who?", "created_at": None},
        {"ticket_id": "1", "author_id": 5, "public": True, "body": None, "html_body": None},
        {"author_id": 5, "public": True, "body": "lost"},
    ]
    rows += [{"ticket_id": 1.0, "author_id": 9, "public": True, "body": f"part {i}"} for i in range(10_000)]
    found = read(tmp_path, [TICKET], rows)
    assert isinstance(found[0], RejectedRow) and found[0].reason == "a comment without the ticket_id"
    assert isinstance(found[1], RawInquiry)
    assert len(found[1].replies) == 10_001
    assert found[1].replies[0] == RawReply(None, "", True, "who?")


def test_comments_alone_are_refused(tmp_path: Path) -> None:
    """The message says what is missing."""
    with pytest.raises(IntakeError, match=r"0\.json: parts of Zendesk's export without its conversations"):
        read(tmp_path, [{"ticket_id": 1, "author_id": 9, "public": True, "body": "x"}])


def test_agents_by_address(tmp_path: Path) -> None:
    """An end user whose address the configuration knows is an agent."""
    users = [
        {"id": 5, "name": "Mira", "email": "mira@home.example", "role": "end-user"},
        {"id": 6, "name": "Cem", "email": "cem@home.example", "role": "end-user"},
        {"id": 7, "name": "Ines", "email": "ines@shop.example", "role": "end-user"},
    ]
    comments = [{"ticket_id": 1, "author_id": i, "public": True, "body": str(i)} for i in (6, 7)]
    found = one(tmp_path, [TICKET], users, comments, options=IntakeOptions(agent_addresses=("@shop.example",)))
    assert [(reply.by, reply.is_agent) for reply in found.replies] == [("Cem", False), ("Ines", True)]


def test_user_in_the_wrong_shape_costs_itself_alone(tmp_path: Path) -> None:
    """The tickets that name the user are read, with what they know themselves."""
    users = [{"id": 5, "name": ["Mira"], "role": "end-user"}]
    broken, ticket = read(tmp_path, [TICKET], users)
    assert isinstance(broken, RejectedRow) and broken.reason == "a short value is expected where a list stands"
    assert isinstance(ticket, RawInquiry) and ticket.customer == "5"
