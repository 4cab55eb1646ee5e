"""Parquet: rows in batches, nested columns as nested records. Needs the extra: pip install "helploop[parquet]"."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from helploop.errors import IntakeError
from helploop.intake.interface import Row, Table
from helploop.intake.mapping import Mapping, paths_of
from helploop.intake.sample import Sample
from helploop.intake.tables import table_reader

_BATCH = 200  # rows held at a time
_CHUNK_CAP = 1_000_000_000  # bytes that one column of a row group may unpack to
_COLUMNS = 5_000


def _open(path: Path, mapping: Mapping | None) -> Table:
    del mapping  # the schema has every column
    try:
        import pyarrow as pa  # noqa: PLC0415  an extra, and slow to load
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise IntakeError(f'{path}: Parquet needs an extra: pip install "helploop[parquet]"') from error
    try:
        file = pq.ParquetFile(path, buffer_size=1 << 20)
        if len(set(file.schema_arrow.names)) < len(file.schema_arrow.names):
            raise IntakeError(f"{path}: two columns have the same name; rename one of them")
        _check_size(path, file.metadata)
    except (pa.ArrowException, OSError) as error:
        raise IntakeError(f"{path}: the Parquet file is damaged ({str(error).splitlines()[0][:200]})") from error
    return Table(tuple(_paths(file.schema_arrow)), path.name, _rows(file, pa))


def _check_size(path: Path, metadata: Any) -> None:
    if metadata.num_columns > _COLUMNS:
        raise IntakeError(f"{path}: {metadata.num_columns:,} columns, more than {_COLUMNS:,}")
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            size = metadata.row_group(group).column(column).total_uncompressed_size
            if size > _CHUNK_CAP:
                raise IntakeError(f"{path}: a column unpacks to {size:,} bytes; write it in smaller row groups")


def _paths(schema: Any) -> list[str]:
    """The dotted paths of a schema: what paths_of gives for a row whose lists are not empty."""
    import pyarrow as pa  # noqa: PLC0415  it is loaded already

    def example(kind: Any) -> Any:
        if pa.types.is_struct(kind):
            return {field.name: example(field.type) for field in kind}
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            return [example(kind.value_type)]
        return None

    return sorted(paths_of({field.name: example(field.type) for field in schema}))


def _rows(file: Any, pa: Any) -> Iterator[Row]:
    number = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
            for values in _without_nanoseconds(batch, pa).to_pylist(maps_as_pydicts="lossy"):
                number += 1
                yield Row(number, {name: _value(value) for name, value in values.items()})
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        yield Row(
            number + 1, None, "", f"the file cannot be read after row {number}: {str(error).splitlines()[0][:200]}"
        )
    finally:
        file.close()


def _without_nanoseconds(batch: Any, pa: Any) -> Any:
    """Times cut to microseconds: Python knows no finer ones."""
    for i, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            cut = batch.column(i).cast(pa.timestamp("us", field.type.tz), safe=False)
            batch = batch.set_column(i, field.name, cut)
    return batch


def _value(value: Any) -> Any:
    """A value as JSON would have it: whole numbers without ".0", NaN as nothing, datetimes as they are."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    if isinstance(value, list):
        return [_value(part) for part in value]
    if isinstance(value, dict):
        return {key: _value(part) for key, part in value.items()}
    return value if value is None or isinstance(value, str | int | datetime) else str(value)


def _recognises(sample: Sample) -> bool:
    return sample.head.startswith(b"PAR1")


READER = table_reader("parquet", "PAR1", _recognises, _open)
