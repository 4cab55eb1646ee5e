"""The store: every record in exactly one outcome, rounds whole or not at all, versions named."""

from __future__ import annotations

import sqlite3
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from helploop.domain import QuestionId, Round, RoundId, SearchAction, SearchEvent
from helploop.errors import StoreError
from helploop.store import Outcome, Store
from tests.conftest import NOON, make_inquiry, make_question


def _round(number: int = 1, **facts: object) -> Round:
    values = {"id": RoundId(f"r{number:04d}"), "at": NOON, "encoder_hash": "e", "settings_hash": "s"}
    values |= {"questions": (make_question(),), "noise": (make_inquiry("alone").id,), "inherited": {"q7f3k": "new"}}
    regrouped = {"split": {"qgone": (QuestionId("q7f3k"),)}, "merged": {"q7f3k": (QuestionId("qgone"),)}}
    values |= {"reasons": {make_inquiry("alone").id: "too vague"}}
    return Round(**(values | {"gone": (QuestionId("qgone"),)} | regrouped | facts))  # type: ignore[arg-type]


def test_inquiries_come_back_as_they_went_in(tmp_path: Path) -> None:
    """What is stored is what is read, sorted by id."""
    asked = [make_inquiry("Where is it?", agent_minutes=4.0), make_inquiry("Skip a box", received_at=None)]
    with Store(tmp_path / "h.db") as store:
        assert store.add_inquiries([(i, "raw") for i in asked]) == Outcome(stored=2)
        assert store.inquiries() == sorted(asked, key=lambda i: i.id)
        assert store.inquiries([asked[0].id]) == [asked[0]]
        assert store.raw_hashes([asked[0].id]) == {asked[0].id: "raw"}


def test_same_inquiry_again_is_unchanged_and_a_grown_one_updated(tmp_path: Path) -> None:
    """A weekly export delivers again: the same counts as known, new facts replace the old ones."""
    asked = make_inquiry("Where is it?")
    grown = replace(asked, csat=5.0)
    with Store(tmp_path / "h.db") as store:
        store.add_inquiries([(asked, "a")])
        assert store.add_inquiries([(asked, "a")]) == Outcome(unchanged=1)
        assert store.add_inquiries([(grown, "b")]) == Outcome(updated=1)
        assert store.inquiries() == [grown]


def test_same_id_twice_in_a_batch_counts_once_stored_once_updated(tmp_path: Path) -> None:
    """The later of two records with one id wins; both are accounted for."""
    asked = make_inquiry("Where is it?")
    with Store(tmp_path / "h.db") as store:
        assert store.add_inquiries([(asked, "a"), (replace(asked, csat=1.0), "b")]) == Outcome(stored=1, updated=1)
        assert [i.csat for i in store.inquiries()] == [1.0]


def test_same_event_twice_is_stored_once(tmp_path: Path) -> None:
    """An event that comes by two ways counts once; a period is half-open."""
    event = SearchEvent(event=SearchAction.SEARCH, query_id="1", at=NOON, visitor="v", search_term="refund")
    with Store(tmp_path / "h.db") as store:
        assert store.add_events([event]) == Outcome(stored=1)
        assert store.add_events([event]) == Outcome(unchanged=1)
        assert store.events() == [event]
        assert store.events(since=NOON + timedelta(seconds=1)) == []
        assert store.events(until=NOON) == []


def test_vectors_are_the_same_one_by_one_and_all_at_once(tmp_path: Path) -> None:
    """One of ten is read by its key, nine of ten with all; what was not asked for is in neither."""
    keys = [f"{number}" for number in range(10)]
    rows = np.arange(20, dtype=np.float16).reshape(10, 2)
    with Store(tmp_path / "helploop.db") as store:
        store.put("one", keys, rows)
        store.put("two", keys, -rows)
        many, few = store.get("one", keys[1:]), store.get("one", ["3", "unknown"])
    assert sorted(many) == keys[1:]
    assert {key: row.tolist() for key, row in few.items()} == {"3": many["3"].tolist()} == {"3": [6.0, 7.0]}


def test_vectors_are_kept_by_encoder_and_text(tmp_path: Path) -> None:
    """A vector of another encoder is never given out."""
    rows = np.eye(2, 3, dtype=np.float32)
    with Store(tmp_path / "h.db") as store:
        store.put("one", ["a", "b"], rows)
        store.put("one", ["a"], rows[1:])
        kept = store.get("one", ["a", "c"])
        assert list(kept) == ["a"] and kept["a"].tolist() == [1.0, 0.0, 0.0]
        assert store.get("two", ["a"]) == {}


def test_round_comes_back_whole_and_undo_takes_the_newest(tmp_path: Path) -> None:
    """The newest round is the last saved; undo brings the one before back."""
    with Store(tmp_path / "h.db") as store:
        assert store.next_round_id() == "r0001"
        store.save_round(_round(1))
        store.save_round(_round(2, questions=(), inherited={}, gone=()))
        assert store.undo_round() == "r0002"
        assert store.load_round() == _round(1)
        assert store.undo_round() == "r0001"
        with pytest.raises(StoreError, match="no round"):
            store.undo_round()


def test_failing_round_leaves_the_last_one(tmp_path: Path) -> None:
    """A round that cannot be written whole leaves nothing of itself behind."""
    twice = (make_question(), replace(make_question(), id=QuestionId("qother")))  # the same members in two questions
    with Store(tmp_path / "h.db") as store:
        store.save_round(_round(1))
        with pytest.raises(StoreError):
            store.save_round(_round(2, questions=twice))
        assert store.rounds() == ["r0001"]
        assert store.load_round() == _round(1)


def test_database_is_for_its_owner_only(tmp_path: Path) -> None:
    """The file is made 0600."""
    with Store(tmp_path / "h.db"):
        assert stat.S_IMODE((tmp_path / "h.db").stat().st_mode) == 0o600


def test_damaged_newer_and_unreachable_databases_are_named(tmp_path: Path) -> None:
    """One clear sentence, with the file, for each."""
    (tmp_path / "bad.db").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreError, match=r"bad\.db.*not a database"):
        Store(tmp_path / "bad.db")
    Store(tmp_path / "new.db").close()
    with sqlite3.connect(tmp_path / "new.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="newer helploop"):
        Store(tmp_path / "new.db")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be created"):
        Store(tmp_path / "file" / "h.db")


def test_older_schema_is_migrated_with_its_records(tmp_path: Path) -> None:
    """A database of the first schema opens, keeps its inquiries, and is of this schema then."""
    old = tmp_path / "old.db"
    with Store(old) as store:
        store.add_inquiries([(make_inquiry("Where is it?"), "raw")])
    with sqlite3.connect(old) as connection:
        for statement in (
            "DROP TABLE known_as",
            "DROP TABLE template_lines",
            "DROP INDEX ix_inquiries_content_hash",
            "ALTER TABLE inquiries DROP COLUMN content_hash",
            "DROP INDEX ix_inquiries_thread",
            "ALTER TABLE inquiries DROP COLUMN thread",
            "ALTER TABLE rounds DROP COLUMN split",
            "ALTER TABLE rounds DROP COLUMN merged",
            "ALTER TABLE members DROP COLUMN reason",
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            connection.execute(statement)
    connection.close()
    with Store(old) as store:
        assert [inquiry.text for inquiry in store.inquiries()] == ["Where is it?"]
        assert store.add_inquiries([(make_inquiry("And now?"), "raw")]).stored == 1
