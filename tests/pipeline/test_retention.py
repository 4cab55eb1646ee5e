"""Old texts go, their facts stay: counts, questions and dates are as before."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from helploop import pipeline
from helploop.cli import main
from helploop.config import IntakeSettings, Settings, load_settings
from helploop.domain import Kind
from helploop.errors import HelploopError
from helploop.store import Store
from tests.conftest import NOON, TrigramEncoder

OLD, NEW = NOON - timedelta(days=1000), NOON - timedelta(days=10)
TEXT = "How do I return the grinder? Its zinc handle broke in the vestibule."


def _write(folder: Path, *rows: dict[str, Any] | str) -> Path:
    file = folder / "log.jsonl"
    file.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return file


def _ticket(number: int, at: datetime | None, replied_at: datetime | None = None) -> dict[str, Any]:
    said = {"text": "Send the zinc thing to us.", "is_agent": True, "by": "mara"}
    row: dict[str, Any] = {"id": str(number), "text": f"{TEXT} No {number}.", "customer": f"c{number}@mail.example"}
    row |= {"received_at": at.isoformat()} if at else {}
    return row | {"title": "zinc", "replies": [said | ({"at": replied_at.isoformat()} if replied_at else {})]}


def _search(at: datetime, query: str) -> dict[str, Any]:
    facts = {"v": 1, "event": "search", "query_id": query, "at": at.isoformat(), "visitor": "v", "verdict": "none"}
    return {**facts, "search_term": query}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site with old, new and undated tickets, and one that is old but was answered lately."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={})
    rows = [_ticket(1, OLD, OLD), _ticket(2, OLD, NEW), _ticket(3, NEW, NEW), _ticket(4, None)]
    pipeline.intake(made, [_write(tmp_path, *rows, "{broken zinc")], now=OLD)
    pipeline.intake(made, [_write(tmp_path, _search(OLD, "zinc cup"), _search(NEW, "zinc mug"))], now=OLD)
    return made


def _texts(settings: Settings) -> dict[str, str]:
    with Store(settings.database) as store:
        found = {i.source_id: i for i in store.inquiries() if i.channel != "search"}
    return {
        name: "".join([found[name].title, found[name].text, *(r.text for r in found[name].replies)])
        for name in sorted(found)
    }


def test_old_texts_go_and_facts_stay(settings: Settings, encoder: TrigramEncoder) -> None:
    """Of what nothing was said about since; a round gives the same questions before and after."""
    before = pipeline.cluster(settings, encoder=encoder, at=NOON)
    with Store(settings.database) as store:
        facts = [replace(i, title="", text="", replies=()) for i in store.inquiries()]
    told = pipeline.retention(settings, 365, dry_run=True, now=NOON)
    assert all(_texts(settings).values())
    done = pipeline.retention(settings, 365, now=NOON)
    assert replace(told, dry_run=False) == done
    assert (done.inquiries, done.undated, done.search_events, done.quarantined) == (2, 1, 1, 1)
    assert [name for name, text in _texts(settings).items() if text] == ["2", "3", "4"]
    with Store(settings.database) as store:
        kept = store.inquiries()
        assert [replace(i, title="", text="", replies=()) for i in kept] == facts
        assert [len(i.replies) for i in kept if i.source_id == "1"] == [1]
        assert [event.search_term for event in store.events()] == ["zinc mug"]
    after = pipeline.cluster(settings, encoder=encoder, at=NOON)
    assert [(q.id, q.members) for q in after.questions] == [(q.id, q.members) for q in before.questions]
    assert pipeline.retention(settings, 365, now=NOON).inquiries == 0


def test_no_byte_of_what_went_is_left(settings: Settings) -> None:
    """In the database file, its log and the quarantine; --all takes what was asked as well."""
    pipeline.retention(settings, 5, all_texts=True, now=NOON)
    for number in ("No 1.", "No 3."):
        assert not [p for p in settings.state.rglob("*") if p.is_file() and number.encode() in p.read_bytes()]
    with Store(settings.database) as store:
        assert [i.source_id for i in store.inquiries() if i.question_text] == ["4"]


def test_searches_whose_events_went_stay_questions(settings: Settings, encoder: TrigramEncoder) -> None:
    """That no event tells of a miss any more does not mean that somebody found it."""
    pipeline.retention(settings, 365, now=NOON)
    pipeline.cluster(settings, encoder=encoder, at=NOON)
    assert {i.kind for i in pipeline.find_inquiries(settings, "zinc cup").rows} == {Kind.QUESTION}


def test_old_reports_and_outboxes_go(settings: Settings) -> None:
    """They hold excerpts; what is written anew holds none."""
    pipeline.report(settings)
    pages = sorted((settings.state / "report").iterdir())
    os.utime(pages[0], (OLD.timestamp(), OLD.timestamp()))
    assert pipeline.retention(settings, 365, now=NOON).files == 1
    assert [page.exists() for page in pages] == [False, True, True]


def test_same_export_again_brings_no_text_back(settings: Settings, tmp_path: Path) -> None:
    """It is known already; a ticket that grew comes whole, until the next time."""
    pipeline.retention(settings, 365, now=NOON)
    again = pipeline.intake(settings, [_write(tmp_path, _ticket(1, OLD, OLD))])
    assert again.duplicates == 1 and not _texts(settings)["1"]


def test_doctor_and_config_know_the_limit(settings: Settings) -> None:
    """Without a number it is refused; doctor says how much is due."""
    with pytest.raises(HelploopError, match="for how long"):
        pipeline.retention(settings)
    limited = replace(settings, intake=IntakeSettings(retention_days=365))
    said = {found.name: found.said for found in pipeline.examine(limited)}
    assert "helploop retention" in said["retention"] and not said["retention"].startswith("0 ")
    assert "kept for good" in {found.name: found.said for found in pipeline.examine(settings)}["retention"]


def test_command_prints_counts(settings: Settings) -> None:
    """For people and as JSON."""
    at = (datetime.now(UTC) - OLD).days - 100
    told = CliRunner().invoke(main, ["-C", str(settings.root), "retention", "--days", str(at), "--dry-run"])
    assert "2 inquiries would lose their texts" in told.stderr
    done = CliRunner().invoke(main, ["-C", str(settings.root), "retention", "--days", str(at), "--json"])
    assert json.loads(done.stdout)["inquiries"] == 2
