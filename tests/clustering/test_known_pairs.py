"""known_pairs: what surely asks the same is found by words, answers and titles, and hard cases beside it."""

from __future__ import annotations

from helploop.clustering.known_pairs import PairKind, find_pairs
from helploop.domain import Inquiry, Reply
from tests.conftest import make_inquiry

SKIP = "Open My box, choose the next delivery there and press Skip; nothing is charged for a skipped box."
RETURN = "Print the label from Orders, stick it over the old address and hand the parcel in at any post office."


def _answered(text: str, answer: str, source_id: str) -> Inquiry:
    reply = Reply(at=None, by="agent", is_agent=True, text=answer)
    return make_inquiry(text, source_id=source_id, replies=(reply,))


def test_pairs_are_found_by_words_by_answers_and_by_titles() -> None:
    """Each kind once; what clustering would fold anyway is no pair, and blank or too short texts are none."""
    log = [
        make_inquiry("how do I skip my next coffee box", source_id="0"),
        make_inquiry("how do I skip the next coffee box", source_id="1"),
        make_inquiry("how do I skip my next coffee box!", source_id="2"),
        _answered("no delivery in August please, holidays", SKIP, "3"),
        _answered("we are away, can it pause?", SKIP, "4"),
        make_inquiry("", source_id="5"),
        make_inquiry("help", source_id="6"),
        make_inquiry("Grinder came broken The lid does not close any more", title="Grinder came broken", source_id="7"),
        make_inquiry("Grinder", title="Grinder", source_id="8"),
        _answered("the mill must go back to you", RETURN, "9"),
    ]
    found = find_pairs(log)
    assert found.same == {
        PairKind.WORDING: ((0, 1), (1, 2)),
        PairKind.ANSWER: ((3, 4),),
        PairKind.TITLE: ((7, 7),),
    }
    assert found.titles == {7: "Grinder came broken"}
    assert found.texts[7] == "The lid does not close any more"
    assert found.hard == ()


def test_alike_in_words_but_answered_differently_is_a_hard_case() -> None:
    """Nearly the same words with another answer are no pair that asks the same."""
    log = [
        _answered("how do I skip the box for my coffee", SKIP, "0"),
        _answered("how do I return the box for my coffee", RETURN, "1"),
        _answered("how may I skip a delivery", SKIP, "2"),
        _answered("the mill must go back to you", RETURN, "3"),
    ]
    found = find_pairs(log)
    assert found.same[PairKind.ANSWER] == ((0, 2), (1, 3))
    assert found.same[PairKind.WORDING] == ()
    assert (0, 1) in found.hard
    assert (0, 2) not in found.hard
