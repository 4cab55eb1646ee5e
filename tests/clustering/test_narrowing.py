"""Narrowing: broad clusters of answered inquiries come apart; what no article answers is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from helploop.clustering import ClusteringOptions
from helploop.clustering.answers import answer_vectors, expected_answers, trust_in
from helploop.clustering.features import join_features
from helploop.clustering.folding import fold_identical
from helploop.clustering.graph import nearest
from helploop.clustering.narrowing import Narrowed, _join_twins, narrow
from helploop.domain import Inquiry, Reply
from tests.clustering.helpers import DIMENSIONS, near
from tests.conftest import make_inquiry

WORDS = ("lid pan rim tap", "box tag lot van", "cup jar pot mug", "fan fog fir fox", "hat hem hue hut")


def _answer(inquiry: Inquiry, number: int) -> Inquiry:
    """Answered with words of its own question: eight content words that no other question's answers have."""
    text = " ".join(f"{word}{chr(97 + number)}" for word in f"{WORDS[number % 5]} {WORDS[(number + 1) % 5]}".split())
    return replace(inquiry, replies=(Reply(None, "agent", True, text + "."),))


def _broad(questions: int, size: int) -> tuple[list[Inquiry], NDArray[np.float32]]:
    """One direction that all share, and of each question a small direction of its own; the answers tell them apart."""
    inquiries, rows = [], []
    for number in range(questions):
        for i in range(size):
            row = near(0, 100 * number + i, spread=0.3) + 0.6 * near(1 + number, i, spread=0.3)
            inquiries.append(_answer(make_inquiry(f"{WORDS[number]} {chr(97 + i) * 3}"), number))
            rows.append(row / np.linalg.norm(row))
    return inquiries, np.array(rows, dtype=np.float32)


def test_expected_answers_when_nobody_answered_some() -> None:
    """A question nobody answered gets the direction in which those worded like it were answered."""
    inquiries, vectors = _broad(2, 12)
    answers = answer_vectors(inquiries)
    unanswered = answers.copy()
    unanswered[[0, 12]] = 0.0
    expected = expected_answers(vectors, unanswered, trust=0.4)
    assert float(expected[0] @ answers[1]) > 0.5
    assert float(expected[0] @ answers[13]) < 0.2
    assert float(expected[12] @ answers[13]) > 0.5
    np.testing.assert_allclose(np.linalg.norm(expected, axis=1), 1.0, atol=1e-5)


def test_expected_answers_when_answers_cannot_be_trusted() -> None:
    """The less they can be, the less a question's own answer counts beside what those worded like it were answered."""
    inquiries, vectors = _broad(2, 12)
    inquiries[0] = replace(inquiries[0], replies=inquiries[12].replies)
    answers = answer_vectors(inquiries)
    own, other = answers[0], answers[1]
    little, much = (expected_answers(vectors, answers, trust)[0] for trust in (0.2, 0.9))
    assert float(much @ own) > 0.95
    assert float(little @ own) < float(little @ other)


def test_trust_in_answers_of_agents_and_of_a_crowd() -> None:
    """One answer for each question can be trusted; answers dealt out at random, or a greeting for all, cannot."""
    inquiries, vectors = _broad(4, 15)
    answers = answer_vectors(inquiries)
    assert trust_in(vectors, answers) > 0.9
    assert trust_in(vectors, answers[np.arange(60) * 7 % 60]) < 0.3
    assert trust_in(vectors[:1], answers[:1]) == 1.0


def _narrowed(inquiries: list[Inquiry], vectors: NDArray[np.float32]) -> Narrowed:
    """What becomes of one broad cluster of all of them; fold_identical numbers the nodes by first appearance."""
    options = ClusteringOptions()
    nodes = fold_identical(inquiries, vectors, answer_vectors(inquiries))
    features = join_features(nodes, options)
    _, products = nearest(features.joint, 6, options)
    one, nobody = np.zeros(len(nodes.texts), dtype=np.int64), np.zeros(len(nodes.texts), dtype=np.bool_)
    return narrow(one, features, products, nodes.texts, nobody, options)


def test_narrow_when_a_topic_of_many_was_answered_in_five_ways() -> None:
    """Each way is a question; nobody is far or vague; without the answers it stays one topic."""
    inquiries, vectors = _broad(5, 15)
    found = _narrowed(inquiries, vectors)
    assert [len(set(found.labels[15 * n : 15 * n + 15])) for n in range(5)] == [1] * 5
    assert len(set(found.labels)) == 5
    assert not (found.is_far | found.is_vague).any()
    bare = _narrowed([replace(inquiry, replies=()) for inquiry in inquiries], vectors)
    assert set(bare.labels) == {0}


def test_narrow_when_a_cluster_is_small() -> None:
    """Forty customers or fewer can be read at a glance: nothing is split."""
    assert set(_narrowed(*_broad(2, 15)).labels) == {0}


def test_narrow_when_one_is_far_from_all_questions() -> None:
    """An inquiry of the topic that asks what nobody else does is in no question of it."""
    inquiries, vectors = _broad(4, 15)
    lone = _answer(make_inquiry("gold leaf"), 9)
    row = near(0, 999, spread=0.3) + 0.9 * near(DIMENSIONS - 1, 1, spread=0.3)
    found = _narrowed([*inquiries, lone], np.concatenate([vectors, (row / np.linalg.norm(row))[None].astype("f4")]))
    assert np.nonzero(found.is_far)[0].tolist() == [60]


def test_narrow_when_texts_say_nothing_and_are_answered_in_many_ways() -> None:
    """Vague inquiries are told from the questions beside them, which stay."""
    inquiries, vectors = _broad(4, 15)
    rows = np.array([near(0, 900 + i, spread=0.1) + 0.6 * near(DIMENSIONS - 1, i, spread=0.1) for i in range(15)])
    vague = [make_inquiry(f"not work {i}") for i in range(15)]
    greeting = "Hello dear customer thank you so much for writing to us today"
    ways = ("press reset", "check cable", "update firmware")
    vague = [
        replace(v, replies=(Reply(None, "agent", True, f"{greeting} {ways[i % 3]}."),)) for i, v in enumerate(vague)
    ]
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    found = _narrowed([*inquiries, *vague], np.concatenate([vectors, units]))
    left_out = found.is_vague | found.is_far
    assert not left_out[:60].any()
    assert left_out[60:].all()
    assert found.is_vague.any()


def test_narrow_when_a_question_was_cut_in_two() -> None:
    """Parts whose members are as near to each other's as to their own are one question again."""
    inquiries, vectors = _broad(2, 24)
    options = ClusteringOptions()
    features = join_features(fold_identical(inquiries, vectors, answer_vectors(inquiries)), options)
    cut = np.repeat(np.arange(4), 12)
    joined = _join_twins(cut, np.ones(48, dtype=np.bool_), features)
    assert [sorted(set(joined[rows])) for rows in (slice(0, 24), slice(24, 48))] == [[0], [1]]
    apart = _join_twins(cut, np.arange(48) >= 24, features)
    assert len(set(apart[:24])) == 2
