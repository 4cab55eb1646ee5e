"""What an intake says of itself: every record is accounted for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields

from helploop.domain import Inquiry, RejectedRow
from helploop.intake import Recognised

_TEXT_SHOWN = 300  # characters of a record in a dry run's JSON


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


def _shown(inquiry: Inquiry) -> dict[str, object]:
    """A record of a dry run's preview for --json; redacted, the text's beginning."""
    agents = sum(reply.is_agent for reply in inquiry.replies)
    same = ("source", "source_id", "channel", "kind", "received_at", "first_reply_at", "resolved_at", "csat", "nps")
    return {name: getattr(inquiry, name) for name in (*same, "title", "tags")} | {
        "customer": inquiry.customer_key,
        "text": inquiry.text[:_TEXT_SHOWN],
        "replies": {"agent": agents, "customer": len(inquiry.replies) - agents},
    }
