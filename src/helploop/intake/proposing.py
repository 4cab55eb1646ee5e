"""A mapping file written by looking at a table's columns: what they are called, and what shape their values have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helploop.domain import Channel
from helploop.errors import IntakeError
from helploop.intake.column_words import (
    AGENTS,
    CHANNELS,
    CUSTOMERS,
    NAMES,
    REPLY,
    REPLY_AT,
    REPLY_NAMES,
    likeness,
)
from helploop.intake.interface import IntakeOptions, Reader
from helploop.intake.mapping import FIELDS, FREE_TEXT, TIMES, lookup, paths_of
from helploop.intake.presets import recognise_preset
from helploop.intake.shapes import Kind, Shape, column_shapes
from helploop.intake.tables import peek
from helploop.intake.times import day_order, is_slashed

_TEXTS = frozenset({Kind.TEXT, Kind.LINE})
_ANY_WORDS = frozenset({Kind.TEXT, Kind.LINE, Kind.NAME, Kind.WORD, Kind.CODE, Kind.LOCALE})
# Which shapes a field's values may have. A name alone is not believed: "date" may hold a weekday.
_KINDS: dict[str, frozenset[Kind]] = {
    "text": frozenset({*_TEXTS, Kind.NAME, Kind.WORD}),
    "title": frozenset({*_TEXTS, Kind.NAME, Kind.WORD}),
    "id": frozenset({Kind.CODE, Kind.NUMBER, Kind.LINK}),
    "customer": frozenset({Kind.MAIL, Kind.CODE, Kind.NAME, Kind.LINE, Kind.WORD, Kind.NUMBER}),
    "customer_names": frozenset({Kind.NAME, Kind.LINE, Kind.WORD}),
    **dict.fromkeys(TIMES, frozenset({Kind.TIME})),
    "agent_minutes": frozenset({Kind.NUMBER}),
    "waited_minutes": frozenset({Kind.NUMBER}),
    "csat": frozenset({Kind.NUMBER}),
    "nps": frozenset({Kind.NUMBER}),
    "locale": frozenset({Kind.LOCALE, Kind.WORD, Kind.CODE}),
    "tags": frozenset({*_ANY_WORDS, Kind.LIST}),
    "thread": frozenset({Kind.CODE, Kind.NUMBER}),
    "channel": frozenset({*_ANY_WORDS}),
    "is_spam": frozenset({Kind.FLAG}),
    "replies": frozenset({Kind.REPLIES}),
    "attachments": frozenset({Kind.LIST, Kind.LINE}),
}
_ENOUGH = 0.45  # likeness of a name that counts
_WHOLE_NAME = 0.8  # likeness when the whole name is such a word
_AGENT_WORDS = ("agent", "assignee", "owner", "bearbeiter", "zustaendig", "admin", "assigned", "attribue", "asignado")
_MINUTES = ("min", "minutes", "minuten", "minutos", "mins")


@dataclass(frozen=True)
class _Chosen:
    """A column for one of our fields, and why."""

    column: str
    why: str


def propose(path: Path, reader: Reader, options: IntakeOptions) -> str:
    """A mapping file (TOML) for a table, with the reason for each choice; shapes of values, never a value.

    Raises IntakeError when the format needs no mapping, or when no column holds a text.
    """
    if reader.table is None:
        raise IntakeError(f"{path}: {reader.name} is read as it is, without a mapping")
    table = reader.table(path, None)
    rows = [row.values for row in peek(table) if row.values is not None]
    if not rows:
        raise IntakeError(f"{path}: there are no rows to look at")
    top = [column for column in table.columns if ".0." not in column and not column.endswith(".0")]
    shapes = column_shapes(top, rows, lookup)
    chosen = _choose(shapes)
    if "text" not in chosen:
        held = "; ".join(f"{column}: {_told(shape)}" for column, shape in list(shapes.items())[:20])
        raise IntakeError(f"{path}: no column looks like what a customer wrote ({held})")
    return "".join(_written(path, rows, shapes, chosen, recognise_preset(table.columns), options))


def _choose(shapes: dict[str, Shape]) -> dict[str, _Chosen]:
    """Ours -> column: the best fitting pairs first, each column once; then what only its shape tells."""
    pairs = sorted(
        ((score, ours, column) for ours in _KINDS for column in shapes if (score := _score(ours, column, shapes))),
        key=lambda pair: (-pair[0], FIELDS.index(pair[1]), list(shapes).index(pair[2])),
    )
    chosen: dict[str, _Chosen] = {}
    taken: set[str] = set()
    for _, ours, column in pairs:
        if ours not in chosen and column not in taken:
            chosen[ours] = _Chosen(column, f"by its name; {_told(shapes[column])}")
            taken.add(column)
    if "customer_names" not in chosen and chosen.get("customer"):  # "Requester" beside "Requester email"
        named = [c for c in shapes if c not in taken and shapes[c].kind in (Kind.NAME, Kind.WORD)]
        named = [c for c in named if likeness(c, NAMES["customer"]) >= _WHOLE_NAME and not _is_agents(c)]
        if named:
            best = max(named, key=lambda c: likeness(c, NAMES["customer"]))
            chosen["customer_names"] = _Chosen(best, f"by its name; {_told(shapes[best])}")
            taken.add(best)
    for ours, column in _by_shape(shapes, chosen, taken):
        chosen[ours] = _Chosen(
            column, f"by its shape alone: {_told(shapes[column]) if column in shapes else 'free text'}"
        )
    if "text" not in chosen and "title" in chosen:
        chosen["text"] = _Chosen(chosen["title"].column, "there is no longer text")
    return chosen


def _score(ours: str, column: str, shapes: dict[str, Shape]) -> float:
    """How well a column suits a field: its name's likeness, 0 when the values cannot be such a field's."""
    shape = shapes[column]
    alike = likeness(column, NAMES[ours])
    if alike < _ENOUGH or shape.kind not in _KINDS[ours]:
        return 0
    words, is_agents = column.casefold(), _is_agents(column)
    refused = {
        "id": shape.distinct < 0.98 or shape.filled < 0.9,
        "customer": is_agents,
        "customer_names": is_agents,
        "text": max(likeness(column, REPLY), likeness(column, NAMES["title"])) > alike or is_agents,
        "title": shape.words > 25,
        "agent_minutes": not any(word in words for word in _MINUTES),
        "waited_minutes": not any(word in words for word in _MINUTES),
        "csat": not (shape.low >= 1 and shape.high <= 5),
        "nps": not (shape.low >= 0 and shape.high <= 10 and shape.is_whole),
        "channel": shape.distinct > 0.8 and shape.kind is not Kind.WORD,
    }
    if refused.get(ours):
        return 0
    bonus = {
        "customer": 0.5 if shape.kind is Kind.MAIL else 0,
        "text": 0.1 * min(shape.words, 10) / 10 + (0.1 if shape.kind is Kind.TEXT else 0),
        "received_at": 0.05 * shape.filled,
    }
    return alike + bonus.get(ours, 0)


def _is_agents(column: str) -> bool:
    return any(word in column.casefold() for word in _AGENT_WORDS)


def _by_shape(shapes: dict[str, Shape], chosen: dict[str, _Chosen], taken: set[str]) -> Iterator[tuple[str, str]]:
    """What is told by the values, where no name told it."""
    free = {column: shape for column, shape in shapes.items() if column not in taken and likeness(column, REPLY) < 0.7}
    if "text" not in chosen:
        texts = sorted((c for c, shape in free.items() if shape.kind is Kind.TEXT), key=lambda c: -free[c].words)
        if len(texts) > 1:
            yield "text", FREE_TEXT
        elif texts:
            yield "text", texts[0]
    if "received_at" not in chosen:
        times = [c for c, s in free.items() if s.kind is Kind.TIME and s.filled > 0.9 and likeness(c, REPLY_AT) < 0.7]
        yield from (("received_at", column) for column in times[:1])
    if "customer" not in chosen:
        mails = [c for c, s in free.items() if s.kind is Kind.MAIL and not _is_agents(c)]
        yield from (("customer", column) for column in mails[:1])
    if "id" not in chosen:
        first = next(iter(shapes))
        if first in free and free[first].kind in (Kind.CODE, Kind.NUMBER) and free[first].distinct == 1:
            yield "id", first
    if "replies" not in chosen:
        yield from [("replies", c) for c, s in free.items() if s.kind is Kind.REPLIES][:1]


def _written(
    path: Path,
    rows: Sequence[dict[str, Any]],
    shapes: dict[str, Shape],
    chosen: dict[str, _Chosen],
    known: str,
    options: IntakeOptions,
) -> Iterator[str]:
    yield f"# Proposed for {path.name} after looking at {len(rows)} of its rows. Read it, mend it, then:\n"
    yield f"#   helploop intake {path.name} --map THIS-FILE --dry-run\n"
    if known:
        yield f"# The preset {known} knows these columns: without --map it would be read by that.\n"
    source = "".join(c if c.isalnum() else "-" for c in path.name.split(".")[0].casefold()).strip("-") or "import"
    channel = options.channel or (Channel.SURVEY if "nps" in chosen else Channel.TICKET)
    yield f"source = {_quoted(source)}  # the system's name: with a record's id it tells whether it is known already\n"
    yield f"channel = {_quoted(channel.value)}  # of rows that name none: {' '.join(Channel)}\n"
    yield from _date_order(rows, [chosen[name].column for name in TIMES if name in chosen])
    yield "\n[fields]\n"
    for ours in FIELDS:
        if ours in chosen:
            is_needed = ours == "text" or shapes.get(chosen[ours].column, Shape(Kind.TEXT, 1, 1)).filled >= 1
            name = chosen[ours].column if is_needed else f"{chosen[ours].column}?"
            yield f"{ours} = {_quoted(name)}  # {chosen[ours].why}\n"
    used = {one.column for one in chosen.values()}
    yield from _channel_words(rows, chosen)
    yield from _reply(rows, chosen)
    if "replies" not in chosen:
        columns = _reply_columns(shapes, used)
        used |= set(columns.values())
        if columns:
            yield "\n[[reply_columns]]  # an answer in columns of the row itself\n"
            yield from (f"{key} = {_quoted(c)}  # {_told(shapes[c])}\n" for key, c in columns.items())
    left = [column for column in shapes if column not in used and not any(one.startswith(f"{column}.") for one in used)]
    if FREE_TEXT in used:
        left = [column for column in left if shapes[column].kind is not Kind.TEXT]
    if left:
        yield "\n# Left out:\n"
        yield from (
            f"#   {_quoted(column)}: {_told(shapes[column])}{_hint(column, shapes[column])}\n" for column in left
        )


def _date_order(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    values = [lookup(row, (column,)) for row in rows for column in columns]
    if any(is_slashed(value) for value in values):
        order = day_order(values)
        if order:
            yield f"date_order = {_quoted(order)}  # of 03/04/2026: a day above 12 shows it\n"
        else:
            yield '# date_order = "dmy"  # or "mdy": these rows do not show whether 03/04/2026 is in March or April\n'


def _channel_words(rows: Sequence[dict[str, Any]], chosen: dict[str, _Chosen]) -> Iterator[str]:
    if "channel" in chosen:
        found = {str(lookup(row, (chosen["channel"].column,)) or "").strip().lower() for row in rows}
        yield "\n[values.channel]  # their word = ours\n"
        yield from (f"{_quoted(word)} = {_quoted(CHANNELS[word])}\n" for word in sorted(found & set(CHANNELS)))
        yield '"*" = "ticket"  # every other word\n'


def _reply(rows: Sequence[dict[str, Any]], chosen: dict[str, _Chosen]) -> Iterator[str]:
    """The table [reply] for a list of turns."""
    if "replies" not in chosen:
        return
    turns = [turn for row in rows for turn in _turns(lookup(row, (chosen["replies"].column,)))][:500]
    columns = sorted(set().union(*(paths_of(turn, 2) for turn in turns[:100])))
    shapes = column_shapes(columns, turns, lookup)
    yield "\n[reply]  # inside one of the replies\n"
    kinds = {"text": _KINDS["text"], "at": frozenset({Kind.TIME}), "helpful": frozenset({Kind.NUMBER, Kind.FLAG})}
    for ours in ("at", "by", "text", "helpful"):
        fitting = [c for c in columns if shapes[c].kind in kinds.get(ours, {*_ANY_WORDS, Kind.MAIL, Kind.NUMBER})]
        best = max(fitting, key=lambda c: likeness(c, REPLY_NAMES[ours]), default="")
        if best and likeness(best, REPLY_NAMES[ours]) >= _ENOUGH:
            yield f"{ours} = {_quoted(best)}  # {_told(shapes[best])}\n"
    yield from _agent_rule(turns, shapes)


def _agent_rule(turns: Sequence[dict[str, Any]], shapes: dict[str, Shape]) -> Iterator[str]:
    """The line that tells agents from customers: a column of yes and no, or one in which roles are named."""
    likely = sorted((c for c in shapes), key=lambda c: -likeness(c, REPLY_NAMES["is_agent"]))
    for column in likely:
        if likeness(column, REPLY_NAMES["is_agent"]) < _ENOUGH:
            break
        if shapes[column].kind is Kind.FLAG:
            yield f"is_agent = {_quoted(column)}  # {_told(shapes[column])}\n"
            return
        values = {str(lookup(turn, (column,)) or "").strip() for turn in turns}
        for words, sign in ((CUSTOMERS, "!="), (AGENTS, "==")):
            word = next((value for value in sorted(values) if value.lower() in words), None)
            if word is not None and len({v for v in values if v.lower() in words}) == 1:
                rule = f"{column} {sign} {_quoted(word)}"
                yield f"is_agent = '{rule}'  # the word for {'agents' if sign == '==' else 'customers'}\n"
                return
    yield "# is_agent: nothing tells agents from customers; whoever is not the customer counts as one\n"


def _reply_columns(shapes: dict[str, Shape], used: set[str]) -> dict[str, str]:
    free = {column: shape for column, shape in shapes.items() if column not in used}
    texts = [c for c, s in free.items() if s.kind in _TEXTS and likeness(c, REPLY) >= 0.6]
    times = [c for c, s in free.items() if s.kind is Kind.TIME and likeness(c, REPLY_AT) >= 0.6]
    if not texts:
        return {}
    text = max(texts, key=lambda c: likeness(c, REPLY))
    return {"text": text} | ({"at": max(times, key=lambda c: likeness(c, REPLY_AT))} if times else {})


def _turns(value: object) -> list[dict[str, Any]]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return [turn for turn in value if isinstance(turn, dict)] if isinstance(value, list) else []


def _hint(column: str, shape: Shape) -> str:
    if likeness(column, NAMES["csat"]) >= _ENOUGH and shape.kind is Kind.WORD:
        return " (a rating? csat = ..., its words in [values.csat])"
    return " (free text, too)" if shape.kind is Kind.TEXT else ""


def _told(shape: Shape) -> str:
    """A shape in words, without a value."""
    if shape.kind is Kind.EMPTY:
        return "empty"
    parts = [shape.kind.value]
    if shape.kind is Kind.NUMBER:
        is_small = abs(shape.low) <= 1_000 and abs(shape.high) <= 1_000  # larger ones may be somebody's
        parts += [f"from {shape.low:g} to {shape.high:g}"] if is_small else []
    elif shape.kind in (Kind.TEXT, Kind.LINE):
        parts.append(f"of about {shape.words:g} words")
    parts.append(f"in {shape.filled:.0%} of the rows")
    return " ".join(parts) + (", all different" if shape.distinct == 1 else "")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


__all__ = ["propose"]
