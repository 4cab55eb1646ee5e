"""Logs that are nothing like a log, from intake to the questions: an answer each time, and no question made up.

Here with the fake encoder; what the vectors alone decide is in tests/clustering, searches and encoders that change over
a site's rounds in test_rounds.py.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from helploop import pipeline
from helploop.clustering import NoiseReason
from helploop.config import Settings, load_settings
from helploop.domain import Round
from helploop.errors import HelploopError
from tests.conftest import TrigramEncoder

AT = datetime(2026, 9, 1, tzinfo=UTC)
ASKED = "How do I skip my next box?"


def _different(count: int) -> list[str]:
    """Texts of words that no other text has, in letters drawn for each: no two are nearer than any two."""
    draw = np.random.default_rng(3)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    words = [["".join(draw.choice(letters, 9)) for _ in range(5)] for _ in range(count)]
    return [" ".join(of_text) + "?" for of_text in words]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty site."""
    pipeline.init_site(tmp_path / "site")
    return load_settings(tmp_path / "site", environ={})


def _take_in(settings: Settings, texts: list[str], customer: str = "c{}@mailbox.example") -> None:
    file = settings.root.parent / "log.jsonl"
    rows = [{"id": str(i), "text": text, "customer": customer.format(i)} for i, text in enumerate(texts)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    pipeline.intake(settings, [file])


def _cluster(settings: Settings, encoder: TrigramEncoder) -> Round:
    """The first round, and it is checked that the anchored one after it changes nothing."""
    made = pipeline.cluster(settings, encoder=encoder, at=AT)
    again = pipeline.cluster(settings, encoder=encoder, at=AT)
    assert [(q.id, q.members) for q in again.questions] == [(q.id, q.members) for q in made.questions]
    return made


def _reasons(settings: Settings) -> set[NoiseReason]:
    return {row.reason for row in pipeline.noise(settings)}


def test_one_inquiry(settings: Settings, encoder: TrigramEncoder) -> None:
    """It is in the queue, in no question."""
    _take_in(settings, [ASKED])
    made = _cluster(settings, encoder)
    assert (len(made.questions), len(made.noise)) == (0, 1)
    assert _reasons(settings) == {NoiseReason.ALONE}


@pytest.mark.parametrize("alike", [5, 3])
def test_five_inquiries(settings: Settings, encoder: TrigramEncoder, alike: int) -> None:
    """Five who ask alike are a question, three of five are too few."""
    alike_texts = [f"How do I skip my next box{sign}" for sign in ("?", " please?", " now?", ", thanks", " today?")]
    _take_in(settings, alike_texts[:alike] + _different(5 - alike))
    made = _cluster(settings, encoder)
    assert [q.customers for q in made.questions] == ([5] if alike == 5 else [])
    assert len(made.noise) == (0 if alike == 5 else 5)


def test_all_identical(settings: Settings, encoder: TrigramEncoder) -> None:
    """Two thousand customers who wrote the same string are one question, of two thousand."""
    _take_in(settings, [ASKED] * 2000)
    made = _cluster(settings, encoder)
    assert [(q.label, q.customers, q.cohesion) for q in made.questions] == [(ASKED, 2000, 1.0)]


@pytest.mark.parametrize("count", [5, 20, 50])
def test_all_different(settings: Settings, encoder: TrigramEncoder, count: int) -> None:
    """Nobody asks what another one asks: no question."""
    _take_in(settings, _different(count))
    made = _cluster(settings, encoder)
    unread = sum(pipeline.left_out(settings).values())  # letters that look like another language
    assert (len(made.questions), len(made.noise) + unread) == (0, count)
    assert unread < count / 10


def test_copies_among_what_is_all_different(settings: Settings, encoder: TrigramEncoder) -> None:
    """Four who wrote the same, one of them with a slip, are still a question, and nobody else is in it."""
    _take_in(settings, [*_different(40), ASKED, ASKED, ASKED.upper(), "How do I skip my next boxx?"])
    made = _cluster(settings, encoder)
    assert [q.customers for q in made.questions] == [4]
    assert all(
        ASKED[:9].lower() in inquiry.text.lower()
        for inquiry in pipeline.question_members(settings, made.questions[0].id)[1]
    )


def test_empty_texts(settings: Settings, encoder: TrigramEncoder) -> None:
    """A log of nothing else is refused with what to do; beside others they make no question."""
    _take_in(settings, ["", "  \n ", "\t"])
    with pytest.raises(HelploopError, match="no inquiries that ask anything"):
        pipeline.cluster(settings, encoder=encoder, at=AT)
    _take_in(settings, ["", " ", *[ASKED] * 5, "", " ", " "])
    assert [q.customers for q in _cluster(settings, encoder).questions] == [5]


def test_one_customer_writing_a_thousand_times(settings: Settings, encoder: TrigramEncoder) -> None:
    """A thousand inquiries of one person make no question: they weigh as one."""
    _take_in(settings, [f"{ASKED} Now for the {i}th time!" for i in range(1000)], customer="same@mailbox.example")
    made = _cluster(settings, encoder)
    assert (len(made.questions), len(made.noise)) == (0, 1000)


def test_foreign_language_alone(settings: Settings, encoder: TrigramEncoder) -> None:
    """A log that the encoder cannot read is refused, and counted with its language."""
    _take_in(settings, [f"Wie kann ich die {n} Lieferung auslassen, bitte?" for n in ("erste", "zweite", "dritte")])
    with pytest.raises(HelploopError, match="no inquiries that ask anything"):
        pipeline.cluster(settings, encoder=encoder, at=AT)
    assert pipeline.left_out(settings) == {"in de": 3}


def test_encoder_that_changed_before_a_round_without_questions(settings: Settings, encoder: TrigramEncoder) -> None:
    """The remedy is named even where the last round had no question to compare with."""
    _take_in(settings, _different(20))
    pipeline.cluster(settings, encoder=encoder, at=AT)
    other = TrigramEncoder()
    other.hash = "trigrams-2"
    with pytest.raises(HelploopError, match=r"another encoder.*helploop cluster --rebuild"):
        pipeline.cluster(settings, encoder=other, at=AT)
    assert pipeline.cluster(settings, rebuild=True, encoder=other, at=AT).encoder_hash == "trigrams-2"
