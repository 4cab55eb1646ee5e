"""verdicts: a question of several questions is called mixed, one hardly above the minimum few; no cosine is fixed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from helploop.clustering.vectors import groups, unit_rows
from helploop.clustering.verdicts import Judgement, acquit, judge_questions
from helploop.domain import Clarity, Reply
from tests.clustering.helpers import near
from tests.conftest import make_inquiry


def _log(lift: float) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Eight questions of 12, one of 4, one of four groups of 5; lift: what all rows share, as encoders differ."""
    rows = [(axis, axis, 12) for axis in range(8)] + [(8, 8, 4), *((axis, 9, 5) for axis in range(9, 13))]
    vectors = np.array([near(axis, i) for axis, _, size in rows for i in range(size)])
    vectors = unit_rows((vectors + lift * near(60, 0)).astype(np.float32))
    labels = np.array([label for _, label, size in rows for _ in range(size)])
    return vectors, labels, unit_rows(np.stack([vectors[members].mean(axis=0) for members in groups(labels)]))


@pytest.mark.parametrize("lift", [0.0, 1.0])
def test_verdict_follows_the_log_not_the_encoder(lift: float) -> None:
    """The same log is judged alike where all its cosines are high: mixed, few and clear are found."""
    vectors, labels, centroids = _log(lift)
    judged = judge_questions(vectors, labels, centroids, (*[12] * 8, 4, 20), 4)
    assert [one.clarity for one in judged] == [Clarity.CLEAR] * 8 + [Clarity.FEW, Clarity.MIXED]
    assert [one.reason for one in judged[:9]] == [""] * 8 + ["only 4 customers; 4 make a question"]
    assert "groups" in judged[9].reason


def test_verdict_when_all_ask_in_the_same_words() -> None:
    """One question of one wording is clear; no question gives no verdict."""
    rows = np.tile(near(0, 0), (9, 1)).astype(np.float32)
    [one] = judge_questions(rows, np.zeros(9, dtype=np.int64), rows[:1], (9,), 4)
    assert one.clarity is Clarity.CLEAR
    assert judge_questions(rows, np.full(9, -1), rows[:0], (), 4) == []


def test_mixed_is_taken_back_where_agents_answer_all_alike() -> None:
    """Worded in many ways and answered in one: one question. Answered in several ways, or by nobody: mixed."""
    macro = "Open the menu My box then Next delivery and choose Skip this one before Tuesday evening"
    kinds = ("abcdefghij", "klmnopqrst", "uvwxyzäöüß")
    many = [" ".join(2 * letter for letter in kinds[i // 2]) for i in range(6)]
    said = [macro] * 6 + many + [""] * 6
    inquiries = [
        make_inquiry(f"x{i}", source_id=f"{i}", replies=(Reply(None, "a", True, text),) if text else ())
        for i, text in enumerate(said)
    ]
    judged = [Judgement(Clarity.MIXED, "because", 0.3)] * 3
    found = acquit(judged, inquiries, np.repeat([0, 1, 2], 6), 4)
    assert [one.clarity for one in found] == [Clarity.CLEAR, Clarity.MIXED, Clarity.MIXED]
