"""A contact by hand: the form, its mistakes, and what is stored of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner

from helploop.cli import main
from helploop.config import Settings
from helploop.domain import Channel, Kind
from helploop.errors import IntakeError
from helploop.intake.by_hand import FORM, Contact, read_form, to_inquiry
from helploop.pipeline import log_contact
from helploop.store import Store

NOW = datetime(2026, 7, 6, 14, 0, tzinfo=timezone(timedelta(hours=2)))


def test_filled_form_becomes_a_contact() -> None:
    """Times are the writer's own; everything else as written."""
    form = FORM.replace('asked = """\n', 'asked = """\nCan I pause it?\n').replace('at = ""', 'at = "2026-07-06 13:30"')
    form = form.replace("minutes = 0", "minutes = 4.5").replace("tags = []", 'tags = ["counter"]')
    at = datetime(2026, 7, 6, 11, 30, tzinfo=UTC)
    assert read_form(form, NOW) == Contact("Can I pause it?", minutes=4.5, at=at, tags=("counter",))


def test_form_left_as_it_is_means_nothing() -> None:
    """Saving the empty form stores nothing."""
    assert read_form(FORM, NOW) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('channel = "phone"', 'channel = "pigeon"'), "channel = 'pigeon' is none of ticket, chat"),
        (("minutes = 0", "minutes = -1"), "minutes = -1 must be a number"),
        (('at = ""', 'at = "tomorrow"'), "at: .*write it like"),
        (('at = ""', 'at = "2026-07-07 10:00"'), "has not come yet"),
        (('by = ""', 'buy = ""'), "no field buy"),
        (('by = ""', "by = "), "cannot be read: .*line"),
        (("tags = []", 'tags = "counter"'), "tags must be a list"),
    ],
)
def test_mistakes_are_named(change: tuple[str, str], message: str) -> None:
    """The field, what is wrong, and what is right."""
    form = FORM.replace('asked = """\n', 'asked = """\nCan I pause it?\n').replace(*change)
    with pytest.raises(IntakeError, match=message):
        read_form(form, NOW)


def test_contact_is_stored_redacted_and_answered(tmp_path: Path) -> None:
    """The customer is a key, the name a placeholder, the answer an agent's reply, the matter settled."""
    settings = Settings(root=tmp_path)
    asked = "How can Ana pause the box? Call her on +44 20 7946 0018"
    contact = Contact(asked, "Account, then Pause.", "ana@mail.example", "Ana", minutes=3.0)
    stored = log_contact(settings, contact, now=NOW)
    assert (stored.channel, stored.kind, stored.agent_minutes) == (Channel.PHONE, Kind.QUESTION, 3.0)
    assert "Ana" not in stored.text and "7946" not in stored.text and "ana" not in stored.customer_key
    assert stored.first_reply_at == stored.resolved_at == NOW
    assert [(reply.is_agent, reply.text) for reply in stored.replies] == [(True, "Account, then Pause.")]
    with Store(settings.database) as store:
        assert store.inquiries() == [stored]


def test_two_contacts_of_one_second_are_two() -> None:
    """Each has an id of its own."""
    assert to_inquiry(Contact("a"), NOW).source_id != to_inquiry(Contact("a"), NOW).source_id


def test_command_takes_one_line_or_standard_input(tmp_path: Path) -> None:
    """In one line, from a pipe, and as a rehearsal."""
    run = CliRunner()
    line = run.invoke(main, ["-C", str(tmp_path), "log", "Can I pause my box?", "--answer", "Yes.", "--json"])
    assert line.exit_code == 0 and '"kind":"question"' in line.stdout
    piped = run.invoke(main, ["-C", str(tmp_path), "log", "-", "--dry-run"], input="Where is my parcel?\n")
    assert piped.exit_code == 0 and "would be stored" in piped.stderr
    empty = run.invoke(main, ["-C", str(tmp_path), "log", "-"], input="\n")
    assert empty.exit_code == 1 and "nothing was asked" in empty.stderr
    with Store(Settings(root=tmp_path).database) as store:
        assert store.count_inquiries() == 1
