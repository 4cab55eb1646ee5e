"""`helploop log`: one contact written down by a person, on the same way as every other inquiry."""

from __future__ import annotations

from datetime import UTC, datetime

from helploop.config import Settings
from helploop.domain import Inquiry
from helploop.errors import IntakeError
from helploop.intake.by_hand import Contact, to_inquiry
from helploop.pipeline.intake import take_one


def log_contact(settings: Settings, contact: Contact, *, dry_run: bool = False, now: datetime | None = None) -> Inquiry:
    """The contact as it is stored: cleaned, redacted, triaged. Raises IntakeError when nothing was asked."""
    if not contact.asked.strip():
        raise IntakeError("nothing was asked; write down what the customer wanted")
    return take_one(settings, to_inquiry(contact, now or datetime.now(UTC)), dry_run=dry_run)
