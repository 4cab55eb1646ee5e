"""Stages 1 to 3 and 12: files of inquiries and search events -> cleaned, redacted, triaged, stored; misses come in."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

import msgspec

from helploop import __version__
from helploop.articles import read_articles
from helploop.cleaning import clean
from helploop.cleaning.templates import KnownLines, cut_template_lines
from helploop.config import Settings
from helploop.conversations import comebacks
from helploop.decisions import read_kinds
from helploop.domain import Channel, IgnoredRow, Inquiry, Kind, RawInquiry, RejectedRow, SearchEvent, inquiry_id
from helploop.errors import IntakeError
from helploop.intake import (
    IntakeOptions,
    Quarantine,
    Recognised,
    Record,
    describe,
    is_blank,
    read_files,
    with_preset,
)
from helploop.misses import SOURCE, MissOptions, find_misses, to_inquiries, words_of
from helploop.names import load_name_detector
from helploop.pipeline.erasure import is_forgotten, names_forgotten, purge_forgotten, read_tombstones
from helploop.pipeline.hands import Hands, LetIn, Work
from helploop.pipeline.progress import Progress, silent
from helploop.pipeline.site_key import site_key
from helploop.pipeline.templates import known_lines, refresh_template_lines
from helploop.pipeline.triage import in_force
from helploop.redaction import NameDetector, RedactionOptions, redact, redact_text
from helploop.store import Outcome, Store
from helploop.triage import triage

BATCH = 500  # records a transaction: large enough for speed, small enough that a killed run loses little
BATCH_SIZE = 8_000_000  # characters of them: long conversations make smaller batches
_TEXT_SHOWN = 300  # characters of a record in a dry run's JSON
PREVIEW = 3  # mapped rows that a dry run shows


@dataclass
class IntakeReport:
    """What became of every record read. read = stored + updated + duplicates + ignored + quarantined."""

    read: int = 0
    stored: int = 0
    updated: int = 0
    duplicates: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    quarantined: int = 0
    redactions: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)  # "unknown": could not be told
    template_lines: int = 0  # learned newly, see `helploop template-lines`
    events: int = 0  # of the stored, how many are search events
    purged: int = 0  # inquiries of the forgotten that a restored backup had brought back (not part of read)
    misses: int = 0  # inquiries of channel search that the events gave (not part of read)
    expired: int = 0  # quarantined rows of earlier runs that were deleted for their age (not part of read)
    rejected: list[RejectedRow] = field(default_factory=list)  # the first few, for the terminal
    files: list[Recognised] = field(default_factory=list)  # of a dry run: how each was recognised
    preview: list[Inquiry] = field(default_factory=list)  # of a dry run: the first few as they would be stored

    def __add__(self, other: IntakeReport) -> IntakeReport:
        """Reports of several files added up."""
        return IntakeReport(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def as_json(self) -> dict[str, object]:
        """The documented shape."""
        counts = {"read": self.read, "stored": self.stored, "updated": self.updated, "duplicates": self.duplicates}
        parts = {"ignored": dict(sorted(self.ignored.items())), "quarantined": self.quarantined}
        found = {"redactions": dict(sorted(self.redactions.items())), "kinds": dict(sorted(self.kinds.items()))}
        told = {"languages": dict(sorted(self.languages.items())), "template_lines": self.template_lines}
        shown = {"files": self.files, "preview": [_shown(inquiry) for inquiry in self.preview]} if self.files else {}
        return {"v": 1, **counts, **parts, **found, **told, **shown}


def intake(
    settings: Settings,
    files: Sequence[Path],
    options: IntakeOptions | None = None,
    *,
    dry_run: bool = False,
    progress: Progress = silent,
    now: datetime | None = None,
) -> IntakeReport:
    """Takes files in; the same file again stores nothing. Bad rows go to the quarantine, with their reason.

    now: when the rows that go to the quarantine came, and by which older ones have expired; None: the clock's.

    Raises IntakeError for a file that cannot be read at all, before anything of it is stored.
    """
    options = with_preset(options or IntakeOptions())
    if not options.agent_addresses:
        options = replace(options, agent_addresses=settings.intake.agent_addresses)
    options = replace(options, slack_channels=options.slack_channels or settings.intake.slack_channels)
    if SOURCE in (options.source, options.mapping.source if options.mapping else ""):
        raise IntakeError(f"the source {SOURCE!r} is kept for what visitors did not find; choose another --source")
    report = IntakeReport(purged=0 if dry_run else purge_forgotten(settings))
    quarantine, at = Quarantine(settings.state / "quarantine"), now or datetime.now(UTC)
    mapping = options.mapping.kept_name() if options.mapping else ""

    def keep(rejected: Sequence[RejectedRow]) -> None:
        quarantine.add_all(rejected, at, mapping, options.channel or "")

    records = _read_all(files, options)
    if dry_run:
        report.files = [describe(file, options) for file in files if file.exists()]
    with Store(settings.database) as store:
        take_records(settings, store, records, report, None if dry_run else keep, progress)
    if not dry_run:
        report.expired = quarantine.expire(at, settings.intake.quarantine_days)
    return report


def take_records(
    settings: Settings,
    store: Store,
    records: Iterable[Record],
    report: IntakeReport,
    keep: Callable[[Sequence[RejectedRow]], None] | None,
    progress: Progress = silent,
) -> None:
    """Records through the door into the store, counted in the report; `keep` gets the rejected ones first.

    keep: None for a dry run, which stores nothing.
    """
    templates = known_lines(store)
    door = Door(settings, templates)
    sources: set[str] = set()
    with Hands(door.let_in_all, partial(_make_let_in, settings, templates)) as hands:
        for batch, made in _let_in_ahead(_batches(records), store, door, hands):
            sources |= _take(store, keep, door, batch, made, report)
            progress("taking in", report.read, 0)
    if keep:
        report.template_lines += len(refresh_template_lines(store, sources))
    if report.events and keep:
        report.misses = take_misses(settings, store)


def _make_let_in(settings: Settings, templates: Mapping[str, KnownLines]) -> LetIn:
    return Door(settings, templates).let_in_all


def _let_in_ahead(
    batches: Iterable[list[Record]], store: Store, door: Door, hands: Hands
) -> Iterator[tuple[list[Record], _Made]]:
    """Each batch with what its inquiries become: begun before the batch ahead of it is stored."""
    ahead: tuple[list[Record], _Made] | None = None
    try:
        for batch in batches:
            raws = [record for record in batch if isinstance(record, RawInquiry)]
            known = store.raw_hashes([inquiry_id(raw.source, raw.source_id) for raw in raws])
            new = [raw for raw in raws if known.get(inquiry_id(raw.source, raw.source_id)) != door.raw_hash(raw)]
            made = _Made(new, hands.take(new), door)
            if ahead is not None:
                yield ahead
            ahead = batch, made
    except IntakeError:  # a file breaks off: what came before it is stored
        if ahead is not None:
            yield ahead
        raise
    if ahead is not None:
        yield ahead


class _Made:
    """What a batch's inquiries become."""

    def __init__(self, raws: Sequence[RawInquiry], work: Work, door: Door) -> None:
        self._raws, self._work, self._door = raws, work, door

    @cached_property
    def _inquiries(self) -> dict[int, Inquiry]:
        return {id(raw): inquiry for raw, inquiry in zip(self._raws, self._work.done(), strict=True)}

    def of(self, raw: RawInquiry) -> Inquiry:
        """The inquiry that this very record becomes."""
        return self._inquiries.get(id(raw)) or self._door.let_in(raw)


def take_one(settings: Settings, raw: RawInquiry, *, dry_run: bool = False) -> Inquiry:
    """One record through the same door; the inquiry as it is stored, or would be.

    Raises IntakeError when its customer was forgotten.
    """
    with Store(settings.database) as store:
        door = Door(settings, known_lines(store))
        if door.is_forgotten(raw):
            raise IntakeError(
                "this customer was forgotten, nothing of theirs is stored"
                "; helploop forget --lift CUSTOMER lets them in again"
            )
        inquiry = door.let_in(raw)
        if not dry_run:
            store.add_inquiries([(inquiry, door.raw_hash(raw))], door.reopen_after)
    return inquiry


def take_misses(settings: Settings, store: Store) -> int:
    """Turns the log's misses into inquiries of channel search; how many are new or have grown.

    What later events explain otherwise (an article answered it in other words, it was misspelt) stays in the log, as
    nothing that asks: rounds that hold it can still be read.
    """
    events = store.events()
    if not events:
        return 0
    options = miss_options(settings, store)
    door = Door(settings)
    raws = to_inquiries(find_misses(events, options), options)
    made = [(door.let_in(raw), door.raw_hash(raw)) for raw in raws]
    outcome = store.add_inquiries(made)
    still = {inquiry.id for inquiry, _ in made}
    explained = store.inquiries([known for known in store.ids_of_source(SOURCE) if known not in still])
    settled = [
        replace(i, kind=Kind.OTHER, kind_reason="later searches explain it")
        for i in explained
        if i.received_at is None or i.received_at >= events[0].at  # else: retention took its events away
    ]
    store.add_inquiries([(inquiry, "") for inquiry in settled])
    return outcome.stored + outcome.updated


def miss_options(settings: Settings, store: Store) -> MissOptions:
    """The configured options with the words of the articles and of what customers wrote: what is in scope."""
    articles = read_articles(settings.articles)
    site = words_of(text for a in articles for text in (a.title, a.body, *a.aliases))
    asked = words_of(i.question_text for i in store.inquiries() if i.channel is not Channel.SEARCH)
    return replace(settings.misses, site_words=site, asked_words=asked)


class Door:
    """The only way in: clean, redact, triage, cut known template lines, with the company's key and addresses."""

    def __init__(self, settings: Settings, templates: Mapping[str, KnownLines] | None = None) -> None:
        self._templates = templates or {}
        self._key = site_key(settings)
        self.reopen_after = timedelta(days=settings.intake.reopen_days)
        self._kinds = read_kinds(settings.kb)
        self._tombstones = read_tombstones(settings)
        addresses = settings.intake.agent_addresses + settings.site.public_contacts
        self._options = RedactionOptions(own_addresses=addresses, no_names=settings.redaction.no_names)
        if settings.intake.order_number:
            self._options = replace(self._options, order_number=settings.intake.order_number)
        self._names = settings.redaction

    @cached_property
    def _detect_names(self) -> NameDetector | None:
        """The model that finds names, loaded when the first record needs it."""
        return load_name_detector(self._names.names_model) if self._names.names == "presidio" else None

    def let_in(self, raw: RawInquiry) -> Inquiry:
        """The inquiry as it may be stored."""
        return self.let_in_all((raw,))[0]

    def let_in_all(self, raws: Sequence[RawInquiry]) -> list[Inquiry]:
        """The same for several, one stage after the other: an eighth faster than one inquiry after the other."""
        cleaned = [clean(raw) for raw in raws]
        redacted = [redact(raw, self._key, self._options, self._detect_names) for raw in cleaned]
        kinds = [triage(inquiry) for inquiry in redacted]
        return [self._decided(inquiry, *kind) for inquiry, kind in zip(redacted, kinds, strict=True)]

    def _decided(self, inquiry: Inquiry, kind: Kind, reason: str) -> Inquiry:
        """With its kind, a person's word first, its repeat contacts, and without the template lines of its source."""
        repeats = max(inquiry.repeat_contacts, comebacks(inquiry, self.reopen_after))
        decided = replace(inquiry, kind=kind, kind_reason=reason, repeat_contacts=repeats)
        known = self._templates.get(inquiry.source)
        let_in = in_force(decided, self._kinds)
        return cut_template_lines(let_in, known) if known else let_in

    def is_forgotten(self, raw: RawInquiry) -> bool:
        """Whether its customer was forgotten, or the record was one of theirs."""
        return is_forgotten(raw, inquiry_id(raw.source, raw.source_id), self._tombstones, self._key)

    def names_forgotten(self, row: RejectedRow) -> bool:
        """Whether a row that cannot be read names somebody who was forgotten."""
        return names_forgotten(row.row, self._tombstones, self._key)

    def raw_hash(self, raw: RawInquiry) -> str:
        """Tells whether a record came before, exactly so and to the same program.

        Keyed: nobody can guess a customer's words from it. With the version: better cleaning reaches old records.
        """
        seen = msgspec.json.encode((__version__, self._options, self._names, raw))
        return hashlib.blake2b(seen, key=self._key, digest_size=16).hexdigest()


def _read_all(files: Sequence[Path], options: IntakeOptions) -> Iterator[Record]:
    missing = [str(file) for file in files if not file.exists()]
    if missing:
        raise IntakeError(f"{', '.join(missing)}: no such file; nothing was taken in")
    yield from read_files(files, options)


def _take(
    store: Store,
    keep: Callable[[Sequence[RejectedRow]], None] | None,
    door: Door,
    batch: Sequence[Record],
    made: _Made,
    report: IntakeReport,
) -> set[str]:
    """Takes a batch in; the sources that something came from."""
    report.read += len(batch)
    whole = [record for record in batch if isinstance(record, RawInquiry) and not is_blank(record.text + record.title)]
    raws = [raw for raw in whole if not door.is_forgotten(raw)]
    events = [record for record in batch if isinstance(record, SearchEvent)]
    unread = [record for record in batch if isinstance(record, RejectedRow)]
    rejected = [row for row in unread if not door.names_forgotten(row)]
    if forgotten := len(whole) - len(raws) + len(unread) - len(rejected):
        report.ignored["forgotten"] += forgotten
    report.ignored.update(record.reason for record in batch if isinstance(record, IgnoredRow))
    if blank := sum(isinstance(record, RawInquiry) for record in batch) - len(whole):
        report.ignored["blank"] += blank
    report.quarantined += len(rejected)
    report.rejected += rejected[: max(0, 20 - len(report.rejected))]
    if keep and rejected:
        keep(rejected)
    hashed = [(raw, inquiry_id(raw.source, raw.source_id), door.raw_hash(raw)) for raw in raws]
    known = store.raw_hashes([identity for _, identity, _ in hashed])
    fresh: list[tuple[Inquiry, str]] = []
    for raw, identity, digest in hashed:
        if known.get(identity) == digest:
            report.duplicates += 1
            continue
        inquiry = made.of(raw)
        fresh.append((inquiry, digest))
        report.redactions.update(inquiry.redactions)
        report.kinds[inquiry.kind.value] += 1
        report.languages[inquiry.language or "unknown"] += 1
    if not keep and len(report.preview) < PREVIEW:  # known records are shown as well
        report.preview += [made.of(raw) for raw in raws[: PREVIEW - len(report.preview)]]
    outcome = Outcome(stored=len(fresh) + len(events))
    if keep:
        outcome = store.add_inquiries(fresh, door.reopen_after)
        kept = store.add_events([_redacted(event) for event in events])
        report.events += kept.stored
        outcome += kept
    report.stored += outcome.stored
    report.updated += outcome.updated
    report.duplicates += outcome.unchanged
    return {inquiry.source for inquiry, _ in fresh}


def _shown(inquiry: Inquiry) -> dict[str, object]:
    """A record of a dry run's preview for --json; redacted, the text's beginning."""
    agents = sum(reply.is_agent for reply in inquiry.replies)
    same = ("source", "source_id", "channel", "kind", "received_at", "first_reply_at", "resolved_at", "csat", "nps")
    return {name: getattr(inquiry, name) for name in (*same, "title", "tags")} | {
        "customer": inquiry.customer_key,
        "text": inquiry.text[:_TEXT_SHOWN],
        "replies": {"agent": agents, "customer": len(inquiry.replies) - agents},
    }


def _redacted(event: SearchEvent) -> SearchEvent:
    return replace(event, search_term=redact_text(event.search_term)[0])


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += _size(record)
        if len(batch) == BATCH or size > BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _size(record: Record) -> int:
    if isinstance(record, RejectedRow):
        return len(record.row)
    return len(record.text) + sum(len(reply.text) for reply in record.replies) if isinstance(record, RawInquiry) else 0
