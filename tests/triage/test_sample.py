"""The labelled sample: large enough, and triage does on its dev half what the benchmark says, roughly."""

from __future__ import annotations

import json
from pathlib import Path

from helploop.domain import Channel, Kind
from helploop.triage import weigh_inquiry
from tests.conftest import make_inquiry

SAMPLE = Path(__file__).resolve().parents[2] / "benchmarks" / "intake" / "data" / "triage_sample.jsonl"


def test_sample_is_large_and_complaints_of_its_dev_half_are_found() -> None:
    """More than 300 texts of every kind in two halves; the held-out half is the benchmark's alone."""
    rows = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 300
    assert {row["kind"] for row in rows} == {kind.value for kind in Kind} - {"unsure"}
    complaints = [row for row in rows if row["split"] == "dev" and row["kind"] == "complaint"]
    inquiries = [
        make_inquiry(row["text"], title=row.get("title", ""), channel=Channel(row["channel"])) for row in complaints
    ]
    found = [weigh_inquiry(inquiry).best for inquiry in inquiries]
    assert found.count(Kind.COMPLAINT) >= 0.85 * len(found)
