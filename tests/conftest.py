"""Shared factories and the fake encoder: no network, no model, no clock."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from helploop.domain import Article, ArticleId, Channel, Inquiry, Kind, Question, QuestionId, ReviewState, inquiry_id

NOON = datetime(2026, 7, 6, 12, 0, tzinfo=UTC)


class TrigramEncoder:
    """A fake encoder: hashed character trigrams of each word, rows of length 1. Paraphrases reach .42 to .65."""

    name = "trigrams"
    hash = "trigrams-1"
    dimensions = 512

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> NDArray[np.float32]:
        """float32 (n, 512), rows of length 1."""
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for i, text in enumerate(texts):
            for word in text.lower().split():
                padded = f" {word} "
                for j in range(len(padded) - 2):
                    digest = hashlib.blake2b(padded[j : j + 3].encode("utf-8", "replace"), digest_size=4).digest()
                    rows[i, int.from_bytes(digest, "big") % self.dimensions] += 1.0
            length = float(np.linalg.norm(rows[i]))
            rows[i] = rows[i] / length if length else np.eye(1, self.dimensions, dtype=np.float32)[0]
        if progress is not None:
            progress(len(texts), len(texts))
        return rows


@pytest.fixture
def encoder() -> TrigramEncoder:
    """The fake encoder."""
    return TrigramEncoder()


def make_inquiry(text: str, **facts: Any) -> Inquiry:
    """A redacted inquiry with sensible facts; each may be overridden."""
    source_id = str(facts.pop("source_id", text))
    source = str(facts.pop("source", "test"))
    values: dict[str, Any] = {
        "id": inquiry_id(source, source_id),
        "source": source,
        "source_id": source_id,
        "text": text,
        "title": "",
        "question_text": text,
        "replies": (),
        "channel": Channel.TICKET,
        "kind": Kind.QUESTION,
        "kind_reason": "asks",
        "received_at": NOON,
        "first_reply_at": None,
        "resolved_at": None,
        "customer_key": f"c-{source_id}",
        "agent_minutes": None,
        "waited_minutes": None,
        "csat": None,
        "nps": None,
        "locale": "en",
        "tags": (),
        "thread": "",
        "weight": 1.0,
        "redactions": {},
    }
    return Inquiry(**(values | facts))


def make_article(**facts: Any) -> Article:
    """An approved article; each field may be overridden."""
    values: dict[str, Any] = {
        "id": ArticleId("track-a-delivery"),
        "title": "Track a delivery",
        "body": "Open **Orders** and choose the order.\n",
        "review": ReviewState.APPROVED,
        "category": "orders",
        "owner": "support",
        "path": "orders/track-a-delivery.md",
    }
    return Article(**(values | facts))


def make_question(**facts: Any) -> Question:
    """A question with two members; each field may be overridden."""
    values: dict[str, Any] = {
        "id": QuestionId("q7f3k"),
        "label": "Where is my parcel?",
        "members": tuple(sorted((inquiry_id("test", "1"), inquiry_id("test", "2")))),
        "representatives": (inquiry_id("test", "1"),),
        "size": 2.0,
        "customers": 2,
        "channels": {"ticket": 2},
        "first_seen": NOON,
        "last_seen": NOON,
        "trend": (2,),
        "cohesion": 0.8,
    }
    return Question(**(values | facts))


@pytest.fixture
def data_dir() -> Path:
    """The folder of real data; skips, saying so, where there is none."""
    folder = Path(os.environ.get("HELPLOOP_DATA", Path(__file__).resolve().parents[1] / ".." / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data is not here: set HELPLOOP_DATA (looked in {folder})")
    return folder.resolve()
