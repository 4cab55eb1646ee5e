"""Inquiries that have a text and nothing else, as a labelled set gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from helploop.domain import Channel, Inquiry, Kind, inquiry_id


def bare_inquiries(texts: Sequence[str]) -> list[Inquiry]:
    """One inquiry per text, each of an unknown customer of its own, no answers."""
    return [_inquiry(f"{row}", text) for row, text in enumerate(texts)]


def _inquiry(source_id: str, text: str) -> Inquiry:
    return Inquiry(
        id=inquiry_id("bench", source_id),
        source="bench",
        source_id=source_id,
        text=text,
        title="",
        question_text=text,
        replies=(),
        channel=Channel.CHAT,
        kind=Kind.QUESTION,
        kind_reason="",
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        first_reply_at=None,
        resolved_at=None,
        customer_key="",
        agent_minutes=None,
        waited_minutes=None,
        csat=None,
        nps=None,
        locale="en",
        tags=(),
        thread="",
        weight=1.0,
        redactions={},
    )
