"""Proposed parts of a question: what belongs together, the same in every order, and no parts where there are none."""

from __future__ import annotations

import numpy as np

from helploop.clustering import propose_parts
from tests.clustering.helpers import log, topic
from tests.conftest import make_inquiry


def _texts(parts: list[list[int]], inquiries: list[str]) -> list[set[str]]:
    return [{inquiries[position].split()[1] for position in part} for part in parts]


def test_three_things_asked_are_three_parts() -> None:
    """Unasked: as many as there are; asked for two: two; the largest first."""
    inquiries, vectors = log(topic(0, 9), topic(1, 7), topic(2, 5))
    words = [inquiry.text for inquiry in inquiries]
    assert _texts(propose_parts(inquiries, vectors), words) == [{"a"}, {"b"}, {"c"}]
    two = _texts(propose_parts(inquiries, vectors, 2), words)
    assert len(two) == 2 and set.union(*two) == {"a", "b", "c"}


def test_parts_are_the_same_in_every_order() -> None:
    """By ids, not by rows."""
    inquiries, vectors = log(topic(0, 9), topic(1, 7), topic(2, 5))
    order = np.random.default_rng(3).permutation(len(inquiries))
    shuffled = [inquiries[position] for position in order]
    found = [[inquiries[p].id for p in part] for part in propose_parts(inquiries, vectors)]
    assert [[shuffled[p].id for p in part] for part in propose_parts(shuffled, vectors[order])] == found


def test_one_wording_has_no_parts() -> None:
    """All the same, a single one, all blank: one part with everybody in it."""
    same = [make_inquiry("Where is it?", source_id=str(number)) for number in range(5)]
    row = np.eye(1, 8, dtype=np.float32)
    assert [len(part) for part in propose_parts(same, np.repeat(row, 5, axis=0))] == [5]
    assert propose_parts(same[:1], row, 3) == [[0]]
    blank = [make_inquiry(" ", source_id=str(number)) for number in range(3)]
    assert [len(part) for part in propose_parts(blank, np.zeros((3, 8), dtype=np.float32))] == [3]


def test_more_parts_than_wordings_are_as_many_as_wordings() -> None:
    """Nobody is lost, no part is empty."""
    inquiries, vectors = log(topic(0, 2), topic(1, 1))
    parts = propose_parts(inquiries, vectors, 9)
    assert sorted(position for part in parts for position in part) == [0, 1, 2]
    assert all(parts)
