"""The spool: what it is given comes back by kind and key, and memory does not grow with it."""

from __future__ import annotations

import tracemalloc

from helploop.intake.desks.spool import Part, Place, Spool

PLACE = Place("a.json", 1, 1)


def test_parts_by_kind_and_key() -> None:
    """In the order they came; orphans are counted once a key; lone surrogates survive."""
    with Spool() as spool:
        spool.add("ticket", "7", PLACE, {"id": 7, "text": "a\ud800"})
        for key in ("7", "8", "7", "8"):
            spool.add("comment", key, Place("b.json", 0, 2), {"of": key})
        assert list(spool.all("ticket")) == [Part("7", PLACE, {"id": 7, "text": "a\ud800"})]
        assert [part.value for part in spool.of("comment", "7")] == [{"of": "7"}, {"of": "7"}]
        assert spool.of("user", "7") == []
        assert [part.key for part in spool.orphans("comment", of="ticket")] == ["8"]


def test_memory_stays_small() -> None:
    """100 MB of texts take less than 10 MB of Python's memory; SQLite's own cache is 32 MB at most."""
    tracemalloc.start()
    with Spool() as spool:
        for number in range(2_000):
            spool.add("comment", str(number % 500), PLACE, {"text": "x" * 50_000})
        assert len(spool.of("comment", "3")) == 4
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
