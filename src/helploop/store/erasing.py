"""Takes customers out of the database for good: their rows, what was made of them, and the bytes left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, MetaData, Table, Text, delete, select, text, tuple_, update

from helploop import domain
from helploop.domain import Inquiry, InquiryId, Question, text_hash
from helploop.errors import StoreError
from helploop.store.schema import (
    inquiries,
    known_as,
    members,
    metadata,
    questions,
    search_events,
    template_lines,
    vectors,
)

CHUNK = 500  # keys in one IN (...): below every SQLite's limit of bound variables

# Every table, and what erase() does with it. A new table needs its line here and its code below; a test tells.
TABLES: Mapping[str, str] = MappingProxyType(
    {
        "inquiries": "the customer's rows go; a name of theirs in another's row is masked",
        "known_as": "other ids of the customer's inquiries go",
        "template_lines": "lines that hold anything of them go",
        "search_events": "visitors cannot be told from their hashes; a name of theirs in a query is masked",
        "vectors": "those that belong to no text of the inquiries and articles that are left go",
        "rounds": "nothing of anybody",
        "questions": "counted anew without them; one that was only theirs goes",
        "members": "the customer's inquiries go",
    }
)


# What a person wrote, of an inquiry and of its replies, and what only tells of it; a test knows of a field in neither.
TEXTS = ("title", "text", "uncut_text", "uncut_question", "attachments")
ASKED = "question_text"
REPLY_TEXTS = ("text", "uncut_text")
FACTS = (
    *("id", "source", "source_id", "channel", "kind", "kind_reason", "kind_by", "received_at", "first_reply_at"),
    *("resolved_at", "customer_key", "agent_minutes", "waited_minutes", "csat", "nps", "locale", "tags", "thread"),
    *("weight", "redactions", "language", "repeat_contacts", "replies"),
)
REPLY_FACTS = ("at", "by", "is_agent", "helpful")


def texts_of(inquiry: Inquiry) -> Iterator[str]:
    """All that a customer wrote in an inquiry, in every form in which it is kept."""
    for name in (*TEXTS, ASKED):
        value = getattr(inquiry, name)
        yield from (value,) if isinstance(value, str) else value
    yield from inquiry.tags
    yield from (getattr(reply, name) for reply in inquiry.replies if not reply.is_agent for name in REPLY_TEXTS)


def replies_of(inquiry: Inquiry) -> Iterator[str]:
    """All that agents wrote in an inquiry."""
    yield from (getattr(reply, name) for reply in inquiry.replies if reply.is_agent for name in REPLY_TEXTS)


class _Asked(msgspec.Struct):
    question_text: str


_decode = msgspec.json.Decoder(Inquiry)
_decode_asked = msgspec.json.Decoder(_Asked)


@dataclass(frozen=True)
class Erasure:
    """What is to be erased, and how to tell it."""

    inquiries: frozenset[InquiryId]
    are_words: Callable[[str], bool]  # whether a text holds words or names of theirs
    mask: Callable[[str], str]  # a text, or JSON, with placeholders for their names
    renew: Callable[[Question, Sequence[Inquiry]], Question]  # a question counted anew over the members that are left
    kept_texts: Collection[str]  # whose vectors stay, beside those of what inquiries ask: the articles' texts


def erase(connection: Connection, what: Erasure) -> Counter[str]:
    """Changes every table; how many rows of each went or were changed. In the transaction of the connection."""
    counts: Counter[str] = Counter()
    shrunk = list(_questions_of(connection, what))  # before their members go
    for column in (members.c.inquiry_id, known_as.c.inquiry_id, known_as.c.id, inquiries.c.id):
        for some in _chunks(sorted(what.inquiries)):
            counts[column.table.name] += connection.execute(delete(column.table).where(column.in_(some))).rowcount
    for round_id, question in shrunk:
        counts["questions"] += 1
        _renew_question(connection, round_id, question, what)
    counts["template_lines"] += _delete_lines(connection, what)
    for table in metadata.sorted_tables:
        counts[table.name] += _mask_rows(connection, table, what.mask)
    counts["vectors"] += _delete_vectors(connection, what.kept_texts)
    return +counts


def strip(
    connection: Connection, before: datetime, *, is_asked_kept: bool, kept_texts: Collection[str]
) -> Counter[str]:
    """Takes old texts away, and the vectors of what only they said: how many inquiries, events and vectors.

    Old is a conversation in which nothing was said since `before`; its facts stay: who, when, how, of which kind, in
    which question. is_asked_kept: the sentences that ask stay, too, so that rounds still find their questions.
    "undated" counts the inquiries that have texts and no date: they stay as they are.
    """
    counts: Counter[str] = Counter()
    limit = before.astimezone(UTC).isoformat(timespec="microseconds")
    old = select(inquiries.c.id, inquiries.c.record).where(inquiries.c.received_at < limit)
    for row in connection.execute(old).all():
        inquiry = _decode.decode(row.record)
        stripped = _stripped(inquiry, is_asked_kept)
        if stripped == inquiry or (inquiry.received_at is not None and _last_said(inquiry) >= before):
            continue
        if inquiry.received_at is None:
            counts["undated"] += 1
            continue
        facts = {"record": msgspec.json.encode(stripped).decode()} | ({} if is_asked_kept else {"content_hash": ""})
        connection.execute(update(inquiries).where(inquiries.c.id == row.id), facts)
        counts["inquiries"] += 1
    counts["search_events"] += connection.execute(delete(search_events).where(search_events.c.at < limit)).rowcount
    counts["vectors"] += _delete_vectors(connection, kept_texts) if counts["inquiries"] else 0
    return +counts


def others_words(connection: Connection, but: Collection[str]) -> Iterator[bytes]:
    """What everybody else wrote, as it is stored: the records of the other inquiries and of all search events."""
    for row in connection.execute(select(inquiries.c.id, inquiries.c.record)):
        if row.id not in but:
            yield row.record.encode()
    for row in connection.execute(select(search_events.c.record)):
        yield row.record.encode()


def every_row(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """Each row of each table that the database has, known to helploop or not: the table, and all its cells together."""
    found = MetaData()
    found.reflect(connection)
    for table in found.sorted_tables:
        for row in connection.execute(select(table)):
            cells = (cell if isinstance(cell, bytes) else str(cell).encode("utf-8", "replace") for cell in row)
            yield table.name, b"\n".join(cells)


def own_words(connection: Connection) -> str:
    """What stands in a database whoever is in it, a piece a line: the schema, and the keys and values of records."""
    found = [*metadata.tables, *(column.name for table in metadata.tables.values() for column in table.columns)]
    if connection.dialect.name == "sqlite":
        found += [f"{row.name} {row.sql}" for row in connection.execute(text("SELECT name, sql FROM sqlite_master"))]
    for kind in vars(domain).values():
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            found += list(kind)
        elif isinstance(kind, type) and is_dataclass(kind):
            found += [field.name for field in fields(kind)]
    return "\n".join(["true", "false", "null", *found])


def compact(engine: Engine) -> bool:
    """Rewrites an SQLite file without what was deleted, and empties its log; False: another server's business.

    secure_delete overwrites deleted rows, but copies stay in freed pages, in full-text indexes and in the log: 10 to
    23 copies of a text until VACUUM and a truncating checkpoint (docs/privacy.md).
    Raises StoreError when another process reads the database and does not stop.
    """
    if engine.dialect.name != "sqlite":
        return False
    raw = engine.raw_connection()
    try:
        connection = raw.driver_connection
        assert connection is not None
        full_text = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts%'"
        for (name,) in connection.execute(full_text).fetchall():
            quoted = name.replace('"', '""')
            connection.execute(f'INSERT INTO "{quoted}"("{quoted}") VALUES (\'optimize\')')  # noqa: S608 (a table of ours)
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            row = connection.execute(statement).fetchone()
        is_busy = bool(row and row[0])
    finally:
        raw.close()
    if is_busy:
        raise StoreError(
            f"{engine.url}: another program reads the database, so its log cannot be emptied; stop it and run the same"
            " command again"
        )
    return True


def _stripped(inquiry: Inquiry, is_asked_kept: bool) -> Inquiry:
    gone = TEXTS if is_asked_kept else (*TEXTS, ASKED)
    nothing: dict[str, Any] = {name: type(getattr(inquiry, name))() for name in gone}  # "" or ()
    no_words: dict[str, Any] = dict.fromkeys(REPLY_TEXTS, "")
    replies = tuple(replace(reply, **no_words) for reply in inquiry.replies)
    return replace(inquiry, replies=replies, **nothing)


def _last_said(inquiry: Inquiry) -> datetime:
    said = (inquiry.received_at, inquiry.first_reply_at, inquiry.resolved_at, *(reply.at for reply in inquiry.replies))
    return max(at for at in said if at is not None)


def _questions_of(connection: Connection, what: Erasure) -> Iterator[tuple[str, Question]]:
    """The questions of all rounds that have them as members, or that are worded by them."""
    touched = set()
    pair = select(members.c.round_id, members.c.question_id)
    for some in _chunks(sorted(what.inquiries)):
        touched |= {tuple(row) for row in connection.execute(pair.where(members.c.inquiry_id.in_(some)))}
    for row in connection.execute(select(questions.c.round_id, questions.c.id, questions.c.record)).all():
        question = msgspec.json.decode(row.record, type=Question)
        is_shown = not what.inquiries.isdisjoint(question.representatives)
        if (row.round_id, row.id) in touched or is_shown or what.are_words(question.label):
            yield row.round_id, question


def _renew_question(connection: Connection, round_id: str, question: Question, what: Erasure) -> None:
    here = (questions.c.round_id == round_id) & (questions.c.id == question.id)
    inside = (members.c.round_id == round_id) & (members.c.question_id == question.id)
    ids = [row.inquiry_id for row in connection.execute(select(members.c.inquiry_id).where(inside))]
    if not ids:
        connection.execute(delete(questions).where(here))
        return
    left = [
        _decode.decode(row.record)
        for some in _chunks(sorted(ids))
        for row in connection.execute(
            select(inquiries.c.record).where(inquiries.c.id.in_(some)).order_by(inquiries.c.id)
        )
    ]
    made = what.renew(question, left)
    record = msgspec.json.encode(made).decode()
    connection.execute(update(questions).where(here).values(customers=made.customers, size=made.size, record=record))


def _delete_lines(connection: Connection, what: Erasure) -> int:
    rows = connection.execute(select(template_lines)).all()
    key = (template_lines.c.source, template_lines.c.side, template_lines.c.line_hash)
    gone = [(row.source, row.side, row.line_hash) for row in rows if what.are_words(row.line)]
    for some in _chunks(gone):
        connection.execute(delete(template_lines).where(tuple_(*key).in_(some)))
    return len(gone)


def _mask_rows(connection: Connection, table: Table, mask: Callable[[str], str]) -> int:
    """Masks names in all text that is no key; how many rows had any."""
    keys = list(table.primary_key.columns)
    texts = [column for column in table.columns if isinstance(column.type, Text) and not column.primary_key]
    if not texts:
        return 0
    changed = []
    for row in connection.execute(select(*keys, *texts)):
        new = {column.name: mask(row._mapping[column]) for column in texts if row._mapping[column]}
        if any(new[column.name] != row._mapping[column] for column in texts if column.name in new):
            changed.append(([row._mapping[key] for key in keys], new))
    for values, new in changed:
        where = [key == value for key, value in zip(keys, values, strict=True)]
        connection.execute(update(table).where(*where).values(new))
    return len(changed)


def _delete_vectors(connection: Connection, kept_texts: Collection[str]) -> int:
    """Vectors are a cache: what cannot be accounted for goes, and is made again where it is needed."""
    kept = {text_hash(text) for text in kept_texts}
    for row in connection.execute(select(inquiries.c.record)):
        kept.add(text_hash(_decode_asked.decode(row.record).question_text))
    known = {row.text_hash for row in connection.execute(select(vectors.c.text_hash).distinct())}
    gone = sorted(known - kept)
    return sum(
        connection.execute(delete(vectors).where(vectors.c.text_hash.in_(some))).rowcount for some in _chunks(gone)
    )


def _chunks(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]
