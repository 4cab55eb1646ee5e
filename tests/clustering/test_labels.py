"""labels: a question is named by its clearest real wording, made neat; its representatives differ."""

from __future__ import annotations

import numpy as np
import pytest

from helploop.clustering.labels import pick_label, read_words, without_doubles
from helploop.clustering.representatives import pick_representatives
from helploop.domain import QuestionId
from tests.clustering.helpers import near
from tests.conftest import make_inquiry, make_question


def label(*texts: str, title: str = "") -> str:
    members = [make_inquiry(text, source_id=str(i), title=title) for i, text in enumerate(texts)]
    others = [make_inquiry(f"other matter {i} about grinding beans", source_id=f"o{i}") for i in range(20)]
    nearness = np.linspace(0.9, 0.6, len(members)).astype(np.float32)
    return pick_label(members, nearness, read_words([*members, *others]), len(members) + 20)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            (
                "skip",
                "hello, how can I skip the next delivery??",
                "WHY CAN I NOT SKIP THE DELIVERY",
                "skip delivery <order-2>?",
            ),
            "How can I skip the next delivery?",
        ),
        (
            ("Any news? My parcel has not moved. Where is my parcel now?", "where is the parcel", "parcel lost"),
            "Where is the parcel?",
        ),
        (("see https://shop.example/x what is that", "what is the price of a bag"), "What is the price of a bag?"),
        (
            ("Card payment fails, please help", "the card payment fails. thanks", "card payment failing"),
            "Card payment fails",
        ),
        (
            ("Unable to send", "I was wondering how can I send from a second address", "cannot send second address"),
            "How can I send from a second address?",
        ),
        (
            ("I have been waiting three weeks for a refund now", "When will the refund come?", "refund"),
            "When will the refund come?",
        ),
    ],
)
def test_label_is_the_clearest_wording(texts: tuple[str, ...], expected: str) -> None:
    """Greeting and repeated marks go; shouting, placeholders, links and too short wordings lose."""
    assert label(*texts) == expected


def test_label_is_cut_at_a_word() -> None:
    """A wording with no short sentence is cut at 90 characters, between words, and says so."""
    found = label("word " * 60)
    assert len(found) <= 90
    assert found.endswith("word…")


def test_label_of_wordless_members_says_so() -> None:
    """Nothing but signs gives a label nobody takes for a wording."""
    assert label("...", "!") == "(no wording)"


def test_no_two_questions_have_the_same_label() -> None:
    """The smaller question takes its next wording; what a person named stays, and so does the last resort."""
    one, two, three, four = (
        make_question(id=QuestionId(key), label="Where is it?", customers=customers)
        for key, customers in (("qa", 9), ("qb", 7), ("qc", 30), ("qd", 5))
    )
    others = {"qa": lambda: ("Where is my parcel?",), "qc": lambda: ("x",)}
    found = without_doubles([one, two, three, four], others, {"qb"})
    assert [question.label for question in found] == ["Where is my parcel?", "Where is it?", "x", "Where is it?"]


def test_representatives_differ() -> None:
    """The nearest comes first, the same wording never twice, and another angle before another near-copy."""
    texts = ["skip a box", "Skip a box!", "skip one box", "leave one delivery out"]
    members = [make_inquiry(text, source_id=str(i)) for i, text in enumerate(texts)]
    one = near(0, 1)
    vectors = np.stack([one, one, one, near(0, 2, spread=1.0)])
    nearness = np.array([0.9, 0.9, 0.89, 0.8], dtype=np.float32)
    assert pick_representatives(members, vectors, nearness, 2) == (0, 3)
    assert pick_representatives(members, vectors, nearness, 9) == (0, 3, 2)
