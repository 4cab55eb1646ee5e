"""keyphrases: what members say more often than the log does, and never what one customer alone says."""

from __future__ import annotations

from helploop.clustering.keyphrases import count_phrases, keyphrases, phrases_of, still_said
from tests.conftest import make_inquiry


def test_keyphrases_when_some_words_are_everybodys_and_some_one_customers() -> None:
    """Words of the topic come, the most telling first; not what the whole log says, nor what one customer says."""
    inside = [make_inquiry(f"My calendar invitation is lost {i}", customer_key=f"c{i}") for i in range(5)]
    inside += [make_inquiry(f"Zanzibar calendar {i}", customer_key="same") for i in range(5)]
    outside = [make_inquiry(f"My password is wrong {i}", customer_key=f"d{i}") for i in range(10)]
    found = keyphrases(inside, count_phrases([*inside, *outside]), 4, 3)
    assert found == ["calendar", "invitation", "lost"]


def test_keyphrases_when_two_words_belong_together() -> None:
    """Two words that stand side by side are one phrase; placeholders, stop words and a plural beside it are none."""
    texts = (
        "How do I reset the gift card <order-1>?",
        "Gift card does not work",
        "my gift card [MAIL] fails",
        "gift cards and a gift card",
    )
    inside = [make_inquiry(text, source_id=str(i)) for i, text in enumerate(texts)]
    outside = [make_inquiry(f"where is parcel {i}", source_id=f"p{i}") for i in range(9)]
    assert keyphrases(inside, count_phrases([*inside, *outside]), 2, 5) == ["gift card"]


def test_keyphrases_go_with_who_said_them() -> None:
    """A phrase that fewer customers than asked for are left to say is dropped; the order stays."""
    left = [make_inquiry(f"skip the box {i}", source_id=f"{i}", customer_key=f"c{i}") for i in range(2)]
    left.append(make_inquiry("skip the parrot", source_id="9", customer_key="c9"))
    assert still_said(("parrot", "skip", "box"), left, 2) == ("skip", "box")


def test_phrases_do_not_cross_the_end_of_a_sentence_or_a_line() -> None:
    """Pairs stand side by side in one sentence, within the title or the text, and a link is no part of any."""
    inquiry = make_inquiry(
        "Reset password. Lost phone\nnew number, see https://shop.example/help", title="Account shut!"
    )
    singles = {"account", "shut", "reset", "password", "lost", "phone", "new", "number"}
    pairs = {"account shut", "reset password", "lost phone", "new number"}
    assert phrases_of(inquiry) == singles | pairs


def test_keyphrases_of_inquiries_outside_the_log_are_read_on_the_spot() -> None:
    """What the log's phrases were counted over need not hold the members: of a large log only a sample is counted."""
    inside = [make_inquiry(f"My calendar invitation is lost {i}", customer_key=f"c{i}") for i in range(5)]
    outside = [make_inquiry(f"My password is wrong {i}", customer_key=f"d{i}") for i in range(10)]
    assert keyphrases(inside, count_phrases(outside), 4, 3) == ["calendar invitation", "lost"]
