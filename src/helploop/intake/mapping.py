"""The mapping file: their field names to ours, as TOML.

source = "forum"
channel = "forum"                 # of rows that name none
agents = ["support@shop.example"] # who counts as an agent: addresses, "@domain", names

[fields]                          # ours = "theirs"; dotted paths into nested JSON; a list: the first that is there
text = ["body", "description"]
customer = "requester.email"

[values.channel]                  # their word = ours, for channel, is_agent, is_spam
"web form" = "ticket"

[reply]                           # field names inside one reply
by = "author"
is_agent = 'role != "end-user"'   # a field, or: field == "value", field != "value"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
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
REPLY_FIELDS = ("at", "by", "text", "is_agent", "helpful")
_VALUES = ("channel", "is_agent", "is_spam")
_TOP = ("source", "channel", "agents", "fields", "values", "reply")
# What docs/design.md calls a field besides its own name.
_ALSO = {"title": ("title", "subject"), "customer_names": ("customer_names", "customer_name")}
_RULE = re.compile(r"""\s*([\w.\- ]+?)\s*(==|!=)\s*(["'])(.*)\3\s*\Z""")


@dataclass(frozen=True)
class AgentRule:
    """When a reply is an agent's: the field's value is (or, negated, is not) `value`; without value: it is true."""

    path: str
    value: str | None = None
    is_negated: bool = False


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
    agent_rule: AgentRule | None = None

    def paths(self, ours: str) -> tuple[str, ...]:
        """Where one of our fields is to be looked for in a row, best first."""
        return self.fields.get(ours) or _ALSO.get(ours) or (ours,)

    def reply_paths(self, ours: str) -> tuple[str, ...]:
        """The same inside a reply."""
        return self.reply.get(ours) or (ours,)

    def check(self, columns: Iterable[str], seen_in: str) -> None:
        """Raises IntakeError, naming every field of [fields] that is none of the columns, and the nearest column."""
        there = sorted(set(columns))
        missing = [
            f"fields.{ours} = {self.fields[ours][0]!r} is not in {seen_in}{_did_you_mean(self.fields[ours][0], there)}"
            for ours in self.missing(there)
        ]
        if missing:
            raise IntakeError(f"{self.file or 'mapping'}: {'; '.join(missing)}")

    def missing(self, columns: Collection[str]) -> tuple[str, ...]:
        """Our fields none of whose places is among the columns, and that the mapping does not call optional."""
        return tuple(
            ours
            for ours, theirs in self.fields.items()
            if ours not in self.optional and not any(path in columns for path in theirs)
        )


def read_mapping(path: Path) -> Mapping:
    """The mapping of a TOML file. Raises IntakeError naming file, key and the nearest right one."""
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except FileNotFoundError:
        raise IntakeError(f"{path}: there is no such mapping file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IntakeError(f"{path}: not a TOML file: {error}") from error
    except OSError as error:
        raise IntakeError(f"{path}: the mapping file cannot be read ({error.strerror})") from error
    _check_keys(path, "", content, _TOP)
    fields = _table(path, content, "fields")
    values = _table(path, content, "values")
    reply = _table(path, content, "reply")
    _check_keys(path, "fields.", fields, FIELDS)
    _check_keys(path, "values.", values, _VALUES)
    _check_keys(path, "reply.", reply, REPLY_FIELDS)
    rule = reply.pop("is_agent", None)
    places = {ours: _texts(path, f"fields.{ours}", theirs) for ours, theirs in fields.items()}
    return Mapping(
        file=str(path),
        source=_text(path, content, "source"),
        channel=_channel(path, "channel", content["channel"]) if "channel" in content else None,
        agents=_texts(path, "agents", content.get("agents", [])),
        fields=MappingProxyType({ours: tuple(p.removesuffix("?") for p in theirs) for ours, theirs in places.items()}),
        optional=frozenset(ours for ours, theirs in places.items() if any(p.endswith("?") for p in theirs)),
        values=MappingProxyType({name: _translation(path, name, table) for name, table in values.items()}),
        reply=MappingProxyType({ours: _texts(path, f"reply.{ours}", theirs) for ours, theirs in reply.items()}),
        agent_rule=None if rule is None else _agent_rule(path, rule),
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


def _check_keys(path: Path, prefix: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
    wrong = [f"unknown key {prefix}{key}{_did_you_mean(key, known)}" for key in table if key not in known]
    if wrong:
        raise IntakeError(f"{path}: {'; '.join(wrong)}")


def _did_you_mean(wrong: str, right: Iterable[str]) -> str:
    names = list(right)
    near = process.extractOne(wrong, names, processor=default_process, score_cutoff=50)
    if near:
        return f", did you mean {near[0]!r}?"
    return f" (there are: {', '.join(names[:20])})" if names else ""


def _table(path: Path, content: dict[str, Any], key: str) -> dict[str, Any]:
    table = content.get(key, {})
    if not isinstance(table, dict):
        raise IntakeError(f"{path}: {key} must be a table: [{key}]")
    return dict(table)


def _text(path: Path, content: dict[str, Any], key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str):
        raise IntakeError(f"{path}: {key} must be a text")
    return value


def _texts(path: Path, key: str, value: object) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
        raise IntakeError(f"{path}: {key} must be a name or a list of names")
    return tuple(texts)


def _channel(path: Path, key: str, value: object) -> Channel:
    try:
        return Channel(str(value))
    except ValueError:
        names = [channel.value for channel in Channel]
        raise IntakeError(f"{path}: {key} = {value!r} is no channel{_did_you_mean(str(value), names)}") from None


def _translation(path: Path, name: str, table: object) -> ReadOnly[str, Any]:
    if not isinstance(table, dict):
        raise IntakeError(f"{path}: values.{name} must be a table of their word = ours")
    for theirs, ours in table.items():
        if name == "channel":
            _channel(path, f"values.channel.{theirs}", ours)
        elif not isinstance(ours, bool):
            raise IntakeError(f"{path}: values.{name}.{theirs} must be true or false")
    return MappingProxyType({str(theirs).lower(): ours for theirs, ours in table.items()})


def _agent_rule(path: Path, rule: object) -> AgentRule:
    if isinstance(rule, str) and rule:
        compared = _RULE.match(rule)
        if compared:
            return AgentRule(compared[1], compared[4], compared[2] == "!=")
        if "=" not in rule:
            return AgentRule(rule)
    raise IntakeError(f"""{path}: reply.is_agent must be a field, or a rule like 'by != "asker"'""")
