"""Stage 2: the only way in. A record is cleaned, redacted and triaged before anything of it may be stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property

import msgspec

from helploop import __version__
from helploop.cleaning import clean
from helploop.cleaning.templates import KnownLines, cut_template_lines
from helploop.config import Settings
from helploop.conversations import comebacks
from helploop.decisions import read_kinds
from helploop.domain import Inquiry, InquiryId, Kind, RawInquiry, RejectedRow
from helploop.names import load_name_detector
from helploop.pipeline.erasure import is_forgotten, names_forgotten, read_tombstones
from helploop.pipeline.site_key import site_key
from helploop.pipeline.triage import in_force
from helploop.redaction import NameDetector, RedactionOptions, redact
from helploop.triage import triage


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

    def is_forgotten(self, raw: RawInquiry, identity: InquiryId) -> bool:
        """Whether its customer was forgotten, or the record (of this id) was one of theirs."""
        return is_forgotten(raw, identity, self._tombstones, self._key)

    def names_forgotten(self, row: RejectedRow) -> bool:
        """Whether a row that cannot be read names somebody who was forgotten."""
        return names_forgotten(row.row, self._tombstones, self._key)

    def raw_hash(self, raw: RawInquiry) -> str:
        """Tells whether a record came before, exactly so and to the same program.

        Keyed: nobody can guess a customer's words from it. With the version: better cleaning reaches old records.
        """
        seen = msgspec.json.encode((__version__, self._options, self._names, raw))
        return hashlib.blake2b(seen, key=self._key, digest_size=16).hexdigest()
