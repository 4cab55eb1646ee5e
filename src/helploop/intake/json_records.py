"""JSON objects one by one, whatever holds them: a line each, one array, or one document with a list of them inside."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ijson

from helploop.intake.streams import RECORD_CAP, Line, read_chunks, read_head, read_lines

# Keys under which exports keep their list of records; _embedded and data are looked into.
LIST_KEYS = frozenset(
    """
    tickets conversations comments messages data items results rows records payload posts topics articles reviews
    responses entries elements contacts users values events answers surveys objects hits threads feedback feed
    audits ticket_events suspended_tickets metric_sets ticket_metrics latest_posts
    """.split()  # noqa: SIM905
)
_LIST_DEPTH = 4  # {"data": {"payload": [...]}} is two
# Texts that may stand beside such a list; any other text beside it means that the object is a record with a list.
_PAGING = frozenset(
    "next next_page previous previous_page prev cursor after_cursor before_cursor after_url before_url"  # noqa: SIM905
    " type object url status".split()
)
_IDS = ("id", "ticket_id", "conversation_id")  # beside a list they mean the same

Found = tuple[Line, dict[str, Any] | str]


def read_objects(path: Path) -> Iterator[Found]:
    """Each record's line (or its place in the array) with the object in it, or with the reason why there is none.

    An object a line, one array of objects, or a document that holds such a list under one of LIST_KEYS; a document
    without a list is one record itself. Line numbers of records inside a document are not known: 0.
    """
    head = read_head(path).lstrip()
    if head.startswith("["):
        yield from _array(path)
    elif (prefix := list_prefix(head)) is not None:
        yield from read_document(path, prefix)
    elif _is_one_document(head):
        yield from read_document(path, "")
    else:
        yield from _lines(path)


def list_prefix(head: str) -> str | None:
    """Where a document that begins so keeps its records ("data.payload.item"); None when it is a record itself."""
    if not head.startswith("{") or _begins_with_a_record(head):
        return None
    events = ijson.parse(head.encode("utf-8", "replace"), use_float=True)
    try:
        for prefix, event, _value in events:
            parts = prefix.split(".")
            if event == "start_map" and parts[-1] == "item":
                is_list = 2 <= len(parts) <= _LIST_DEPTH and parts[-2] in LIST_KEYS and "item" not in parts[:-1]
                return prefix if is_list else None
            is_told = event == "string" and "." not in prefix and prefix not in _PAGING
            if is_told or prefix in _IDS or (event == "end_map" and not prefix):
                return None
    except ijson.JSONError:  # the head ends inside it, or it is no JSON: the reader will say so
        pass
    return None


def _begins_with_a_record(head: str) -> bool:
    """Whether the first line is a whole object that has more to tell than a list and its pages."""
    row = parse_object(head.split("\n", 1)[0])
    if not isinstance(row, dict):
        return False
    return any(key in _IDS or (isinstance(value, str) and key not in _PAGING) for key, value in row.items())


def read_lists(path: Path, keys: Sequence[str]) -> Iterator[Found]:
    """As read_objects; of a document, or pages of it, the records of all lists that it holds under one of the keys.

    A pass over the file for each key: a help desk puts tickets beside the users who wrote them, in any order.
    """
    prefix = list_prefix(read_head(path).lstrip())
    if prefix is None or prefix.removesuffix(".item") not in keys:
        yield from read_objects(path)
        return
    is_damaged = False
    for key in keys:
        for line, value in read_document(path, f"{key}.item"):
            at_the_end = isinstance(value, str) and not line.text  # the document breaks off: every pass meets it
            if not (at_the_end and is_damaged):
                yield line, value
            is_damaged = is_damaged or at_the_end


def read_document(path: Path, prefix: str) -> Iterator[Found]:
    """The objects under an ijson prefix ("tickets.item") of one document, or of several one after the other."""
    number = 0
    try:
        for value in ijson.items(_Utf8(path), prefix, use_float=True, multiple_values=True):
            number += 1
            raw = json.dumps(value, ensure_ascii=False)[:RECORD_CAP]
            yield Line(0, raw), value if isinstance(value, dict) else f"not an object but a {type(value).__name__}"
    except (ijson.JSONError, UnicodeError, RecursionError, ValueError) as error:
        yield Line(0, ""), f"the document cannot be read after record {number}: {str(error).splitlines()[0][:200]}"


class _Utf8:
    """A file's text as UTF-8 bytes, whatever its encoding and compression: what ijson reads."""

    def __init__(self, path: Path) -> None:
        self._chunks = read_chunks(path)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none at the end."""
        while not self._left or size < 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._left += chunk.encode("utf-8", "replace")
        size = len(self._left) if size < 0 else size
        out, self._left = self._left[:size], self._left[size:]
        return out


def _is_one_document(head: str) -> bool:
    """Whether an object goes on over several lines: its first line is none, and no line after it begins another."""
    lines = [line for line in head.split("\n") if line.strip()]
    if len(lines) < 2 or lines[1].startswith("{"):
        return False
    first = lines[0].strip()
    return first == "{" or (not first.endswith("}") and lines[1][:1] in (" ", "\t", '"', "}"))


def _lines(path: Path) -> Iterator[Found]:
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
        return f"not JSON: {error.msg.removesuffix(' at')} at column {error.pos + 1}"
    except RecursionError:
        return "not JSON that can be read: nested too deeply"
    except ValueError as error:
        return f"not JSON that can be read: {error}"
    return value if isinstance(value, dict) else f"not an object but a {type(value).__name__}"


def _array(path: Path) -> Iterator[Found]:
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
        record = Line(line, buffer[:at])
        if isinstance(value, str) and not buffer.startswith('"'):
            yield record, value
            continue
        yield record, value if isinstance(value, dict) else f"not an object but a {type(value).__name__}"


def _next_value(buffer: str, is_last: bool) -> tuple[Any, int]:
    """The value at the buffer's start and where it ends. Raises JSONDecodeError while it is not whole."""
    if not buffer:
        raise json.JSONDecodeError("the file ends inside the array", buffer, 0)
    try:
        value, at = _DECODER.raw_decode(buffer)
    except json.JSONDecodeError:
        raise
    except ValueError as error:  # refused: a key twice, NaN; where it ends is told by a decoder that takes those
        value, at = f"not JSON that can be read: {error}", json.JSONDecoder().raw_decode(buffer)[1]
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
