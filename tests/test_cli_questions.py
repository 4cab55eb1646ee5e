"""questions on the command line: the table under topics, and the shape for machines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helploop.cli.questions import put_questions, round_as_json
from helploop.domain import ArticleId, Clarity, QuestionId, QuestionState, Round, RoundId, Topic, TopicId
from helploop.pipeline.question_table import Minutes, QuestionFilter, select_questions
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


def test_questions_by_topic_when_some_have_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Topics of most inquiries first, each with its questions below; a question without one comes last."""
    put_questions(_round(), {}, by_topic=True)
    lines = [line[3:].split("  ")[0:2] for line in capsys.readouterr().out.splitlines()[1:]]
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


def _table(width: int, capsys: pytest.CaptureFixture[str]) -> list[str]:
    long = (
        "Why does the grinder stop in the middle of the second bag of beans and start again only after an hour or so?"
    )
    first = make_question(
        id=QuestionId("qgrnd"),
        label=long,
        customers=12,
        channels={"chat": 9, "mail": 3},
        trend=(0, 0, 1, 2, 0, 0, 4, 8),
    )
    second = replace(first, id=QuestionId("qskip"), label="How do I skip?", customers=4, clarity=Clarity.FEW)
    made = Round(RoundId("r0002"), NOON, "e", "s", (first, second), (), {"qgrnd": "grown", "qskip": "new"}, ())
    put_questions(made, {"qgrnd": Minutes(340.0, 2), "qskip": Minutes(None, 4)}, width=width)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_questions_fit_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """At 80 columns the label gives way, ids and numbers never; changes, doubts and missing minutes are said."""
    assert _table(80, capsys) == [
        "   id     question                           cust  inq  trend       min  state",
        "↑  qgrnd  Why does the grinder stop in the…    12    2    ▁▂  ▄█  340+?  new",
        "+  qskip  How do I skip?                        4    2    ▁▂  ▄█         new few",
    ]


def test_questions_show_channels_where_there_is_room(capsys: pytest.CaptureFixture[str]) -> None:
    """From 100 columns on channels stand there, and no line is longer than the terminal."""
    lines = _table(120, capsys)
    assert "chat mail" in lines[1]
    assert max(map(len, lines)) <= 120


def test_questions_leave_a_question_room_beside_a_long_article(capsys: pytest.CaptureFixture[str]) -> None:
    """Of an article's id as much is shown as tells it from others; a short one stands whole."""
    first = make_question(id=QuestionId("qgrnd"), label="Why does the grinder stop in the middle of the second bag?")
    first = replace(first, article=ArticleId("why-does-the-grinder-stop-in-the-middle-of-the-second-bag"))
    second = replace(first, id=QuestionId("qskip"), label="How do I skip?", article=ArticleId("skip-a-box"))
    put_questions(Round(RoundId("r0002"), NOON, "e", "s", (first, second), (), {}, ()), {}, width=160)
    _, one, two = capsys.readouterr().out.splitlines()
    assert first.label in one and "why-does-the-grinder-st…" in one
    assert "skip-a-box" in two


def test_questions_are_filtered_and_sorted() -> None:
    """By state, channel and words (of label, keyphrases or id); by minutes, by rise, new ones first, to a limit."""
    base = make_question(id=QuestionId("qa"), label="Skip a box", customers=9, channels={"mail": 1}, trend=(5, 0))
    rising = replace(base, id=QuestionId("qb"), label="Pay", customers=5, trend=(0, 5), keyphrases=("gift card",))
    done = replace(base, id=QuestionId("qc"), label="Stop", customers=2, state=QuestionState.ANSWERED)
    made = Round(RoundId("r"), NOON, "e", "s", (base, rising, done), (), {"qa": "same", "qb": "same", "qc": "new"}, ())
    minutes = {"qa": Minutes(None, 9), "qb": Minutes(3.0, 0), "qc": Minutes(7.0, 0)}

    def ids(**wanted: Any) -> list[str]:
        return [question.id for question in select_questions(made, minutes, QuestionFilter(**wanted))]

    assert ids() == ["qa", "qb", "qc"]
    assert ids(order="minutes") == ["qc", "qb", "qa"]
    assert ids(order="trend", limit=1) == ["qb"]
    assert ids(order="new") == ["qc", "qa", "qb"]
    assert ids(words="CARD gift") == ["qb"]
    assert ids(states=frozenset({"answered"})) == ["qc"]
    assert ids(channels=frozenset({"chat"})) == []
