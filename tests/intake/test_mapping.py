"""The mapping file: nested fields, candidates, words translated, and every typo answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helploop.domain import Channel, RawInquiry
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
