"""Decisions about questions, one small TOML file each in kb/decisions, and the ledger: questions keep their ids."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import tomlkit
from rapidfuzz import process
from tomlkit.exceptions import ParseError, TOMLKitError

from helploop.articles import write_atomically
from helploop.domain import Question, QuestionId, Rejection
from helploop.errors import ArticleError

LEDGER_MEMBERS = (
    50  # enough to find a question again in a rebuilt database, few enough for a reviewable diff (docs/design.md)
)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_FIELDS: Mapping[str, Mapping[str, type]] = {
    "rejected": {"reason": str, "by": str, "at": date, "customers": int},
    "renamed": {"label": str, "by": str, "at": date},
    "snoozed": {"until": date, "by": str, "at": date},
}


@dataclass(frozen=True)
class Decisions:
    """Everything people decided, by question."""

    rejections: Mapping[QuestionId, Rejection] = field(default_factory=dict)
    evidence: Mapping[QuestionId, int] = field(default_factory=dict)  # customers behind a question when it was rejected
    renames: Mapping[QuestionId, str] = field(default_factory=dict)
    snoozes: Mapping[QuestionId, date] = field(default_factory=dict)  # until this day


def read_decisions(kb: Path) -> Decisions:
    """The decisions of kb/decisions; none where there is no such folder.

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
    rejected = {question: kinds["rejected"] for question, kinds in tables.items() if "rejected" in kinds}
    return Decisions(
        rejections={
            question: Rejection(question, no["reason"], no["by"], no["at"]) for question, no in rejected.items()
        },
        evidence={question: no["customers"] for question, no in rejected.items()},
        renames={question: kinds["renamed"]["label"] for question, kinds in tables.items() if "renamed" in kinds},
        snoozes={question: kinds["snoozed"]["until"] for question, kinds in tables.items() if "snoozed" in kinds},
    )


def write_rejection(kb: Path, rejection: Rejection, customers: int) -> Path:
    """Writes a no, with how many customers stood behind the question: it binds until there are clearly more."""
    facts = {"reason": rejection.reason, "by": rejection.by, "at": rejection.at, "customers": customers}
    return _write(kb, rejection.question, "rejected", facts)


def write_rename(kb: Path, question: QuestionId, label: str, *, by: str, on: date) -> Path:
    """Writes a person's name for a question.

    Raises:
        ArticleError: the label is empty.
    """
    line = " ".join(label.split())
    if not line:
        raise ArticleError(f"{question}: a question cannot be renamed to nothing")
    return _write(kb, question, "renamed", {"label": line, "by": by, "at": on})


def write_snooze(kb: Path, question: QuestionId, until: date, *, by: str, on: date) -> Path:
    """Writes that a question is not to be drafted until a day."""
    return _write(kb, question, "snoozed", {"until": until, "by": by, "at": on})


def remove_decision(kb: Path, question: QuestionId, kind: str) -> bool:
    """Takes one decision (rejected, renamed, snoozed) back; False when there was none."""
    path = _path(kb, question)
    if not path.is_file():
        return False
    document = _parse(path)
    if kind not in document:
        return False
    document.remove(kind)
    if any(name in document for name in _FIELDS):
        write_atomically(path, tomlkit.dumps(document).encode())
    else:
        path.unlink()
    return True


def read_ledger(kb: Path) -> tuple[dict[str, Any], ...]:
    """The entries {"id", "label", "first_seen", "members"} of kb/questions.jsonl, sorted by id; none without it.

    Raises:
        ArticleError: one line `file:line: what` for each bad line; marks of an unsettled git merge are named as such.
    """
    path = kb / "questions.jsonl"
    if not path.exists():
        return ()
    mistakes: list[str] = []
    entries: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        entry, mistake = _ledger_entry(line)
        if entry is not None and entry["id"] in entries:
            mistake = f"the question {entry['id']!r} stands there twice: keep one line"
        if entry is None or mistake:
            mistakes.append(f"{path}:{number}: {mistake}")
        else:
            entries[entry["id"]] = entry
    if mistakes:
        raise ArticleError("\n".join(mistakes))
    return tuple(entries[key] for key in sorted(entries))


def write_ledger(kb: Path, questions: Iterable[Question]) -> Path:
    """Writes the questions into kb/questions.jsonl, sorted by id, a line each; those of earlier rounds stay, so that
    no id is ever lost.

    Raises:
        ArticleError: the ledger that is there cannot be read, or the file cannot be written.
    """
    entries = {entry["id"]: entry for entry in read_ledger(kb)}
    for question in questions:
        entries[question.id] = {
            "id": question.id,
            "label": question.label,
            "first_seen": question.first_seen.isoformat() if question.first_seen else None,
            "members": sorted(question.members)[
                :LEDGER_MEMBERS
            ],  # ids are hashes: the lowest are a fair and lasting sample
        }
    lines = [json.dumps(entries[key], ensure_ascii=False) for key in sorted(entries)]
    path = kb / "questions.jsonl"
    text = "".join(line + "\n" for line in lines)
    if not path.exists() or _text(path) != text:
        write_atomically(path, text.encode("utf-8", "replace"))
    return path


def _ledger_entry(line: str) -> tuple[dict[str, Any] | None, str]:
    if re.match(r"(?:<{7}|\|{7}|={7}|>{7})(?: |$)", line):
        return None, "a git merge was left unsettled: keep both sides' lines and take out the marks"
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None, "is not JSON: take the file from git, `helploop cluster` brings it up to date"
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not _ID.fullmatch(entry["id"]):
        return None, 'has no "id" of a question'
    members = entry.get("members")
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        return None, '"members" must be a list of inquiry ids'
    if not isinstance(entry.get("label", ""), str) or not isinstance(entry.get("first_seen"), str | None):
        return None, '"label" and "first_seen" must be texts'
    return {
        "id": entry["id"],
        "label": entry.get("label", ""),
        "first_seen": entry.get("first_seen"),
        "members": members,
    }, ""


def _write(kb: Path, question: QuestionId, kind: str, facts: Mapping[str, Any]) -> Path:
    path = _path(kb, question)
    document = _parse(path) if path.is_file() else tomlkit.document()
    table = tomlkit.table()
    for key, value in facts.items():
        table.add(key, value)
    document[kind] = table
    write_atomically(path, tomlkit.dumps(document).encode())
    return path


def _path(kb: Path, question: QuestionId) -> Path:
    if not _ID.fullmatch(question):
        raise ArticleError(f"{question!r} cannot be a question's id")
    return kb / "decisions" / f"{question}.toml"


def _parse(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(_text(path))
    except ParseError as error:
        raise ArticleError(f"{path}:{error.line}: is not valid TOML: {str(error).split(' at line')[0]}") from error
    except TOMLKitError as error:
        raise ArticleError(f"{path}:1: is not valid TOML: {error}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ArticleError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ArticleError(f"{path}: is not UTF-8: save it as UTF-8") from error


def _read_file(path: Path, mistakes: list[str]) -> dict[str, dict[str, Any]] | None:
    """The tables of one file; what is wrong goes to mistakes."""
    if not _ID.fullmatch(path.stem):
        mistakes.append(f"{path}:1: is not named after a question's id")
        return None
    try:
        text = _text(path)
        document = _parse(path).unwrap()
    except ArticleError as error:
        mistakes.append(str(error))
        return None
    for kind, table in document.items():
        if kind not in _FIELDS:
            hint = process.extractOne(kind, list(_FIELDS), score_cutoff=60)
            advice = f"did you mean [{hint[0]}]?" if hint else f"it knows {', '.join(f'[{name}]' for name in _FIELDS)}"
            mistakes.append(f"{path}:{_line(text, kind)}: [{kind}] is no decision: {advice}")
        elif not isinstance(table, dict):
            mistakes.append(f"{path}:{_line(text, kind)}: {kind} must be a table: write [{kind}] on a line of its own")
        else:
            mistakes.extend(f"{path}:{_line(text, key, kind)}: {what}" for key, what in _field_mistakes(kind, table))
    return document


def _field_mistakes(kind: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    fields = _FIELDS[kind]
    found = [(kind, f"[{kind}] has no {name}") for name in fields if name not in table]
    for name, value in table.items():
        if name not in fields:
            hint = process.extractOne(name, list(fields), score_cutoff=60)
            advice = f"did you mean {hint[0]!r}?" if hint else f"it knows {', '.join(fields)}"
            found.append((name, f"[{kind}] has no key {name!r}: {advice}"))
        elif not isinstance(value, fields[name]) or isinstance(value, bool | datetime):
            kinds = {str: "text in quotes", int: "a whole number", date: "a day like 2026-07-06"}
            found.append((name, f"{name} must be {kinds[fields[name]]}"))
    return found


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
