"""Redaction is the only door to an Inquiry: placeholders that are consistent, people of the record, keyed hashes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helploop.domain import Kind, RawInquiry, RawReply
from helploop.redaction import RedactionOptions, customer_key, redact, redact_text

KEY = b"a key of the site"


def test_known_names_are_masked() -> None:
    """The record's own name and address, whole and in parts; a name that is a word only where a name stands."""
    names = ("Ines Okafor", "ines.okafor@mailbox.example")
    assert (
        redact_text("Hi Ines, Mrs Okafor (INES.OKAFOR@mailbox.example)", names)[0] == "Hi <name>, Mrs <name> (<email>)"
    )
    assert (
        redact_text("You will get it, Hi Will, yours Will", ("Will Young",))[0]
        == "You will get it, Hi <name>, yours <name>"
    )
    assert redact_text("the ab1 of a12", ("ab12cd34",)) == ("the ab1 of a12", {})


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("A@b.example, c@d.example, a@B.example", "<email>, <email-2>, <email>"),
        ("07700 900123, +44 7700 900123 and (07700) 900-124", "<phone>, <phone> and <phone-2>"),
        ("KW-204518, kw–204518", "<order-number>, <order-number>"),
        ("password: Ab1!x then password: ab1!x", "password: <secret> then password: <secret-2>"),
        ("GB33 BUKB 2020 1555 5555 55 = GB33BUKB20201555555555", "<iban> = <iban>"),
        ("4111 1111 1111 1111 12/27", "<card> 12/27"),
    ],
)
def test_values_are_told_apart(text: str, masked: str) -> None:
    """The same value in any spelling has the same placeholder, another value the next number."""
    assert redact_text(text)[0] == masked


def test_placeholders_are_consistent_within_an_inquiry() -> None:
    """One value, one placeholder in title, text, question and replies; the next inquiry counts from the start."""
    raw = RawInquiry(
        "desk",
        "1",
        "I wrote from old@x.example, now I have new@x.example. Is new@x.example right? Ring 07700 900123",
        title="old@x.example",
        question_text="Is new@x.example right?",
        replies=(
            RawReply(None, "Mara Quist", True, "We see new@x.example, not other@x.example.\nMara"),
            RawReply(None, "Tom Abara", True, "Mara is away, I rang +447700900123.\nTom Abara"),
            RawReply(None, "", False, "Thanks Mara and tom, old@x.example is gone"),
        ),
        customer="old@x.example",
    )
    inquiry = redact(raw, KEY)
    assert inquiry.title == "<email>"
    assert inquiry.text == "I wrote from <email>, now I have <email-2>. Is <email-2> right? Ring <phone>"
    assert inquiry.question_text == "Is <email-2> right?"
    assert [reply.text for reply in inquiry.replies] == [
        "We see <email-2>, not <email-3>.\n<agent>",
        "<agent> is away, I rang <phone>.\n<agent-2>",
        "Thanks <agent> and <agent-2>, <email> is gone",
    ]
    assert inquiry.redactions == {"agent": 5, "email": 7, "phone": 2}
    assert redact(replace(raw, title="", text="new@x.example", question_text="", replies=()), KEY).text == "<email>"


def test_agents_that_are_no_people_are_left_alone() -> None:
    """A team or the company itself is no person, and its words stand in every text."""
    replies = (
        RawReply(None, "Kettlewren Support", True, "Kettlewren ships on Monday"),
        RawReply(None, "Mara (Kettlewren)", True, "Mara at Kettlewren, will you? Will"),
        RawReply(None, "Will", True, "Will you?\nWill"),
    )
    options = RedactionOptions(own_addresses=("@kettlewren.example",))
    texts = [reply.text for reply in redact(RawInquiry("s", "1", "x", replies=replies), KEY, options).replies]
    assert texts == ["Kettlewren ships on Monday", "<agent> at Kettlewren, will you? <agent-2>", "Will you?\n<agent-2>"]


def test_ids_of_the_record_are_masked() -> None:
    """The customer's id or handle, whole; its letters alone are no name, and a short number is anything."""
    assert redact_text("I am beanlover42, id 480112", ("beanlover42", "480112"))[0] == (
        "I am <customer-id>, id <customer-id-2>"
    )
    assert redact_text("the 2024 beanlover", ("2024", "beanlover42")) == ("the 2024 beanlover", {})


def test_own_addresses_stay_readable() -> None:
    """The company's address is part of the answer."""
    options = RedactionOptions(own_addresses=("@shop.example",))
    assert (
        redact_text("allow no-reply@shop.example, not a@b.example", (), options)[0]
        == "allow no-reply@shop.example, not <email>"
    )


def test_order_numbers_are_configurable() -> None:
    """Another company's pattern."""
    assert redact_text("A1234/77", (), RedactionOptions(order_number=r"\bA\d{4}/\d\d\b"))[0] == "<order-number>"


def test_an_inquiry_comes_out_redacted() -> None:
    """All texts masked, people as keyed hashes, types counted, facts kept; kind unsure until triaged."""
    at = datetime(2026, 7, 6, tzinfo=UTC)
    raw = RawInquiry(
        "desk",
        "7",
        "It is a@b.example",
        title="from Ines",
        question_text="is a@b.example",
        replies=(RawReply(at, "Mara", True, "Hi Ines, ring 07700 900123"), RawReply(at, "Ines", False, "ok")),
        customer="A@b.example ",
        customer_names=("Ines",),
        received_at=at,
        tags=("vip", "a@b.example"),
    )
    inquiry = redact(raw, KEY)
    assert (inquiry.text, inquiry.title, inquiry.question_text) == ("It is <email>", "from <name>", "is <email>")
    assert [reply.text for reply in inquiry.replies] == ["Hi <name>, ring <phone>", "ok"]
    assert inquiry.replies[1].by == "customer" and len(inquiry.replies[0].by) == 16
    assert inquiry.redactions == {"email": 2, "name": 2, "phone": 1}
    assert (inquiry.kind, inquiry.received_at, inquiry.tags) == (Kind.UNSURE, at, ("vip", "<email>"))
    assert "Ines" not in repr(inquiry) and "b.example" not in repr(inquiry)


def test_customer_keys() -> None:
    """The same person in any spelling, another under another key, an agent never the same as a customer."""
    assert customer_key("A@B.example", KEY) == customer_key(" a@b.example", KEY)
    assert customer_key("a", KEY) != customer_key("a", b"other") != customer_key("b", b"other")
    agent = redact(RawInquiry("s", "1", "x", replies=(RawReply(None, "a", True, "y"),)), KEY).replies[0].by
    assert agent != customer_key("a", KEY)
    with pytest.raises(ValueError, match="needs a key"):
        redact(RawInquiry("s", "1", "x"), b"")


def test_detected_names_are_masked_in_all_texts() -> None:
    """What the detector finds in one text is masked in all, told apart; the record's own people keep theirs."""
    raw = RawInquiry(
        "desk",
        "1",
        "I am Ines. It is Sarah Whitmore's, Bob Reed\nsaw it. Support, Kettlewren and Gmail know.",
        question_text="Where did Sarah Whitmore take it? Bob Reed?",
        replies=(RawReply(None, "Mara", True, "Sarah Whitmore has it, bob reed and Mara say"),),
        customer_names=("Ines",),
        language="en",
    )
    names = ("Ines", "Mara", "Sarah Whitmore's", "Bob Reed\nsaw", "Support", "Kettlewren", "Gmail", "know")

    def detect(text: str, language: str) -> list[tuple[int, int]]:
        assert language == "en"
        return [(text.index(name), text.index(name) + len(name)) for name in names if name in text]

    options = RedactionOptions(own_addresses=("@kettlewren.example",), no_names=("Gmail",))
    inquiry = redact(raw, KEY, options, detect)
    assert inquiry.text == "I am <name>. It is <name-2>'s, <name-3>\nsaw it. Support, Kettlewren and Gmail know."
    assert inquiry.question_text == "Where did <name-2> take it? <name-3>?"
    assert inquiry.replies[0].text == "<name-2> has it, bob reed and <agent> say"
