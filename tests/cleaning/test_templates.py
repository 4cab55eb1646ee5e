"""Template lines: what recurs whatever is asked is learned and cut; a question, an answer and a lone line never."""

from __future__ import annotations

import random
from typing import Any

import pytest

from helploop.cleaning.templates import cut_template_lines, learn_template_lines, restore
from helploop.domain import Inquiry, Reply, Side, TemplateLine
from tests.conftest import make_inquiry
from tests.timing import assert_linear

TOPICS = ("parcel", "invoice", "password", "kettle", "voucher", "grinder", "newsletter", "box")
ADS = "Get the Kettlewren app for Android"
HELLO = "Thank you for getting in touch."


def log(count: int = 240, line: str = ADS, hello: str = HELLO, steps: str = "", **facts: Any) -> list[Inquiry]:
    """Inquiries about eight topics in turn, each with a line below it, and an agent's reply about the topic."""
    made = []
    for n in range(count):
        topic = TOPICS[n % len(TOPICS)]
        reply = f"Hi <name>,\n\n{hello} The {topic} number {n} is on its way.\n{steps}"
        made.append(
            make_inquiry(
                source_id=str(n),
                text=f"My {topic} is lost, this is number {n} of them\n\n{line}",
                title=f"Lost {topic}",
                question_text=f"Lost {topic}. My {topic} is lost, this is number {n} of them {line}",
                replies=(Reply(None, "a1", True, reply.strip()),),
                **facts,
            )
        )
    return made


def learned(inquiries: list[Inquiry]) -> dict[str, Side]:
    """The lines and whose they are."""
    return {line.line: line.side for line in learn_template_lines("test", lambda: inquiries)}


def test_what_recurs_over_all_topics_is_learned() -> None:
    """A line below customers' texts and agents' thanks, with how many had them."""
    assert learn_template_lines("test", log) == (
        TemplateLine("test", Side.AGENT, HELLO, 240),
        TemplateLine("test", Side.CUSTOMER, ADS, 240),
    )


def test_digits_and_placeholders_make_no_difference() -> None:
    """The same line with another number or another masked value is the same line."""
    inquiries = [
        make_inquiry(
            source_id=str(n), text=f"{TOPICS[n % 8]} number {n} is odd, really\nYour case no. {n} for <email-{n}>"
        )
        for n in range(60)
    ]
    assert list(learned(inquiries)) == ["Your case no. 0 for <email-0>"]


@pytest.mark.parametrize(
    "line",
    [
        "Where is it?",
        "please call me back soon",
        "it does not work at all",
        "I have been with you for years",
        "Windows 11",
        "KW-204518",
    ],
)
def test_what_a_customer_asks_or_says_is_never_learned(line: str) -> None:
    """Questions, requests, troubles, words about the writer and bare values stay, however often they recur."""
    assert ADS not in learned(log(line=line)) and line not in learned(log(line=line))


def test_an_answer_to_one_question_is_never_learned() -> None:
    """A macro that recurs over a fifth of all conversations, all of them about one thing, is the answer to it."""
    inquiries = log(line="")
    macro = Reply(None, "a1", True, "Hi <name>,\n\nParcels are never lost for long. It comes by Friday.")
    asked = [
        make_inquiry(
            source_id=f"p{n}",
            title="Where is it",
            text="lost parcel",
            question_text="Where is my parcel?",
            replies=(macro,),
        )
        for n in range(60)
    ]
    assert learned(inquiries + asked) == {HELLO: Side.AGENT}


def test_a_step_is_never_learned() -> None:
    """Neither in a list nor in prose: it may end answers to every question."""
    assert learned(log(line="", steps="1. Open the app now.\n2. It counts from tomorrow. Press Save.")) == {
        HELLO: Side.AGENT
    }


def test_a_line_that_is_all_there_is_is_never_learned() -> None:
    """A chat's button may be the whole inquiry."""
    buttons = [make_inquiry(source_id=str(n), text="Order status", question_text="Order status") for n in range(100)]
    assert learned(buttons) == {}


@pytest.mark.parametrize("customers", [1, 14])
def test_few_customers_teach_nothing(customers: int) -> None:
    """One person's signature, however often they write, is no template."""
    inquiries = [
        make_inquiry(source_id=str(n), text=f"{TOPICS[n % 8]} {n} is odd\n{ADS}", customer_key=f"c{n % customers}")
        for n in range(100)
    ]
    assert learned(inquiries) == {}
    assert learned(log(19)) == {}


def test_the_order_of_rows_does_not_matter() -> None:
    """Nor does what was cut before."""
    inquiries = log()
    lines = learn_template_lines("test", lambda: inquiries)
    mixed = [cut_template_lines(inquiry, lines) for inquiry in inquiries[::2]] + inquiries[1::2]
    random.Random(3).shuffle(mixed)
    assert learn_template_lines("test", lambda: mixed) == lines


def test_cutting_makes_the_question_anew_and_can_be_undone() -> None:
    """The text, the question and the reply lose the line; restored, all is as it came."""
    (inquiry,) = log(1)
    cut = cut_template_lines(inquiry, learn_template_lines("test", log))
    assert cut.text == "My parcel is lost, this is number 0 of them"
    assert cut.question_text == "Lost parcel. My parcel is lost, this is number 0 of them"
    assert cut.replies[0].text == "Hi <name>,\n\nThe parcel number 0 is on its way."
    assert restore(cut) == inquiry
    assert cut_template_lines(cut, learn_template_lines("test", log)) == cut
    assert cut_template_lines(cut, ()) == inquiry


def test_nothing_becomes_empty() -> None:
    """A text or a reply of template lines alone stays."""
    lines = learn_template_lines("test", log)
    alone = make_inquiry(text=ADS, question_text=ADS, replies=(Reply(None, "a1", True, f"{HELLO}\n"),))
    assert cut_template_lines(alone, lines) == alone


@pytest.mark.parametrize(
    "probe", ["\n", "a. ", "<a", "<email> ", "1 ", "- a\n", "a.\n", "é1 ", "press ", "1. a. ", "<a-1> b. \n"]
)
def test_hostile_texts_are_linear(probe: str) -> None:
    """20 kB of anything, on both sides, are learned from and cut in a fifth of a second each."""

    def inquiry(text: str) -> Inquiry:
        return make_inquiry(text=text, question_text=text[:400], replies=(Reply(None, "a1", True, text),))

    text = (probe * 20_000)[:20_000]
    lines = learn_template_lines("test", log)
    assert_linear(lambda some: learn_template_lines("test", lambda: [inquiry(some)]), text, 0.2)
    assert_linear(lambda some: cut_template_lines(inquiry(some), lines), text, 0.2)
