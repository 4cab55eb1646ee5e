"""rounds: a question keeps its id while its members stay together, and the round says what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helploop.clustering import cluster, inherit_ids, make_round
from helploop.domain import ArticleId, Channel, Inquiry, InquiryId, QuestionId, QuestionState, Round, RoundId
from tests.clustering.helpers import log, near, topic
from tests.conftest import NOON, make_inquiry


def run(inquiries: list[Inquiry], vectors: NDArray[np.float32], **facts: Any) -> Round:
    values: dict[str, Any] = {
        "previous": None,
        "ledger": (),
        "renames": {},
        "round_id": RoundId("r0001"),
        "at": NOON,
        "encoder_hash": "encoder",
        "settings_hash": "settings",
    }
    return make_round(inquiries, cluster(inquiries, vectors), vectors, **(values | facts))


def of_size(made: Round, size: int) -> Any:
    return next(question for question in made.questions if len(question.members) == size)


def test_a_first_round_is_all_new() -> None:
    """Ids are short and typable, questions come by customers, everything else is noise."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12), topic(2, 2))
    made = run(inquiries, vectors)
    assert [len(question.members) for question in made.questions] == [12, 9]
    assert all(len(q.id) == 5 and q.id[0] == "q" and not set(q.id) & set("0O1lIiou") for q in made.questions)
    assert made.noise == tuple(sorted(inquiry.id for inquiry in inquiries[21:]))
    assert made.inherited == {question.id: "new" for question in made.questions}
    assert made.gone == ()


def test_the_same_rows_give_the_same_round_in_any_order() -> None:
    """Reversed rows, the same round to the last field."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12), topic(2, 2))
    assert run(inquiries[::-1], vectors[::-1]) == run(inquiries, vectors)


def test_ids_survive_growth_and_say_so() -> None:
    """A question that grew keeps its id, state and article; one whose inquiries are no more is gone."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12), topic(2, 6))
    first = run(inquiries, vectors)
    old = of_size(first, 9)
    first = replace(
        first,
        questions=tuple(
            replace(q, state=QuestionState.ANSWERED, article=ArticleId("skip")) if q is old else q
            for q in first.questions
        ),
    )
    more = [make_inquiry(f"later {i}") for i in range(8)]
    later = np.vstack([vectors[:21], np.stack([near(0, 200 + i) for i in range(8)])])
    second = run([*inquiries[:21], *more], later, previous=first, round_id=RoundId("r0002"))
    grown = of_size(second, 17)
    assert (grown.id, grown.state, grown.article) == (old.id, QuestionState.ANSWERED, "skip")
    assert second.inherited == {grown.id: "grown", of_size(first, 12).id: "same"}
    assert second.gone == (of_size(first, 6).id,)


def members(text: str) -> list[InquiryId]:
    return [InquiryId(letter) for letter in text]


def old_round(noise: str = "", **questions: str) -> Round:
    inquiries, vectors = log(topic(0, 9))
    made = run(inquiries, vectors)
    template = made.questions[0]
    old = tuple(replace(template, id=QuestionId(key), members=tuple(members(text))) for key, text in questions.items())
    return replace(made, questions=old, noise=tuple(members(noise)))


def test_a_split_leaves_the_id_with_the_greater_part() -> None:
    """One id is never given twice: the smaller part is a new question."""
    small, great = inherit_ids([members("ab"), members("cdefg")], old_round(qaaaa="abcdefg"), ())
    assert great == "qaaaa"
    assert small not in {"qaaaa", ""}


def test_a_merge_keeps_the_id_that_overlaps_most() -> None:
    """Two old questions in one cluster: the one that fills it more lives on."""
    assert inherit_ids([members("abcdefg")], old_round(qaaaa="ab", qbbbb="cdefg"), ()) == ["qbbbb"]


def test_a_stray_member_does_not_carry_an_id() -> None:
    """One of ten members in a cluster of known others is not the same question."""
    assert inherit_ids([members("aklmnopqr")], old_round(qaaaa="abcdefghij", noise="klmnopqr"), ())[0] != "qaaaa"


def test_new_inquiries_do_not_dilute_the_overlap() -> None:
    """Overlap counts only inquiries the last round knew: two old members and fifty new ones are still the question."""
    grown = [*members("ab"), *(InquiryId(f"new{i}") for i in range(50))]
    assert inherit_ids([grown], old_round(qaaaa="ab", noise="z"), ()) == ["qaaaa"]


def test_the_ledger_gives_a_rebuilt_database_its_ids_again() -> None:
    """Without a last round the ledger's members decide; with one, a question that was gone finds its id there."""
    inquiries, vectors = log(topic(0, 9), topic(1, 12))
    first = run(inquiries, vectors)
    ledger = [
        {"id": q.id, "label": q.label, "first_seen": None, "members": list(q.members)[:5]} for q in first.questions
    ]
    again = run(inquiries, vectors, ledger=ledger)
    assert [q.id for q in again.questions] == [q.id for q in first.questions]
    empty = old_round(noise="z")
    assert inherit_ids([members("abc")], empty, [{"id": "qgone", "members": members("ab")}]) == ["qgone"]


def test_new_ids_avoid_every_id_that_ever_was() -> None:
    """A cluster whose own id is taken by the ledger gets another one, the same each time."""
    fresh = inherit_ids([members("abc")], None, ())
    ledger = [{"id": fresh[0], "members": members("xyz")}]
    other = inherit_ids([members("abc")], None, ledger)
    assert other != fresh
    assert other == inherit_ids([members("abc")], None, (), taken=fresh)


def test_members_of_a_merged_question_count_for_the_one_it_went_into() -> None:
    """In the last round and in the ledger; its id is given to nobody any more."""
    went = {QuestionId("qbbbb"): QuestionId("qaaaa")}
    assert inherit_ids([members("abcdef")], old_round(qaaaa="a", qbbbb="bcdef"), (), merged=went) == ["qaaaa"]
    ledger = [{"id": "qaaaa", "members": members("a")}, {"id": "qbbbb", "members": members("bcdef")}]
    assert inherit_ids([members("abcdef")], None, ledger, merged=went) == ["qaaaa"]
    fresh = inherit_ids([members("abc")], None, ())[0]
    assert inherit_ids([members("abc")], None, (), merged={fresh: QuestionId("qaaaa")})[0] not in (fresh, "qaaaa")


def test_an_id_that_a_decision_gives_is_given_once() -> None:
    """It wins over overlap, and the question that had it gets another."""
    found = inherit_ids([members("ab"), members("cd")], old_round(qaaaa="cd"), (), fixed={0: QuestionId("qaaaa")})
    assert found[0] == "qaaaa" and found[1] != "qaaaa"


def test_a_rename_wins_and_a_label_stays() -> None:
    """A person's label beats the found one; without it the last round's label is kept."""
    inquiries, vectors = log(topic(0, 9))
    first = run(inquiries, vectors)
    kept = replace(first, questions=tuple(replace(q, label="How do I skip a box?") for q in first.questions))
    assert run(inquiries, vectors, previous=kept).questions[0].label == "How do I skip a box?"
    renames = {first.questions[0].id: "Skipping a box"}
    assert run(inquiries, vectors, previous=kept, renames=renames).questions[0].label == "Skipping a box"


def test_facts_of_a_question() -> None:
    """Trend counts inquiries of the last eight weeks; channels, dates, size and customers are the members'."""
    ages = [0, 1, 8, 8, 50, 55, 56, 300]
    inquiries = [
        make_inquiry(
            f"worded {chr(97 + i) * 3}",
            received_at=NOON - timedelta(days=age),
            channel=Channel.CHAT if i else Channel.MAIL,
        )
        for i, age in enumerate(ages)
    ]
    undated = make_inquiry("worded undated", received_at=None)
    question = run([*inquiries, undated], np.stack([near(0, i) for i in range(9)])).questions[0]
    assert question.trend == (2, 0, 0, 0, 0, 0, 2, 2)
    assert (question.first_seen, question.last_seen) == (NOON - timedelta(days=300), NOON)
    assert dict(question.channels) == {"chat": 7, "mail": 1, "ticket": 1}
    assert (question.size, question.customers) == (9.0, 9)
    assert 0.8 < question.cohesion < 1
    assert len(set(question.representatives)) == 5
