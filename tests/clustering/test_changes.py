"""changes: what became of each question of the last round, told by where its inquiries are now."""

from __future__ import annotations

from helploop.clustering import Changes, compare_rounds
from helploop.domain import InquiryId, Question, QuestionId, Round, RoundId
from tests.conftest import NOON, make_question


def _questions(**members: str) -> tuple[Question, ...]:
    return tuple(
        make_question(id=QuestionId(key), members=tuple(map(InquiryId, letters))) for key, letters in members.items()
    )


def _round(**members: str) -> Round:
    return Round(RoundId("r0001"), NOON, "e", "s", _questions(**members), (), {}, ())


def test_first_round_is_all_new() -> None:
    """Without a round before there is nothing that grew, went or came apart."""
    assert compare_rounds(None, _questions(qa="abc")) == Changes({"qa": "new"})


def test_grown_shrunk_same_new_and_gone() -> None:
    """Counted by inquiries, one word for each question; what nobody has any more is gone."""
    before = _round(qa="abcd", qb="efgh", qc="ijkl", qd="mnop")
    after = _questions(qa="abcdx", qb="efg", qc="ijkl", qe="uvw")
    inherited = {"qa": "grown", "qb": "shrunk", "qc": "same", "qe": "new"}
    assert compare_rounds(before, after) == Changes(inherited, (QuestionId("qd"),))


def test_split_question_names_its_parts_greatest_first() -> None:
    """Two parts of a fifth or more each: split; one or two rows that moved are no part of it."""
    before = _round(qa="abcdefghij", qb="klmnop")
    after = _questions(qa="abcd", qc="efghij", qb="klmn", qd="op")
    split = {"qa": (QuestionId("qc"), QuestionId("qa")), "qb": (QuestionId("qb"), QuestionId("qd"))}
    assert compare_rounds(before, after).split == split
    assert compare_rounds(before, _questions(qa="abcdefghi", qb="jklmnop")).split == {}


def test_merged_question_names_the_old_ones_in_it() -> None:
    """A question with half or more of two old ones is their merger; what went in is gone unless it gave its id."""
    before = _round(qa="abcdef", qb="ghij", qc="klmn")
    made = compare_rounds(before, _questions(qa="abcdefgh", qc="klmn"))
    assert made.merged == {"qa": (QuestionId("qa"), QuestionId("qb"))}
    assert (made.gone, made.split) == ((QuestionId("qb"),), {})


def test_inquiries_that_left_for_the_noise_make_no_merger() -> None:
    """Two of ten that stayed while eight became noise did not go into the question they are in now."""
    made = compare_rounds(_round(qa="abcdefghij", qb="klmn"), _questions(qb="klmnab"))
    assert (made.merged, made.gone) == ({}, (QuestionId("qa"),))
