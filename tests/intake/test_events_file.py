"""The help site's log comes in redacted, and with nothing in it that should not be there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from helploop.domain import SearchAction, SearchEvent, Verdict
from tests.intake.test_csv_file import reasons, rows

EVENT = {
    "v": 1,
    "event": "search",
    "query_id": "q1",
    "at": "2026-07-06T12:00:00Z",
    "visitor": "h",
    "search_term": "mail to ann@b.example",
    "search_count": 0,
    "unmatched_words": ["ann@b.example", "mail"],
    "verdict": "none",
    "ip": "10.0.0.1",
}


def test_events_are_read_and_redacted(tmp_path: Path) -> None:
    """A typed query goes through the same door as every text; an IP is dropped."""
    (event,) = rows(tmp_path / "log.jsonl", json.dumps(EVENT) + "\n")
    assert event == SearchEvent(
        event=SearchAction.SEARCH,
        query_id="q1",
        at=datetime(2026, 7, 6, 12, tzinfo=UTC),
        visitor="h",
        search_term="mail to <email>",
        unmatched_words=("<email>", "mail"),
        verdict=Verdict.NONE,
    )


def test_wrong_events_are_rejected(tmp_path: Path) -> None:
    """Each wrong value is named; the log goes on."""
    wrong = [EVENT | {"v": 2}, EVENT | {"event": "hover"}, EVENT | {"at": ""}, EVENT | {"search_count": -1}, EVENT]
    found = rows(tmp_path / "log.jsonl", "".join(json.dumps(row) + "\n" for row in wrong))
    assert [reason.split()[0] for reason in reasons(found)] == ["v", "event", "at", "search_count"]
    assert isinstance(found[-1], SearchEvent)
