"""How a system's rows become inquiries: which of their fields is which of ours. Read by mapping_file.py."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.utils import default_process

from helploop.domain import Channel
from helploop.errors import IntakeError

FIELDS = (
    "id",
    "text",
    "title",
    "replies",
    "customer",
    "customer_names",
    "channel",
    "received_at",
    "first_reply_at",
    "resolved_at",
    "agent_minutes",
    "waited_minutes",
    "csat",
    "nps",
    "locale",
    "tags",
    "thread",
    "weight",
    "is_spam",
    "attachments",
)
TIMES = ("received_at", "first_reply_at", "resolved_at")
REPLY_FIELDS = ("at", "by", "text", "is_agent", "helpful")
PRESET = "preset "  # and its name: what a preset's `file` is
# Instead of a field, for the text:
FREE_TEXT = "*"  # every column of free text that nothing else uses, joined; for nps and csat: the question that asks it
FIRST_TURN = "replies[0]"  # the customer's first turn among the replies; the later ones are the replies
# What docs/design.md calls a field besides its own name.
_ALSO = {"title": ("title", "subject"), "customer_names": ("customer_names", "customer_name")}


@dataclass(frozen=True)
class Rule:
    """Of a turn's field: its value is (or, negated, is not) `value`; without value: it is true.

    As the rule for agents, without a field: nobody is one whom the mapping or the settings do not name.
    """

    path: str = ""
    value: str | None = None
    is_negated: bool = False

    def holds(self, row: object) -> bool:
        """Whether the field of a row is (or is not) the value."""
        found = lookup(row, (self.path,))
        if isinstance(found, bool):
            found = str(found).lower()
        return (str(found if found is not None else "") == (self.value or "")) != self.is_negated


@dataclass(frozen=True)
class ReplyColumns:
    """A reply that stands in columns of the row itself."""

    text: tuple[str, ...]
    at: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    is_agent: bool = True


@dataclass(frozen=True)
class Turns:
    """How rows that are single turns of conversations belong together."""

    conversation: tuple[str, ...]  # rows with the same value are of one conversation
    parent: tuple[str, ...] = ()  # the id of the turn that was answered
    by: tuple[str, ...] = ()  # who wrote an agent's turn; without it, who the customer would be
    agent_rule: Rule | None = None


@dataclass(frozen=True)
class Ignored:
    """Rows that are left out on purpose."""

    reason: str
    path: str
    words: frozenset[str]  # in lower case; "": the field is empty

    def holds(self, row: object) -> bool:
        """Whether a row is one of them."""
        found = lookup(row, (self.path,))
        return ("" if found is None else str(found).strip().lower()) in self.words


@dataclass(frozen=True)
class Mapping:
    """How rows of one source become inquiries. Made by read_mapping, or by hand in a preset."""

    file: str = ""  # where it was read from, for messages
    source: str = ""
    channel: Channel | None = None
    agents: tuple[str, ...] = ()
    fields: ReadOnly[str, tuple[str, ...]] = field(default_factory=dict)  # ours -> theirs, best first
    values: ReadOnly[str, ReadOnly[str, Any]] = field(default_factory=dict)  # field -> their word in lower case -> ours
    reply: ReadOnly[str, tuple[str, ...]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()  # of fields: those that every row may lack
    agent_rule: Rule | None = None
    reply_skip: tuple[Rule, ...] = ()  # replies for which one of these holds are no turns of the conversation
    reply_columns: tuple[ReplyColumns, ...] = ()
    tags: ReadOnly[str, str] = field(default_factory=dict)  # label -> field: the tag "label:value" of each row
    ignored: tuple[Ignored, ...] = ()
    turns: Turns | None = None
    only_if: ReadOnly[str, Rule] = field(default_factory=dict)  # ours -> taken only of rows for which the rule holds
    date_order: str = ""  # of 03/04/2026: "dmy" or "mdy"
    free_text: tuple[str, ...] = ()  # the columns that FREE_TEXT stands for in one file
    recognised_by: tuple[frozenset[str], ...] = ()  # of a preset: a file with all columns of one of these is its own

    def kept_name(self) -> str:
        """What names it from anywhere: its file's whole path, or the preset's name; "" when it has no file."""
        return self.file if self.file.startswith(PRESET) or not self.file else str(Path(self.file).absolute())

    def paths(self, ours: str) -> tuple[str, ...]:
        """Where one of our fields is to be looked for in a row, best first."""
        return self.fields.get(ours) or _ALSO.get(ours) or (ours,)

    def reply_paths(self, ours: str) -> tuple[str, ...]:
        """The same inside a reply."""
        return self.reply.get(ours) or (ours,)

    def used(self) -> frozenset[str]:
        """Every field of theirs that is looked at, outside replies."""
        paths = [path for paths in self.fields.values() for path in paths]
        paths += [path for reply in self.reply_columns for path in (*reply.text, *reply.at, *reply.by)]
        if self.turns:
            paths += [*self.turns.conversation, *self.turns.parent, *self.turns.by]
            paths += [self.turns.agent_rule.path] if self.turns.agent_rule else []
        paths += [rule.path for rule in self.only_if.values()]
        return frozenset((*paths, *self.tags.values(), *(ignored.path for ignored in self.ignored)))

    def fitted(self, columns: Collection[str]) -> Mapping:
        """The same with the names that the file has, where they differ in case, spaces and underscores alone."""
        there = {plain_name(column): column for column in columns}

        def fit(path: str) -> str:
            return path if path in columns else there.get(plain_name(path), path)

        def fit_all(paths: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(fit(path) for path in paths))

        turns = self.turns
        rule = turns.agent_rule if turns else None
        return replace(
            self,
            fields={ours: fit_all(paths) for ours, paths in self.fields.items()},
            only_if={ours: replace(rule, path=fit(rule.path)) for ours, rule in self.only_if.items()},
            tags={label: fit(path) for label, path in self.tags.items()},
            ignored=tuple(replace(ignored, path=fit(ignored.path)) for ignored in self.ignored),
            reply_columns=tuple(
                replace(reply, text=fit_all(reply.text), at=fit_all(reply.at), by=fit_all(reply.by))
                for reply in self.reply_columns
            ),
            turns=turns
            and replace(
                turns,
                conversation=fit_all(turns.conversation),
                parent=fit_all(turns.parent),
                by=fit_all(turns.by),
                agent_rule=rule and replace(rule, path=fit(rule.path)),
            ),
        )

    def check(self, columns: Iterable[str], seen_in: str) -> None:
        """Raises IntakeError, naming every field of [fields] that is none of the columns, and the nearest column."""
        there = sorted(set(columns))
        missing = [
            f"fields.{ours} = {self.fields[ours][0]!r} is not in {seen_in}{did_you_mean(self.fields[ours][0], there)}"
            for ours in self.missing(there)
        ]
        missing += [
            f"reply_columns.text = {reply.text[0]!r} is not in {seen_in}{did_you_mean(reply.text[0], there)}"
            for reply in self.reply_columns
            if not self.recognised_by and not any(path in there for path in reply.text)
        ]
        missing += [
            f"{table} = {paths[0]!r} is not in {seen_in}{did_you_mean(paths[0], there)}"
            for table, paths in self._named()
            if not any(path in there for path in paths)
        ]
        if missing:
            raise IntakeError(f"{self.file or 'mapping'}: {'; '.join(missing)}")

    def _named(self) -> list[tuple[str, tuple[str, ...]]]:
        """Fields that must be there besides [fields]; a preset's may lack, for exports can be cut down."""
        turns = [("turns.conversation", self.turns.conversation)] if self.turns else []
        if self.recognised_by:
            return turns
        tags = [(f"tags.{label}", (path,)) for label, path in self.tags.items()]
        return turns + tags + [(f"ignore.{ignored.reason}", (ignored.path,)) for ignored in self.ignored]

    def missing(self, columns: Collection[str]) -> tuple[str, ...]:
        """Our fields none of whose places is among the columns, and that the mapping does not call optional."""
        return tuple(
            ours
            for ours, theirs in self.fields.items()
            if ours not in self.optional
            and not any(path in columns or path in (FREE_TEXT, FIRST_TURN) for path in theirs)
        )


def lookup(row: object, paths: tuple[str, ...]) -> Any:
    """The first value that is there and not empty under one of the dotted paths; None when there is none."""
    for path in paths:
        value = _at(row, path)
        if value not in (None, "", [], {}):
            return value
    return None


def paths_of(row: dict[str, Any], depth: int = 4) -> set[str]:
    """All dotted paths of a nested row, lists by their first element and without an index."""
    found = set()
    for key, value in row.items():
        found.add(key)
        if depth and isinstance(value, list) and value and isinstance(value[0], dict):
            found.update(f"{key}.0.{path}" for path in paths_of(value[0], depth - 1))
        if depth and isinstance(value, dict):
            found.update(f"{key}.{path}" for path in paths_of(value, depth - 1))
    return found


def _at(row: object, path: str) -> Any:
    if isinstance(row, dict) and path in row:  # a column may hold dots itself
        return row[path]
    for part in path.split("."):
        if isinstance(row, dict):
            row = row.get(part)
        elif isinstance(row, list) and part.isdecimal() and len(part) < 6:
            row = row[int(part)] if int(part) < len(row) else None
        else:
            return None
    return row


def plain_name(name: str) -> str:
    """A field's name for comparing: lower case, without spaces, underscores and dashes."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def did_you_mean(wrong: str, right: Iterable[str]) -> str:
    """The end of a message about a wrong name: the nearest right one, else what there is."""
    names = list(right)
    near = process.extractOne(wrong, names, processor=default_process, score_cutoff=50)
    if near:
        return f", did you mean {near[0]!r}?"
    return f" (there are: {listed_names(names)})" if names else ""


def listed_names(names: Sequence[str]) -> str:
    """Column names in a message: 20 of them, each in one short line (what stands for a header may be a row)."""
    return ", ".join(" ".join(name.split())[:60] for name in names[:20])
