"""Topics: groups of questions, their ids over rounds, and the phrases they are known by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from helploop.clustering import ClusteringOptions, cluster, make_round
from helploop.clustering.identity import inherit_topic_ids
from helploop.clustering.topics import group_questions
from helploop.domain import Inquiry, InquiryId, Round, RoundId
from tests.clustering.helpers import log, near, topic

OPTIONS = ClusteringOptions()


def _centres(*axes: int, each: int = 8) -> NDArray[np.float32]:
    return np.array([near(axis, seed, spread=0.8) for axis in axes for seed in range(each)], dtype=np.float32)


def _round(inquiries: list[Inquiry], vectors: NDArray[np.float32], previous: Round | None = None) -> Round:
    return make_round(
        inquiries,
        cluster(inquiries, vectors, OPTIONS),
        vectors,
        previous=previous,
        ledger=(),
        renames={},
        round_id=RoundId("r0001"),
        at=datetime(2026, 1, 1, tzinfo=UTC),
        encoder_hash="e",
        settings_hash="s",
        options=OPTIONS,
    )


def test_group_questions_when_centres_lie_in_three_directions() -> None:
    """Questions near each other are one topic, numbered by first appearance, without being told how many there are."""
    assert group_questions(_centres(5, 1, 3), OPTIONS).tolist() == [0] * 8 + [1] * 8 + [2] * 8


def test_group_questions_when_they_are_few() -> None:
    """Seven questions need no headings: one topic, however different; no question, no topic."""
    assert group_questions(_centres(1, 2, 3, 4, 5, 6, 7, each=1), OPTIONS).tolist() == [0] * 7
    assert group_questions(np.zeros((0, 64), dtype=np.float32), OPTIONS).tolist() == []


def test_make_round_when_a_second_round_has_more_inquiries() -> None:
    """Every question has a topic; topics keep their ids when their questions grow and a new topic comes."""
    axes = [topic(axis, 6) for axis in range(10)]
    first = _round(*log(*axes))
    assert len(first.questions) == 10
    assert all(question.topic is not None for question in first.questions)
    assert all(one.id.startswith("t") for one, _ in first.topics)
    second = _round(*log(*(topic(axis, 7) for axis in range(10))), previous=first)
    before = {question.id: question.topic.id for question in first.questions if question.topic}
    after = {question.id: question.topic.id for question in second.questions if question.topic}
    assert after == before


def test_topics_when_a_round_has_none() -> None:
    """A round of before there were topics lists none, and the next round gives them."""
    made = _round(*log(*(topic(axis, 6) for axis in range(3))))
    old = replace(made, questions=tuple(replace(question, topic=None) for question in made.questions))
    assert old.topics == ()
    again = _round(*log(*(topic(axis, 6) for axis in range(3))), previous=old)
    [(one, questions)] = again.topics
    assert [question.id for question in questions] == [question.id for question in again.questions]
    assert len(one.id) == 5


def test_topic_ids_when_only_the_ledger_knows_them() -> None:
    """By the members of its questions that are kept; a question of before there were topics says nothing."""
    a, b = ([InquiryId(letter) for letter in letters] for letters in ("cdef", "uvwx"))
    ledger = [
        {"id": "qaaaa", "members": a[:2], "topic": "taaaa"},
        {"id": "qbbbb", "members": a[2:], "topic": "taaaa"},
        {"id": "qcccc", "members": b},
    ]
    known, new = inherit_topic_ids([[InquiryId("a"), *a], b], None, ledger)
    assert (known, len(new)) == ("taaaa", 5)
    assert inherit_topic_ids([b], None, [{"id": "qdddd", "members": a, "topic": new}]) != [new]
