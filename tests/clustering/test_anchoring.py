"""anchoring: old inquiries keep their question, new ones join; what changes is bounded, and the same in any order."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from helploop.clustering import ClusteringOptions, NoiseReason, Partition, anchor, cluster, make_round
from helploop.clustering.anchoring import as_in_the_whole
from helploop.domain import Inquiry, Round, RoundId
from tests.clustering.helpers import DIMENSIONS, clusters, log, near, topic
from tests.conftest import NOON, make_inquiry

Log = tuple[list[Inquiry], NDArray[np.float32]]


def _round(inquiries: list[Inquiry], vectors: NDArray[np.float32], partition: Partition, **facts: Any) -> Round:
    values: dict[str, Any] = {"previous": None, "ledger": (), "renames": {}, "round_id": RoundId("r0001"), "at": NOON}
    values |= {"encoder_hash": "encoder", "settings_hash": "settings"}
    return make_round(inquiries, partition, vectors, **(values | facts))


def _first(*topics: tuple[list[Inquiry], list[NDArray[np.float32]]]) -> tuple[Log, Round]:
    inquiries, vectors = log(*topics)
    return (inquiries, vectors), _round(inquiries, vectors, cluster(inquiries, vectors))


def _more(axis: int, size: int, start: int = 100, **facts: Any) -> tuple[list[Inquiry], list[NDArray[np.float32]]]:
    inquiries = [make_inquiry(f"later about {axis} worded {chr(97 + i) * 4}{start}", **facts) for i in range(size)]
    return inquiries, [near(axis, start + i) for i in range(size)]


def _joined(one: Log, *topics: tuple[list[Inquiry], list[NDArray[np.float32]]]) -> Log:
    inquiries, vectors = log(*topics)
    return [*one[0], *inquiries], np.vstack([one[1], vectors])


def _ids(inquiries: list[Inquiry]) -> frozenset[str]:
    return frozenset(inquiry.id for inquiry in inquiries)


def test_new_inquiries_join_the_question_they_ask_and_old_ones_stay() -> None:
    """Three new ones about one question are its members; nobody who was there has moved."""
    before, last = _first(topic(0, 9), topic(1, 12))
    inquiries, vectors = _joined(before, _more(0, 3))
    partition = anchor(inquiries, vectors, last)
    assert clusters(partition, inquiries) == {_ids(inquiries[:9] + inquiries[21:]), _ids(inquiries[9:21])}
    assert partition.customers == (12, 12)
    assert set(partition.reasons) == {None}
    assert all(0.8 < value < 1 for value in partition.cohesion)


def test_new_question_arises_from_new_inquiries_and_old_noise() -> None:
    """Two inquiries that were too few are a question when three more ask the same."""
    before, last = _first(topic(0, 9), topic(1, 12), topic(2, 2))
    assert len(last.noise) == 2
    inquiries, vectors = _joined(before, _more(2, 3))
    partition = anchor(inquiries, vectors, last)
    assert clusters(partition, inquiries) == {
        _ids(inquiries[:9]),
        _ids(inquiries[9:21]),
        _ids(inquiries[21:]),
    }


def test_question_that_is_two_comes_apart_when_it_costs_little() -> None:
    """A small question that the last round mixed is split, but not where no change is allowed, or nothing is new."""
    inquiries, vectors = log(topic(0, 40), topic(1, 40), topic(2, 6), topic(3, 5))
    labels = np.repeat([0, 1, 2, 2], [40, 40, 6, 5])
    whole = cluster(inquiries, vectors)
    mixed = Partition(labels, whole.centroids[:3], (0.9,) * 3, (40, 40, 11), (None,) * 91)
    last = _round(inquiries, vectors, mixed)
    inquiries, vectors = _joined((inquiries, vectors), _more(0, 9))
    parts = {_ids(inquiries[:40] + inquiries[91:]), _ids(inquiries[40:80])}
    apart = clusters(anchor(inquiries, vectors, last), inquiries)
    assert apart == parts | {_ids(inquiries[80:86]), _ids(inquiries[86:91])}
    kept = clusters(anchor(inquiries, vectors, last, ClusteringOptions(anchor_change=0.0)), inquiries)
    assert kept == parts | {_ids(inquiries[80:91])}
    assert clusters(anchor(inquiries[:91], vectors[:91], last), inquiries[:91]) == {
        _ids(inquiries[:40]),
        _ids(inquiries[40:80]),
        _ids(inquiries[80:91]),
    }


def test_questions_that_are_one_come_together() -> None:
    """Two halves of one small question are merged, and the round says so."""
    inquiries, vectors = log(topic(0, 40), topic(1, 40), topic(2, 12))
    labels = np.repeat([0, 1, 2, 3], [40, 40, 7, 5])
    centroids = np.stack([vectors[labels == label].mean(axis=0) for label in range(4)])
    last = _round(inquiries, vectors, Partition(labels, centroids, (0.9,) * 4, (40, 40, 7, 5), (None,) * 92))
    inquiries, vectors = _joined((inquiries, vectors), _more(0, 9))
    partition = anchor(inquiries, vectors, last)
    assert partition.customers == (49, 40, 12)
    made = _round(inquiries, vectors, partition, previous=last, round_id=RoundId("r0002"))
    assert [len(olds) for olds in made.merged.values()] == [2]
    assert len(made.gone) == 1


def test_round_without_news_changes_nothing() -> None:
    """The same log once more is the same partition: every question the same, none new or gone."""
    (inquiries, vectors), last = _first(topic(0, 9), topic(1, 12), topic(2, 2))
    made = _round(inquiries, vectors, anchor(inquiries, vectors, last), previous=last)
    assert made.questions == last.questions
    assert set(made.inherited.values()) == {"same"}
    assert made.noise == last.noise


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([6000, 20]))
def test_anchored_round_is_the_same_bytes_in_any_order(shuffler: Random, anchor_rows: int) -> None:
    """The same inquiries, vectors and last round give the same Round as JSON, however the rows come; long logs, too."""
    before, last = _first(topic(0, 9), topic(1, 12), topic(2, 3), topic(3, 6))
    inquiries, vectors = _joined(before, _more(0, 2), _more(2, 2), _more(5, 1))
    options = ClusteringOptions(anchor_rows=anchor_rows)

    def made(order: list[int]) -> bytes:
        rows, matrix = [inquiries[i] for i in order], vectors[order]
        one = _round(rows, matrix, anchor(rows, matrix, last, options), previous=last, round_id=RoundId("r0002"))
        return msgspec.json.encode(one)

    order = list(range(len(inquiries)))
    whole = made(order)
    shuffler.shuffle(order)
    assert made(order) == whole


def test_long_log_is_looked_at_only_where_the_news_is() -> None:
    """Above anchor_rows obvious rows join at once, and what is left makes the same new question as on a short log."""
    before, last = _first(topic(0, 40), topic(1, 40), topic(2, 12), topic(3, 2))
    inquiries, vectors = _joined(before, _more(0, 3), _more(3, 4))
    partition = anchor(inquiries, vectors, last, ClusteringOptions(anchor_rows=30))
    found = clusters(partition, inquiries)
    assert found == clusters(anchor(inquiries, vectors, last), inquiries)
    assert _ids(inquiries[92:94] + inquiries[97:]) in found


def test_long_log_is_regrouped_only_where_something_is_new() -> None:
    """Of two mixed questions that the news touches, the one comes apart whose parts both have new inquiries."""
    inquiries, vectors = log(topic(0, 40), topic(1, 40), topic(2, 6), topic(3, 5), topic(4, 6), topic(5, 5))
    labels = np.repeat([0, 1, 2, 3], [40, 40, 11, 11])
    whole = cluster(inquiries, vectors)
    mixed = Partition(labels, whole.centroids[:4], (0.9,) * 4, (40, 40, 11, 11), (None,) * 102)
    last = _round(inquiries, vectors, mixed)
    vague = [near(axis, 300 + i, 0.9) for axis in (2, 3, 4) for i in range(3)]  # too far to join unlooked at
    inquiries = [*inquiries, *_more(2, 3)[0], *_more(3, 3)[0], *_more(4, 3)[0]]
    vectors = np.vstack([vectors, vague])
    options = ClusteringOptions(anchor_rows=45, anchor_change=1.0)
    assert clusters(anchor(inquiries, vectors, last, options), inquiries) == {
        _ids(inquiries[:40]),
        _ids(inquiries[40:80]),
        _ids(inquiries[80:86] + inquiries[102:105]),
        _ids(inquiries[86:91] + inquiries[105:108]),
        _ids(inquiries[91:102] + inquiries[108:]),
    }


def test_part_of_a_long_log_is_grouped_as_coarsely_as_the_whole() -> None:
    """A fifth of a log counts as five times as many rows; the whole of it as it is."""
    options = ClusteringOptions(small_log=1500, large_log=13_000)
    assert as_in_the_whole(options, 0.2) == ClusteringOptions(small_log=300, large_log=2600)
    assert as_in_the_whole(options, 1.0) == options


@pytest.mark.parametrize("count", [1, 5])
def test_log_of_few_inquiries(count: int) -> None:
    """One inquiry, or five: a round anchored in a round of them is an answer, not an error."""
    inquiries, rows = topic(0, count)
    vectors = np.array(rows, dtype=np.float32)
    last = _round(inquiries, vectors, cluster(inquiries, vectors))
    partition = anchor(inquiries, vectors, last)
    assert partition.labels.tolist() == [0 if count == 5 else -1] * count
    assert anchor(inquiries[:1], vectors[:1], last).labels.tolist() == [-1]
    assert anchor([], vectors[:0], last).labels.tolist() == []


def test_all_identical_inquiries_stay_one_question() -> None:
    """Copies join the question of the copies; their number does not matter."""
    copies = [make_inquiry("where is it", source_id=f"copy {i}") for i in range(600)]
    vectors = np.tile(near(2, 0), (600, 1))
    last = _round(copies[:300], vectors[:300], cluster(copies[:300], vectors[:300]))
    assert anchor(copies, vectors, last).customers == (600,)


def test_all_different_inquiries_give_what_grouping_anew_gives() -> None:
    """Where no inquiry is near another one, an anchored round makes up no question that the log as a whole has not."""
    inquiries = [make_inquiry(f"matter {chr(97 + i) * 3}") for i in range(30)]
    vectors = np.stack([near(i, 0, spread=1.0) for i in range(30)])
    last = _round(inquiries[:20], vectors[:20], cluster(inquiries[:20], vectors[:20]))
    found, anew = (clusters(one, inquiries) for one in (anchor(inquiries, vectors, last), cluster(inquiries, vectors)))
    assert len(found) <= max(len(anew), len(last.questions))


def test_blank_texts_and_one_customer_writing_a_thousand_times() -> None:
    """A blank row is noise with its reason; a thousand inquiries of one customer make no question, new or old."""
    before, last = _first(topic(0, 9), topic(1, 12))
    many = [make_inquiry(f"again {i}", customer_key="same") for i in range(1000)]
    blank = make_inquiry(" ", source_id="blank")
    rows = [*(near(2, i) for i in range(1000)), np.zeros(DIMENSIONS, dtype=np.float32)]
    inquiries, vectors = [*before[0], *many, blank], np.vstack([before[1], *rows])
    partition = anchor(inquiries, vectors, last)
    assert clusters(partition, inquiries) == {_ids(inquiries[:9]), _ids(inquiries[9:21])}
    assert partition.reasons[-1] == NoiseReason.BLANK
    again = _round(inquiries, vectors, partition, previous=last)
    assert clusters(anchor(inquiries, vectors, again), inquiries) == clusters(partition, inquiries)


def test_noise_that_is_not_looked_at_keeps_its_reason() -> None:
    """What only a round could tell is kept with it and carried on; who is in a question has none."""
    thanks = make_inquiry("Thank you!")
    before, last = _first(topic(0, 9), topic(1, 12), topic(2, 1), ([thanks], [near(5, 0)]))
    vague = before[0][21]
    assert last.reasons == {thanks.id: "says nothing"}
    last = replace(last, reasons={**last.reasons, vague.id: "too vague", before[0][0].id: "too vague"})
    inquiries, vectors = _joined(before, _more(0, 3))
    partition = anchor(inquiries, vectors, last, ClusteringOptions(anchor_rows=15))
    by_id = {inquiry.id: reason for inquiry, reason in zip(inquiries, partition.reasons, strict=True)}
    assert (by_id[vague.id], by_id[thanks.id]) == (NoiseReason.VAGUE, NoiseReason.SAYS_NOTHING)
    assert [reason is None for reason in partition.reasons] == (partition.labels >= 0).tolist()
    assert by_id[before[0][0].id] is None
    seen = anchor(inquiries, vectors, last)  # all of it is looked at
    assert seen.reasons[21] == NoiseReason.ALONE
    assert _round(inquiries, vectors, partition, previous=last).reasons == {
        vague.id: "too vague",
        thanks.id: "says nothing",
    }


def test_question_that_lost_its_customers_is_none_any_more() -> None:
    """Inquiries that are gone leave; with fewer customers than a question needs the rest is noise."""
    before, last = _first(topic(0, 9), topic(1, 12))
    partition = anchor(before[0][6:], before[1][6:], last)
    assert partition.customers == (12,)
    assert partition.reasons[:3] == (NoiseReason.TOO_FEW,) * 3


def test_anchor_refuses_what_does_not_fit() -> None:
    """Shapes and ids that come twice are errors."""
    (inquiries, vectors), last = _first(topic(0, 9))
    with pytest.raises(ValueError, match=r"vectors are \(3, 64\), not \(9, d\) for 9 inquiries"):
        anchor(inquiries, vectors[:3], last)
    with pytest.raises(ValueError, match="inquiries of different ids"):
        anchor([inquiries[0]] * 2, vectors[:2], last)
