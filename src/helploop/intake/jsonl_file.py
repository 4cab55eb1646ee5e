"""JSON Lines (plain or .gz), and a file that is one JSON array of objects."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helploop.domain import Channel
from helploop.intake.interface import IntakeOptions, Reader, Record
from helploop.intake.mapping import Mapping, paths_of
from helploop.intake.rows import RowReader
from helploop.intake.streams import RECORD_CAP, Line, read_chunks, read_head, read_lines

LOOKED_AT = 1_000  # records whose fields decide whether a mapped field is there at all


def _read(path: Path, options: IntakeOptions) -> Iterator[Record]:
    rows = RowReader(path, options, "jsonl", Channel.TICKET)
    columns = _columns(path, options.mapping)
    if columns:
        rows.check_columns(columns, path.name)
    for number, (line, value) in enumerate(read_objects(path), 1):
        if isinstance(value, dict):
            yield rows.record(value, line.number, number, line.text)
        else:
            yield rows.rejected(line.number, number, value, line.text)


def _columns(path: Path, mapping: Mapping | None) -> set[str]:
    """The fields of the first 1,000 records; of later ones too while a mapped field has not been seen."""
    columns: set[str] = set()
    for number, (_line, value) in enumerate(read_objects(path), 1):
        if isinstance(value, dict):
            columns |= paths_of(value)
        if number >= LOOKED_AT and not (mapping and mapping.missing(columns)):
            break
    return columns


def read_objects(path: Path) -> Iterator[tuple[Line, dict[str, Any] | str]]:
    """Each record's line (or its place in the array) with the object in it, or with the reason why there is none."""
    if read_head(path).lstrip().startswith("["):
        yield from _array(path)
        return
    for line in read_lines(path):
        if line.problem:
            yield line, line.problem
        elif line.text.strip():
            yield line, parse_object(line.text)


def parse_object(text: str) -> dict[str, Any] | str:
    """The JSON object in a text, or the reason why it is refused (no object, NaN, a key twice, too deep)."""
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} at column {error.pos + 1}"
    except RecursionError:
        return "not JSON that can be read: nested too deeply"
    except ValueError as error:
        return f"not JSON that can be read: {error}"
    return value if isinstance(value, dict) else f"not an object but a {type(value).__name__}"


def _array(path: Path) -> Iterator[tuple[Line, dict[str, Any] | str]]:
    """The elements of one JSON array, holding no more than one of them. After a broken one the rest is one reject:
    inside an array nothing says where the next record begins."""
    buffer, at, line = "", 0, 1
    chunks = read_chunks(path)
    is_open, is_last = False, False
    while True:
        rest = buffer[at:].lstrip(" \t\r\n,") if is_open else buffer[at:].lstrip()
        line += buffer.count("\n", at, len(buffer) - len(rest))
        buffer, at = rest, 0
        if not is_open and buffer:
            buffer, is_open = buffer[1:], True
            continue
        if buffer.startswith("]"):
            return
        try:
            value, at = _next_value(buffer, is_last)
        except json.JSONDecodeError as error:
            chunk = next(chunks, None) if len(buffer) <= RECORD_CAP else None
            if chunk is None and not is_last and len(buffer) <= RECORD_CAP:
                is_last = True
                continue
            if chunk is None:
                yield Line(line, buffer[:20_000]), f"the array cannot be read from here on: {error.msg}"
                return
            buffer, at = buffer + chunk, 0
            continue
        except RecursionError:
            yield Line(line, buffer[:20_000]), "the array cannot be read from here on: nested too deeply"
            return
        except ValueError as error:  # whole, but refused: a key twice, NaN
            value, at = f"not JSON that can be read: {error}", json.JSONDecoder().raw_decode(buffer)[1]
        record = Line(line, buffer[:at])
        if isinstance(value, str) and not buffer.startswith('"'):
            yield record, value
            continue
        yield record, value if isinstance(value, dict) else f"not an object but a {type(value).__name__}"


def _next_value(buffer: str, is_last: bool) -> tuple[Any, int]:
    """The value at the buffer's start and where it ends. Raises JSONDecodeError while it is not whole."""
    if not buffer:
        raise json.JSONDecodeError("the file ends inside the array", buffer, 0)
    value, at = _DECODER.raw_decode(buffer)
    if at == len(buffer) and not is_last:  # a number could go on in the next chunk
        raise json.JSONDecodeError("more to come", buffer, at)
    return value, at


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:40]!r} stands twice in one object")
    return row


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON value")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_float, parse_constant=_constant)


def _recognises(head: str, name: str) -> bool:
    del name
    return head.lstrip().startswith(("{", "["))


READER = Reader("jsonl", Channel.TICKET, "{ (an object a line) or [", _recognises, _read)
