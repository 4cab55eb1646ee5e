"""The mapping file: nested fields, candidates, words translated, and every typo answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_file, read_mapping

MAPPING = """
source = "desk"
channel = "mail"
agents = ["@shop.example"]
[fields]
text = ["comment.body", "description"]
customer = "requester.email"
channel = "via.channel?"
[values.channel]
"Web form" = "ticket"
[values.is_agent]
end-user = false
staff = true
[reply]
is_agent = "author.role"
by = "author.name"
text = "body"
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """A mapping file."""
    path = tmp_path / "desk.toml"
    path.write_text(MAPPING)
    return path


def read(folder: Path, mapping: Path, *lines: object) -> list[object]:
    """The records of these objects, read by the mapping."""
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return list(read_file(path, IntakeOptions(mapping=read_mapping(mapping))))


def test_nested_fields_candidates_and_translations(tmp_path: Path, mapping: Path) -> None:
    """Dotted paths, the first candidate that is there, channel and roles translated."""
    first = {
        "comment": {"body": "where"},
        "requester": {"email": "a@b.example"},
        "via": {"channel": "WEB FORM"},
        "replies": [
            {"author": {"role": "staff", "name": "Mara"}, "body": "x"},
            {"author": {"role": "end-user"}, "body": "y"},
        ],
    }
    one, two = read(tmp_path, mapping, first, {"description": "how", "requester": {"email": ""}})
    assert isinstance(one, RawInquiry) and isinstance(two, RawInquiry)
    assert (one.text, one.customer, one.channel, one.source) == ("where", "a@b.example", Channel.TICKET, "desk")
    assert [(reply.by, reply.is_agent) for reply in one.replies] == [("Mara", True), ("", False)]
    assert (two.text, two.channel) == ("how", Channel.MAIL)


def test_a_field_that_is_not_there(tmp_path: Path, mapping: Path) -> None:
    """Mapping file, key and the nearest field are named."""
    with pytest.raises(
        IntakeError, match=r"desk.toml: fields.customer = 'requester.email'.*did you mean 'requester.mail'"
    ):
        read(tmp_path, mapping, {"description": "a", "requester": {"mail": "x"}})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[fields]\ntxet = "a"', "unknown key fields.txet, did you mean 'text'"),
        ('[field]\ntext = "a"', "unknown key field, did you mean 'fields'"),
        ('[reply]\nhelpfull = "a"', "unknown key reply.helpfull, did you mean 'helpful'"),
        ('channel = "emial"', "channel = 'emial' is no channel, did you mean 'mail'"),
        ("[fields]\ntext = 3", "fields.text must be a name or a list of names"),
        ("[fields", "not a TOML file"),
        ("[reply]\nis_agent = 'by = x'", "reply.is_agent must be a field, or a rule"),
        ('[values.is_agent]\nstaff = "yes"', "values.is_agent.staff must be true or false"),
        ('[values.csat]\ngood = "yes"', 'values.csat.good must be a number, or "" for unknown'),
        ('date_order = "mdyy"', "date_order = 'mdyy' is neither dmy nor mdy, did you mean 'mdy'"),
        ('[reply]\nskip = "type = x"', "reply.skip must be a field, or a rule"),
        ('[reply_columns]\ntext = "a"', "reply_columns must be a list of tables: [[reply_columns]]"),
        ('[[reply_columns]]\nat = "a"', "reply_columns.text is missing"),
        ('[[reply_columns]]\ntext = "a"\nfrom = "b"', "unknown key reply_columns.from"),
        ('[[reply_columns]]\ntext = "a"\nis_agent = "b"', "reply_columns.is_agent must be true or false"),
        ('[turns]\nparent = "a"', "turns.conversation is missing"),
        ('[turns]\nconversaton = "a"', "unknown key turns.conversaton, did you mean 'conversation'"),
        ("[tags]\nversion = 3", "tags.version must be the name of a field"),
        ('[ignore]\nspam = "a"', "ignore.spam must be a table of their field = words"),
        ("[ignore.spam]\nstatus = 3", "ignore.spam.status must be a word or a list of words"),
        ("[only_if]\nnsp = 'a == \"b\"'", "unknown key only_if.nsp, did you mean 'nps'"),
    ],
)
def test_wrong_mappings_are_answered(tmp_path: Path, content: str, message: str) -> None:
    """A typo is named with its key and the nearest right one."""
    path = tmp_path / "m.toml"
    path.write_text(content)
    with pytest.raises(IntakeError, match=r"m\.toml: ") as error:
        read_mapping(path)
    assert message in str(error.value)


def test_missing_mapping_file(tmp_path: Path) -> None:
    """A clear sentence, no traceback."""
    with pytest.raises(IntakeError, match="there is no such mapping file"):
        read_mapping(tmp_path / "none.toml")


def test_fields_outside_the_table_of_fields_are_checked(tmp_path: Path) -> None:
    """A tag, a reason to ignore, a column of replies and a conversation must be there as well."""
    path = tmp_path / "m.toml"
    path.write_text(
        '[fields]\ntext="q"\n[tags]\nversion="vers"\n[ignore.spam]\nstate="x"\n[[reply_columns]]\ntext="answr"\n'
        '[turns]\nconversation="thread"'
    )
    with pytest.raises(IntakeError) as error:
        read(tmp_path, path, {"q": "a", "version": "1", "status": "x", "answer": "b", "threat": 1})
    for key, near in (
        ("tags.version = 'vers'", "version"),
        ("ignore.spam = 'state'", "status"),
        ("reply_columns.text = 'answr'", "answer"),
        ("turns.conversation = 'thread'", "threat"),
    ):
        assert f"{key} is not in in.jsonl, did you mean '{near}'" in str(error.value)


def test_turns_of_a_mapping_of_ones_own(tmp_path: Path) -> None:
    """Rows without a customer are one conversation; an answer to nobody, and a row of no conversation, are counted."""
    path = tmp_path / "m.toml"
    path.write_text('[fields]\ntext="say"\nid="n"\n[turns]\nconversation="chat"\nis_agent="staff"')
    rows = [
        {"n": 1, "chat": "a", "say": "hello?", "staff": False},
        {"n": 2, "chat": "b", "say": "we are closed", "staff": True},
        {"n": 3, "chat": "a", "say": "yes?", "staff": "yes"},
        {"n": 4, "chat": "a", "say": "where is it", "staff": False},
        {"n": 5, "say": "alone", "staff": False},
    ]
    found = read(tmp_path, path, *rows)
    assert [record.source_id for record in found if isinstance(record, RawInquiry)] == ["5", "1"]
    assert isinstance(found[1], RawInquiry) and found[1].thread == "a"
    assert [(reply.text, reply.is_agent) for reply in found[1].replies] == [("yes?", True), ("where is it", False)]
    assert found[2] == IgnoredRow("in.jsonl", 2, "an agent's turn that answers nobody")


def test_dates_are_read_as_the_column_shows(tmp_path: Path) -> None:
    """One date above 12 decides for all, wherever it stands; if none does, the rows are refused, saying how to tell."""
    path = tmp_path / "in.csv"
    days = [f"{i},t{i},0{1 + i % 9}/0{1 + i % 7}/2026\n" for i in range(400)]
    path.write_text("id,text,received_at\n" + "".join(days) + "x,last,25/12/2026\n")
    found = list(read_file(path))
    assert all(isinstance(record, RawInquiry) for record in found)
    assert isinstance(found[1], RawInquiry) and found[1].received_at == datetime(2026, 2, 2, tzinfo=UTC)
    assert isinstance(found[8], RawInquiry) and found[8].received_at == datetime(2026, 2, 9, tzinfo=UTC)
    path.write_text("text,received_at\na,03/04/2026\n")
    (refused,) = read_file(path)
    assert isinstance(refused, RejectedRow) and 'date_order = "dmy" or "mdy"' in refused.reason
    mapping = tmp_path / "m.toml"
    mapping.write_text('date_order = "dmy"')
    (read_so,) = read_file(path, IntakeOptions(mapping=read_mapping(mapping)))
    assert isinstance(read_so, RawInquiry) and read_so.received_at == datetime(2026, 4, 3, tzinfo=UTC)


def test_a_column_named_twice_matters_only_when_it_is_used(tmp_path: Path) -> None:
    """Surveys repeat "Other" under every question."""
    path = tmp_path / "in.csv"
    path.write_text("text,Other,Other\na,b,c\n")
    (found,) = read_file(path)
    assert isinstance(found, RawInquiry) and found.text == "a"
    mapping = tmp_path / "m.toml"
    mapping.write_text('[fields]\ntext = "Other"')
    with pytest.raises(IntakeError, match="the header names Other more than once"):
        list(read_file(path, IntakeOptions(mapping=read_mapping(mapping))))
