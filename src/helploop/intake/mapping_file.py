"""The mapping file: their field names to ours, as TOML. Presets are such files, too.

source = "forum"
channel = "forum"                 # of rows that name none
agents = ["support@shop.example"] # who counts as an agent: addresses, "@domain", names
date_order = "dmy"                # of 03/04/2026, when the column does not show it: "dmy" or "mdy"

[fields]                          # ours = "theirs"; dotted paths into nested JSON; a list: the first that is there
text = ["body", "description"]    # "*": every column of free text that nothing else uses, joined;
                                  # "replies[0]": the customer's first turn among the replies
customer = "requester.email"
nps = "*"                         # the column of such scores whose name says so; csat as well
csat = "Rating?"                  # with a question mark: the file may lack it

[values.channel]                  # their word = ours, for channel, is_agent, is_spam, csat, nps ("": unknown)
"web form" = "ticket"
"*" = "mail"                      # every other word

[only_if]                         # a field counts only in rows for which a rule holds
nps = 'survey_type == "nps"'

[reply]                           # field names inside one reply
by = "author"
is_agent = 'role != "end-user"'   # a field, or: field == "value", field != "value"; false: only those in agents
skip = 'type == "note"'           # a rule or several: these are no turns of the conversation

[[reply_columns]]                 # a reply that stands in columns of the row itself
text = "Developer reply"
at = "Replied on"

[tags]                            # the tag "version:4.2" out of a field
version = "App version"

[ignore.deleted]                  # a reason; field = the words for which a row is left out, and counted
body = ["[deleted]", "[removed]"]

[turns]                           # rows are single turns, not whole conversations
conversation = "Conversation ID"
parent = "in_reply_to"            # the id of the turn that it answers
by = "Author"                     # of an agent's turn
is_agent = 'Direction == "Outbound"'
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as ReadOnly
from pathlib import Path
from types import MappingProxyType
from typing import Any

from helploop.domain import Channel
from helploop.errors import IntakeError
from helploop.intake.mapping import (
    FIELDS,
    REPLY_FIELDS,
    Ignored,
    Mapping,
    ReplyColumns,
    Rule,
    Turns,
    did_you_mean,
)
from helploop.intake.times import ORDERS

_VALUES = ("channel", "is_agent", "is_spam", "csat", "nps")
_TOP = (
    "source",
    "channel",
    "agents",
    "date_order",
    "fields",
    "values",
    "reply",
    "reply_columns",
    "tags",
    "ignore",
    "turns",
    "only_if",
    "recognise",
)
_RULE = re.compile(r"""\s*([\w.\-# ]+?)\s*(==|!=)\s*(["'])(.*)\3\s*\Z""")


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
    return _Parser(str(path)).mapping(content)


def _without_marks(names: tuple[str, ...]) -> tuple[str, ...]:
    """The fields' names without the mark of an optional one; a survey's question ends in one itself."""
    return tuple(name for marked in names for name in dict.fromkeys((marked.removesuffix("?"), marked)))


class _Parser:
    """Turns a file's tables into a Mapping; every message names the file and the key."""

    def __init__(self, file: str) -> None:
        self._file = file

    def mapping(self, content: dict[str, Any]) -> Mapping:
        """The whole file."""
        self._check_keys("", content, _TOP)
        fields, values, reply = (self._table(content, key) for key in ("fields", "values", "reply"))
        self._check_keys("fields.", fields, FIELDS)
        self._check_keys("values.", values, _VALUES)
        self._check_keys("reply.", reply, (*REPLY_FIELDS, "skip"))
        rule = reply.pop("is_agent", None)
        skip = self._texts("reply.skip", reply.pop("skip", []))
        places = {ours: self._texts(f"fields.{ours}", theirs) for ours, theirs in fields.items()}
        return Mapping(
            file=self._file,
            source=self._text(content, "source"),
            channel=self._channel("channel", content["channel"]) if "channel" in content else None,
            agents=self._texts("agents", content.get("agents", [])),
            date_order=self._order(self._text(content, "date_order")),
            fields=MappingProxyType({ours: _without_marks(theirs) for ours, theirs in places.items()}),
            optional=frozenset(ours for ours, theirs in places.items() if any(p.endswith("?") for p in theirs)),
            values=MappingProxyType({name: self._translation(name, table) for name, table in values.items()}),
            reply=MappingProxyType({ours: self._texts(f"reply.{ours}", theirs) for ours, theirs in reply.items()}),
            agent_rule=self._rule("reply.is_agent", rule),
            reply_skip=tuple(rule for rule in (self._rule("reply.skip", rule) for rule in skip) if rule),
            reply_columns=self._reply_columns(content.get("reply_columns", [])),
            tags=MappingProxyType(
                {label: self._name(f"tags.{label}", path) for label, path in self._table(content, "tags").items()}
            ),
            ignored=self._ignored(self._table(content, "ignore")),
            turns=self._turns(self._table(content, "turns")),
            only_if=MappingProxyType(self._only_if(self._table(content, "only_if"))),
            recognised_by=self._recognise(self._table(content, "recognise")),
        )

    def _reply_columns(self, tables: object) -> tuple[ReplyColumns, ...]:
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._error("reply_columns must be a list of tables: [[reply_columns]]")
        found = []
        for table in tables:
            self._check_keys("reply_columns.", table, ("text", "at", "by", "is_agent"))
            if "text" not in table:
                raise self._error("reply_columns.text is missing")
            if not isinstance(table.get("is_agent", True), bool):
                raise self._error("reply_columns.is_agent must be true or false")
            text, at, by = (self._texts(f"reply_columns.{key}", table.get(key, [])) for key in ("text", "at", "by"))
            found.append(ReplyColumns(text, at, by, table.get("is_agent", True)))
        return tuple(found)

    def _ignored(self, reasons: dict[str, Any]) -> tuple[Ignored, ...]:
        found = []
        for reason, table in reasons.items():
            if not isinstance(table, dict):
                raise self._error(f"ignore.{reason} must be a table of their field = words")
            for path, words in table.items():
                listed = [words] if isinstance(words, str) else words
                if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
                    raise self._error(f"ignore.{reason}.{path} must be a word or a list of words")
                found.append(Ignored(reason, path, frozenset(word.strip().lower() for word in listed)))
        return tuple(found)

    def _turns(self, table: dict[str, Any]) -> Turns | None:
        if not table:
            return None
        self._check_keys("turns.", table, ("conversation", "parent", "by", "is_agent"))
        if "conversation" not in table:
            raise self._error("turns.conversation is missing")
        conversation, parent, by = (
            self._texts(f"turns.{key}", table.get(key, [])) for key in ("conversation", "parent", "by")
        )
        return Turns(conversation, parent, by, self._rule("turns.is_agent", table.get("is_agent")))

    def _only_if(self, table: dict[str, Any]) -> dict[str, Rule]:
        self._check_keys("only_if.", table, FIELDS)
        rules = ((ours, self._rule(f"only_if.{ours}", rule)) for ours, rule in table.items())
        return {ours: rule for ours, rule in rules if rule}

    def _recognise(self, table: dict[str, Any]) -> tuple[frozenset[str], ...]:
        self._check_keys("recognise.", table, ("columns",))
        columns = table.get("columns", [])
        sets = columns if columns and isinstance(columns[0], list) else [columns] if columns else []
        return tuple(frozenset(self._texts("recognise.columns", names)) for names in sets)

    def _check_keys(self, prefix: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
        wrong = [f"unknown key {prefix}{key}{did_you_mean(key, known)}" for key in table if key not in known]
        if wrong:
            raise self._error("; ".join(wrong))

    def _table(self, content: dict[str, Any], key: str) -> dict[str, Any]:
        table = content.get(key, {})
        if not isinstance(table, dict):
            raise self._error(f"{key} must be a table: [{key}]")
        return dict(table)

    def _text(self, content: dict[str, Any], key: str) -> str:
        value = content.get(key, "")
        if not isinstance(value, str):
            raise self._error(f"{key} must be a text")
        return value

    def _name(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value:
            raise self._error(f"{key} must be the name of a field")
        return value

    def _texts(self, key: str, value: object) -> tuple[str, ...]:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
            raise self._error(f"{key} must be a name or a list of names")
        return tuple(texts)

    def _order(self, value: str) -> str:
        if value and value not in ORDERS:
            raise self._error(f"date_order = {value!r} is neither dmy nor mdy{did_you_mean(value, ORDERS)}")
        return value

    def _channel(self, key: str, value: object) -> Channel:
        try:
            return Channel(str(value))
        except ValueError:
            names = [channel.value for channel in Channel]
            raise self._error(f"{key} = {value!r} is no channel{did_you_mean(str(value), names)}") from None

    def _translation(self, name: str, table: object) -> ReadOnly[str, Any]:
        if not isinstance(table, dict):
            raise self._error(f"values.{name} must be a table of their word = ours")
        for theirs, ours in table.items():
            key = f"values.{name}.{theirs}"
            if name == "channel":
                self._channel(key, ours)
            elif name in ("csat", "nps"):
                if ours != "" and (isinstance(ours, bool) or not isinstance(ours, int | float)):
                    raise self._error(f'{key} must be a number, or "" for unknown')
            elif not isinstance(ours, bool):
                raise self._error(f"{key} must be true or false")
        return MappingProxyType({str(theirs).strip().lower(): ours for theirs, ours in table.items()})

    def _rule(self, key: str, rule: object) -> Rule | None:
        if rule is None:
            return None
        if rule is False:
            return Rule()
        if isinstance(rule, str) and rule:
            compared = _RULE.match(rule)
            if compared:
                return Rule(compared[1], compared[4], compared[2] == "!=")
            if "=" not in rule:
                return Rule(rule)
        raise self._error(f"""{key} must be a field, or a rule like 'by != "asker"', or false""")

    def _error(self, what: str) -> IntakeError:
        return IntakeError(f"{self._file}: {what}")
