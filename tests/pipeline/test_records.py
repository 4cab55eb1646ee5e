"""Looking at single records: filters and pages, one customer over all channels, and nothing raw on the screen."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from helploop import pipeline
from helploop.cli import main
from helploop.config import Settings, load_settings
from helploop.domain import Channel, Kind
from helploop.errors import HelploopError
from helploop.intake import IntakeOptions
from helploop.store import InquiryPage
from tests.conftest import NOON, TrigramEncoder

ANN = "Ann.Lowe@mailbox.example"
TICKETS: list[dict[str, Any]] = [
    {"id": "1", "text": 'How do I skip the "green" box?', "customer": ANN, "replies": [{"text": "Under My box."}]},
    {"id": "2", "text": "You ruined my morning, this is unacceptable. Refund me!", "customer": "bo@mailbox.example"},
    {"id": "3", "text": "Wo bleibt die GRÜNE Kiste?", "customer": "cy@mailbox.example"},
    {"id": "4", "text": "How do I skip the green box?", "customer": "cy@mailbox.example"},
]
CHAT: dict[str, Any] = {
    "id": "9",
    "text": "Still the green box, how do I skip it?",
    "customer": "ann.lowe@MAILBOX.example ",
}


def _take(settings: Settings, folder: Path, rows: list[dict[str, Any]], **options: Any) -> None:
    file = folder / "log.jsonl"
    dated = [{**row, "received_at": (NOON + timedelta(days=int(row["id"]))).isoformat()} for row in rows]
    file.write_text("".join(json.dumps(row) + "\n" for row in dated), encoding="utf-8")
    pipeline.intake(settings, [file], IntakeOptions(**options))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site with four tickets and a chat; Ann wrote by both channels."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={})
    _take(made, tmp_path, TICKETS, source="desk")
    _take(made, tmp_path, [CHAT], source="widget", channel=Channel.CHAT)
    return made


def _ids(page: InquiryPage) -> list[str]:
    return [row.source_id for row in page.rows]


def test_filters_narrow_down_and_pages_hold_all(settings: Settings) -> None:
    """Newest first; each filter alone; two pages are the whole."""
    assert _ids(pipeline.find_inquiries(settings)) == ["9", "4", "3", "2", "1"]
    assert _ids(pipeline.find_inquiries(settings, kind=Kind.COMPLAINT)) == ["2"]
    assert _ids(pipeline.find_inquiries(settings, channel=Channel.CHAT)) == ["9"]
    assert _ids(pipeline.find_inquiries(settings, customer=ANN)) == ["9", "1"]
    assert _ids(pipeline.find_inquiries(settings, since=datetime(2026, 7, 10, tzinfo=UTC))) == ["9", "4"]
    first, second = (pipeline.find_inquiries(settings, limit=3, page=page) for page in (1, 2))
    assert (_ids(first), _ids(second), first.total, second.total) == (["9", "4", "3"], ["2", "1"], 5, 5)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("green BOX", ["9", "4"]),
        ('the "green" box', ["1"]),
        ("grüne", ["3"]),
        ("under my", ["1"]),
        ("text", []),
        ("%", []),
    ],
)
def test_search_reads_texts_and_not_how_they_are_stored(settings: Settings, words: str, found: list[str]) -> None:
    """Quotes, case beyond ASCII and replies are found; names of fields and wildcards are not."""
    assert _ids(pipeline.find_inquiries(settings, words)) == found


def test_customer_is_one_person_over_channels(settings: Settings, encoder: TrigramEncoder) -> None:
    """By address in any spelling or by key: oldest first, with the question each belongs to."""
    pipeline.cluster(settings, encoder=encoder, at=NOON)
    timeline = pipeline.read_customer(settings, ANN)
    assert [contact.inquiry.source_id for contact in timeline.contacts] == ["1", "9"]
    assert pipeline.read_customer(settings, timeline.customer_keys[0].upper()) == timeline
    made = pipeline.read_questions(settings)
    members = {member: question.id for question in made.questions for member in question.members}
    assert [c.question.id if c.question else None for c in timeline.contacts] == [
        members.get(contact.inquiry.id) for contact in timeline.contacts
    ]
    with pytest.raises(HelploopError, match="nobody of that"):
        pipeline.read_customer(settings, "nobody@mailbox.example")


def test_customer_command_prints_nothing_raw(settings: Settings) -> None:
    """Address, other systems' ids and source ids stay off the screen; the JSON stands alone."""
    shown = CliRunner().invoke(main, ["-C", str(settings.root), "customer", ANN], catch_exceptions=False)
    assert "staff only" in shown.stderr and "skip the" in shown.stdout
    whole = CliRunner().invoke(main, ["-C", str(settings.root), "customer", ANN, "--json"], catch_exceptions=False)
    answer = json.loads(whole.stdout)
    assert [row["channel"] for row in answer["inquiries"]] == ["ticket", "chat"]
    assert answer["inquiries"][0]["replies"][0]["text"] == "Under My box."
    for said in (shown.output, whole.output):
        assert "lowe" not in said.lower() and "mailbox" not in said and "source_id" not in said


def test_inquiries_and_inquiry_speak_json(settings: Settings) -> None:
    """Documented shapes, alone on stdout."""
    listed = CliRunner().invoke(main, ["-C", str(settings.root), "inquiries", "--limit", "1", "--json"])
    page = json.loads(listed.stdout)
    assert (page["v"], page["total"], page["page"], len(page["inquiries"])) == (1, 5, 1, 1)
    one = CliRunner().invoke(main, ["-C", str(settings.root), "inquiry", page["inquiries"][0]["id"], "--json"])
    assert json.loads(one.stdout)["inquiry"]["channel"] == "chat"
