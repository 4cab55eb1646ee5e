"""Erasing in the database: rows, what was made of them, and the bytes they leave in pages, indexes and the log."""

from __future__ import annotations

import sqlite3
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helploop.domain import (
    Inquiry,
    InquiryId,
    Question,
    QuestionId,
    Reply,
    Round,
    RoundId,
    SearchAction,
    SearchEvent,
    text_hash,
)
from helploop.errors import StoreError
from helploop.store import Erasure, Store
from helploop.store.erasing import ASKED, FACTS, REPLY_FACTS, REPLY_TEXTS, TEXTS
from tests.conftest import NOON, make_inquiry, make_question

HERS = make_inquiry("The parrot ate my parcel", source_id="1")
OTHERS = [make_inquiry(f"Where is parcel {n}?", source_id=f"o{n}") for n in range(300)]


def _erasure(*ids: InquiryId, **facts: Any) -> Erasure:
    values: dict[str, Any] = {
        "inquiries": frozenset(ids or [HERS.id]),
        "are_words": lambda text: "parrot" in text,
        "mask": lambda text: text.replace("ann@mail.example", "<email>"),
        "renew": lambda question, left: replace(question, customers=len(left), label="anew", representatives=()),
        "kept_texts": (),
    }
    return Erasure(**(values | facts))


def _filled(path: Path) -> Store:
    store = Store(path)
    store.add_inquiries([(inquiry, "raw") for inquiry in [*OTHERS[:150], HERS, *OTHERS[150:]]])
    texts = [HERS.question_text, OTHERS[0].question_text, "a line of a reply", "an article's title"]
    store.put("e", [text_hash(text) for text in texts], np.eye(4, dtype=np.float32))
    members = tuple(sorted([HERS.id, OTHERS[0].id, OTHERS[1].id]))
    both = make_question(members=members, label="The parrot ate it?", representatives=(HERS.id,))
    alone = make_question(id=QuestionId("qhers"), members=(), label="x")
    for number in (1, 2):
        values: dict[str, Any] = {"encoder_hash": "e", "settings_hash": "s", "noise": (OTHERS[2].id,), "gone": ()}
        store.save_round(Round(RoundId(f"r{number:04d}"), NOON, questions=(both, alone), inherited={}, **values))
    event = SearchEvent(SearchAction.SEARCH, "1", NOON, "v", search_term="from ann@mail.example")
    store.add_events([event])
    return store


def test_erase_takes_rows_vectors_members_and_wordings(tmp_path: Path) -> None:
    """What is left is counted anew; a question of nobody goes; others' rows lose the name."""
    with _filled(tmp_path / "h.db") as store:
        counts = store.erase(_erasure(kept_texts=["an article's title"]))
        assert counts == {"inquiries": 1, "members": 2, "questions": 4, "search_events": 1, "vectors": 2}
        assert len(store.inquiries()) == 300
        made = store.load_round()
        assert made is not None
        assert [(q.label, q.customers, len(q.members)) for q in made.questions] == [("anew", 2, 2)]
        assert [event.search_term for event in store.events()] == ["from <email>"]
        assert sorted(store.get("e", [text_hash("an article's title"), text_hash(HERS.question_text)])) == [
            text_hash("an article's title")
        ]
        assert store.erase(_erasure(kept_texts=["an article's title"])) == {}


def test_every_field_is_a_text_or_a_fact() -> None:
    """A new field of an inquiry or a reply that holds words must be known to forget and to retention."""
    assert sorted(field.name for field in fields(Inquiry)) == sorted((*TEXTS, ASKED, *FACTS))
    assert sorted(field.name for field in fields(Reply)) == sorted((*REPLY_TEXTS, *REPLY_FACTS))


def test_dry_run_is_rolled_back(tmp_path: Path) -> None:
    """The same counts, nothing changed."""
    with _filled(tmp_path / "h.db") as store:
        told = store.erase(_erasure(), dry_run=True)
        assert len(store.inquiries()) == 301
        assert store.erase(_erasure()) == told


def test_failure_leaves_everything(tmp_path: Path) -> None:
    """All tables or none."""

    def failing(question: Question, left: object) -> Question:
        raise StoreError("disk full")

    with _filled(tmp_path / "h.db") as store:
        with pytest.raises(StoreError):
            store.erase(_erasure(renew=failing))
        assert len(store.inquiries()) == 301


def test_no_byte_is_left_in_file_and_log(tmp_path: Path) -> None:
    """VACUUM and a truncating checkpoint, while another connection stays open; full-text indexes are optimised."""
    path = tmp_path / "h.db"
    with _filled(path) as store, Store(path) as other:
        raw = sqlite3.connect(path)
        raw.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
        raw.execute("INSERT INTO words VALUES ('a parrot in the index')")
        raw.commit()
        raw.execute("DELETE FROM words")
        raw.commit()
        assert other.count_inquiries() == 301
        store.erase(_erasure())
        before = b"".join(p.read_bytes() for p in tmp_path.glob("h.db*"))
        assert b"parrot" in before  # deleting rows does not erase
        assert store.compact()
        after = b"".join(p.read_bytes() for p in tmp_path.glob("h.db*"))
        assert b"parrot" not in after and HERS.id.encode() not in after
        assert (tmp_path / "h.db-wal").stat().st_size == 0
        assert raw.execute("PRAGMA secure_delete").fetchone() is not None
        raw.close()
        assert other.count_inquiries() == 300


def test_reader_that_holds_the_log_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody reads an old state its log cannot go: that is an error, not a silence."""
    monkeypatch.setattr("helploop.store.connection.BUSY_MILLISECONDS", 50)
    path = tmp_path / "h.db"
    with _filled(path) as store:
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM inquiries").fetchone()
        store.erase(_erasure())
        with pytest.raises(StoreError, match="another"):
            store.compact()
        reader.close()
        assert store.compact()


def test_every_connection_overwrites_what_it_deletes(tmp_path: Path) -> None:
    """secure_delete and WAL are set on each connection that the store opens."""
    with Store(tmp_path / "h.db") as store:
        connection = store._engine.raw_connection()
        cursor = connection.cursor()
        found = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("secure_delete", "journal_mode")}
        connection.close()
    assert found == {"secure_delete": 1, "journal_mode": "wal"}
