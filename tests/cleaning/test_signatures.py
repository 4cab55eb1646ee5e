"""Signatures: contact lines and device lines go, addresses that a customer gives stay."""

from __future__ import annotations

from helploop.cleaning.signatures import strip_contacts, strip_signature


def test_contact_lines_at_the_end_go() -> None:
    """A name, a title and a phone number need no delimiter; a logo below them neither."""
    text = "Where is it?\n\nDr. Ada Weld\nHead of Pumps\nTel. 0113 496 0155\n[logo]"
    assert strip_contacts(text) == "Where is it?"
    assert strip_contacts("Where is it?\n\nAda Weld\nHead of Pumps\n\nm: <phone>\ne: <email-2>") == "Where is it?"


def test_what_a_customer_gives_stays() -> None:
    """An address to send to, a sentence with a number in it, a lone link."""
    for text in (
        "Please send it to:\n\nAda Weld\n14 Larch Bank\n0113 496 0155",
        "Where is it?\n\nCall me on 0113 496 0155.\nI am in until five.",
        "Where is it?\n\nhttps://weld.example/orders",
        "Where is it?\n\nAda Weld\n14 Larch Bank",
        "Ada Weld\n0113 496 0155",
    ):
        assert strip_contacts(text) == text


def test_apps_add_their_version() -> None:
    """ "Sent via the app" goes with the fields below it; the same fields typed by hand stay."""
    assert strip_signature("Where?\n\nSent via the Tea app\nVersion: 5.2\nDevice: Pixel 8") == "Where?"
    typed = "It crashes.\n\nVersion: 5.2\nDevice: Pixel 8"
    assert strip_signature(typed) == typed


def test_a_question_below_the_delimiter_stays() -> None:
    """Two hyphens are a signature only where nothing is asked below them."""
    assert strip_signature("Hello\n--\nWhere is it?") == "Hello\n--\nWhere is it?"
    assert strip_signature("Where is it?\n--\nAda") == "Where is it?"
