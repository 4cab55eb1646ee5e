"""Stages 1 to 3: files of inquiries and search events, through the door, into the store, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

from helploop.cleaning.templates import KnownLines
from helploop.config import Settings
from helploop.domain import IgnoredRow, Inquiry, RawInquiry, RejectedRow, SearchEvent, inquiry_id
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, Quarantine, Record, describe, is_blank, read_files, with_preset
from helploop.misses import SOURCE
from helploop.pipeline.door import Door
from helploop.pipeline.erasure import purge_forgotten
from helploop.pipeline.intake_report import IntakeReport
from helploop.pipeline.misses import take_misses
from helploop.pipeline.progress import Progress, silent
from helploop.pipeline.templates import known_lines, refresh_template_lines
from helploop.pipeline.workers import LetIn, WorkerPool
from helploop.redaction import redact_text
from helploop.store import Outcome, Store

BATCH = 500  # records a transaction: large enough for speed, small enough that a killed run loses little
BATCH_SIZE = 8_000_000  # characters of them: long conversations make smaller batches
PREVIEW = 3  # mapped rows that a dry run shows


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
    with WorkerPool(door.let_in_all, partial(_make_let_in, settings, templates)) as workers:
        for batch in _begun_ahead(_batches(records), store, door, workers):
            sources |= _take(store, keep, door, batch, report)
            progress("taking in", report.read, 0)
    if keep:
        report.template_lines += len(refresh_template_lines(store, sources))
    if report.events and keep:
        report.misses = take_misses(settings, store)


def _make_let_in(settings: Settings, templates: Mapping[str, KnownLines]) -> LetIn:
    return Door(settings, templates).let_in_all


class _Batch:
    """Records of one transaction, told apart. What the new ones become is begun at once, and asked for later."""

    def __init__(self, records: Sequence[Record], store: Store, door: Door, workers: WorkerPool) -> None:
        self.read = len(records)
        self.ignored = Counter(record.reason for record in records if isinstance(record, IgnoredRow))
        self.events = [record for record in records if isinstance(record, SearchEvent)]
        unread = [record for record in records if isinstance(record, RejectedRow)]
        self.rejected = [row for row in unread if not door.names_forgotten(row)]
        inquiries = [record for record in records if isinstance(record, RawInquiry)]
        whole = [raw for raw in inquiries if not is_blank(raw.text + raw.title)]
        named = [(raw, inquiry_id(raw.source, raw.source_id)) for raw in whole]
        self.raws = [(raw, one, door.raw_hash(raw)) for raw, one in named if not door.is_forgotten(raw, one)]
        forgotten = len(whole) - len(self.raws) + len(unread) - len(self.rejected)
        self.ignored += Counter(blank=len(inquiries) - len(whole), forgotten=forgotten)  # += leaves noughts out
        known = store.raw_hashes([one for _, one, _ in self.raws])
        self._door = door
        self._new = [raw for raw, one, digest in self.raws if known.get(one) != digest]
        self._work = workers.take(self._new)

    @cached_property
    def _let_in(self) -> dict[int, Inquiry]:
        return {id(raw): inquiry for raw, inquiry in zip(self._new, self._work.done(), strict=True)}

    def inquiry_of(self, raw: RawInquiry) -> Inquiry:
        """The inquiry that this very record becomes."""
        return self._let_in.get(id(raw)) or self._door.let_in(raw)


def _begun_ahead(batches: Iterable[list[Record]], store: Store, door: Door, workers: WorkerPool) -> Iterator[_Batch]:
    """Each batch, begun before the one ahead of it is stored."""
    ahead: _Batch | None = None
    try:
        for records in batches:
            batch = _Batch(records, store, door, workers)
            if ahead is not None:
                yield ahead
            ahead = batch
    except IntakeError:  # a file breaks off: what came before it is stored
        if ahead is not None:
            yield ahead
        raise
    if ahead is not None:
        yield ahead


def take_one(settings: Settings, raw: RawInquiry, *, dry_run: bool = False) -> Inquiry:
    """One record through the same door; the inquiry as it is stored, or would be.

    Raises IntakeError when its customer was forgotten.
    """
    with Store(settings.database) as store:
        door = Door(settings, known_lines(store))
        if door.is_forgotten(raw, inquiry_id(raw.source, raw.source_id)):
            raise IntakeError(
                "this customer was forgotten, nothing of theirs is stored"
                "; helploop forget --lift CUSTOMER lets them in again"
            )
        inquiry = door.let_in(raw)
        if not dry_run:
            store.add_inquiries([(inquiry, door.raw_hash(raw))], door.reopen_after)
    return inquiry


def _read_all(files: Sequence[Path], options: IntakeOptions) -> Iterator[Record]:
    missing = [str(file) for file in files if not file.exists()]
    if missing:
        raise IntakeError(f"{', '.join(missing)}: no such file; nothing was taken in")
    yield from read_files(files, options)


def _take(
    store: Store,
    keep: Callable[[Sequence[RejectedRow]], None] | None,
    door: Door,
    batch: _Batch,
    report: IntakeReport,
) -> set[str]:
    """Takes a batch in; the sources that something came from."""
    report.read += batch.read
    report.ignored += batch.ignored
    report.quarantined += len(batch.rejected)
    report.rejected += batch.rejected[: max(0, 20 - len(report.rejected))]
    if keep and batch.rejected:
        keep(batch.rejected)
    known = store.raw_hashes([one for _, one, _ in batch.raws])  # again: the batch ahead is stored by now
    fresh = [(batch.inquiry_of(raw), digest) for raw, one, digest in batch.raws if known.get(one) != digest]
    report.duplicates += len(batch.raws) - len(fresh)
    for inquiry, _ in fresh:
        report.redactions.update(inquiry.redactions)
        report.kinds[inquiry.kind.value] += 1
        report.languages[inquiry.language or "unknown"] += 1
    if not keep and len(report.preview) < PREVIEW:  # known records are shown as well
        report.preview += [batch.inquiry_of(raw) for raw, _, _ in batch.raws[: PREVIEW - len(report.preview)]]
    outcome = Outcome(stored=len(fresh) + len(batch.events))
    if keep:
        outcome = store.add_inquiries(fresh, door.reopen_after)
        kept = store.add_events([_redacted(event) for event in batch.events])
        report.events += kept.stored
        outcome += kept
    report.stored += outcome.stored
    report.updated += outcome.updated
    report.duplicates += outcome.unchanged
    return {inquiry.source for inquiry, _ in fresh}


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
