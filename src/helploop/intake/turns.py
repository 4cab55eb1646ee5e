"""Rows that are single turns (a message, a comment) become conversations: an inquiry with what was replied to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from helploop.domain import IgnoredRow, RawInquiry, RawReply
from helploop.intake.desks.spool import Part, Place, Spool
from helploop.intake.interface import Record, Row
from helploop.intake.mapping import Turns, lookup
from helploop.intake.rows import RowReader
from helploop.intake.values import as_short

_KIND = "turn"
_NEVER = datetime(1990, 1, 1, tzinfo=UTC)
ORPHAN = "an agent's turn that answers nobody"


@dataclass(frozen=True)
class _Turn:
    """One row, read."""

    inquiry: RawInquiry
    place: Place
    is_agent: bool
    parent: str
    by: str


class TurnCollector:
    """Keeps the turns of all files of one call on disk, then gives the conversations that they make."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._readers: list[tuple[RowReader, Turns]] = []

    def take(self, rows: RowReader, turns: Turns, table: Iterator[Row], file: str) -> Iterator[Record]:
        """Reads a table's rows; gives at once what is no turn: rejected and ignored rows, and rows that stand alone."""
        self._readers.append((rows, turns))
        which = len(self._readers) - 1
        for number, row in enumerate(table, 1):
            if row.values is None:
                yield rows.rejected(row.line, number, row.problem, row.raw or "")
                continue
            record = rows.record(row.values, row.line, number, row.raw)
            key = as_short(lookup(row.values, turns.conversation))
            if key and isinstance(record, RawInquiry):
                value = {"reader": which, "row": json.dumps(row.values, ensure_ascii=False, default=str)}
                self._spool.add(_KIND, key, Place(file, row.line, number), value)
            else:
                yield record

    def conversations(self) -> Iterator[Record]:
        """The inquiries, conversations in the order in which they began in the files."""
        seen: set[str] = set()
        for part in self._spool.all(_KIND):
            if part.key not in seen:
                seen.add(part.key)
                yield from _joined([self._turn(one) for one in self._spool.of(_KIND, part.key)], part.key)

    def _turn(self, part: Part) -> _Turn:
        rows, turns = self._readers[part.value["reader"]]
        values = json.loads(part.value["row"])
        record = rows.record(values, part.place.line, part.place.number, "")
        assert isinstance(record, RawInquiry)  # it was one when it was taken
        is_agent = rows.is_agents(values, turns.agent_rule, record)
        by = as_short(lookup(values, turns.by)) if is_agent else ""
        return _Turn(record, part.place, is_agent, as_short(lookup(values, turns.parent)), by or record.customer)


def _joined(turns: list[_Turn], key: str) -> Iterator[Record]:
    """One inquiry for each customer who takes part; an agent's turn goes to the one it answers, else to the last."""
    begun: list[RawInquiry] = []
    replies: list[list[RawReply]] = []
    of_turn: dict[str, int] = {}  # id of a turn -> which inquiry it belongs to
    orphans: list[Record] = []
    for turn in sorted(turns, key=lambda one: one.inquiry.received_at or _NEVER):
        answered = of_turn.get(turn.parent)
        owner = _owner(turn, begun, answered)
        if owner is None and turn.is_agent:
            orphans.append(IgnoredRow(turn.place.file, turn.place.line, ORPHAN))
            continue
        raw = turn.inquiry
        if owner is None:
            owner = len(begun)
            begun.append(replace(raw, thread=raw.thread or key))
            replies.append(list(raw.replies))
        else:
            replies[owner].append(RawReply(raw.received_at, turn.by, turn.is_agent, raw.text))
        of_turn[raw.source_id] = owner
    for inquiry, later in zip(begun, replies, strict=True):
        first = inquiry.first_reply_at or min((r.at for r in later if r.is_agent and r.at), default=None)
        yield replace(inquiry, replies=tuple(later), first_reply_at=first)
    yield from orphans


def _owner(turn: _Turn, begun: list[RawInquiry], answered: int | None) -> int | None:
    """The inquiry that a turn belongs to; None: a customer's begins one of its own, an agent's answers nobody."""
    if not begun:
        return None
    customer = turn.inquiry.customer.lower()
    if turn.is_agent or not customer:
        return len(begun) - 1 if answered is None else answered
    return next((i for i, inquiry in enumerate(begun) if inquiry.customer.lower() == customer), None)
