"""The page of a question and the queue of noise, from what the last round kept: no encoder is loaded."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from helploop import pipeline
from helploop.cli import main
from helploop.clustering import NoiseReason
from helploop.config import Settings, load_settings
from helploop.errors import HelploopError
from tests.conftest import NOON, TrigramEncoder

AT = datetime(2026, 9, 1, tzinfo=UTC)
SKIP = tuple(f"How do I skip {which} box?" for which in ("my next", "the next", "one", "a", "this", "the"))
RETURN = tuple(f"Can I return {which} grinder?" for which in ("my", "the", "a", "one", "this", "that old"))
LONE = ("Is oat milk good for cappuccino?", "Is oat milk good in cappuccino?", "Zanzibar weather, hmm?", "400812")
REPLY = "Go to My box, Next delivery, and choose Skip this one. Nothing is charged for a skipped box at all."


@pytest.fixture
def site(tmp_path: Path, encoder: TrigramEncoder) -> Settings:
    """Two questions and four inquiries in none, clustered."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={})
    rows = [
        {
            "id": str(number),
            "text": text,
            "customer": f"c{number}@mailbox.example",
            "received_at": (NOON + timedelta(days=number)).isoformat(),
            "agent_minutes": 5.0 if text in SKIP[:4] else None,
            "replies": [{"text": REPLY, "is_agent": True, "by": "Mara"}] if text in SKIP else [],
        }
        for number, text in enumerate(SKIP + RETURN + LONE)
    ]
    file = tmp_path / "log.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    pipeline.intake(made, [file])
    pipeline.cluster(made, encoder=encoder, at=AT)
    return made


def _skip(site: Settings) -> str:
    return next(q.id for q in pipeline.read_questions(site).questions if "skip" in q.label.lower())


def test_page_holds_what_a_writer_decides_by(site: Settings) -> None:
    """Wordings, the reply everybody got once, the other question, shares of words, minutes with what is missing."""
    page = pipeline.read_question_page(site, _skip(site))
    assert sorted(member.question_text for member in page.members) == sorted(SKIP)
    assert [one.reply.text for one in page.replies] == [REPLY]
    assert (page.answered, page.answered_alike) == (6, 6)
    assert ["grinder" in one.question.label for one in page.neighbours] == [True]
    assert dict(page.phrase_shares)["skip"] == 1.0
    assert (page.minutes.total, page.minutes.missing) == (20.0, 2)
    assert page.elsewhere == ()
    assert page.background < page.question.cohesion


def test_page_of_an_unknown_question(site: Settings) -> None:
    """It says how to list them."""
    with pytest.raises(HelploopError, match="helploop questions"):
        pipeline.read_question_page(site, "qnone")


def test_noise_begins_with_what_is_almost_a_question(site: Settings) -> None:
    """Two who ask alike come first; filters by reason and by the nearest question leave the rest out."""
    found = pipeline.noise(site)
    assert [one.inquiry.question_text for one in found[:2]] != [LONE[2]]
    assert {one.inquiry.question_text for one in found[:2]} == set(LONE[:2])
    assert [(one.reason, one.alike) for one in found[:2]] == [(NoiseReason.TOO_FEW, 2)] * 2
    assert {one.inquiry.question_text: one.reason for one in found[2:]} == {
        LONE[2]: NoiseReason.ALONE,
        LONE[3]: NoiseReason.SAYS_NOTHING,  # the round kept it: nothing in the vectors tells
    }
    assert [one.inquiry.question_text for one in pipeline.noise(site, reason=NoiseReason.SAYS_NOTHING)] == [LONE[3]]
    assert pipeline.noise(site, reason=NoiseReason.BLANK) == []
    near = pipeline.noise(site, near=_skip(site))
    assert near == [one for one in found if one.nearest == _skip(site)]


def test_commands_answer_machines_and_people(site: Settings) -> None:
    """The documented keys; the merge command stands ready; all members only where they are asked for."""

    def said(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["-C", str(site.root), *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    key = _skip(site)
    page = json.loads(said("question", key, "--json", "--members"))
    assert list(page) == [
        *("v", "id", "label", "keyphrases", "state", "article", "customers", "size", "channels", "trend", "cohesion"),
        *("clarity", "clarity_reason", "background", "agent_minutes", "agent_minutes_missing", "representatives"),
        *("groups", "replies", "nearest_questions", "nearest_article", "phrase_shares", "answered", "answered_alike"),
        *("far", "nearer_elsewhere", "members"),
    ]
    text = said("question", key)
    assert f"helploop questions merge {key} " in text
    assert "All inquiries" not in text
    assert REPLY in text
    noise = json.loads(said("noise", "--json"))["noise"]
    assert len(noise) == 4
    assert list(noise[0]) == [
        *("id", "source", "source_id", "asks", "reason", "nearest", "similarity", "alike", "group"),
    ]
    assert "too few" in said("noise", "--limit", "1")
    assert "400812" in said("noise", "--reason", "says nothing")
    rows = json.loads(said("questions", "--json", "--search", "skip"))["questions"]
    assert [(row["id"], row["agent_minutes"], row["agent_minutes_missing"]) for row in rows] == [(key, 20.0, 2)]
