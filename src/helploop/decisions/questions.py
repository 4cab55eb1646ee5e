"""Decisions about questions, one small TOML file each in kb/decisions, and the ledger: questions keep their ids."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from helploop.articles import write_atomically
from helploop.decisions.files import is_id, path_of, read_tables, read_text, remove_table, write_table
from helploop.domain import Apart, InquiryId, Merge, Question, QuestionId, Rejection, Split
from helploop.errors import ArticleError

LEDGER_MEMBERS = (
    50  # enough to find a question again in a rebuilt database, few enough for a reviewable diff (docs/design.md)
)


@dataclass(frozen=True)
class Decisions:
    """Everything people decided, by question."""

    rejections: Mapping[QuestionId, Rejection] = field(default_factory=dict)
    evidence: Mapping[QuestionId, int] = field(default_factory=dict)  # customers behind a question when it was rejected
    renames: Mapping[QuestionId, str] = field(default_factory=dict)
    snoozes: Mapping[QuestionId, date] = field(default_factory=dict)  # until this day
    merges: tuple[Merge, ...] = ()  # these three sorted by question
    splits: tuple[Split, ...] = ()
    aparts: tuple[Apart, ...] = ()
    signed: Mapping[tuple[QuestionId, str], tuple[str, date]] = field(default_factory=dict)  # of the first three kinds

    @property
    def ids(self) -> frozenset[QuestionId]:
        """Every question that a decision names: no new question may be called so."""
        parts = {part for split in self.splits for part in split.parts}
        others = {merge.into for merge in self.merges} | {apart.other for apart in self.aparts}
        theirs = (
            {m.question for m in self.merges} | {s.question for s in self.splits} | {a.question for a in self.aparts}
        )
        return frozenset({*self.rejections, *self.renames, *self.snoozes, *parts, *others, *theirs})


def read_decisions(kb: Path) -> Decisions:
    """The decisions of kb/decisions; none where there is no such folder.

    Raises:
        ArticleError: one line `file:line: what` for each thing that is wrong in any file.
    """
    tables = read_tables(kb)
    rejected = {question: kinds["rejected"] for question, kinds in tables.items() if "rejected" in kinds}
    return Decisions(
        rejections={
            question: Rejection(question, no["reason"], no["by"], no["at"]) for question, no in rejected.items()
        },
        evidence={question: no["customers"] for question, no in rejected.items()},
        renames={question: kinds["renamed"]["label"] for question, kinds in tables.items() if "renamed" in kinds},
        snoozes={question: kinds["snoozed"]["until"] for question, kinds in tables.items() if "snoozed" in kinds},
        merges=tuple(_merge(question, kinds["merged"]) for question, kinds in tables.items() if "merged" in kinds),
        splits=tuple(_split(question, kinds["split"]) for question, kinds in tables.items() if "split" in kinds),
        aparts=tuple(
            _apart(question, QuestionId(other), kinds["apart"][other])
            for question, kinds in tables.items()
            for other in sorted(kinds.get("apart", ()))
        ),
        signed={
            (question, kind): (kinds[kind]["by"], kinds[kind]["at"])
            for question, kinds in tables.items()
            for kind in ("rejected", "renamed", "snoozed")
            if kind in kinds
        },
    )


def write_rejection(kb: Path, rejection: Rejection, customers: int) -> Path:
    """Writes a no, with how many customers stood behind the question: it binds until there are clearly more."""
    facts = {"reason": rejection.reason, "by": rejection.by, "at": rejection.at, "customers": customers}
    return write_table(kb, rejection.question, "rejected", facts)


def write_rename(kb: Path, question: QuestionId, label: str, *, by: str, on: date) -> Path:
    """Writes a person's name for a question.

    Raises:
        ArticleError: the label is empty.
    """
    line = " ".join(label.split())
    if not line:
        raise ArticleError(f"{question}: a question cannot be renamed to nothing")
    return write_table(kb, question, "renamed", {"label": line, "by": by, "at": on})


def write_snooze(kb: Path, question: QuestionId, until: date, *, by: str, on: date) -> Path:
    """Writes that a question is not to be drafted until a day."""
    return write_table(kb, question, "snoozed", {"until": until, "by": by, "at": on})


def write_merge(kb: Path, merge: Merge) -> Path:
    """Writes that a question is another one from now on, into the file of the one that goes."""
    anchors = {"members": _some(merge.members), "into_members": _some(merge.into_members)}
    return write_table(kb, merge.question, "merged", {"into": merge.into, **_who(merge), **anchors})


def write_split(kb: Path, split: Split) -> Path:
    """Writes that a question is several, into the file of the one that was cut."""
    parts = {part: _some(split.parts[part]) for part in sorted(split.parts)}
    return write_table(kb, split.question, "split", {**_who(split), "parts": parts})


def write_apart(kb: Path, apart: Apart) -> Path:
    """Writes that two questions must never become one, into the file of the first."""
    anchors = {"members": _some(apart.members), "other_members": _some(apart.other_members)}
    return write_table(kb, apart.question, "apart", {**_who(apart), **anchors}, below=apart.other)


def remove_decision(kb: Path, question: QuestionId, kind: str, *, other: str = "") -> bool:
    """Takes one decision back, of one kind (of kept apart: from the other); False when there was none."""
    return remove_table(kb, question, kind, below=other)


def file_of_decisions(kb: Path, question: QuestionId) -> Path:
    """Where the decisions on a question stand."""
    return path_of(kb, question)


def read_ledger(kb: Path) -> tuple[dict[str, Any], ...]:
    """The entries {"id", "label", "first_seen", "topic", "members"} of kb/questions.jsonl, sorted by id; none without
    it. "topic" is the id of the question's topic, and is not there where it had none.

    Raises:
        ArticleError: one line `file:line: what` for each bad line; marks of an unsettled git merge are named as such.
    """
    path = kb / "questions.jsonl"
    if not path.exists():
        return ()
    mistakes: list[str] = []
    entries: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
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
            **({"topic": question.topic.id} if question.topic else {}),
            "members": sorted(question.members)[
                :LEDGER_MEMBERS
            ],  # ids are hashes: the lowest are a fair and lasting sample
        }
    lines = [json.dumps(entries[key], ensure_ascii=False) for key in sorted(entries)]
    path = kb / "questions.jsonl"
    text = "".join(line + "\n" for line in lines)
    if not path.exists() or read_text(path) != text:
        write_atomically(path, text.encode("utf-8", "replace"))
    return path


def _ledger_entry(line: str) -> tuple[dict[str, Any] | None, str]:
    if re.match(r"(?:<{7}|\|{7}|={7}|>{7})(?: |$)", line):
        return None, "a git merge was left unsettled: keep both sides' lines and take out the marks"
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None, "is not JSON: take the file from git, `helploop cluster` brings it up to date"
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not is_id(entry["id"]):
        return None, 'has no "id" of a question'
    members = entry.get("members")
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        return None, '"members" must be a list of inquiry ids'
    is_text = all(isinstance(entry.get(name, ""), str) for name in ("label", "topic"))
    if not is_text or not isinstance(entry.get("first_seen"), str | None):
        return None, '"label", "first_seen" and "topic" must be texts'
    return {
        "id": entry["id"],
        "label": entry.get("label", ""),
        "first_seen": entry.get("first_seen"),
        **({"topic": entry["topic"]} if "topic" in entry else {}),
        "members": members,
    }, ""


def _who(decision: Merge | Split | Apart) -> dict[str, Any]:
    return {"reason": decision.reason, "by": decision.by, "at": decision.at.astimezone(UTC).replace(microsecond=0)}


def _some(members: Iterable[InquiryId]) -> tuple[InquiryId, ...]:
    """The lowest 50: ids are hashes, so these are a fair and lasting sample."""
    return tuple(sorted(members)[:LEDGER_MEMBERS])


def _merge(question: QuestionId, table: Mapping[str, Any]) -> Merge:
    members, into_members = _inquiries(table, "members"), _inquiries(table, "into_members")
    return Merge(question, QuestionId(table["into"]), *_signed(table), members, into_members)


def _split(question: QuestionId, table: Mapping[str, Any]) -> Split:
    parts = {QuestionId(part): _inquiries(table["parts"], part) for part in sorted(table["parts"])}
    return Split(question, parts, *_signed(table))


def _apart(question: QuestionId, other: QuestionId, table: Mapping[str, Any]) -> Apart:
    return Apart(question, other, *_signed(table), _inquiries(table, "members"), _inquiries(table, "other_members"))


def _signed(table: Mapping[str, Any]) -> tuple[datetime, str, str]:
    """When, who, why. A day counts from its first moment on."""
    at = table["at"]
    moment = at.astimezone(UTC) if isinstance(at, datetime) else datetime.combine(at, time(), UTC)
    return moment, table["by"], table.get("reason", "")


def _inquiries(table: Mapping[str, Any], key: str) -> tuple[InquiryId, ...]:
    return tuple(sorted(InquiryId(member) for member in table.get(key, ())))
