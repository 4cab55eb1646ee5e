"""questions on the command line: the table under topics, and the shape for machines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helploop.cli.questions import put_topics, round_as_json
from helploop.domain import QuestionId, Round, RoundId, Topic, TopicId
from tests.conftest import NOON, make_question

BOXES, COFFEE = Topic(TopicId("tboxs"), "next box, skip"), Topic(TopicId("tcoff"), "")


def _round() -> Round:
    skip = make_question(id=QuestionId("qskip"), label="How do I skip?", topic=BOXES)
    questions = (
        skip,
        replace(skip, id=QuestionId("qgrnd"), label="Which grind?", topic=COFFEE),
        replace(skip, id=QuestionId("qpaus"), label="How do I pause?"),
        replace(skip, id=QuestionId("qoldq"), label="Made before topics?", topic=None),
    )
    return Round(RoundId("r0002"), NOON, "e", "s", questions, (), {}, ())


def test_put_topics_when_some_have_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Topics of most inquiries first, each with its questions below; a question without one comes last."""
    put_topics(_round())
    lines = [line.split("  ")[0:2] for line in capsys.readouterr().out.splitlines()[1:]]
    assert [" ".join(" ".join(line).split()) for line in lines] == [
        "tboxs NEXT BOX, SKIP",
        "qskip How do I skip?",
        "qpaus How do I pause?",
        "tcoff (NO WORDS IN COMMON)",
        "qgrnd Which grind?",
        "qoldq Made before topics?",
    ]


def test_round_as_json_has_topics() -> None:
    """A question names its topic, a topic its questions."""
    made = round_as_json(_round(), None)
    assert made["topics"] == [
        {"id": "tboxs", "label": "next box, skip", "questions": ["qskip", "qpaus"]},
        {"id": "tcoff", "label": "", "questions": ["qgrnd"]},
    ]
    assert [(q["id"], q["topic"]) for q in made["questions"]] == [  # type: ignore[attr-defined]
        ("qskip", "tboxs"),
        ("qgrnd", "tcoff"),
        ("qpaus", "tboxs"),
        ("qoldq", None),
    ]
