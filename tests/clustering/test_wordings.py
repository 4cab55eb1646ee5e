"""wordings: a question whose inquiries are gone is found again by what it is called, and by nothing less near."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helploop.clustering import cluster, find_lost, make_round
from helploop.domain import Inquiry, QuestionId, Round, RoundId
from tests.clustering.helpers import log, near, topic
from tests.conftest import NOON, make_inquiry


def run(inquiries: list[Inquiry], vectors: NDArray[np.float32], **facts: Any) -> Round:
    values: dict[str, Any] = {"previous": None, "ledger": (), "renames": {}, "round_id": RoundId("r0001"), "at": NOON}
    values |= {"encoder_hash": "encoder", "settings_hash": "settings"}
    return make_round(inquiries, cluster(inquiries, vectors), vectors, **(values | facts))


def other_log(*axes: int) -> tuple[list[Inquiry], NDArray[np.float32]]:
    """Eight other inquiries about each of the axes."""
    known = [inquiry for axis in axes for inquiry in topic(axis, 8)[0]]
    inquiries = [make_inquiry(inquiry.text, source="another", source_id=inquiry.source_id) for inquiry in known]
    return inquiries, np.array([near(axis, 300 + i) for axis in axes for i in range(8)], dtype=np.float32)


def id_about(made: Round, inquiry: Inquiry) -> str:
    return next(question.id for question in made.questions if inquiry.id in question.members)


def test_a_question_of_an_exchanged_log_keeps_its_id() -> None:
    """No inquiry is the same: the wording near a cluster's centre says which question it is; a far one says nothing."""
    first = run(*log(topic(0, 9), topic(1, 12), topic(2, 8)))
    inquiries, vectors = other_log(0, 1, 5)
    lost = find_lost(first, (), [inquiry.id for inquiry in inquiries])
    assert lost == {question.id: question.label for question in first.questions}
    axes = {len(question.members): question.id for question in first.questions}  # 9: axis 0, 12: axis 1, 8: axis 2
    places = {axes[9]: near(0, 50, 0.2), axes[12]: near(1, 50, 0.2), axes[8]: near(2, 50, 0.2)}
    second = run(inquiries, vectors, previous=first, places=places)
    assert [id_about(second, inquiries[row]) for row in (0, 8)] == [axes[9], axes[12]]
    assert id_about(second, inquiries[16]) not in axes.values()
    assert second.inherited[axes[9]] == "shrunk"
    assert second.gone == (axes[8],)
    again = run(inquiries[::-1], vectors[::-1], previous=first, places=dict(reversed(places.items())))
    assert again == second


def test_a_wording_no_nearer_than_members_are_is_not_enough() -> None:
    """A cluster's members themselves are as near on average: one more of them does not prove the same question."""
    inquiries, vectors = other_log(0, 1)
    unplaced = run(inquiries, vectors)
    for spread, is_same in ((0.2, True), (0.9, False)):
        made = run(inquiries, vectors, places={QuestionId("qgone"): near(0, 50, spread)})
        assert (id_about(made, inquiries[0]) == "qgone") is is_same
        assert id_about(made, inquiries[8]) == id_about(unplaced, inquiries[8])


def test_a_wording_stands_for_one_cluster_and_never_against_members() -> None:
    """Two old questions by one cluster: the nearer one; a cluster whose members have an id keeps that."""
    inquiries, vectors = other_log(0, 1)
    centre = np.eye(64, dtype=np.float32)[0]
    made = run(inquiries, vectors, places={QuestionId("qnear"): centre, QuestionId("qfarr"): near(0, 50, 0.3)})
    assert {"qnear"} == {question.id for question in made.questions} & {"qnear", "qfarr"}
    again = run(inquiries, vectors, previous=made, places={QuestionId("qfarr"): centre})
    assert [question.id for question in again.questions] == [question.id for question in made.questions]


def test_find_lost_when_half_is_still_there() -> None:
    """Such a question is told by its members alone; from the ledger those come that the last round does not know."""
    made = run(*log(topic(0, 8)))
    [question] = made.questions
    half, fewer = list(question.members[:4]), list(question.members[:3])
    assert find_lost(made, (), half) == {}
    assert find_lost(made, (), fewer) == {question.id: question.label}
    ledger = [{"id": "qaaaa", "label": "Old?", "members": ["x"]}, {"id": question.id, "label": "z", "members": ["x"]}]
    assert find_lost(made, ledger, half) == {"qaaaa": "Old?"}
    assert find_lost(replace(made, questions=()), [{"id": "qbbbb", "members": ["x"]}], half) == {}
