"""Store: what the stages read and write. Every method is one transaction; a killed one leaves the last state whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.dialects import sqlite

from helploop.conversations import content_hash
from helploop.domain import (
    Inquiry,
    InquiryId,
    Question,
    QuestionId,
    Round,
    RoundId,
    SearchEvent,
    TemplateLine,
    text_hash,
)
from helploop.errors import StoreError
from helploop.store import erasing, templates
from helploop.store.connection import open_engine, translated
from helploop.store.finding import InquiryFilter, InquiryPage, find_page
from helploop.store.joining import CHUNK, join_batch, rows_in
from helploop.store.schema import (
    inquiries,
    known_as,
    members,
    questions,
    rounds,
    search_events,
    vectors,
)

REOPEN_AFTER = timedelta(days=7)  # a customer who writes after so long a silence has come back


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: every record is in exactly one of the three."""

    stored: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        """Batches added up."""
        return Outcome(self.stored + other.stored, self.updated + other.updated, self.unchanged + other.unchanged)


class Store:
    """The database of one site. Open it with a path or an SQLAlchemy URL; close it, or use it in a with block."""

    def __init__(self, where: Path | str) -> None:
        self._engine = open_engine(where)
        self._url = str(self._engine.url)
        self._reading = self._engine.execution_options(helploop_read=True)

    def __enter__(self) -> Store:
        """The store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes it."""
        self.close()

    def close(self) -> None:
        """Gives the file back."""
        self._engine.dispose()

    # Inquiries

    def raw_hashes(self, ids: Sequence[InquiryId]) -> dict[InquiryId, str]:
        """The keyed hash of the record each known id was made from; unknown ids are left out.

        An id under which only a copy or a part of another inquiry came is known as well.
        """
        rows = self._rows_in(select(inquiries.c.id, inquiries.c.raw_hash), inquiries.c.id, ids)
        copies = self._rows_in(select(known_as.c.id, known_as.c.raw_hash), known_as.c.id, ids)
        return {InquiryId(row.id): row.raw_hash for row in [*copies, *rows]}

    def add_inquiries(self, batch: Sequence[tuple[Inquiry, str]], reopen_after: timedelta = REOPEN_AFTER) -> Outcome:
        """Stores (inquiry, raw hash) pairs by id: new ones are inserted, changed ones replaced, same ones left.

        The same conversation under another id (from a second system, or a later part of it) is joined to the one that
        is there, and counts as updated where it added something. Of two with the same id in one batch the later wins
        and the earlier counts as updated.
        """
        with translated(self._url), self._engine.begin() as connection:
            made = join_batch(connection, batch, reopen_after)
            if made.new:
                rows = [_inquiry_row(i) | {"raw_hash": made.raw_hashes[i.id]} for i in made.new.values()]
                connection.execute(insert(inquiries), rows)
            for inquiry in made.known.values():
                row = _inquiry_row(inquiry)
                if inquiry.id in made.raw_hashes:
                    row["raw_hash"] = made.raw_hashes[inquiry.id]
                connection.execute(update(inquiries).where(inquiries.c.id == inquiry.id), row)
            for alias in made.aliases.values():
                connection.execute(delete(known_as).where(known_as.c.id == alias["id"]))
                connection.execute(insert(known_as), [alias])
        return Outcome(made.stored, made.updated, made.unchanged)

    def set_kinds(self, batch: Sequence[Inquiry]) -> None:
        """Replaces known inquiries whose kind was decided anew; where each came from stays as it is."""
        with translated(self._url), self._engine.begin() as connection:
            for inquiry in batch:
                facts = {"kind": inquiry.kind.value, "record": msgspec.json.encode(inquiry).decode()}
                connection.execute(update(inquiries).where(inquiries.c.id == inquiry.id), facts)

    def set_texts(self, batch: Sequence[Inquiry]) -> None:
        """Replaces known inquiries whose texts were cut anew; kinds, raw hashes and what they came from stay."""
        with translated(self._url), self._engine.begin() as connection:
            for inquiry in batch:
                facts = {"record": msgspec.json.encode(inquiry).decode()}
                connection.execute(update(inquiries).where(inquiries.c.id == inquiry.id), facts)

    def of_source(self, source: str) -> Iterator[Inquiry]:
        """The inquiries that came from a source, by id, a few hundred in memory at a time."""
        query = select(inquiries.c.id, inquiries.c.record).where(inquiries.c.source == source)
        last = ""
        while True:
            with translated(self._url), self._reading.connect() as connection:
                page = query.where(inquiries.c.id > last).order_by(inquiries.c.id).limit(CHUNK)
                rows = connection.execute(page).all()
            yield from (_inquiry(row.record) for row in rows)
            if len(rows) < CHUNK:
                return
            last = rows[-1].id

    def count_of_source(self, source: str) -> int:
        """How many inquiries came from a source."""
        query = select(func.count()).select_from(inquiries).where(inquiries.c.source == source)
        with translated(self._url), self._reading.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def template_lines(self) -> list[TemplateLine]:
        """All lines that were learned, by source, side and line."""
        with translated(self._url), self._reading.connect() as connection:
            return templates.read_lines(connection)

    def learned_from(self) -> dict[str, int]:
        """How many inquiries each source had when its lines were last learned; 0 lines may have come of it."""
        with translated(self._url), self._reading.connect() as connection:
            return templates.read_learned_from(connection)

    def set_template_lines(self, source: str, learned_from: int, lines: Sequence[TemplateLine]) -> None:
        """Replaces a source's lines, and notes from how many inquiries they were learned."""
        with translated(self._url), self._engine.begin() as connection:
            templates.write_lines(connection, source, learned_from, lines)

    def ids_of_source(self, source: str) -> list[InquiryId]:
        """The inquiries that came from a source, sorted."""
        query = select(inquiries.c.id).where(inquiries.c.source == source).order_by(inquiries.c.id)
        with translated(self._url), self._reading.connect() as connection:
            return [InquiryId(row.id) for row in connection.execute(query)]

    def inquiries(self, ids: Sequence[InquiryId] | None = None) -> list[Inquiry]:
        """All inquiries, or those of the ids, sorted by id."""
        if ids is None:
            with translated(self._url), self._reading.connect() as connection:
                return [_inquiry(row.record) for row in connection.execute(_all_inquiries)]
        rows = self._rows_in(select(inquiries.c.id, inquiries.c.record), inquiries.c.id, ids)
        return sorted((_inquiry(row.record) for row in rows), key=lambda inquiry: inquiry.id)

    def find_inquiries(self, wanted: InquiryFilter, limit: int, offset: int = 0) -> InquiryPage:
        """The inquiries that the filter asks for, newest first: `limit` of them after the first `offset`."""
        with translated(self._url), self._reading.connect() as connection:
            return find_page(connection, wanted, limit, offset)

    def count_inquiries(self) -> int:
        """How many there are."""
        with translated(self._url), self._reading.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(inquiries)).scalar_one())

    def other_ids(self, ids: Sequence[InquiryId]) -> list[InquiryId]:
        """The ids of copies and parts that were joined to these inquiries."""
        return [InquiryId(row.id) for row in self._rows_in(select(known_as.c.id), known_as.c.inquiry_id, ids)]

    def customers_of_ids(self) -> list[tuple[InquiryId, InquiryId, str]]:
        """Each id that is known, the id of the inquiry it stands for, and the key of its customer."""
        own = select(inquiries.c.id, inquiries.c.id.label("home"), inquiries.c.customer_key)
        joined = select(known_as.c.id, known_as.c.inquiry_id.label("home"), known_as.c.customer_key)
        with translated(self._url), self._reading.connect() as connection:
            rows = [*connection.execute(own), *connection.execute(joined)]
            return [(InquiryId(row.id), InquiryId(row.home), row.customer_key) for row in rows]

    # Erasing

    def erase(self, what: erasing.Erasure, *, dry_run: bool = False) -> Counter[str]:
        """Takes customers out of every table, whole or not at all; how many rows of each. compact() is to follow."""
        with translated(self._url), self._engine.begin() as connection:
            counts = erasing.erase(connection, what)
            if dry_run:
                connection.rollback()
        return counts

    def strip_texts(
        self, before: datetime, *, is_asked_kept: bool, kept_texts: Collection[str], dry_run: bool = False
    ) -> Counter[str]:
        """Takes texts that are older away, as erasing.strip says, whole or not at all. compact() is to follow."""
        with translated(self._url), self._engine.begin() as connection:
            counts = erasing.strip(connection, before, is_asked_kept=is_asked_kept, kept_texts=kept_texts)
            if dry_run:
                connection.rollback()
        return counts

    def compact(self) -> bool:
        """Takes the bytes of deleted rows out of the file and its log; False: the database is a server's, not a file.

        Raises StoreError when another process keeps it from that.
        """
        with translated(self._url):
            return erasing.compact(self._engine)

    def others_words(self, but: Collection[InquiryId]) -> Iterator[bytes]:
        """What everybody else wrote, as it is stored."""
        with translated(self._url), self._reading.connect() as connection:
            yield from erasing.others_words(connection, but)

    def files(self) -> list[Path]:
        """The database's file with its log and index; none where the database is a server's."""
        if self._engine.dialect.name != "sqlite" or not self._engine.url.database:
            return []
        path = Path(self._engine.url.database)
        return sorted(path.parent.glob(f"{path.name}*"))

    def every_row(self) -> Iterator[tuple[str, bytes]]:
        """Each row of each table, known to helploop or not: the table's name, and all its cells together."""
        with translated(self._url), self._reading.connect() as connection:
            yield from erasing.every_row(connection)

    def own_words(self) -> str:
        """What stands in the database whoever is in it, a piece a line."""
        with translated(self._url), self._reading.connect() as connection:
            return erasing.own_words(connection)

    # Search events

    def add_events(self, events: Sequence[SearchEvent]) -> Outcome:
        """Stores events; the same event again (whichever way it came) is left alone."""
        rows = {row["id"]: row for row in map(_event_row, events)}
        with translated(self._url), self._engine.begin() as connection:
            found = rows_in(connection, select(search_events.c.id), search_events.c.id, list(rows))
            for row in found:
                del rows[row.id]
            if rows:
                connection.execute(insert(search_events), list(rows.values()))
        return Outcome(stored=len(rows), unchanged=len(events) - len(rows))

    def events(self, since: datetime | None = None, until: datetime | None = None) -> list[SearchEvent]:
        """Events of the half-open time [since, until), oldest first."""
        query = select(search_events.c.record).order_by(search_events.c.at, search_events.c.id)
        if since is not None:
            query = query.where(search_events.c.at >= _iso(since))
        if until is not None:
            query = query.where(search_events.c.at < _iso(until))
        with translated(self._url), self._reading.connect() as connection:
            return [msgspec.json.decode(row.record, type=SearchEvent) for row in connection.execute(query)]

    # Vectors: a cache, embedding.VectorCache

    def get(self, encoder_hash: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float16]]:
        """The kept vectors of the text hashes, float16 (d,); those not kept are left out.

        A good part of all that are kept is read in one go: of 30,000, .13 s instead of .37 s key by key.
        """
        is_encoders = vectors.c.encoder_hash == encoder_hash
        query = select(vectors.c.text_hash, vectors.c.vector).where(is_encoders)
        wanted = set(hashes)
        with translated(self._url), self._reading.connect() as connection:
            kept = connection.execute(select(func.count()).select_from(vectors).where(is_encoders)).scalar_one()
            is_whole = len(wanted) >= _GOOD_PART * kept
            one_by_one = rows_in(connection, query, vectors.c.text_hash, hashes)
            rows: Iterable[Any] = connection.execute(query) if is_whole else one_by_one
            return {key: np.frombuffer(row, dtype="<f2") for key, row in rows if key in wanted}

    def put(self, encoder_hash: str, hashes: Sequence[str], rows: NDArray[np.floating[Any]]) -> None:
        """Keeps rows (n, d) as float16 under their text hashes; what is kept already stays."""
        values = [
            {"encoder_hash": encoder_hash, "text_hash": key, "vector": np.asarray(row, dtype="<f2").tobytes()}
            for key, row in zip(hashes, rows, strict=True)
        ]
        if values:
            with translated(self._url), self._engine.begin() as connection:
                connection.execute(_insert_or_ignore(connection, vectors), values)

    # Rounds

    def next_round_id(self) -> RoundId:
        """The id the next round gets."""
        with translated(self._url), self._reading.connect() as connection:
            return RoundId(f"r{(connection.execute(select(func.max(rounds.c.number))).scalar() or 0) + 1:04d}")

    def save_round(self, made: Round) -> None:
        """Stores a round whole, or not at all."""
        number = int(made.id.removeprefix("r"))
        facts = {"number": number, "id": made.id, "at": _iso(made.at), "encoder_hash": made.encoder_hash}
        facts |= {"settings_hash": made.settings_hash, "gone": msgspec.json.encode(made.gone).decode()}
        facts |= {name: msgspec.json.encode(getattr(made, name)).decode() for name in ("split", "merged")}
        belongs: list[dict[str, str | None]] = [
            {"round_id": made.id, "inquiry_id": inquiry, "question_id": question.id, "reason": None}
            for question in made.questions
            for inquiry in question.members
        ]
        belongs += [
            {"round_id": made.id, "inquiry_id": inquiry, "question_id": None, "reason": made.reasons.get(inquiry)}
            for inquiry in made.noise
        ]
        with translated(self._url), self._engine.begin() as connection:
            connection.execute(insert(rounds), [facts])
            if made.questions:
                connection.execute(insert(questions), [_question_row(made, question) for question in made.questions])
            if belongs:
                connection.execute(insert(members), belongs)

    def rounds(self) -> list[RoundId]:
        """All rounds, oldest first."""
        with translated(self._url), self._reading.connect() as connection:
            return [RoundId(row.id) for row in connection.execute(select(rounds.c.id).order_by(rounds.c.number))]

    def load_round(self, which: RoundId | None = None) -> Round | None:
        """A round whole, the newest one when none is named; None when there is none."""
        query = select(rounds).order_by(rounds.c.number.desc()).limit(1)
        if which is not None:
            query = select(rounds).where(rounds.c.id == which)
        with translated(self._url), self._reading.connect() as connection:
            row = connection.execute(query).first()
            return None if row is None else _round(connection, row)

    def undo_round(self) -> RoundId:
        """Takes the newest round back and names it; the one before is the newest again.

        Raises StoreError when there is no round.
        """
        with translated(self._url), self._engine.begin() as connection:
            row = connection.execute(select(rounds.c.id).order_by(rounds.c.number.desc()).limit(1)).first()
            if row is None:
                raise StoreError(f"{self._url}: there is no round to take back")
            for table in (members, questions):
                connection.execute(delete(table).where(table.c.round_id == row.id))
            connection.execute(delete(rounds).where(rounds.c.id == row.id))
            return RoundId(row.id)

    def _rows_in(self, query: Any, column: Any, keys: Sequence[str]) -> list[Any]:
        with translated(self._url), self._reading.connect() as connection:
            return list(rows_in(connection, query, column, keys))


_GOOD_PART = 0.25  # of the kept vectors, from where on all are read: reading one by its key takes three times as long
_all_inquiries = select(inquiries.c.record).order_by(inquiries.c.id)
_decode_inquiry = msgspec.json.Decoder(Inquiry)


def _inquiry(record: str) -> Inquiry:
    return _decode_inquiry.decode(record)


def _inquiry_row(inquiry: Inquiry) -> dict[str, Any]:
    return {
        "id": inquiry.id,
        "source": inquiry.source,
        "source_id": inquiry.source_id,
        "customer_key": inquiry.customer_key,
        "channel": inquiry.channel.value,
        "kind": inquiry.kind.value,
        "received_at": _iso(inquiry.received_at),
        "content_hash": content_hash(inquiry),
        "thread": inquiry.thread,
        "record": msgspec.json.encode(inquiry).decode(),
    }


def _event_row(event: SearchEvent) -> dict[str, Any]:
    record = msgspec.json.encode(event).decode()
    facts = {"id": text_hash(record), "at": _iso(event.at), "event": event.event.value}
    return facts | {"query_id": event.query_id, "record": record}


def _question_row(made: Round, question: Question) -> dict[str, Any]:
    return {
        "round_id": made.id,
        "id": question.id,
        "customers": question.customers,
        "size": question.size,
        "change": made.inherited.get(question.id, "new"),
        "record": msgspec.json.encode(replace(question, members=())).decode(),
    }


def _round(connection: Connection, row: Any) -> Round:
    by_question: dict[str | None, list[InquiryId]] = {}
    reasons: dict[InquiryId, str] = {}
    query = select(members.c.inquiry_id, members.c.question_id, members.c.reason).where(members.c.round_id == row.id)
    for member in connection.execute(query.order_by(members.c.inquiry_id)):
        by_question.setdefault(member.question_id, []).append(InquiryId(member.inquiry_id))
        if member.reason is not None:
            reasons[InquiryId(member.inquiry_id)] = member.reason
    found: list[Question] = []
    changes: dict[str, str] = {}
    query = select(questions).where(questions.c.round_id == row.id)
    for stored in connection.execute(query.order_by(questions.c.customers.desc(), questions.c.id)):
        question = msgspec.json.decode(stored.record, type=Question)
        found.append(replace(question, members=tuple(by_question.get(stored.id, ()))))
        changes[stored.id] = stored.change
    return Round(
        id=RoundId(row.id),
        at=datetime.fromisoformat(row.at),
        encoder_hash=row.encoder_hash,
        settings_hash=row.settings_hash,
        questions=tuple(found),
        noise=tuple(by_question.get(None, ())),
        inherited=changes,
        gone=tuple(QuestionId(gone) for gone in msgspec.json.decode(row.gone)),
        split=_parts(row.split),
        merged=_parts(row.merged),
        reasons=reasons,
    )


def _parts(text: str) -> dict[str, tuple[QuestionId, ...]]:
    return msgspec.json.decode(text, type=dict[str, tuple[QuestionId, ...]])


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def _insert_or_ignore(connection: Connection, table: Table) -> Any:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  - only where such a server is used

    return postgresql.insert(table).on_conflict_do_nothing()


def changes(made: Round) -> Mapping[str, int]:
    """How many questions of a round are new, grown, shrunk or the same, and how many are gone."""
    counts = {"new": 0, "grown": 0, "shrunk": 0, "same": 0}
    for change in made.inherited.values():
        counts[change] += 1
    return counts | {"gone": len(made.gone)}
