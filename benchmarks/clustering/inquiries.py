"""Inquiries that have a text and nothing else, as a labelled set gives them, and rounds of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from helploop.clustering import Partition, make_round
from helploop.domain import Channel, Inquiry, Kind, Round, RoundId, inquiry_id

AT = datetime(2026, 1, 1, tzinfo=UTC)


def bare_inquiries(texts: Sequence[str]) -> list[Inquiry]:
    """One inquiry per text, each of an unknown customer of its own, no answers."""
    return [_inquiry(f"{row}", text) for row, text in enumerate(texts)]


def bare_round(
    inquiries: Sequence[Inquiry], partition: Partition, vectors: NDArray[np.float32], previous: Round | None = None
) -> Round:
    """The round that a partition makes where nobody decided anything and no ledger was kept."""
    return make_round(
        inquiries,
        partition,
        vectors,
        previous=previous,
        ledger=(),
        renames={},
        round_id=RoundId("r0001"),
        at=AT,
        encoder_hash="e",
        settings_hash="s",
    )


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
        received_at=AT,
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
