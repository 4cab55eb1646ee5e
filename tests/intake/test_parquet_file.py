"""Parquet: typed and nested columns, and an extra that says its name when it is missing."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helploop.domain import Channel, RawInquiry, RawReply, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_file, read_mapping, recognise

AT = datetime(2026, 7, 6, 12, 30, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A Parquet file to be."""
    return tmp_path / "tickets.parquet"


def save(path: Path, rows: list[dict[str, Any]], schema: pa.Schema | None = None) -> Path:
    """A Parquet file with these rows."""
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, row_group_size=1000)
    return path


def test_typed_columns_are_inquiries(file: Path) -> None:
    """Numbers, times to the nanosecond, lists and missing values."""
    schema = pa.schema(
        [
            ("id", pa.float64()),  # what pandas makes of ids with a gap
            ("text", pa.string()),
            ("received_at", pa.timestamp("ns")),
            ("resolved_at", pa.date32()),
            ("csat", pa.decimal128(3, 1)),
            ("tags", pa.list_(pa.string())),
            ("customer", pa.binary()),
        ]
    )
    row = {"id": 7.0, "text": "where", "received_at": AT, "resolved_at": date(2026, 7, 8), "csat": Decimal("4.5")}
    save(file, [row | {"tags": ["a", "b"], "customer": b"a@b.example"}, {"id": None, "text": "how"}], schema)
    assert recognise(file) == "parquet"
    first, second = read_file(file)
    assert first == RawInquiry(
        source="parquet",
        source_id="7",
        text="where",
        channel=Channel.TICKET,
        received_at=AT,
        resolved_at=datetime(2026, 7, 8, tzinfo=UTC),
        customer="a@b.example",
        csat=4.5,
        tags=("a", "b"),
    )
    assert isinstance(second, RawInquiry) and second.received_at is None and len(second.source_id) == 16


def test_nested_columns_are_mapped(file: Path, tmp_path: Path) -> None:
    """Structs and lists of structs are reached by dotted paths, as in JSON."""
    mapping = tmp_path / "m.toml"
    mapping.write_text('[fields]\ntext="q.body"\ncustomer="q.user.mail"\nreplies="turns"\n[reply]\ntext="say"\nat="on"')
    question = {"body": "where", "user": {"mail": "a@b.example"}}
    save(file, [{"id": 1, "q": question, "turns": [{"say": "here", "on": AT}]}, {"id": 2, "q": question, "turns": []}])
    options = IntakeOptions(mapping=read_mapping(mapping))
    first, second = read_file(file, options)
    assert isinstance(first, RawInquiry) and isinstance(second, RawInquiry)
    assert (first.text, first.customer) == ("where", "a@b.example") and second.replies == ()
    assert first.replies == (RawReply(AT, "", True, "here"),)
    mapping.write_text('[fields]\ntext="q.boddy"')
    with pytest.raises(IntakeError, match=r"fields.text = 'q.boddy' is not in tickets.parquet, did you mean 'q.body'"):
        list(read_file(file, IntakeOptions(mapping=read_mapping(mapping))))


def test_rejected_row_is_kept_as_json(file: Path) -> None:
    """What the quarantine gets can be mended and read again."""
    save(file, [{"id": 1, "text": "where", "csat": 9.0, "at": AT}])
    (rejected,) = read_file(file)
    assert isinstance(rejected, RejectedRow) and rejected.record == 1
    assert json.loads(rejected.row) == {"id": 1, "text": "where", "csat": 9, "at": "2026-07-06 12:30:00+00:00"}


def test_damaged_file(file: Path) -> None:
    """A file without its end is refused; one with a broken page gives what stands before, and one reject."""
    save(file, [{"text": f"t{i} {i * 7919}"} for i in range(3000)])
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(IntakeError, match="the Parquet file is damaged"):
        list(read_file(file))
    at = pq.ParquetFile(pa.BufferReader(whole)).metadata.row_group(2).column(0).data_page_offset
    file.write_bytes(whole[:at] + b"\xff" * 40 + whole[at + 40 :])
    *read, last = read_file(file)
    assert len(read) == 2000 and isinstance(last, RejectedRow)
    assert last.reason.startswith("the file cannot be read after row 2000")


def test_missing_extra_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyarrow the message says what to install."""
    save(file, [{"text": "a"}])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(IntakeError, match=r'pip install "helploop\[parquet\]"'):
        list(read_file(file))
