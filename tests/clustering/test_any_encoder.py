"""Thresholds follow the encoder: however near its unrelated texts lie to each other, the questions are the same."""

from __future__ import annotations

import numpy as np
import pytest

from helploop.clustering.vectors import unit_rows
from tests.clustering.helpers import grouped, log, topic


@pytest.mark.parametrize("background", [0.0, 0.3, 0.6, 0.8])
def test_questions_are_the_same_whatever_the_background(background: float) -> None:
    """A part that all rows share lifts the cosine of unrelated rows to `background`; eight questions stay eight."""
    inquiries, vectors = log(*(topic(number, 10 + number) for number in range(8)))
    wanted = grouped(inquiries, vectors)
    assert len(wanted) == 8
    shared = np.full((len(vectors), 1), np.sqrt(background), dtype=np.float32)
    lifted = unit_rows(np.concatenate([vectors * np.float32(np.sqrt(1 - background)), shared], axis=1))
    assert grouped(inquiries, lifted) == wanted
