"""Tombstones: they keep people out, survive, and tell nobody who they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helploop.domain import inquiry_id
from helploop.erasure import Tombstones
from helploop.errors import StoreError
from helploop.redaction import customer_key

KEY = b"k" * 32
DAY = date(2026, 9, 1)


def test_tombstones_hold_who_was_added_and_nobody_else(tmp_path: Path) -> None:
    """Customers and records, read again from the file; adding the same again changes nothing."""
    stones = Tombstones(tmp_path / "f.jsonl", KEY)
    assert stones.add(["c1", ""], [inquiry_id("desk", "1")], DAY) == 2
    written = (tmp_path / "f.jsonl").read_bytes()
    again = Tombstones(tmp_path / "f.jsonl", KEY)
    assert again.add(["c1"], [inquiry_id("desk", "1")], date(2027, 1, 1)) == 0
    assert (tmp_path / "f.jsonl").read_bytes() == written
    assert again.holds_customer("c1") and again.holds_record(inquiry_id("desk", "1"))
    assert not again.holds_customer("c2") and not again.holds_customer("")
    assert not again.holds_record(inquiry_id("desk", "2"))
    assert not Tombstones(tmp_path / "f.jsonl", b"another" * 4).holds_customer("c1")


def test_damaged_line_is_named(tmp_path: Path) -> None:
    """It is not skipped: somebody might come back."""
    (tmp_path / "f.jsonl").write_text('{"v":1,"kind":"customer","hash":"00","on":"2026-09-01"}\n{"v":1,"ki\n')
    with pytest.raises(StoreError, match=r"f\.jsonl:2: is no tombstone"):
        Tombstones(tmp_path / "f.jsonl", KEY)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=60))
def test_any_name_is_kept_out_and_not_written_down(tmp_path: Path, name: str) -> None:
    """Odd characters, lone surrogates, line ends: the file stays readable and holds none of it."""
    path = tmp_path / "odd.jsonl"
    path.unlink(missing_ok=True)
    Tombstones(path, KEY).add([customer_key(name, KEY)], [inquiry_id(name, name)], DAY)
    again = Tombstones(path, KEY)
    assert len(again) == 2 and again.holds_customer(customer_key(name, KEY))
    assert customer_key(name, KEY) not in path.read_text()
