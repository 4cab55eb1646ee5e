"""Discourse's topics: the first poster is the customer, staff and accepted answers are the agents'."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_file, recognise
from tests.intake.desks.reading import FIXTURES, at, one, read


def post(number: int, text: object, by: str = "olga", **more: Any) -> dict[str, Any]:
    """A post of topic 1."""
    row = {"id": 100 + number, "topic_id": 1, "post_number": number, "post_type": 1, "username": by, "cooked": text}
    return (
        row
        | {"created_at": f"2026-06-{1 + number // 1080:02d}T{6 + number % 1080 // 60:02d}:{number % 60:02d}:00Z"}
        | more
    )


def topic(*posts: Any, **more: Any) -> dict[str, Any]:
    """Topic 1 with these posts."""
    row = {"id": 1, "title": "Bread", "posts_count": 1, "slug": "bread", "post_stream": {"posts": list(posts)}}
    return row | {"created_at": "2026-06-01T06:01:00Z"} | more


def test_topics() -> None:
    """A topic in two parts with a small action, a quote and an accepted answer; staff's, spam, a broken one."""
    bread, rules, spam, broken = read_file(FIXTURES / "discourse.jsonl")
    assert bread == RawInquiry(
        source="discourse",
        source_id="61",
        text="My bread stays flat. What do I do wrong?\n\nrecipe.pdf",
        title="Bread does not rise",
        replies=(
            RawReply(at("06-01 07:00"), "Bo", False, "Same here!", 1),
            RawReply(at("06-01 08:00"), "Ines Agent", True, "The water is too hot: 35 degrees at most.", 4),
            RawReply(at("06-02 08:00"), "Olga Wern", False, "That was it, it rises now."),
        ),
        channel=Channel.FORUM,
        received_at=at("06-01 06:00"),
        first_reply_at=at("06-01 08:00"),
        resolved_at=at("06-01 08:00"),
        customer="olga_w",
        customer_names=("Olga Wern", "olga_w"),
        tags=("yeast",),
        attachments=("recipe.pdf",),
    )
    assert rules == IgnoredRow("discourse.jsonl", 3, "begun by staff")
    assert spam == IgnoredRow("discourse.jsonl", 4, "spam")
    assert isinstance(broken, RejectedRow) and broken.reason == "a text is expected where a int stands"


def test_without_staff_everybody_helps(tmp_path: Path) -> None:
    """In a topic that no agent wrote in; the first poster stays the customer."""
    found = one(tmp_path, topic(post(1, "<p>Why?</p>"), post(2, "<p>Knead it.</p>", "bo"), post(3, "<p>Thanks</p>")))
    assert [(reply.by, reply.is_agent) for reply in found.replies] == [("bo", True), ("olga", False)]


def test_agents_by_name_and_by_accepted_answer(tmp_path: Path) -> None:
    """Once somebody is known to answer, other posters are not agents."""
    rows = [post(1, "<p>Why?</p>"), post(2, "<p>Me too</p>", "bo"), post(3, "<p>Knead it.</p>", "cy")]
    named = one(tmp_path, topic(*rows), options=IntakeOptions(agent_addresses=("cy",)))
    assert [reply.is_agent for reply in named.replies] == [False, True]
    accepted = one(tmp_path, topic(*rows, accepted_answer={"post_number": 3}))
    assert [(reply.is_agent, reply.helpful) for reply in accepted.replies] == [(False, 0), (True, 1)]
    own = one(tmp_path, topic(*rows, post(4, "<p>Found it.</p>", accepted_answer=True)))
    assert [reply.is_agent for reply in own.replies] == [True, True, False]


def test_posts_nobody_reads(tmp_path: Path) -> None:
    """Whispers, small actions, hidden, deleted and the system's."""
    rows = [
        post(1, "<p>Why?</p>"),
        post(2, "<p>w</p>", "ines", post_type=4, staff=True),
        post(3, "<p>a</p>", "ines", post_type=3),
        post(4, "<p>h</p>", "bo", hidden=True),
        post(5, "<p>d</p>", "bo", deleted_at="2026-06-01T06:00:00Z"),
        post(6, "<p>d</p>", "bo", user_deleted=True),
        post(7, "<p>closed</p>", "system", post_type=2),
        post(8, "<p>Knead it.</p>", "ines", staff=True),
    ]
    assert [reply.text for reply in one(tmp_path, topic(*rows)).replies] == ["Knead it."]


def test_lists_of_topics_and_posts(tmp_path: Path) -> None:
    """/latest.json and /posts.json, joined by the topic's id; tags may be objects."""
    row = {"id": 1, "title": "Bread", "posts_count": 2, "slug": "bread", "tags": [{"id": 3, "name": "yeast"}]}
    lists = (
        {"users": [], "topic_list": {"topics": [row]}},
        {"latest_posts": [post(2, "<p>Knead.</p>", "bo"), post(1, "Why?")]},
    )
    found = one(tmp_path, *lists)
    assert (found.text, found.title, found.tags) == ("Why?", "Bread", ("yeast",))
    assert [reply.text for reply in found.replies] == ["Knead."]


def test_long_topic_as_it_is_downloaded(tmp_path: Path) -> None:
    """The posts come first and are longer than what is looked at: still one topic, on one line or on many."""
    long = {
        "post_stream": {"posts": [post(i, f"<p>{'knead ' * 100}</p>") for i in range(1, 200)]},
        "id": 1,
        "title": "B",
    }
    for indent in (None, 2):
        (tmp_path / "0.json").write_text(json.dumps(long, indent=indent))
        (found,) = read_file(tmp_path / "0.json")
        assert isinstance(found, RawInquiry) and (found.title, len(found.replies)) == ("B", 198)


def test_data_explorer(tmp_path: Path) -> None:
    """Columns and rows: the post that opens a topic stands for it."""
    columns = ["topic_id", "title", "post_number", "raw", "user_id", "created_at"]
    rows = [
        [1, "Bread", 1, "Why?", 20, "2026-06-01T06:01:00Z"],
        [1, "Bread", 2, "Knead it.", 21, "2026-06-01T06:02:00Z"],
    ]
    found = one(tmp_path, {"success": True, "columns": columns, "rows": rows})
    assert (found.source_id, found.text, found.title, found.customer) == ("1", "Why?", "Bread", "20")
    assert found.replies == (RawReply(at("06-01 06:02"), "21", True, "Knead it."),)
    assert recognise(tmp_path / "0.json") == "discourse"


def test_mail_to_a_group(tmp_path: Path) -> None:
    """A private message that came by mail is a mail."""
    found = one(tmp_path, topic(post(1, "<p>Why?</p>", via_email=True), archetype="private_message"))
    assert found.channel is Channel.MAIL


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "a topic without an id"),
        ({"title": ["x"]}, "title is not a text: a list"),
        ({"tags": 5}, "tags is not a list"),
        ({"post_stream": {"posts": 5}}, "post_stream.posts is not a list of objects"),
        ({"post_stream": {"posts": [post(1, "x", post_number="first")]}}, "post_number is not a number: 'first'"),
        ({"post_stream": {"posts": [post(1, "x", username={})]}}, "username is not a text: a dict"),
        (
            {"post_stream": {"posts": [post(1, "x", actions_summary=[{"id": 2, "count": "all"}])]}},
            "likes is not a number: 'all'",
        ),
        ({"created_at": "June"}, "created_at: not a time: 'June'"),
    ],
)
def test_wrong_shapes_cost_themselves_alone(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    """The topic is rejected with its JSON, the next one is read."""
    good = topic(post(1, "<p>Why?</p>", topic_id=2)) | {"id": 2}
    found = read(tmp_path, [topic(post(1, "x")) | change, good])
    (bad,) = (record for record in found if isinstance(record, RejectedRow))
    assert bad.reason == reason
    assert [record.source_id for record in found if isinstance(record, RawInquiry)] == ["2"]


def test_hostile_posts(tmp_path: Path) -> None:
    """Quotes that never end, ten thousand posts, one without an author."""
    quotes = post(2, '<aside class="quote">' * 5_000 + "<p>x</p>", "bo", raw=None)
    rows = [
        post(1, "<p>Why?</p>"),
        quotes,
        post(3, "<p>who?</p>", ""),
        *(post(i, f"<p>p{i}</p>", "bo") for i in range(4, 10_001)),
    ]
    assert len(one(tmp_path, topic(*rows)).replies) == 9_999


def test_posts_alone_are_refused(tmp_path: Path) -> None:
    """Without any topic's title."""
    with pytest.raises(IntakeError, match="parts of Discourse's export without its conversations"):
        read(tmp_path, [post(2, "x")])
