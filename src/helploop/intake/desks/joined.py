"""Exports in which a conversation and what was said in it may stand in different files: read as one, over a spool."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helploop.domain import IgnoredRow
from helploop.errors import IntakeError
from helploop.intake.desks.conversation import as_dicts, as_id
from helploop.intake.desks.spool import Part, Place, Spool
from helploop.intake.interface import KEPT_ROW, IntakeOptions, Record
from helploop.intake.json_records import read_lists
from helploop.intake.values import RowError

TICKET, TURN = "ticket", "turn"  # kinds of the spool: what becomes a record, and what is joined to it
_UNUSED = "unused"  # records that become no part of a ticket, until it is sure that the files are whole


@dataclass(frozen=True)
class Row:
    """A record of the export as it goes into the spool."""

    kind: str  # TICKET, TURN, or what the system's reader looks up itself ("user")
    key: str  # a TURN's is its ticket's id
    value: dict[str, Any]


Found = tuple[Place, dict[str, Any] | str, str]  # where, the record or why there is none, its raw text if at hand


def found_in(lists: Sequence[str]) -> Callable[[Path, IntakeOptions], Iterator[Found]]:
    """Finds the JSON records of a file; of a document those of its lists under these keys."""

    def find(path: Path, _options: IntakeOptions) -> Iterator[Found]:
        for number, (line, value) in enumerate(read_lists(path, lists), 1):
            yield Place(path.name, line.number, number), value, line.text

    return find


@dataclass(frozen=True)
class JoinedExport:
    """How the files of one system are joined."""

    system: str  # "Zendesk", for messages
    find: Callable[[Path, IntakeOptions], Iterator[Found]]  # the records of a file or a folder
    inside: str  # the key under which a ticket holds its own turns
    sort: Callable[[dict[str, Any]], list[Row] | str]  # a record's rows, or why it is left out; raises RowError
    maker: Callable[[Spool, IntakeOptions], Callable[[Part, list[dict[str, Any]]], Record]]  # may raise ValueError
    asker: tuple[str, str, str] | None = None  # the kind of users, the key of a ticket's own one, the key to hold them

    def read(self, paths: Sequence[Path], options: IntakeOptions) -> Iterator[Record]:
        """A record of each ticket in the order of the files. The turns of a ticket that is missing are one ignored
        record. Raises IntakeError, before any record, when there are turns or users and no ticket at all."""
        with Spool() as spool:
            for path in paths:
                self._fill(spool, path, options)
            if not spool.has(TICKET) and not spool.has(_UNUSED):
                names = ", ".join(path.name for path in paths)
                raise IntakeError(
                    f"{names}: parts of {self.system}'s export without its conversations; name them in the same command"
                )
            for part in spool.all(_UNUSED):
                reason, raw = part.value["reason"], part.value["row"]
                ignored = IgnoredRow(part.place.file, part.place.line, reason)
                yield ignored if raw is None else part.place.rejected(reason, raw)
            make = self.maker(spool, options)
            for part in spool.all(TICKET):
                yield self._record(spool, part, make)
            for part in spool.orphans(TURN, of=TICKET):
                yield IgnoredRow(part.place.file, part.place.line, "replies to a conversation that is not in the files")

    def _fill(self, spool: Spool, path: Path, options: IntakeOptions) -> None:
        for place, value, raw in self.find(path, options):
            try:
                if isinstance(value, str):
                    raise RowError(value)
                rows = self.sort(value)
                if isinstance(rows, str):
                    rows = [Row(_UNUSED, "", {"reason": rows, "row": None})]
                for row in rows:
                    spool.add(row.kind, row.key, place, row.value)
            except (ValueError, RecursionError) as error:
                reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
                spool.add(_UNUSED, "", place, {"reason": reason, "row": raw[:KEPT_ROW] or _as_json(value)})

    def _record(self, spool: Spool, part: Part, make: Callable[[Part, list[dict[str, Any]]], Record]) -> Record:
        turns: list[dict[str, Any]] = []
        try:
            turns = self._turns(spool, part)
            return make(part, turns)
        except ValueError as error:
            whole = self._whole(spool, part, turns)
            return part.place.rejected(str(error), whole if len(str(whole)) < KEPT_ROW // 2 else part.value)

    def _whole(self, spool: Spool, part: Part, turns: list[dict[str, Any]]) -> dict[str, Any]:
        """The ticket with its turns and its customer inside: mended, it is read alone, and their name masked in it."""
        whole = part.value | ({self.inside: turns} if turns else {})
        if self.asker:
            kind, key, inline = self.asker
            identity = whole.get(key)
            found = spool.of(kind, as_id(identity)) if isinstance(identity, int | str) else []
            whole |= {inline: found[-1].value} if found else {}
        return whole

    def _turns(self, spool: Spool, part: Part) -> list[dict[str, Any]]:
        """The ticket's turns from inside it and from all files, by their ids; of two with one id the later one."""
        found = [*as_dicts(part.value.get(self.inside), self.inside)]
        found += [other.value for other in spool.of(TURN, part.key)]
        once = {as_id(row.get("id")) or f"place {place}": row for place, row in enumerate(found)}
        return [once[key] for key in sorted(once, key=_order)]


def _as_json(value: dict[str, Any] | str) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:KEPT_ROW] if isinstance(value, dict) else ""
    except RecursionError:
        return ""


def _order(key: str) -> tuple[int, int]:
    """All of these systems count their ids up: of turns within one second the lower id came first."""
    return (0, int(key)) if key.isdecimal() and len(key) < 30 else (1, 0)


def key_of(row: dict[str, Any], name: str, what: str) -> str:
    """The id under a name. Raises RowError, saying that `what` has none."""
    key = as_id(row.get(name))
    if not key:
        raise RowError(f"{what} without {'an' if name == 'id' else 'the'} {name}")
    return key
