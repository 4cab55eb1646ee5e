"""Cleaning keeps what a person would underline, and never loses the question."""

from __future__ import annotations

import pytest

from helploop.cleaning import clean, html_to_text, language_of, question_text, strip_politeness
from helploop.domain import Channel, RawInquiry, RawReply
from tests.timing import assert_linear


def raw(text: str, title: str = "", channel: Channel = Channel.TICKET, name: str = "Ines Okafor") -> RawInquiry:
    """An inquiry as it came."""
    return RawInquiry("test", "1", text, title=title, channel=channel, customer_names=(name,))


MAIL = """Dear all,

I hope you're keeping well. I have been with you since spring and my husband drinks nothing else.

Could you leave us out of the coming round? And would I still be paying for it if so?

Many thanks,
Ines Okafor
Sent from my iPhone

On Mon, 6 Jul 2026 at 12:00, Help <help@shop.example> wrote:
> Your box is packed. How do you like it?
"""


def test_a_mail_keeps_what_it_says() -> None:
    """Greeting, thanks, name, device and quoted mail go; the sentences that ask are the question."""
    cleaned = clean(raw(MAIL, "Re: Away", Channel.MAIL))
    assert cleaned.text.startswith("I hope you're keeping well.") and cleaned.text.endswith("if so?")
    assert cleaned.title == "Away"
    assert (
        cleaned.question_text
        == "Away. Could you leave us out of the coming round? And would I still be paying for it if so?"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hi there, where is my box", "where is my box"),
        ("Hello Kettlewren,\n\nwhere is it?\n\nRegards\nInes", "Where is it?"),
        ("Where is it? Thanks in advance!", "Where is it?"),
        ("Where is it? Cheers, Ines", "Where is it?"),
        ("Where is it?\n\nInes Okafor\n14 Larch Bank", "Where is it?\n\nInes Okafor\n14 Larch Bank"),
        ("hi got a mail that my card expires, can you help", "got a mail that my card expires, can you help"),
        ("Thanks, but it still fails. What now?", "Thanks, but it still fails. What now?"),
        ("Regards\nis the name of my cat, can she have tea?", "Regards\nis the name of my cat, can she have tea?"),
        (
            "Where?\n\nKind regards,\nInes\nPS can I also change the day?",
            "Where?\n\nKind regards,\nInes\nPS can I also change the day?",
        ),
    ],
)
def test_politeness_goes_and_questions_stay(text: str, said: str) -> None:
    """Only what surely is politeness is taken away."""
    assert strip_politeness(text, ("Ines Okafor",)) == said


def test_nothing_becomes_empty() -> None:
    """A text of politeness alone stays as it is."""
    for text in ("ok thanks", "Hi there!", "> only a quote", "Kind regards\nInes", "--\n--"):
        cleaned = clean(raw(text, channel=Channel.MAIL))
        assert cleaned.text and cleaned.question_text


def test_agents_signatures_go() -> None:
    """An agent's sign-off is no part of the answer."""
    reply = RawReply(
        None, "Mara", True, "Hi Ines,\n\n1. Open My box.\n2. Press Skip.\n\nBest wishes,\nMara, Kettlewren"
    )
    short = RawReply(None, "Deniz", True, "Hi Ines, press Skip. Enjoy, Deniz, Kettlewren")
    (steps, line) = clean(RawInquiry("t", "1", "how", replies=(reply, short))).replies
    assert steps.text == "1. Open My box.\n2. Press Skip."
    assert line.text == "Press Skip."


def test_html_becomes_text() -> None:
    """Paragraphs stay apart, quoted mails go, a typed placeholder is no tag."""
    page = (
        '<p>Where is <b>it</b>?</p><p>Mail: <email> <order-number-2></p><blockquote class="gmail_quote">x</blockquote>'
    )
    assert html_to_text(page).split() == ["Where", "is", "it?", "Mail:", "<email>", "<order-number-2>"]
    assert clean(raw("if a < b then <email> fails")).text == "if a < b then <email> fails"


def test_a_vague_text_needs_its_title() -> None:
    """The title stands in front where it adds something, and only there."""
    assert question_text("I would like to stop it.", "Newsletter") == "Newsletter. I would like to stop it."
    assert question_text("Where is my parcel?", "where is my parcel") == "Where is my parcel?"
    assert question_text("Where is it?", "Urgent question") == "Where is it?"
    assert question_text("", "Newsletter") == "Newsletter"
    assert question_text("", "") == ""


def test_a_long_text_is_cut_to_what_asks() -> None:
    """Background goes before the question does; a number is never cut in two."""
    story = "We went to the sea with my aunt and it rained. " * 30
    asked = question_text(story + "How do I change the delivery day? " + story)
    assert "How do I change the delivery day?" in asked and len(asked) <= 420
    cut = question_text("word " * 78 + "0113 496 0172 " * 40)
    assert not cut.rstrip().endswith(("0", "1", "2", "3", "4", "6", "7", "9"))


def test_hidden_characters_go() -> None:
    """Zero-width, direction marks and towers of accents do not reach the encoder."""
    assert clean(raw("w\u200bhere\u202e is\u00a0 it" + "\u0301" * 50)).text == "where is it" + "\u0301" * 3


PROBES = (
    "\n",
    " ",
    ">",
    "> \n",
    "\nFrom: a",
    "\nOn 1 ",
    "<a@",
    "--\n",
    "On 1\nwrote",
    "a",
    "1 ",
    "a. ",
    "?",
    "Thanks ",
    "\nA",
    "hi ",
    "é\u0301",
    "<p",
    "&amp;",
    "Hello Aa ",
    ".\n\n",
    "- ",
    "> On 1, a@b wrote:\n",
    "Name: a\n",
    "Name: a\nMessage: ",
    "above this line ",
    "CAUTION: external email ",
    "confidential addressee in error ",
    "confidential\n\n",
    "Sent from my ",
    "Version: 1\n",
    "Aa Bb\n",
    "Aa Bb\n\n",
    "+44 1\n",
    "a@b.cc\n\n",
    "On 1 2 <a@b.cc> wrote: ",
    "Begin forwarded message:\n",
    "-----Original Message-----\n",
    "From: a\nTo: b\n\n",
    "see below\nFrom: a\nTo: b\n",
    "unsubscribe | ",
    "thanks and ",
    "grüße und ",
    "<p class=Mso>",
)


@pytest.mark.parametrize("probe", PROBES)
def test_hostile_texts_are_linear(probe: str) -> None:
    """20 kB of anything are clean in a fifth of a second."""
    text = (probe * 20_000)[:20_000]
    assert_linear(lambda some: clean(raw(some, some[:1000], Channel.MAIL)), text, 0.2)


def test_language_is_told_or_left_open() -> None:
    """English with typos is English, other languages are theirs, and what cannot be told is not guessed."""
    assert language_of("wher is my parcle") == "en"
    assert language_of("Depuis la mise à jour, je ne peux plus envoyer de mails") == "fr"
    assert language_of("Wo ist mein Paket geblieben?") == "de"
    assert language_of("  ") == ""
    assert language_of("0x80070005 KW-204518") == ""


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("After each restart many tabs are blank.", "After each restart", "It was a long day"),
        ("The problem is: the window loses its focus.", "The problem is", "I am using Windows 11"),
        ("Me gustaría saber si se pueden tener dos servidores.", "Me gustaría saber", "To the whole community:"),
        ("Jak mogę to zrobić", "Jak mogę", "A screenshot is attached."),
        ("Any ideas?", "the printer prints only the first page", "- Card Book (https://cards.example/book)"),
    ],
)
def test_what_a_person_would_underline_is_kept(text: str, kept: str, gone: str) -> None:
    """How it begins and what asks or troubles stay; machines, pointers, pleasantries and lists of links make room."""
    first = "Since the update the printer prints only the first page, whatever I choose in the dialogue of the program."
    story = "We went to the sea with my aunt and the weather was fine and warm all the week long. " * 8
    asked = question_text(f"{first}\n\n{gone}\n{text}\n{story}".replace("It was a long day", "It was a long day."))
    assert kept in asked and gone not in asked and len(asked) <= 420


def test_forms_fields_are_no_question() -> None:
    """The order number of a form stands in the text, not in what the encoder reads."""
    assert question_text("Where is it?\n\nOrder no: KW-204518\nProduct: kettle") == "Where is it?"
    assert question_text("Order no: KW-204518") == "Order no: KW-204518"


def test_a_sentence_that_is_cut_shows_it() -> None:
    """Half a sentence ends in three dots, so that it does not run into the next one."""
    asked = question_text("How do I move " + "one more folder and " * 30 + "all the rest? I tried it. Nothing moves.")
    assert asked.endswith("…") and len(asked) <= 401
