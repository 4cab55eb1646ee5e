"""The exports of help desks through the whole of intake: every record is accounted for, once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helploop.config import Settings
from helploop.intake import Quarantine
from helploop.intake.desks import READERS
from helploop.pipeline import intake, retry_quarantine
from helploop.store import Store
from tests.intake.desks.reading import FIXTURES


def files_of(name: str) -> list[Path]:
    """The fixtures of one system."""
    return sorted(path for path in FIXTURES.iterdir() if path.name.split(".")[0].split("_")[0] == name)


@pytest.mark.parametrize("name", [reader.name for reader in READERS])
def test_everything_is_counted_and_comes_once(tmp_path: Path, name: str) -> None:
    """read = stored + updated + duplicates + ignored + quarantined; the same files again store nothing."""
    settings = Settings(root=tmp_path)
    first, again = intake(settings, files_of(name)), intake(settings, files_of(name)[::-1])
    for report in (first, again):
        parts = (report.stored, report.updated, report.duplicates, report.ignored.total(), report.quarantined)
        assert report.read == sum(parts)
    assert first.stored and first.quarantined
    assert (again.read, again.stored, again.updated) == (first.read, 0, 0)


def test_mended_ticket_is_whole_again(tmp_path: Path) -> None:
    """Alone, a quarantined ticket has its comments and its customer, whose name is masked in it."""
    tickets = [
        {
            "id": 1,
            "requester_id": 5,
            "submitter_id": 5,
            "description": "This is Mirabel Falkner, where is my lid?",
            "created_at": "someday",
            "via": {"channel": "email"},
        }
    ]
    users = [{"id": 5, "name": "Mirabel Falkner", "email": "mirabel@home.example", "role": "end-user"}]
    comments = [{"ticket_id": 1, "author_id": 9, "public": True, "body": "On its way.", "created_at": 1772442300}]
    paths = [tmp_path / name for name in ("tickets.json", "users.json", "comments.json")]
    for path, rows in zip(paths, (tickets, users, comments), strict=True):
        path.write_text("\n".join(map(json.dumps, rows)))
    settings = Settings(root=tmp_path / "site")
    assert intake(settings, paths).quarantined == 1
    (kept,) = (settings.state / "quarantine").glob("*.jsonl")
    kept.write_text(kept.read_text().replace("someday", "2026-03-02T09:00:00Z"))
    assert retry_quarantine(settings).stored == 1
    assert not Quarantine(settings.state / "quarantine").rows()
    with Store(settings.database) as store:
        (inquiry,) = store.inquiries()
    assert "Mirabel" not in inquiry.text and "<name>" in inquiry.text
    assert [reply.text for reply in inquiry.replies] == ["On its way."]
