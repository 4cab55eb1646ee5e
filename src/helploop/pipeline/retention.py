"""`helploop retention`: old texts go, their facts stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helploop.articles import read_articles
from helploop.config import Settings
from helploop.erasure import Treatment, alone, files_below, place_of
from helploop.errors import HelploopError
from helploop.intake import Quarantine
from helploop.matching import article_texts
from helploop.pipeline.erasure import LOCK, UNDER_WAY
from helploop.store import Store


@dataclass(frozen=True)
class Retained:
    """What went, or would go."""

    before: datetime
    inquiries: int  # lost their texts
    undated: int  # kept theirs: nobody knows how old they are
    search_events: int
    vectors: int
    quarantined: int  # rows
    files: int  # reports and outboxes that were written before
    is_compacted: bool  # False: the database is a server's
    dry_run: bool


def retention(
    settings: Settings,
    days: int = 0,
    *,
    all_texts: bool = False,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Retained:
    """Deletes texts of conversations in which nothing was said for so many days (default: [intake] retention_days).

    all_texts: the sentences that ask go, too; those inquiries are in no later round.
    Raises HelploopError when no number of days is given anywhere.
    """
    limit = days or settings.intake.retention_days
    if limit < 1:
        raise HelploopError("for how long are texts kept? give --days, or [intake] retention_days in helploop.toml")
    at = now or datetime.now(UTC)
    before, under_way = at - timedelta(days=limit), settings.state / UNDER_WAY
    kept = [text for article in read_articles(settings.articles) for text in article_texts(article)]
    with alone(settings.state / LOCK), Store(settings.database) as store:
        if not dry_run:
            under_way.touch(mode=0o600)
        counts = store.strip_texts(before, is_asked_kept=not all_texts, kept_texts=kept, dry_run=dry_run)
        rows = _expire(settings, at, limit, dry_run)
        files = _old_files(settings, before)
        for path in files if not dry_run else ():
            path.unlink(missing_ok=True)
        is_compacted = dry_run or store.compact()
        if not dry_run:
            under_way.unlink(missing_ok=True)
    return Retained(
        before=before,
        inquiries=counts["inquiries"],
        undated=counts["undated"],
        search_events=counts["search_events"],
        vectors=counts["vectors"],
        quarantined=rows,
        files=len(files),
        is_compacted=is_compacted,
        dry_run=dry_run,
    )


def _expire(settings: Settings, at: datetime, days: int, dry_run: bool) -> int:
    quarantine = Quarantine(settings.state / "quarantine")
    if dry_run:
        return sum((age := row.age_days(at)) is not None and age >= days for row in quarantine.rows())
    return quarantine.expire(at, days)


def _old_files(settings: Settings, before: datetime) -> list[Path]:
    """Files of machine state that hold texts and were written before; the quarantine knows the age of its rows."""
    old = []
    for path in files_below(settings.state):
        name = path.relative_to(settings.root).as_posix()
        place = place_of(name)
        is_text = place is not None and place.treatment in (Treatment.ROWS, Treatment.WHOLE)
        if is_text and not name.startswith(".helploop/quarantine/") and path.stat().st_mtime < before.timestamp():
            old.append(path)
    return old
