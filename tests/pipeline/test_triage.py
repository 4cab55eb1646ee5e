"""A person's word on a kind: kept in git, wins, outlives the database; and the outbox from the stored log."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from helploop import pipeline
from helploop.config import Settings, load_settings
from helploop.domain import Inquiry, Kind, KindBy
from helploop.errors import HelploopError
from tests.conftest import NOON, TrigramEncoder

ROWS = [
    {"id": "1", "text": "The parcel was left in the rain. Unacceptable!", "received_at": NOON.isoformat()},
    {"id": "2", "text": "How do I return it?", "received_at": NOON.isoformat()},
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site with a complaint and a question."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={"HELPLOOP_TRIAGE_OWNERS": '{complaint = "desk"}'})
    _take_in(made)
    return made


def _take_in(settings: Settings, **more: object) -> None:
    file = settings.root / "log.jsonl"
    file.write_text("".join(json.dumps(row | more) + "\n" for row in ROWS))
    pipeline.intake(settings, [file])


def _by_source_id(settings: Settings) -> dict[str, Inquiry]:
    return {i.source_id: i for i in pipeline.list_kinds(settings, (), 100)[0]}


def test_a_persons_word_wins_and_lasts(settings: Settings, encoder: TrigramEncoder) -> None:
    """Over re-intake, a grown ticket, undo and a database made anew; the rules' word comes back with auto."""
    which = _by_source_id(settings)["2"].id
    (set_,) = pipeline.set_kind(settings, [which], Kind.COMPLAINT, by="Mara", at=NOON)
    assert (set_.kind, set_.kind_by, set_.kind_reason) == (Kind.COMPLAINT, KindBy.PERSON, "Mara said so")
    line = {"inquiry": which, "kind": "complaint", "at": "2026-07-06T12:00:00+00:00", "by": "Mara"}
    assert json.loads((settings.kb / "triage.jsonl").read_text()) == line
    _take_in(settings)
    pipeline.cluster(settings, encoder=encoder)
    pipeline.undo(settings)
    _take_in(settings, csat=2)
    assert _by_source_id(settings)["2"].kind is Kind.COMPLAINT
    for file in settings.state.glob("helploop.db*"):
        file.unlink()
    _take_in(settings)
    assert _by_source_id(settings)["2"] == set_
    (back,) = pipeline.set_kind(settings, [which], None)
    assert (back.kind, back.kind_by) == (Kind.QUESTION, KindBy.RULES)
    assert not (settings.kb / "triage.jsonl").exists()


def test_what_git_brings_is_heeded(settings: Settings) -> None:
    """A colleague's line in kb/triage.jsonl holds from the next look on, and so does its going."""
    which = _by_source_id(settings)["2"].id
    file = settings.kb / "triage.jsonl"
    file.write_text(json.dumps({"inquiry": which, "kind": "idea", "at": NOON.isoformat()}) + "\n")
    assert _by_source_id(settings)["2"].kind is Kind.IDEA
    assert pipeline.list_kinds(settings, (Kind.IDEA,), 5)[1][Kind.IDEA] == 1
    file.unlink()
    assert _by_source_id(settings)["2"].kind is Kind.QUESTION


def test_a_wrong_id_changes_nothing(settings: Settings) -> None:
    """It is named, and the right one beside it is left alone, too."""
    which = _by_source_id(settings)["1"].id
    with pytest.raises(HelploopError, match="0000: no such inquiry"):
        pipeline.set_kind(settings, [which, "0000"], Kind.IDEA)
    assert not (settings.kb / "triage.jsonl").exists()


def test_outbox_twice_is_the_same_and_nothing_is_new(settings: Settings) -> None:
    """The complaint is listed for its owner until it is answered; the second time it is not new."""
    made = pipeline.outbox(settings, now=NOON + timedelta(hours=1))
    assert made.folder == settings.state / "outbox"
    assert [(box.owner, box.counts()) for box in made.boxes] == [("desk", (("complaints", 1),))]
    assert made.count_new() == 1
    again = pipeline.outbox(settings, now=NOON + timedelta(days=30))
    assert again.count_new() == 0
    assert again.boxes[0].counts() == (("complaints", 1), ("overdue", 1))
    _take_in(settings, first_reply_at=(NOON + timedelta(hours=2)).isoformat())
    assert pipeline.outbox(settings, now=NOON + timedelta(days=31)).boxes == ()


def test_unsure_ones_are_refined_by_the_round_and_taught_by_people(
    settings: Settings, encoder: TrigramEncoder, tmp_path: Path
) -> None:
    """What the signs leave open the round decides, the same every time, and a word on its like counts for it."""
    unsure = ("pale green teapot lid of the old series", "pale green teapot lids of the old series")
    file = tmp_path / "more.jsonl"
    file.write_text("".join(json.dumps({"id": text, "text": text}) + "\n" for text in unsure))
    pipeline.intake(settings, [file])
    before = _by_source_id(settings)
    assert {before[text].kind for text in unsure} == {Kind.UNSURE}
    pipeline.cluster(settings, encoder=encoder, dry_run=True)
    assert _by_source_id(settings) == before
    pipeline.cluster(settings, encoder=encoder)
    once = _by_source_id(settings)
    assert all(once[text].kind_by is KindBy.ENCODER for text in unsure)
    pipeline.cluster(settings, encoder=encoder)
    assert _by_source_id(settings) == once
    pipeline.set_kind(settings, [once[unsure[0]].id], Kind.IDEA)
    pipeline.cluster(settings, encoder=encoder)
    taught = _by_source_id(settings)[unsure[1]]
    assert (taught.kind, taught.kind_by) == (Kind.IDEA, KindBy.ENCODER)
    assert "which a person called idea" in taught.kind_reason
