"""search_words: a search's words are compared with those of members and of what agents answered, misspelt or not."""

from __future__ import annotations

import numpy as np

from helploop.clustering.search_words import word_scores
from helploop.domain import Channel, Reply
from tests.conftest import make_inquiry


def test_words_of_a_search_point_to_the_question_that_has_them() -> None:
    """A member's word, an agent's word and a misspelt one count for their question; an unknown word for none."""
    reply = Reply(None, "agent", True, "Descale it with citric acid.")
    written = [
        make_inquiry("The kettle has white flakes", source_id="1", replies=(reply,)),
        make_inquiry("Flakes in my kettle again", source_id="2", replies=(reply,)),
        make_inquiry("My parcel is late", source_id="3"),
        make_inquiry("Where is the parcel", source_id="4"),
        make_inquiry("Anything about bicycles", source_id="5"),
    ]
    searches = [
        make_inquiry(text, source_id=text, channel=Channel.SEARCH)
        for text in ("kettle flakes", "citric acid", "parcl", "bicycles", "parcel bitcoin")
    ]
    scores = word_scores(searches, written, np.array([0, 0, 1, 1, -1]))
    assert scores.shape == (5, 2)
    assert np.round(scores[:4], 3).tolist() == [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    assert 0 < scores[4, 1] < 0.5
    assert scores[4, 0] == 0


def test_words_when_there_is_no_question() -> None:
    """Nothing to compare with gives no columns, and blank searches no division by nothing."""
    blank = make_inquiry("...", channel=Channel.SEARCH)
    assert word_scores([blank], [make_inquiry("kettle")], np.array([-1])).shape == (1, 0)
    assert word_scores([blank], [make_inquiry("kettle", source_id="2")], np.array([0])).tolist() == [[0.0]]
