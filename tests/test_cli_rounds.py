"""cluster on the command line: a round says by name what it changed, before and after it is stored."""

from __future__ import annotations

from dataclasses import replace

from helploop.cli.rounds import change_lines
from helploop.domain import QuestionId, Round, RoundId
from tests.conftest import NOON, make_question

SKIP, PAUSE, GRIND, OLD = (QuestionId(key) for key in ("qskip", "qpaus", "qgrnd", "qaold"))
LABELS: dict[str, str] = {SKIP: "How do I skip?", PAUSE: "How do I pause?", GRIND: "Which grind?"}


def _round(**inherited: str) -> Round:
    questions = tuple(make_question(id=QuestionId(key)) for key in inherited)
    return Round(RoundId("r0002"), NOON, "e", "s", questions, (), inherited, ())


def test_change_lines_name_what_came_apart_together_new_and_gone() -> None:
    """A line each; one without a label (erased) by its id; a question that was merged is not called gone as well."""
    made = replace(
        _round(qskip="shrunk", qpaus="new", qgrnd="grown"),
        gone=(OLD, QuestionId("qlost")),
        split={SKIP: (SKIP, PAUSE)},
        merged={GRIND: (GRIND, OLD)},
    )
    assert change_lines(made, LABELS) == [
        "split   qskip 'How do I skip?' into qskip 'How do I skip?', qpaus 'How do I pause?'",
        "merged  qgrnd 'Which grind?', qaold into qgrnd 'Which grind?'",
        "new     qpaus 'How do I pause?'",
        "gone    qlost",
    ]


def test_change_lines_of_a_first_round_and_of_many() -> None:
    """A first round has nothing to compare; of more than ten alike ten are named and the rest counted."""
    assert change_lines(_round(qskip="new", qpaus="new"), LABELS) == []
    many = change_lines(_round(qskip="same", **{f"q{i:04}": "new" for i in range(13)}), {})
    assert many == [*(f"new     q{i:04}" for i in range(10)), "        and 3 more"]
