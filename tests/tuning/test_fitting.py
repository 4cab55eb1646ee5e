"""The fitted rows: near what the encoder says, the same twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from helploop.errors import EncoderError
from helploop.tuning import TuningOptions, WordTable, fit_table
from tests.tuning.helpers import ORIGIN, TWO, log, meaning, table, vocabulary


def row(made: WordTable, word: str) -> NDArray[np.float64]:
    """A word's direction, of length 1."""
    direction = made.levels[made.words.index(word)].astype(float) - 7
    unit: NDArray[np.float64] = direction / np.linalg.norm(direction)
    return unit


def test_words_of_one_topic_are_near_each_other() -> None:
    """Two words that never stand in one text have the same direction where the encoder says they mean the same."""
    made = table()
    assert row(made, "package") @ row(made, "shipment") > 0.9
    assert row(made, "package") @ row(made, "login") < 0.5


def test_words_that_say_nothing_are_short() -> None:
    """A word of all topics moves no text: its row is far shorter than a topical one's."""
    made = table()
    norm = dict(zip(made.words, made.norms.tolist(), strict=True))
    assert norm["please"] < norm["courier"] / 2


def test_the_same_input_gives_the_same_table() -> None:
    """Byte for byte."""
    one, two = table(), table()
    assert (one.words, one.top) == (two.words, two.top)
    assert one.levels.tobytes() == two.levels.tobytes()
    assert one.norms.tobytes() == two.norms.tobytes()


def test_too_many_dimensions_are_refused() -> None:
    """An encoder of four dimensions cannot give 64."""
    found = vocabulary()
    vectors = meaning([one.text for one in log()]), meaning(["Track a parcel", "Reset a password"])
    with pytest.raises(EncoderError, match=r"4 dimensions: \[tuning\] dimensions cannot be 64"):
        fit_table(found, *vectors, meaning(found.words), TuningOptions(), ORIGIN)


def test_nothing_to_fit_on_is_said() -> None:
    """Only texts that the encoder has nothing to say of."""
    found = vocabulary()
    nothing = np.zeros((len(log()), 4), dtype=np.float32), np.zeros((2, 4), dtype=np.float32)
    with pytest.raises(EncoderError, match="no text to fit"):
        fit_table(found, *nothing, meaning(found.words), TWO, ORIGIN)


@pytest.mark.parametrize(
    "wrong", [{"dimensions": 63}, {"customers": 0}, {"ridge": 0.0}, {"held_out": 1.0}, {"most_words": -1}]
)
def test_options_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    """At the door, by name."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TuningOptions(**wrong)
