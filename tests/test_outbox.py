"""The outbox's files: an owner's page and table, safe to open, the same again where nothing changed."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest

from helploop.domain import Kind
from helploop.errors import StoreError
from helploop.outbox import Listed, read_listed, still_listed, write_outbox
from helploop.triage import TriageOptions
from helploop.triage.outbox import make_outbox
from tests.conftest import NOON, make_inquiry

OPTIONS = TriageOptions(owners={"complaint": "Service desk", "idea": "service_desk"}, backups={"complaint": "Lea"})
NOW = NOON + timedelta(hours=5)
COMPLAINT = make_inquiry(
    "=HYPERLINK(1)\nThis is ![x](http://t.example/p) <b>bad</b> for <email>", title="Late", kind=Kind.COMPLAINT
)
PAGE = r"""# For Service desk

As of 2026-07-06 17:00. Backup: Lea. Times are UTC; `helploop inquiry ID` opens one.

## Complaints (1)

- ID · **overdue since 2026-07-06 16:00** · ticket · received 2026-07-06 12:00 · complaint: asks · LISTED

    “Late — =HYPERLINK(1) This is \!\[x\](http://t.example/p) \<b\>bad\</b\> for \<email\>”
"""


def test_page_and_table_of_an_owner(tmp_path: Path) -> None:
    """Everything to act on, no live markup, no formula."""
    (box,) = write_outbox(make_outbox([COMPLAINT], OPTIONS, NOW), tmp_path, Listed({}), NOW)
    assert box.page.read_text() == PAGE.replace("ID ·", f"{COMPLAINT.id} ·").replace(
        "LISTED", "listed since 2026-07-06 17:00"
    )
    (row,) = csv.DictReader(io.StringIO(box.table.read_text()))
    assert row["text"].startswith("'=HYPERLINK")
    expected = {"inquiry": COMPLAINT.id, "reply": "overdue", "due_at": "2026-07-06T16:00:00+00:00", "backup": "Lea"}
    assert {key: row[key] for key in expected} == expected
    assert box.counts() == (("complaints", 1), ("overdue", 1))


def test_writing_again_keeps_when_it_was_first_listed(tmp_path: Path) -> None:
    """The same but for the hour of writing; owners of one file name stay apart; who has nothing loses the file."""
    idea = make_inquiry("You should sell mugs", kind=Kind.IDEA)
    nobody = make_inquiry("Lovely", kind=Kind.COMPLIMENT)
    items = make_outbox([COMPLAINT, idea, nobody], OPTIONS, NOW)
    boxes = write_outbox(items, tmp_path, read_listed(tmp_path), NOW)
    assert [box.page.name for box in boxes] == ["nobody.md", "service-desk.md", "service-desk-2.md"]
    before = boxes[1].table.read_bytes()
    later = NOW + timedelta(days=1)
    items = make_outbox([COMPLAINT, nobody], OPTIONS, later)
    boxes = write_outbox(items, tmp_path, read_listed(tmp_path), later)
    assert boxes[1].table.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "listed.json",
        "nobody.csv",
        "nobody.md",
        "service-desk.csv",
        "service-desk.md",
    ]
    assert set(read_listed(tmp_path).first_at.values()) == {NOW}


def test_what_waits_stays_and_what_is_settled_goes_after_a_while() -> None:
    """An unanswered complaint is listed until somebody replies; praise as long as `since` says; the new always."""
    praise, fresh = (make_inquiry(text, kind=Kind.COMPLIMENT) for text in ("Lovely", "Splendid"))
    items = make_outbox([COMPLAINT, praise, fresh], OPTIONS, NOW)
    listed = Listed({COMPLAINT.id: NOON, praise.id: NOON})
    assert [i.inquiry.id for i in still_listed(items, listed, NOW)] == [COMPLAINT.id, fresh.id]
    assert len(still_listed(items, listed, NOON)) == 3


def test_damaged_memory_is_named(tmp_path: Path) -> None:
    """Which file, and what to do."""
    (tmp_path / "listed.json").write_text("{")
    with pytest.raises(StoreError, match=r"listed\.json: .* delete it"):
        read_listed(tmp_path)
