"""A person's word on kinds, and what is handed over to owners: `helploop triage` and `helploop outbox`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helploop.config import Settings
from helploop.decisions import read_kinds, write_kinds
from helploop.domain import Inquiry, InquiryId, Kind, KindBy, KindDecision
from helploop.errors import HelploopError
from helploop.outbox import OwnerBox, read_listed, still_listed, write_outbox
from helploop.pipeline.erasure import purge_forgotten
from helploop.store import Store
from helploop.triage import triage
from helploop.triage.outbox import make_outbox

KEPT_DAYS = 7  # what is settled stays in the outbox so long after it was first listed


@dataclass(frozen=True)
class Outbox:
    """What was written."""

    folder: Path
    at: datetime
    boxes: tuple[OwnerBox, ...]
    first_at: Mapping[InquiryId, datetime]  # when each inquiry was first listed

    def count_new(self) -> int:
        """How many are listed for the first time."""
        return sum(self.first_at[item.inquiry.id] == self.at for box in self.boxes for item in box.items)


def set_kind(
    settings: Settings, ids: Sequence[str], kind: Kind | None, *, by: str = "", at: datetime | None = None
) -> list[Inquiry]:
    """Keeps a person's word on inquiries in kb/triage.jsonl, and stores it; None takes it back: the rules decide again.

    Raises HelploopError for an id that is not in the log; nothing is changed then.
    """
    wanted = [InquiryId(which) for which in ids]
    with Store(settings.database) as store:
        found = store.inquiries(wanted)
        missing = sorted(set(wanted) - {inquiry.id for inquiry in found})
        if missing:
            raise HelploopError(f"{', '.join(missing)}: no such inquiry; `helploop triage list` shows them")
        decisions = read_kinds(settings.kb)
        for which in wanted:
            if kind is None:
                decisions.pop(which, None)
            elif which not in decisions or (decisions[which].kind, decisions[which].by) != (kind, by):
                decisions[which] = KindDecision(which, kind, at or datetime.now(UTC), by)
        write_kinds(settings.kb, decisions)
        return heed_decisions(settings, store, found)


def heed_decisions(
    settings: Settings, store: Store, inquiries: Sequence[Inquiry], *, dry_run: bool = False
) -> list[Inquiry]:
    """The inquiries as kb/triage.jsonl has them now, which git may have changed; what differs is stored unless dry."""
    decisions = read_kinds(settings.kb)
    heeded = [in_force(inquiry, decisions) for inquiry in inquiries]
    if not dry_run:
        store.set_kinds([new for old, new in zip(inquiries, heeded, strict=True) if new != old])
    return heeded


def in_force(inquiry: Inquiry, decisions: Mapping[InquiryId, KindDecision]) -> Inquiry:
    """The inquiry with a person's word as its kind; where the word was taken back, with what the rules say."""
    decision = decisions.get(inquiry.id)
    if decision is not None:
        reason = f"{decision.by or 'a person'} said so"
        return replace(inquiry, kind=decision.kind, kind_reason=reason, kind_by=KindBy.PERSON)
    if inquiry.kind_by is KindBy.PERSON:
        kind, reason = triage(inquiry)
        return replace(inquiry, kind=kind, kind_reason=reason, kind_by=KindBy.RULES)
    return inquiry


def list_kinds(settings: Settings, kinds: Sequence[Kind], limit: int) -> tuple[list[Inquiry], Counter[Kind]]:
    """The newest inquiries of the kinds (all, when none is named), at most `limit`; and how many there are of each."""
    with Store(settings.database) as store:
        inquiries = heed_decisions(settings, store, store.inquiries())
    counts = Counter(inquiry.kind for inquiry in inquiries)
    found = [inquiry for inquiry in inquiries if not kinds or inquiry.kind in kinds]
    found.sort(key=lambda i: (-i.received_at.timestamp() if i.received_at else 0.0, i.id))
    return found[:limit], counts


def outbox(
    settings: Settings, folder: Path | None = None, *, since: datetime | None = None, now: datetime | None = None
) -> Outbox:
    """Writes each owner's files into `folder` (default: .helploop/outbox).

    Listed is what waits for a reply, and what was first listed in this folder since `since` (default: 7 days ago).
    """
    at = (now or datetime.now(UTC)).replace(microsecond=0)
    target = folder or settings.state / "outbox"
    purge_forgotten(settings)
    with Store(settings.database) as store:
        inquiries = heed_decisions(settings, store, store.inquiries())
    items = make_outbox(inquiries, settings.triage, at)
    listed = read_listed(target)
    items = still_listed(items, listed, since or at - timedelta(days=KEPT_DAYS))
    boxes = write_outbox(items, target, listed, at)
    return Outbox(target, at, boxes, read_listed(target).first_at)
