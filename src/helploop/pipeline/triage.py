"""Kinds: a person's word, the encoder's where the signs are unsure; and what owners get (`helploop outbox`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helploop.config import Settings
from helploop.decisions import read_kinds, write_kinds
from helploop.domain import Inquiry, InquiryId, Kind, KindBy, KindDecision
from helploop.embedding import Encoder, embed
from helploop.errors import HelploopError
from helploop.outbox import OwnerBox, read_listed, still_listed, write_outbox
from helploop.pipeline.erasure import purge_forgotten
from helploop.store import Store
from helploop.triage import triage, weigh_inquiry
from helploop.triage.outbox import make_outbox
from helploop.triage.refine import Examples, refine, written_examples

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
        store.set_kinds([new for old, new in zip(inquiries, heeded, strict=True) if new is not old and new != old])
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


def refine_kinds(
    settings: Settings, store: Store, inquiries: Sequence[Inquiry], encoder: Encoder, *, dry_run: bool = False
) -> list[Inquiry]:
    """The inquiries, those that the signs are unsure of decided with the encoder; what differs is stored unless dry.

    All of them are decided anew every round, from cached vectors: what a person has said since counts for them, too,
    and the order of rounds for nothing.
    """
    signs = {inquiry.id: weigh_inquiry(inquiry) for inquiry in inquiries if _is_open(inquiry)}
    if not signs:
        return list(inquiries)
    open_ones = [inquiry for inquiry in inquiries if inquiry.id in signs]
    texts = [inquiry.question_text if settings.encoder.understands(inquiry) else "" for inquiry in open_ones]
    vectors = embed(texts, encoder, store)  # zeros for what it does not understand
    examples = _examples(settings, store, inquiries, encoder)
    found = refine([signs[inquiry.id] for inquiry in open_ones], vectors, examples)
    refined = {
        inquiry.id: replace(inquiry, kind=kind, kind_reason=reason, kind_by=KindBy.ENCODER)
        for inquiry, (kind, reason) in zip(open_ones, found, strict=True)
    }
    if not dry_run:
        store.set_kinds([new for old in open_ones if (new := refined[old.id]) != old])
    return [refined.get(inquiry.id, inquiry) for inquiry in inquiries]


def _is_open(inquiry: Inquiry) -> bool:
    is_unsure = inquiry.kind_by is KindBy.RULES and inquiry.kind is Kind.UNSURE
    return (is_unsure or inquiry.kind_by is KindBy.ENCODER) and bool(inquiry.question_text.strip())


def _examples(settings: Settings, store: Store, inquiries: Sequence[Inquiry], encoder: Encoder) -> Examples:
    """The written examples, and every inquiry that a person decided (unsure teaches nothing)."""
    taught = [
        inquiry
        for inquiry in inquiries
        if inquiry.kind_by is KindBy.PERSON and inquiry.kind is not Kind.UNSURE and inquiry.question_text.strip()
    ]
    taught = [inquiry for inquiry in taught if settings.encoder.understands(inquiry)]
    written = written_examples()
    texts = [text for _, text in written] + [inquiry.question_text for inquiry in taught]
    return Examples(
        vectors=embed(texts, encoder, store),
        kinds=(*(kind for kind, _ in written), *(inquiry.kind for inquiry in taught)),
        names=(*("" for _ in written), *(inquiry.id for inquiry in taught)),
    )


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
