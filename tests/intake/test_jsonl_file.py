"""JSON Lines, gzip and arrays: records that are fine come through, whatever stands beside them."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RejectedRow
from helploop.intake import IntakeOptions, read_file, read_mapping, recognise
from tests.intake.test_csv_file import reasons, rows, texts

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A JSON Lines file to be."""
    return tmp_path / "chats.jsonl"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "cut of', "not JSON"),
        ("[1, 2]", "not an object but a list"),
        ('{"text": "a", "text": "b"}', "the key 'text' stands twice"),
        ('{"text": "a", "csat": NaN}', "NaN is no JSON value"),
        ('{"text": "a", "csat": 1e400}', "too large"),
        ('{"text": ' + "[" * 10_000 + "]" * 10_000 + "}", "nested too deeply"),
        ('{"text": {"a": 1}}', "a text is expected"),
        ('{"text": "a", "replies": 3}', "replies is not a list"),
        ('{"text": "a", "csat": "' + "9" * 5000 + '"}', "csat is not between"),
    ],
)
def test_bad_lines_are_rejected(file: Path, line: str, reason: str) -> None:
    """A broken line is quarantined with its place; its neighbours are read."""
    found = rows(file, '{"text": "first"}\n' + line + '\n\n{"text": "last"}\n')
    assert texts(found) == ["first", "last"]
    assert reason in reasons(found)[0]
    assert isinstance(found[1], RejectedRow) and (found[1].line, found[1].record) == (2, 2)


def test_lone_surrogate_is_replaced(file: Path) -> None:
    """What no store can hold becomes U+FFFD."""
    assert texts(rows(file, '{"text": "a\\ud800b"}\n')) == ["a\ufffdb"]


def test_hundred_megabyte_line_is_never_held(file: Path) -> None:
    """The line is skipped in pieces: memory stays far below its size."""
    with file.open("wb") as out:
        out.write(b'{"text": "')
        for _ in range(100):
            out.write(b"x" * 1_000_000)
        out.write(b'"}\n{"text": "fine"}\n')
    tracemalloc.start()
    found = list(read_file(file))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert texts(list(found)) == ["fine"] and len(reasons(list(found))) == 1
    assert peak < 60_000_000


def test_gzip_and_cut_off_gzip(file: Path) -> None:
    """Packed files are read as they are; a cut one gives what it has and one rejected row."""
    packed = gzip.compress("".join(json.dumps({"text": f"t{i} {i * 7919}"}) + "\n" for i in range(5000)).encode())
    assert len(texts(rows(file, packed))) == 5000
    found = rows(file, packed[: len(packed) // 2])
    assert 100 < len(texts(found)) < 5000
    assert "damaged or cut off" in reasons(found)[-1]


def test_array_file(file: Path) -> None:
    """One JSON array, on one line or many, is the same log; a refused element costs itself alone."""
    objects = [{"text": f"t{i}", "pad": "x" * 100} for i in range(2000)]
    assert len(texts(rows(file, json.dumps(objects)))) == 2000
    assert recognise(file) == "jsonl"
    found = rows(file, '[\n {"text": "a"},\n {"text": "b", "text": "c"},\n 7,\n {"text": "d"}\n]\n')
    assert texts(found) == ["a", "d"]
    assert [r.line for r in found if isinstance(r, RejectedRow)] == [3, 4]
    cut = rows(file, '[{"text": "a"}, {"text": "b"')
    assert texts(cut) == ["a"] and "from here on" in reasons(cut)[0]


def test_roles_tell_agents_from_customers(file: Path) -> None:
    """is_agent, a customer's role or the customer's own name decide; everybody else is an agent."""
    replies = [
        {"by": "asker", "text": "a"},
        {"by": "Ann", "text": "b"},
        {"by": "Mara", "text": "c"},
        {"is_agent": False, "text": "d"},
    ]
    (found,) = rows(file, json.dumps({"text": "x", "customer": "ann", "replies": replies}))
    assert isinstance(found, RawInquiry)
    assert [reply.is_agent for reply in found.replies] == [False, False, True, False]


def test_forum_example(file: Path) -> None:
    """examples/forum.toml maps a forum's export: spam left out, the asker told from helpers, title kept apart."""
    row = {
        "id": "5",
        "title": "No mail",
        "body": "Nothing comes",
        "author": "h1",
        "created_at": "2024-01-01T01:04:34+00:00",
        "first_reply_at": "2024-01-01T02:04:34+00:00",
        "lang": "en-US",
        "tags": ["mail"],
        "replies": [
            {"at": "2024-01-01T02:04:34+00:00", "by": "z", "text": "restart", "helpful": 2},
            {"by": "asker", "text": "no"},
        ],
    }
    options = IntakeOptions(mapping=read_mapping(ROOT / "examples" / "forum.toml"))
    lines = [row, {"id": "6", "title": "Only a title"}, row | {"id": "7", "spam": True}]
    first, second, third = rows(file, "".join(json.dumps(line) + "\n" for line in lines), options)
    assert isinstance(first, RawInquiry) and isinstance(second, RawInquiry)
    assert (first.source, first.channel, first.locale, first.customer) == ("forum", Channel.FORUM, "en-US", "h1")
    assert [(reply.is_agent, reply.helpful) for reply in first.replies] == [(True, 2), (False, 0)]
    assert (second.text, second.title) == ("Only a title", "")
    assert third == IgnoredRow("chats.jsonl", 3, "spam")


def test_real_forum_is_read_whole(data_dir: Path) -> None:
    """Every record of a real year is an inquiry or marked as spam."""
    path = data_dir / "thunderbird" / "inquiries_small.jsonl.gz"
    options = IntakeOptions(mapping=read_mapping(ROOT / "examples" / "forum.toml"))
    found = list(read_file(path, options))
    assert len(found) == 3000 and all(isinstance(record, RawInquiry) for record in found)
