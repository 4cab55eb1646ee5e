"""Quarantined rows, mended by a person, come in again: what can be read is stored, what cannot waits on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from helploop.config import Settings
from helploop.domain import Channel, IgnoredRow, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, Quarantine, QuarantinedRow, Record, fits, mapping_named, read_file
from helploop.pipeline.intake import take_records
from helploop.pipeline.intake_report import IntakeReport
from helploop.store import Store

_MAILS = ("mbox", "maildir", "eml")
_SUFFIXES = {"csv": ".csv", "tsv": ".tsv"}  # of the files that rows become; JSON for the others
# Who wrote it, and whose name to mask, stands in the export's list of users.
_OF_AN_EXPORT = "a Slack message cannot be taken in alone: mend it in the export and take that in again"
_ALONE = "an answer without its question; mend the mailbox itself and take that in again"


def retry_quarantine(settings: Settings, options: IntakeOptions | None = None) -> IntakeReport:
    """Takes the quarantined rows in again, each as its file was unless the options say otherwise.

    A row leaves the quarantine when what it became is stored: a killed retry loses nothing, and the next one finds
    what it stored as known already. Raises IntakeError for a damaged quarantine.
    """
    quarantine = Quarantine(settings.state / "quarantine")
    rows = quarantine.rows()
    report = IntakeReport()
    if not rows:
        return report
    with quarantine.scratch() as folder, Store(settings.database) as store:
        retry = _Retry(settings, options or IntakeOptions(), folder)
        take_records(settings, store, retry.records(rows), report, lambda rejected: None)
        quarantine.replace([row.id for row in rows if row.id not in retry.waiting], retry.waiting.values())
    return report


@dataclass(frozen=True)
class _Batch:
    """Rows that are read together: mails of one file, so that answers find their questions; others alone."""

    rows: Sequence[QuarantinedRow]
    names: Sequence[str]  # of the files they are written to


class _Retry:
    """Rows as files, and as records again."""

    def __init__(self, settings: Settings, given: IntakeOptions, folder: Path) -> None:
        self._settings = settings
        self._given = given
        self._folder = folder
        self.waiting: dict[str, QuarantinedRow] = {}  # rows that still cannot be read, with today's reason

    def records(self, rows: Sequence[QuarantinedRow]) -> Iterator[Record]:
        """What the rows are now."""
        for number, batch in enumerate(_batches(rows), 1):
            target = self._folder / f"{number:06d}"
            if batch.rows[0].format == "slack":
                yield from (self._wait(row, _OF_AN_EXPORT) for row in batch.rows)
                continue
            if batch.rows[0].format in _MAILS:
                target.mkdir()
                for row, name in zip(batch.rows, batch.names, strict=True):
                    (target / name).write_bytes(row.raw())
            else:
                target = target.with_suffix(_SUFFIXES.get(batch.rows[0].format, ".jsonl"))
                target.write_bytes(batch.rows[0].raw())
            yield from self._read(batch, target)

    def _read(self, batch: _Batch, target: Path) -> Iterator[Record]:
        by_name = dict(zip(batch.names, batch.rows, strict=True)) if target.is_dir() else {}
        try:
            for record in read_file(target, self._options(batch.rows[0], target)):
                row = by_name.get(getattr(record, "source", "").rpartition("/")[2], batch.rows[0])
                if isinstance(record, RejectedRow):
                    yield self._wait(row, record.reason)
                elif isinstance(record, IgnoredRow) and by_name and record.reason.startswith("no mail of a customer"):
                    yield self._wait(row, _ALONE)
                else:
                    yield record
        except IntakeError as error:
            for row in batch.rows:
                if row.id not in self.waiting:
                    yield self._wait(row, str(error).removeprefix(f"{target}: ").replace(target.name, row.file))

    def _wait(self, row: QuarantinedRow, reason: str) -> RejectedRow:
        self.waiting[row.id] = replace(row, reason=reason)
        return RejectedRow(row.file, row.line, reason, row.record, row.row)

    def _options(self, row: QuarantinedRow, target: Path) -> IntakeOptions:
        """As the row's file was taken in, where the command does not say otherwise. A row of a workbook is JSON now."""
        given = self._given
        mapping = given.mapping or (mapping_named(Path(row.map)) if row.map else None)
        return replace(
            given,
            source=given.source or row.source or None,
            format=given.format or (row.format if fits(target, row.format) else None),
            mapping=mapping,
            channel=given.channel or (Channel(row.channel) if row.channel else None),
            agent_addresses=given.agent_addresses or self._settings.intake.agent_addresses,
        )


def _batches(rows: Sequence[QuarantinedRow]) -> Iterator[_Batch]:
    mails: dict[tuple[str, ...], list[QuarantinedRow]] = {}
    for row in rows:
        if row.format in _MAILS:
            mails.setdefault((row.file.split("/", 1)[0], row.source, row.map, row.channel), []).append(row)
        else:
            yield _Batch((row,), ("",))
    for together in mails.values():
        yield _Batch(together, [f"{number:06d}.eml" for number in range(1, len(together) + 1)])
