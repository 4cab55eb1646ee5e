"""What a batch comes to: conversations that are there already, under whichever id, are found and joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from helploop.conversations import content_hash, is_continued, is_same, joined
from helploop.domain import Inquiry, InquiryId
from helploop.store.schema import inquiries, known_as

CHUNK = 500  # keys in one IN (...): below every SQLite's limit of bound variables
_decode = msgspec.json.Decoder(Inquiry)


@dataclass
class JoinedBatch:
    """The rows to write, by id, and what became of every record of the batch."""

    new: dict[InquiryId, Inquiry] = field(default_factory=dict)
    known: dict[InquiryId, Inquiry] = field(default_factory=dict)
    raw_hashes: dict[InquiryId, str] = field(default_factory=dict)  # an id that only grew by others has none here
    aliases: dict[InquiryId, dict[str, str]] = field(default_factory=dict)  # rows of known_as
    stored: int = 0
    updated: int = 0
    unchanged: int = 0


def join_batch(connection: Connection, batch: Sequence[tuple[Inquiry, str]], reopen_after: timedelta) -> JoinedBatch:
    """Goes through (inquiry, raw hash) pairs in order; each is stored, updates an inquiry, or adds nothing to it."""
    there = _Neighbours(connection, [inquiry for inquiry, _ in batch])
    made = JoinedBatch()
    for inquiry, raw_hash in batch:
        own = there.get(inquiry.id)
        home = own or there.get(there.home_of(inquiry.id)) or there.same_as(inquiry)
        if home is None:
            made.stored += 1
            made.new[inquiry.id], made.raw_hashes[inquiry.id] = inquiry, raw_hash
            there.add(inquiry)
            continue
        if own is None:
            whole = joined(home, inquiry, reopen_after)
            names = {"source": inquiry.source, "source_id": inquiry.source_id, "raw_hash": raw_hash}
            names["customer_key"] = inquiry.customer_key
            made.aliases[inquiry.id] = {"id": inquiry.id, "inquiry_id": home.id, **names}
            there.add_alias(inquiry.id, home.id)
        else:  # it comes again: what other records added to it stays
            whole = joined(inquiry, own, reopen_after) if there.is_joined(own.id) else inquiry
            made.raw_hashes[own.id] = raw_hash
        if whole == home:
            made.unchanged += 1
        else:
            made.updated += 1
        (made.new if home.id in made.new else made.known)[home.id] = whole
        there.add(whole)
    return made


class _Neighbours:
    """What the database holds of a batch's conversations, kept up to date while the batch is joined."""

    def __init__(self, connection: Connection, batch: Sequence[Inquiry]) -> None:
        ids = [inquiry.id for inquiry in batch]
        alias = select(known_as.c.id, known_as.c.inquiry_id)
        self._home: dict[str, str] = {row.id: row.inquiry_id for row in rows_in(connection, alias, known_as.c.id, ids)}
        self._by_id: dict[str, Inquiry] = {}
        self._by_hash: dict[str, set[str]] = {}
        self._by_thread: dict[tuple[str, str], set[str]] = {}
        for column, keys in (
            (inquiries.c.id, [*ids, *self._home.values()]),
            (inquiries.c.content_hash, [content_hash(inquiry) for inquiry in batch]),
            (inquiries.c.thread, [inquiry.thread for inquiry in batch]),
        ):
            wanted = list(dict.fromkeys(key for key in keys if key))
            for row in rows_in(connection, select(inquiries.c.record), column, wanted):
                self.add(_decode.decode(row.record))
        homes = rows_in(connection, alias, known_as.c.inquiry_id, list(self._by_id))
        self._joined = {row.inquiry_id for row in homes}

    def get(self, identity: str) -> Inquiry | None:
        """The inquiry of an id as it is by now."""
        return self._by_id.get(identity)

    def home_of(self, identity: str) -> str:
        """The id under which a record of another id was joined; "" when it was not."""
        return self._home.get(identity, "")

    def is_joined(self, identity: str) -> bool:
        """Whether an inquiry holds more than its own record."""
        return identity in self._joined

    def add(self, inquiry: Inquiry) -> None:
        """Makes an inquiry known to the rest of the batch, or renews it."""
        self._by_id[inquiry.id] = inquiry
        self._by_hash.setdefault(content_hash(inquiry), set()).add(inquiry.id)
        if inquiry.thread:
            self._by_thread.setdefault((inquiry.source, inquiry.thread), set()).add(inquiry.id)

    def add_alias(self, identity: str, home: str) -> None:
        """Notes under which id a record was joined."""
        self._home[identity] = home
        self._joined.add(home)

    def same_as(self, inquiry: Inquiry) -> Inquiry | None:
        """An inquiry that is the same conversation, or another part of it; of several the one with the lowest id."""
        digest = content_hash(inquiry)
        near = self._by_hash.get(digest, set()) if digest else set()
        threaded = self._by_thread.get((inquiry.source, inquiry.thread), set()) if inquiry.thread else set()
        for identity in sorted(near | threaded):
            other = self._by_id[identity]
            if is_same(other, inquiry) or is_continued(other, inquiry):
                return other
        return None


def rows_in(connection: Connection, query: Any, column: Any, keys: Sequence[str]) -> Iterator[Any]:
    """The rows whose column is one of the keys, in chunks."""
    for start in range(0, len(keys), CHUNK):
        yield from connection.execute(query.where(column.in_(keys[start : start + CHUNK]))).all()
