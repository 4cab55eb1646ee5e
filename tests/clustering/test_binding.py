"""People's words on a round's clusters: merged ones join, parts are cut, what is kept apart never meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from helploop.clustering import Bound, ClusteringOptions, NoiseReason, Partition, bind, inherit_ids, settle
from helploop.clustering.agreement import Agreement, Decision
from helploop.domain import Apart, Inquiry, InquiryId, Merge, QuestionId, Round, RoundId, Split
from tests.clustering.helpers import DIMENSIONS, near
from tests.conftest import NOON, make_inquiry, make_question

A, B, C, Z = (QuestionId(f"q{letter * 4}") for letter in "abcz")
LEDGER = "the ledger alone"


def row(name: str) -> Inquiry:
    """An inquiry whose text starts with the letter of what it asks."""
    return make_inquiry(f"{name} is asked")


def rows(letter: str, count: int) -> list[Inquiry]:
    """So many inquiries that ask about a letter."""
    return [row(f"{letter}{number}") for number in range(count)]


def ids(inquiries: Sequence[Inquiry]) -> tuple[InquiryId, ...]:
    """Their ids, as a decision names them."""
    return tuple(sorted(inquiry.id for inquiry in inquiries))


def vectors_of(inquiries: Sequence[Inquiry]) -> NDArray[np.float32]:
    """Directions by letter, near each other for the same."""
    return np.stack([near("abcdefz".index(i.text[0]), int(i.text.split()[0][1:])) for i in inquiries])


def as_partition(inquiries: Sequence[Inquiry], clusters: Sequence[Sequence[Inquiry]]) -> Partition:
    """A partition with these clusters; the rest is noise."""
    where = {inquiry.id: number for number, members in enumerate(clusters) for inquiry in members}
    labels = np.array([where.get(inquiry.id, -1) for inquiry in inquiries], dtype=np.int64)
    centroids = np.zeros((len(clusters), DIMENSIONS), dtype=np.float32)
    for number, members in enumerate(clusters):
        mean = vectors_of(sorted(members, key=lambda inquiry: inquiry.id)).mean(axis=0)
        centroids[number] = mean / np.linalg.norm(mean)
    reasons = tuple(NoiseReason.ALONE if label < 0 else None for label in labels)
    return Partition(labels, centroids, (0.5,) * len(clusters), tuple(map(len, clusters)), reasons)


def old_round(questions: Mapping[QuestionId, Sequence[Inquiry]]) -> Round:
    """A round of these questions."""
    made = tuple(make_question(id=key, members=ids(members)) for key, members in sorted(questions.items()))
    return Round(RoundId("r0001"), NOON, "e", "s", made, (), {}, ())


def agree(*words: Decision) -> Agreement:
    """The agreement of these decisions."""
    return settle(
        [w for w in words if isinstance(w, Merge)],
        [w for w in words if isinstance(w, Split)],
        [w for w in words if isinstance(w, Apart)],
    )


def bound(
    clusters: Sequence[Sequence[Inquiry]],
    agreement: Agreement,
    previous: Mapping[QuestionId, Sequence[Inquiry]] | None = None,
    *,
    noise: Sequence[Inquiry] = (),
    ledger: Mapping[QuestionId, Sequence[Inquiry]] | None = None,
) -> tuple[Bound, dict[str, set[str]]]:
    """What came of it: the questions by id with the first words of their members; new ids begin with *."""
    inquiries = [*(i for members in clusters for i in members), *noise]
    made = old_round(previous) if previous is not None else None
    entries = [{"id": key, "label": "", "members": list(ids(members))} for key, members in (ledger or {}).items()]
    partition = as_partition(inquiries, clusters)
    vectors = vectors_of(inquiries)
    found = bind(inquiries, vectors, partition, agreement, previous=made, ledger=entries)
    for order in (np.arange(len(inquiries))[::-1], np.random.default_rng(7).permutation(len(inquiries))):
        shuffled = [inquiries[position] for position in order]
        again = bind(
            shuffled, vectors[order], as_partition(shuffled, clusters), agreement, previous=made, ledger=entries
        )
        assert np.array_equal(again.partition.labels, found.partition.labels[order])
        assert np.array_equal(again.partition.centroids, found.partition.centroids)
        assert (again.ids, again.conflicts) == (found.ids, found.conflicts)
    labels = found.partition.labels
    members = [[inquiries[position].id for position in np.nonzero(labels == n)[0]] for n in range(labels.max() + 1)]
    names = inherit_ids(members, made, entries, fixed=found.ids, merged=found.merged)
    known = {A, B, C, Z}
    words = {inquiry.id: inquiry.text.split()[0] for inquiry in inquiries}
    return found, {
        name if name in known else f"*{position}": {words[one] for one in of}
        for position, (name, of) in enumerate(zip(names, members, strict=True))
    }


def said(inquiries: Sequence[Inquiry]) -> set[str]:
    """Their first words."""
    return {inquiry.text.split()[0] for inquiry in inquiries}


a, b, c, z = (rows(letter, 12) for letter in "abcz")
MERGE = Merge(B, A, NOON, "Mara", "", ids(b), ids(a))
SPLIT = Split(A, {A: ids(a), B: ids(b)}, NOON, "Mara")
APART = Apart(A, B, NOON, "Mara", "", ids(a), ids(b))


def test_without_decisions_the_partition_is_the_one_given() -> None:
    """Nothing is computed, nothing changes."""
    partition = as_partition(a, [a])
    assert bind(a, vectors_of(a), partition, agree(), previous=None, ledger=()).partition is partition


def test_merged_questions_are_one_under_the_name_kept() -> None:
    """Clustered apart again, with and without the last round: whole clusters join, new inquiries with them."""
    new = [row("a90"), row("b90")]
    for previous in ({A: a, B: b, C: c}, {A: [*a, *b], C: c}, None):
        _, questions = bound([[*a, new[0]], [*b, new[1]], c], agree(MERGE), previous, ledger={C: c})
        assert questions == {A: said([*a, *b, *new]), C: said(c)}


def test_merged_rows_that_strayed_into_another_question_come_back() -> None:
    """A full re-run put some of them elsewhere: they are fetched, the other question stays what it is."""
    _, questions = bound([a, [*b[:4], *z], b[4:]], agree(MERGE), {A: a, B: b, Z: z})
    assert questions == {A: said([*a, *b]), Z: said(z)}


def test_a_merged_question_that_fell_into_two_is_one() -> None:
    """Each of the two holds mostly what was in it, so whole clusters join."""
    late = rows("b", 30)[12:]
    _, questions = bound([a, [*b[:6], *late[:9]], [*b[6:], *late[9:]]], agree(MERGE), {A: [*a, *b, *late]})
    assert questions == {A: said([*a, *b, *late])}


def test_a_split_question_is_cut_the_same_way_again() -> None:
    """Anchored (the parts are apart already), a full re-run (together again), a deleted database: the same parts."""
    late = [row("a90"), row("b90"), row("b91")]
    for previous in ({A: [*a, *b]}, {A: a, B: b}, None):
        together, questions = bound([[*a, *b, *late]], agree(SPLIT), previous, ledger={A: a, B: b})
        assert questions == {A: said([*a, late[0]]), B: said([*b, *late[1:]])}
        assert together.ids == {0: B, 1: A}
        _, apart = bound([[*a, late[0]], [*b, *late[1:]]], agree(SPLIT), previous, ledger={A: a, B: b})
        assert apart == questions


def test_a_small_part_keeps_its_inquiries_beyond_those_named() -> None:
    """What a round from after the split says of a row wins over which part is nearer."""
    few = Split(A, {A: ids(a), B: ids(b[:3])}, NOON, "Mara")
    odd = row("a70")  # worded like A, but B in the last round
    _, questions = bound([[*a, *b, odd]], agree(few), {A: a, B: [*b, odd]})
    assert questions == {A: said(a), B: said([*b, odd])}


def test_a_round_from_before_a_split_does_not_tell_the_part() -> None:
    """All of it was A then: what no decision names goes to the nearer part."""
    few = Split(A, {A: ids(a), B: ids(b[:3])}, NOON, "Mara")
    for previous, ledger in (({A: [*a, *b]}, None), (None, {A: [*a, *b]})):
        _, questions = bound([[*a, *b]], agree(few), previous, ledger=ledger)
        assert questions == {A: said(a), B: said(b)}


def test_one_named_inquiry_does_not_take_a_whole_cluster_along() -> None:
    """A new question of thirty that nobody knew, with one stray of B in it: the stray goes, the question stays."""
    new = rows("z", 30)
    _, questions = bound([a, b[1:], [*new, b[0]]], agree(MERGE))
    assert questions[A] == said([*a, *b])
    assert said(new) in questions.values()


def test_most_of_what_a_decision_names_takes_a_whole_cluster_along() -> None:
    """A rebuilt database: of a great question only some inquiries are named, and all of them are in it."""
    new = rows("b", 112)[12:]
    _, questions = bound([a, [*new, *b]], agree(MERGE))
    assert questions == {A: said([*a, *b, *new])}


def test_a_part_of_two_inquiries_stays_a_question() -> None:
    """A person cut it out: the least number of customers is not asked again."""
    _, questions = bound([[*a, *b[:2]]], agree(Split(A, {A: ids(a), B: ids(b[:2])}, NOON, "Mara")), {A: [*a, *b[:2]]})
    assert questions == {A: said(a), B: said(b[:2])}


def test_a_part_that_was_cut_again_is_three() -> None:
    """A into A and B, later A into A and C: the file of A names all three."""
    again = Split(A, {A: ids(a), B: ids(b), C: ids(c)}, NOON, "Mara")
    _, questions = bound([[*a, *b, *c]], agree(again), {A: [*a, *c], B: b})
    assert questions == {A: said(a), B: said(b), C: said(c)}


def test_what_is_kept_apart_is_cut_when_it_meets() -> None:
    """A full re-run made one cluster of both; a third question in it stays whole."""
    _, questions = bound([[*a, *b, *z]], agree(APART), {A: a, B: b, Z: z})
    assert sorted(map(len, questions.values())) == [12, 24]
    assert said(a) <= questions[A] and said(b) <= questions[B]
    assert any(said(z) <= members for members in questions.values())


def test_strays_of_what_is_kept_apart_go_home() -> None:
    """A few rows of B among A's: they go to where the rest of B is, A is not cut."""
    _, questions = bound([[*a, *b[:3]], b[3:]], agree(APART), {A: a, B: b})
    assert questions == {A: said(a), B: said(b)}


def test_kept_apart_where_nothing_meets_changes_nothing() -> None:
    """Also when one of them fell into two."""
    _, questions = bound([a[:6], a[6:], b], agree(APART), {A: a, B: b})
    assert sorted(map(len, questions.values())) == [6, 6, 12]


def test_merged_and_kept_apart_from_a_third() -> None:
    """B is A, and C must never be: a re-run that joined B and C is cut between them."""
    _, questions = bound([a, [*b, *c]], agree(MERGE, Apart(C, A, NOON, "Lea", "", ids(c), ids(a))), {A: [*a, *b], C: c})
    assert questions == {A: said([*a, *b]), C: said(c)}


def test_what_a_merge_names_is_fetched_out_of_the_noise() -> None:
    """A round that is stricter than the one it was decided in does not take the decision apart."""
    found, questions = bound([a, b[2:]], agree(MERGE), {A: a, B: b}, noise=b[:2])
    assert questions == {A: said([*a, *b])}
    assert not any(found.partition.reasons)


def test_what_is_kept_apart_may_become_noise() -> None:
    """The word is about two questions, not about each of their inquiries."""
    found, questions = bound([a, b[2:]], agree(APART), {A: a, B: b}, noise=b[:2])
    assert questions == {A: said(a), B: said(b[2:])}
    assert sorted(filter(None, found.partition.reasons)) == [NoiseReason.ALONE] * 2


def test_a_small_part_is_a_question_where_the_round_calls_it_noise() -> None:
    """An anchored round drops what too few ask: not what a person cut out. What was merged must have enough."""
    small = Split(A, {A: ids(a), B: ids(b[:2])}, NOON, "Mara")
    _, questions = bound([a], agree(small), {A: a, B: b[:2]}, noise=b[:2])
    assert questions == {A: said(a), B: said(b[:2])}
    few = Merge(B, C, NOON, "Mara", "", ids(b[:1]), ids(c[:2]))
    _, questions = bound([a], agree(few), {A: a, C: [*b[:1], *c[:2]]}, noise=[*b[:1], *c[:2]])
    assert questions == {A: said(a)}


def test_a_question_that_lost_too_many_to_a_decision_is_noise() -> None:
    """Three customers are left of it, and nobody decided on them."""
    assert ClusteringOptions().min_customers == 4
    found, questions = bound([a, [*b[:3], *z[:3]], b[3:]], agree(MERGE), {A: a, B: b, Z: z[:3]})
    assert questions == {A: said([*a, *b])}
    assert sorted(filter(None, found.partition.reasons)) == [NoiseReason.TOO_FEW] * 3


def test_a_decision_without_inquiries_of_its_own_is_followed_by_the_ledger() -> None:
    """Written by hand, or all it named were erased: the last round, else the ledger, knows who they are."""
    bare = Merge(B, A, NOON, "Mara")
    for previous, ledger in (({A: a, B: b}, None), (None, {A: a, B: b})):
        _, questions = bound([a, b], agree(bare), previous, ledger=ledger)
        assert questions == {A: said([*a, *b])}


def test_a_decision_on_what_nobody_knows_is_asleep() -> None:
    """It is kept and said; nothing changes."""
    found, questions = bound([c], agree(MERGE), {C: c})
    assert questions == {C: said(c)}
    assert [(x.question, x.kind, x.is_asleep) for x in found.conflicts] == [(B, "merged", True)]
    assert "qaaaa" in found.conflicts[0].said and "qbbbb" in found.conflicts[0].said


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_word_that_holds_is_ever_broken(data: st.DataObject) -> None:
    """Any clusters, any decisions, any order: what must be one is one, what must be apart is apart, nobody is lost."""
    inquiries = [row(f"{letter}{number}") for letter in "abcdef" for number in range(5)]
    labels = data.draw(st.lists(st.integers(-1, 4), min_size=30, max_size=30))
    clusters = [[i for i, label in zip(inquiries, labels, strict=True) if label == n] for n in sorted({*labels} - {-1})]
    questions = {
        QuestionId(f"q{letter * 4}"): tuple(ids(inquiries[5 * n : 5 * n + 5])) for n, letter in enumerate("abcdef")
    }
    keys = sorted(questions)
    words: dict[tuple[str, ...], Decision] = {}
    for day in range(data.draw(st.integers(1, 5))):
        one, two = data.draw(st.permutations(keys))[:2]
        at = NOON + timedelta(days=day)
        named = [questions[key][: data.draw(st.integers(0, 5))] for key in (one, two)]
        kinds: tuple[Decision, ...] = (
            Merge(one, two, at, "Mara", "", named[0], named[1]),
            Apart(one, two, at, "Lea", "", named[0], named[1]),
            Split(one, {one: named[0], two: named[1]}, at, "Mara"),
        )
        word = data.draw(st.sampled_from(kinds))
        words[type(word).__name__, one] = word
    agreement = agree(*words.values())
    assert agreement == agree(*reversed(words.values()))
    partition = as_partition(inquiries, clusters)
    made = bind(inquiries, vectors_of(inquiries), partition, agreement, previous=None, ledger=())
    order = data.draw(st.permutations(range(30)))
    shuffled = [inquiries[position] for position in order]
    again = bind(shuffled, vectors_of(shuffled), as_partition(shuffled, clusters), agreement, previous=None, ledger=())
    found = made.partition.labels
    assert np.array_equal(again.partition.labels, found[list(order)]) and again.ids == made.ids
    where: dict[int, set[int]] = {}
    for position, inquiry in enumerate(inquiries):
        if inquiry.id in agreement.claims:
            number = agreement.claims[inquiry.id].group
            assert found[position] >= 0 or not agreement.groups[number].is_part
            where.setdefault(number, set()).add(int(found[position]))
    for group, held in where.items():
        assert not agreement.groups[group].is_one or len(held) == 1
    assert not any(where.get(one, set()) & where.get(two, set()) - {-1} for one, two in agreement.apart)
    assert sorted({*found.tolist()} - {-1}) == list(range(len(made.partition.centroids)))
    bound_ids = {i for i, claim in agreement.claims.items() if agreement.groups[claim.group].is_one}
    assert all(found[p] < 0 for p, label in enumerate(labels) if label < 0 and inquiries[p].id not in bound_ids)
    assert len(set(made.ids.values())) == len(made.ids) and not set(made.ids.values()) & set(made.merged)
