"""Template lines through the pipeline: learned at the end of an intake, cut at the door the next time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from helploop import pipeline
from helploop.config import Settings, load_settings
from helploop.domain import Inquiry, Side
from helploop.store import Store
from tests.cleaning.test_templates import ADS, HELLO, log

Row = dict[str, object]


def rows(count: int = 240) -> list[Row]:
    """The log of test_templates as a file's rows."""
    return [
        {
            "id": i.source_id,
            "text": i.text,
            "title": i.title,
            "customer": f"c{i.source_id}@mailbox.example",
            "replies": [
                {"text": reply.text.replace("<name>", "you"), "is_agent": True, "by": "Mara"} for reply in i.replies
            ],
        }
        for i in log(count)
    ]


def take(folder: Path, *batches: Sequence[Row]) -> tuple[Settings, list[pipeline.IntakeReport]]:
    """A site's settings and what became of each batch, taken in one after the other."""
    folder.mkdir(exist_ok=True)
    (folder / "helploop.toml").write_text("", encoding="utf-8")
    settings, reports = load_settings(folder), []
    (settings.state).mkdir(exist_ok=True)
    (settings.state / "key").write_bytes(b"k" * 32)
    for batch in batches:
        file = folder / "log.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in batch), encoding="utf-8")
        reports.append(pipeline.intake(settings, [file]))
    return settings, reports


def stored(settings: Settings) -> list[Inquiry]:
    """All of it."""
    with Store(settings.database) as store:
        return store.inquiries()


def test_lines_are_learned_at_the_end_of_an_intake(tmp_path: Path) -> None:
    """They are counted, listed, gone from texts, questions and replies; the same file again changes nothing."""
    settings, (first, again) = take(tmp_path, rows(), rows())
    assert (first.stored, first.template_lines) == (240, 2)
    assert (again.duplicates, again.updated, again.template_lines) == (240, 0, 0)
    assert [(line.side, line.line) for line in pipeline.list_template_lines(settings)] == [
        (Side.AGENT, HELLO),
        (Side.CUSTOMER, ADS),
    ]
    for inquiry in stored(settings):
        assert ADS not in inquiry.text + inquiry.question_text and ADS in inquiry.uncut_text
        assert HELLO not in inquiry.replies[0].text


@pytest.mark.parametrize("cuts", [(120,), (200,), (40, 100)])
def test_batches_end_as_one_file_does(tmp_path: Path, cuts: Sequence[int]) -> None:
    """In whichever parts and order the log comes, the same is stored."""
    every = rows()
    whole, _ = take(tmp_path / "whole", every)
    bounds = [0, *cuts, len(every)]
    parts = [every[a:b] for a, b in pairwise(bounds)]
    parted, _ = take(tmp_path / "parted", *reversed(parts))
    assert stored(parted) == stored(whole)
    assert pipeline.list_template_lines(parted) == pipeline.list_template_lines(whole)


def test_known_lines_are_cut_at_the_door(tmp_path: Path) -> None:
    """What comes next week loses them at once, and a ticket that grew stays without them."""
    settings, _ = take(tmp_path, rows())
    later = rows(242)[240:]
    grown = {**rows()[0], "replies": [*rows()[0]["replies"], {"text": f"{HELLO} It is back.", "is_agent": True}]}  # type: ignore[misc]
    _, (report,) = take(tmp_path, [*later, grown])
    assert (report.stored, report.updated, report.template_lines) == (2, 1, 0)
    assert all(ADS not in inquiry.text for inquiry in stored(settings))
    assert sum(reply.text == "It is back." for i in stored(settings) for reply in i.replies) == 1


def test_a_dry_run_learns_nothing(tmp_path: Path) -> None:
    """Nothing is stored, lines neither."""
    settings, _ = take(tmp_path)
    file = tmp_path / "log.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
    pipeline.intake(settings, [file], dry_run=True)
    assert pipeline.list_template_lines(settings) == []


def test_retention_takes_the_whole_texts_too(tmp_path: Path) -> None:
    """What is kept beside a cut text goes with it."""
    dated = [row | {"received_at": "2026-01-05T08:00:00Z"} for row in rows()]
    settings, _ = take(tmp_path, dated)
    pipeline.retention(settings, 30, now=datetime(2026, 6, 1, tzinfo=UTC))
    for inquiry in stored(settings):
        assert not (inquiry.text or inquiry.uncut_text or inquiry.uncut_question)
        assert not any(reply.text or reply.uncut_text for reply in inquiry.replies)
