"""clustering: what asks the same comes together, what does not says why, in whatever order the rows come."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helploop.clustering import ClusteringOptions, NoiseReason, cluster, settings_hash
from helploop.clustering.partition import cluster as cluster_alike
from helploop.domain import Channel, Inquiry, Reply
from tests.clustering.helpers import DIMENSIONS, clusters, grouped, log, near, topic
from tests.conftest import make_inquiry


def ids(inquiries: list[Inquiry]) -> frozenset[str]:
    return frozenset(inquiry.id for inquiry in inquiries)


def test_cluster_finds_the_questions() -> None:
    """Three topics give three clusters, most customers first, with centroid and cohesion."""
    topics = [topic(0, 9), topic(1, 12), topic(2, 8)]
    inquiries, vectors = log(*topics)
    partition = cluster(inquiries, vectors)
    assert clusters(partition, inquiries) == {ids(asked) for asked, _ in topics}
    assert partition.customers == (12, 9, 8)
    assert partition.centroids.shape == (3, DIMENSIONS)
    assert partition.centroids.argmax(axis=1).tolist() == [1, 0, 2]
    assert all(0.8 < value < 1 for value in partition.cohesion)
    assert set(partition.reasons) == {None}


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_cluster_does_not_depend_on_the_order_of_rows(shuffler: Random) -> None:
    """Any order of the same rows gives each inquiry the same label, to the byte of the centroids."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12), topic(2, 3), topic(3, 6))
    whole = cluster(inquiries, vectors)
    order = list(range(len(inquiries)))
    shuffler.shuffle(order)
    shuffled = cluster([inquiries[i] for i in order], vectors[order])
    assert shuffled.labels.tolist() == whole.labels[order].tolist()
    assert shuffled.centroids.tobytes() == whole.centroids.tobytes()
    assert shuffled.reasons == tuple(whole.reasons[i] for i in order)


def test_a_log_of_a_single_question_is_one_cluster() -> None:
    """Where every wording asks the same there is no background to measure against: it stays in one piece."""
    inquiries, vectors = log(topic(0, 40))
    assert grouped(inquiries, vectors) == {ids(inquiries)}


def test_noise_says_why() -> None:
    """Too few customers, no neighbour near, blank: each inquiry outside has its reason."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12), topic(2, 3))
    lone = make_inquiry("may I film in your warehouse")
    blank = make_inquiry(" ", source_id="blank")
    vectors = np.vstack([vectors, np.eye(DIMENSIONS, dtype=np.float32)[50], np.zeros(DIMENSIONS, dtype=np.float32)])
    partition = cluster([*inquiries, lone, blank], vectors)
    assert len(partition.customers) == 2
    assert partition.reasons[-2:] == (NoiseReason.ALONE, NoiseReason.BLANK)
    assert all(reason in {NoiseReason.TOO_FEW, NoiseReason.ALONE} for reason in partition.reasons[21:24])
    assert all(
        (reason is None) == (label >= 0) for reason, label in zip(partition.reasons, partition.labels, strict=True)
    )


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_cluster_takes_a_log_too_small_for_any_question(count: int) -> None:
    """None, one, two or three inquiries are noise, not an error."""
    inquiries, rows = topic(0, count)
    partition = cluster(inquiries, np.array(rows, dtype=np.float32).reshape(count, DIMENSIONS))
    assert partition.labels.tolist() == [-1] * count
    assert partition.centroids.shape == (0, DIMENSIONS)


def test_copies_of_one_string_are_one_question() -> None:
    """Thousands of copies are one node of one question; they count as customers and do not swallow the others."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12))
    copies = [make_inquiry("Where is it?!" if i % 2 else "where is it", source_id=f"copy {i}") for i in range(3000)]
    vectors = np.vstack([vectors, np.tile(near(2, 0), (3000, 1))])
    found = grouped([*inquiries, *copies], vectors)
    assert found == {ids(inquiries[:9]), ids(inquiries[9:]), ids(copies)}
    assert grouped(copies, np.tile(near(2, 0), (3000, 1))) == {ids(copies)}


def test_misspelt_copies_fold_but_other_numbers_do_not() -> None:
    """A near-identical wording joins the heavier one; error 403 stays apart from error 404."""
    texts = ["where is my parcel since the strike on monday"] * 3 + ["where is my parcel since the strike on mondey"]
    inquiries = [make_inquiry(text, source_id=str(i)) for i, text in enumerate(texts)]
    assert cluster(inquiries, np.tile(near(0, 0), (4, 1))).customers == (4,)
    numbers = [make_inquiry(f"the app shows error {i} when paying", source_id=str(i)) for i in (403, 404)]
    partition = cluster(numbers, np.stack([near(0, 0), near(0, 0)]), ClusteringOptions(min_customers=2))
    assert partition.customers == (2,)


def test_one_customer_writing_often_weighs_as_one() -> None:
    """Twenty inquiries of one customer are no question; with three others about the same they are."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12), topic(2, 20, customer_key="same"))
    assert grouped(inquiries, vectors) == {ids(inquiries[:9]), ids(inquiries[9:21])}
    others = [make_inquiry(f"other parcel {i}") for i in range(3)]
    vectors = np.vstack([vectors, np.stack([near(2, 100 + i) for i in range(3)])])
    partition = cluster([*inquiries, *others], vectors)
    assert sorted(partition.customers) == [4, 9, 12]


def test_unknown_customers_count_one_each() -> None:
    """A log without customers is clustered by rows."""
    inquiries, vectors = log(topic(0, 9, customer_key=""), topic(1, 12, customer_key=""))
    assert cluster(inquiries, vectors).customers == (12, 9)


def test_a_search_of_many_visitors_is_a_question_by_itself() -> None:
    """A miss weighs its visitors: enough of them make a question of one wording, too few do not."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12))
    vectors = np.vstack([vectors, near(2, 0)])
    miss = make_inquiry("gift wrap", channel=Channel.SEARCH, weight=40.0, customer_key="")
    assert ids([miss]) in grouped([*inquiries, miss], vectors)
    lone = make_inquiry("gift wrap", channel=Channel.SEARCH, weight=2.0, customer_key="")
    assert ids([lone]) not in grouped([*inquiries, lone], vectors)


def test_a_search_joins_the_question_it_is_about() -> None:
    """A search near a question's centre is one of its members, its visitors among the customers."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12))
    miss = make_inquiry("box skip", channel=Channel.SEARCH, weight=40.0, customer_key="")
    partition = cluster([*inquiries, miss], np.vstack([vectors, near(0, 77)]))
    assert partition.labels[-1] == partition.labels[0]
    assert partition.customers == (49, 12)


def answered(inquiry: Inquiry, text: str) -> Inquiry:
    reply = Reply(at=None, by="agent", is_agent=True, text=text)
    return make_inquiry(inquiry.text, replies=(reply,))


def test_answers_tell_questions_apart_that_wordings_do_not() -> None:
    """Two questions worded alike come apart by what agents answered; without the answers they are one."""
    inquiries, vectors = log(topic(0, 20), topic(1, 12))
    skip = "Open my box, choose next delivery, press skip this one and confirm before Tuesday evening."
    grind = "Under preferences set the grind to whole bean, espresso or filter for every single bag."
    abroad = "We ship to Ireland, France and Germany within eight working days, duties and customs included."
    mixed = [answered(inquiry, skip if i % 2 else grind) for i, inquiry in enumerate(inquiries[:20])]
    mixed += [answered(inquiry, abroad) for inquiry in inquiries[20:]]
    assert grouped(mixed, vectors) == {ids(mixed[:20:2]), ids(mixed[1:20:2]), ids(mixed[20:])}
    assert grouped(mixed, vectors, answer_weight=0.0) == {ids(mixed[:20]), ids(mixed[20:])}


def test_partition_without_refused_clusters() -> None:
    """A refused cluster goes to the noise with the reason given; the others close ranks and keep their order."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12), topic(2, 8))
    partition = cluster(inquiries, vectors).without([1], NoiseReason.SEARCHED)
    assert partition.customers == (12, 8)
    assert clusters(partition, inquiries) == {ids(inquiries[9:21]), ids(inquiries[21:])}
    assert partition.centroids.argmax(axis=1).tolist() == [1, 2]
    assert set(partition.reasons[:9]) == {NoiseReason.SEARCHED}


def test_cluster_refuses_what_does_not_fit() -> None:
    """Shapes, ids that come twice, and options outside their range are errors that name what is wrong."""
    inquiries, vectors = log(topic(0, 4))
    with pytest.raises(ValueError, match=r"vectors are \(3, 64\), not \(4, d\) for 4 inquiries"):
        cluster(inquiries, vectors[:3])
    with pytest.raises(ValueError, match="an inquiry id comes twice"):
        cluster([inquiries[0], inquiries[0]], vectors[:2])
    with pytest.raises(ValueError, match="min_customers must be at least 1"):
        ClusteringOptions(min_customers=0)


def test_settings_hash_changes_with_any_option() -> None:
    """The same settings have the same hash, others another."""
    assert settings_hash(ClusteringOptions()) == settings_hash(ClusteringOptions())
    assert settings_hash(ClusteringOptions(seed=8)) != settings_hash(ClusteringOptions())


def test_approximate_neighbours_find_the_same_questions() -> None:
    """Above exact_rows only the cells around a row are looked into: the clusters of a clear log are the same."""
    inquiries, vectors = log(topic(0, 15), topic(1, 12))
    assert grouped(inquiries, vectors, exact_rows=10) == grouped(inquiries, vectors)


def test_greetings_are_noise_with_their_reason() -> None:
    """Forty people who say hello ask nothing; forty who search for one code do."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12))
    hello = [make_inquiry("hello sir", source_id=f"hello {i}") for i in range(40)]
    code = make_inquiry("0x80070005", source_id="code", channel=Channel.SEARCH, weight=40.0)
    rows = np.vstack([vectors, np.tile(near(2, 0), (40, 1)), near(3, 0)[None]])
    partition = cluster_alike([*inquiries, *hello, code], rows, ClusteringOptions())
    assert set(partition.reasons[21:61]) == {NoiseReason.SAYS_NOTHING}
    assert partition.labels[61] >= 0


def test_a_log_that_is_all_different_has_no_questions() -> None:
    """Wordings with nothing in common are alone; one that enough customers wrote is a question all the same."""
    inquiries = [make_inquiry(f"matter {chr(97 + i) * 3}") for i in range(20)]
    vectors = np.eye(DIMENSIONS, dtype=np.float32)[:20]
    assert set(cluster(inquiries, vectors).reasons) == {NoiseReason.ALONE}
    copies = [make_inquiry("where is it", source_id=f"copy {i}") for i in range(4)]
    rows = np.vstack([vectors, np.tile(np.eye(DIMENSIONS, dtype=np.float32)[30], (4, 1))])
    assert grouped([*inquiries, *copies], rows) == {ids(copies)}
