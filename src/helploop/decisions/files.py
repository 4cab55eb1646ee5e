"""The files of kb/decisions: what may stand in one, every mistake with its line, and writing a table of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import tomlkit
from rapidfuzz import process
from tomlkit.exceptions import ParseError, TOMLKitError
from tomlkit.items import Table

from helploop.articles import write_atomically
from helploop.domain import QuestionId
from helploop.errors import ArticleError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_INQUIRY = re.compile(r"[0-9a-f]{16}")
_MERGE_MARK = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})(?: |$)")


@dataclass(frozen=True)
class _Type:
    """What a value may be, in words, and of which Python types."""

    words: str
    types: tuple[type, ...]


_TEXT = _Type("text in quotes", (str,))
_NUMBER = _Type("a whole number", (int,))
_DAY = _Type("a day like 2026-07-06", (date,))
_MOMENT = _Type("a time like 2026-07-06T12:00:00Z", (datetime,))
_QUESTION = _Type("the id of another question", (str,))
_INQUIRIES = _Type("a list of inquiry ids", (list,))
_PARTS = _Type("a table [split.parts] with a list of inquiry ids for each part, one of them this question's", (dict,))

_WHO = {"reason": _TEXT, "by": _TEXT, "at": _MOMENT}
FIELDS: Mapping[str, Mapping[str, _Type]] = {
    "rejected": {"reason": _TEXT, "by": _TEXT, "at": _DAY, "customers": _NUMBER},
    "renamed": {"label": _TEXT, "by": _TEXT, "at": _DAY},
    "snoozed": {"until": _DAY, "by": _TEXT, "at": _DAY},
    "merged": {"into": _QUESTION, **_WHO, "members": _INQUIRIES, "into_members": _INQUIRIES},
    "split": {**_WHO, "parts": _PARTS},
    "apart": {**_WHO, "members": _INQUIRIES, "other_members": _INQUIRIES},  # [apart.OTHER], one for each other
}
_NESTED = "apart"
_MAY_LACK = frozenset({"members", "into_members", "other_members"})
_REASON_MAY_LACK = frozenset({"merged", "split", "apart"})


def is_id(text: str) -> bool:
    """Whether a text can be a question's id, and so a file's name."""
    return bool(_ID.fullmatch(text))


def read_tables(kb: Path) -> dict[QuestionId, dict[str, dict[str, Any]]]:
    """The tables of every file of kb/decisions, by question and kind; none where there is no such folder.

    Raises:
        ArticleError: one line `file:line: what` for each thing that is wrong in any file.
    """
    mistakes: list[str] = []
    tables: dict[QuestionId, dict[str, dict[str, Any]]] = {}
    for path in sorted((kb / "decisions").glob("*.toml")):
        found = _read_file(path, mistakes)
        if found is not None:
            tables[QuestionId(path.stem)] = found
    if mistakes:
        raise ArticleError("\n".join(mistakes))
    return tables


def path_of(kb: Path, question: QuestionId) -> Path:
    """The file of a question's decisions. Raises ArticleError for what cannot be an id."""
    if not is_id(question):
        raise ArticleError(f"{question!r} cannot be a question's id")
    return kb / "decisions" / f"{question}.toml"


def write_table(kb: Path, question: QuestionId, kind: str, facts: Mapping[str, Any], *, below: str = "") -> Path:
    """Writes a decision into the question's file in place of an older one; what else stands there is kept.

    Lists stand with a line for each entry, so that a diff shows them. below: [kind.below] instead of [kind].
    """
    path = path_of(kb, question)
    document = parse(path) if path.is_file() else tomlkit.document()
    table = _table(facts)
    if below:
        parent = document.get(kind)
        if not isinstance(parent, Table):
            parent = document[kind] = tomlkit.table(is_super_table=True)
        parent[below] = table
    else:
        document[kind] = table
    write_atomically(path, tomlkit.dumps(document).encode())
    return path


def remove_table(kb: Path, question: QuestionId, kind: str, *, below: str = "") -> bool:
    """Takes a table out of a question's file, and with the last one the file; False when there was none."""
    path = path_of(kb, question)
    if not path.is_file():
        return False
    document = parse(path)
    if kind not in document:
        return False
    parent = document[kind]
    if below:
        if not isinstance(parent, dict) or below not in parent:
            return False
        parent.pop(below)
    if not below or not parent:
        document.remove(kind)
    if any(name in document for name in FIELDS):
        write_atomically(path, tomlkit.dumps(document).encode())
    else:
        path.unlink()
    return True


def parse(path: Path) -> tomlkit.TOMLDocument:
    """A file of decisions as it stands. Raises ArticleError `file:line: what` when it cannot be read."""
    text = read_text(path)
    for number, line in enumerate(text.splitlines(), start=1):
        if _MERGE_MARK.match(line):
            raise ArticleError(
                f"{path}:{number}: a git merge was left unsettled: keep the tables of both sides (of two of one kind "
                "one) and take out the marks"
            )
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        heads = [line.strip() for line in text.splitlines()]
        twice = [n for n, head in enumerate(heads, start=1) if head.startswith("[") and head in heads[: n - 1]]
        if twice:
            raise ArticleError(f"{path}:{twice[0]}: {heads[twice[0] - 1]} stands there twice: keep one") from error
        number = error.line if isinstance(error, ParseError) else 1
        raise ArticleError(f"{path}:{number}: is not valid TOML: {str(error).split(' at line')[0]}") from error


def read_text(path: Path) -> str:
    """A file's text. Raises ArticleError when it cannot be read."""
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ArticleError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ArticleError(f"{path}: is not UTF-8: save it as UTF-8") from error


def _table(facts: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for key, value in facts.items():
        if isinstance(value, Mapping):
            table.add(key, _table(value))
        elif isinstance(value, tuple | list):
            lines = tomlkit.array()
            lines.extend(value)
            table.add(key, lines.multiline(True))
        else:
            table.add(key, value)
    return table


def _read_file(path: Path, mistakes: list[str]) -> dict[str, dict[str, Any]] | None:
    """The tables of one file; what is wrong goes to mistakes."""
    if not is_id(path.stem):
        mistakes.append(f"{path}:1: is not named after a question's id")
        return None
    try:
        text = read_text(path)
        document: dict[str, dict[str, Any]] = parse(path).unwrap()
    except ArticleError as error:
        mistakes.append(str(error))
        return None
    for kind, table in document.items():
        if kind not in FIELDS:
            hint = process.extractOne(kind, list(FIELDS), score_cutoff=60)
            advice = f"did you mean [{hint[0]}]?" if hint else f"it knows {', '.join(f'[{name}]' for name in FIELDS)}"
            mistakes.append(f"{path}:{_line(text, kind)}: [{kind}] is no decision: {advice}")
        elif not isinstance(table, dict):
            mistakes.append(f"{path}:{_line(text, kind)}: {kind} must be a table: write [{kind}] on a line of its own")
        else:
            found = _table_mistakes(path.stem, kind, table)
            mistakes.extend(f"{path}:{_line(text, key, head)}: {what}" for head, key, what in found)
    return document


def _table_mistakes(question: str, kind: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(table's head, key, what is wrong) of each mistake."""
    if kind != _NESTED:
        for key, what in _field_mistakes(kind, kind, table):
            yield kind, key, what
        yield from _ids_mistakes(question, kind, table)
        return
    for other, inner in table.items():
        head = f"{kind}.{other}"
        if not isinstance(inner, dict):
            yield kind, other, f"[{kind}] has a table for each other question: write [{kind}.ID] on a line of its own"
            continue
        if other == question or not is_id(other):
            yield head, head, f"[{head}] names no other question"
        for key, what in _field_mistakes(kind, head, inner):
            yield head, key, what


def _field_mistakes(kind: str, head: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    fields = FIELDS[kind]
    needed = [n for n in fields if n not in _MAY_LACK and not (n == "reason" and kind in _REASON_MAY_LACK)]
    found = [(head, f"[{head}] has no {name}") for name in needed if name not in table]
    for name, value in table.items():
        if name not in fields:
            hint = process.extractOne(name, list(fields), score_cutoff=60)
            advice = f"did you mean {hint[0]!r}?" if hint else f"it knows {', '.join(fields)}"
            found.append((name, f"[{head}] has no key {name!r}: {advice}"))
        elif not _is_of_type(value, fields[name]):
            found.append((name, f"{name} must be {fields[name].words}"))
    return found


def _is_of_type(value: Any, wanted: _Type) -> bool:
    if isinstance(value, bool):
        return False
    if wanted is _MOMENT:  # a day will do, and counts from its first moment on
        return isinstance(value, date) and not (isinstance(value, datetime) and value.tzinfo is None)
    if wanted is _INQUIRIES:
        return isinstance(value, list) and all(isinstance(one, str) and _INQUIRY.fullmatch(one) for one in value)
    return isinstance(value, wanted.types) and not isinstance(value, datetime)


def _ids_mistakes(question: str, kind: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    into, parts = table.get("into"), table.get("parts")
    if kind == "merged" and isinstance(into, str) and (into == question or not is_id(into)):
        yield kind, "into", f"into must be {_QUESTION.words}, not {into!r}"
    if kind != "split" or not isinstance(parts, dict):
        return
    if question not in parts or len(parts) < 2 or not all(map(is_id, parts)):
        yield "split.parts", "split.parts", f"parts must be {_PARTS.words}"
    seen: dict[str, str] = {}
    for part, members in parts.items():
        if not _is_of_type(members, _INQUIRIES):
            yield "split.parts", part, f"{part} must be {_INQUIRIES.words}"
            continue
        twice = [member for member in members if seen.setdefault(member, part) != part]
        if twice:
            yield "split.parts", part, f"{twice[0]} stands in {seen[twice[0]]}, too: an inquiry is in one part"


def _line(text: str, key: str, table: str = "") -> int:
    """The 1-based line of a key, after its table's head; 1 when it is not found."""
    is_inside = not table or key == table
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if table and re.match(rf"\[\s*{re.escape(table)}\s*\]", bare):
            is_inside = True
            if key == table:
                return number
        if is_inside and re.match(rf"(?:\[\s*)?[\"']?{re.escape(key)}[\"']?\s*(?:=|\]|\.)", bare):
            return number
    return 1
