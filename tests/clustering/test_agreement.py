"""Decisions taken together: what holds, what contradicts, and never by the order in which they come."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

from helploop.clustering import Agreement, settle
from helploop.clustering.agreement import Decision
from helploop.domain import Apart, InquiryId, Merge, QuestionId, Split
from tests.conftest import NOON

IDS = {name: QuestionId(f"q{name}") for name in "abcdef"}


def merge(one: str, into: str, day: int = 0, **facts: Any) -> Merge:
    """A merge on a day."""
    return Merge(IDS[one], IDS[into], NOON + timedelta(days=day), "Mara", **facts)


def apart(one: str, other: str, day: int = 0, **facts: Any) -> Apart:
    """A keeping apart on a day."""
    return Apart(IDS[one], IDS[other], NOON + timedelta(days=day), "Lea", **facts)


def split(question: str, parts: dict[str, str], day: int = 0) -> Split:
    """A split on a day; parts: a letter for each inquiry."""
    members = {IDS[part]: tuple(sorted(map(InquiryId, letters))) for part, letters in parts.items()}
    return Split(IDS[question], members, NOON + timedelta(days=day), "Mara")


def settled(*words: Decision) -> Agreement:
    """The agreement of decisions, the same in every order."""
    found = [
        settle(
            [w for w in order if isinstance(w, Merge)],
            [w for w in order if isinstance(w, Split)],
            [w for w in order if isinstance(w, Apart)],
        )
        for order in permutations(words)
    ]
    assert all(one == found[0] for one in found)
    return found[0]


def names(found: Agreement) -> list[set[str]]:
    """The groups' ids."""
    return [set(group.ids) for group in found.groups]


def told(found: Agreement) -> list[tuple[str, str, str, str]]:
    """The conflicts."""
    return [(c.question, c.kind, c.other, c.said) for c in found.conflicts]


def test_a_chain_of_merges_ends_in_one_question() -> None:
    """A into B, B into C: all are C, and so is what went into A before."""
    found = settled(merge("a", "b"), merge("b", "c", 1), merge("d", "a", -1))
    assert names(found) == [{"qa", "qb", "qc", "qd"}]
    assert found.groups[0].id == "qc" and found.groups[0].is_one
    assert found.merged == {"qa": "qc", "qb": "qc", "qd": "qc"}
    assert found.conflicts == ()


def test_a_circle_is_one_question_called_by_the_latest_word() -> None:
    """Both people want them to be one; which name, the later says, and it is reported."""
    found = settled(merge("a", "b"), merge("b", "a", 1))
    assert (found.groups[0].id, found.merged) == ("qa", {"qb": "qa"})
    said = (
        "qa is merged into qb (Mara, 2026-07-06) and qb is merged into qa (Mara, 2026-07-07): that is a circle; "
        "it is called qa as the latest word says"
    )
    assert told(found) == [("qa", "merged", "", said)]


def test_of_merged_and_kept_apart_the_later_holds() -> None:
    """In either direction, and the one that does not hold is named with the one that does."""
    later = settled(merge("a", "b"), apart("b", "a", 1))
    assert names(later) == [{"qa"}, {"qb"}] and later.apart == {(0, 1)} and later.merged == {}
    said = (
        "qa is merged into qb (Mara, 2026-07-06), but qa and qb are kept apart (Lea, 2026-07-07): the later word holds"
    )
    assert told(later) == [("qa", "merged", "", said)]
    earlier = settled(merge("a", "b", 1), apart("b", "a"))
    assert names(earlier) == [{"qa", "qb"}] and earlier.apart == frozenset()
    said = (
        "qb and qa are kept apart (Lea, 2026-07-06), but qa is merged into qb (Mara, 2026-07-07): the later word holds"
    )
    assert told(earlier) == [("qb", "apart", "qa", said)]


def test_two_kept_apart_that_merges_join_over_a_third() -> None:
    """A and B both go into C: the oldest of the three words does not hold."""
    found = settled(merge("a", "c", 1), merge("b", "c", 2), apart("a", "b"))
    assert names(found) == [{"qa", "qb", "qc"}]
    assert [c.kind for c in found.conflicts] == ["apart"]
    kept = settled(merge("a", "c", 1), merge("b", "c"), apart("a", "b", 2))
    assert names(kept) == [{"qb"}, {"qa", "qc"}]
    assert told(kept)[0][:2] == ("qb", "merged")
    assert kept.merged == {"qa": "qc"}


def test_parts_that_were_merged_again_are_one_and_told() -> None:
    """The later word holds: one part of the split does not, the others do."""
    found = settled(split("a", {"a": "1", "b": "2", "c": "3"}), merge("b", "a", 1))
    assert names(found) == [{"qa", "qb"}, {"qc"}] and found.apart == {(0, 1)}
    said = (
        "qa and qb are parts of qa, which is split (Mara, 2026-07-06), but qb is merged into qa (Mara, 2026-07-07): "
        "the later word holds"
    )
    assert told(found) == [("qa", "split", "", said)]


def test_the_latest_word_says_where_an_inquiry_belongs() -> None:
    """Merged first, cut out of the whole later: it is the new part's."""
    members = tuple(map(InquiryId, "12"))
    found = settled(merge("b", "a", members=members), split("a", {"a": "3", "c": "2"}, 1))
    assert {i: (found.groups[c.group].id, c.question) for i, c in found.claims.items()} == {
        "1": ("qa", "qb"),
        "2": ("qc", "qc"),
        "3": ("qa", "qa"),
    }


def test_at_the_same_moment_a_split_says_where_an_inquiry_belongs() -> None:
    """It is the finer word of the two: written by hand with a day each."""
    found = settled(merge("b", "a", members=(InquiryId("1"),)), split("a", {"a": "2", "c": "1"}))
    assert found.groups[found.claims[InquiryId("1")].group].id == "qc"


def test_kept_apart_binds_nothing_together() -> None:
    """Two questions kept apart may each still fall into two."""
    assert [group.is_one for group in settled(apart("a", "b")).groups] == [False, False]
    assert [group.is_one for group in settled(split("a", {"a": "1", "b": "2"})).groups] == [True, True]


def test_what_was_said_of_a_question_holds_for_what_is_cut_out_of_it_later() -> None:
    """A and B are parts; C is cut out of B later: it is no part of A either, unless somebody merges it."""
    words = (split("a", {"a": "1", "b": "2"}), split("b", {"b": "2", "c": "3"}, 1))
    assert settled(*words).apart == {(0, 1), (0, 2), (1, 2)}
    merged = settled(*words, merge("c", "a", 2))
    assert names(merged) == [{"qa", "qc"}, {"qb"}] and merged.conflicts == ()


def test_what_was_said_before_a_part_was_cut_out_only() -> None:
    """Kept apart after the split: the word is about what the question is since."""
    found = settled(split("a", {"a": "1", "b": "2"}), apart("a", "c", 1))
    assert found.apart == {(0, 1), (0, 2)}
