"""Contact forms: the message is what is said, the rest is kept apart."""

from __future__ import annotations

from helploop.cleaning import clean
from helploop.cleaning.forms import Form, is_form_field, read_form
from helploop.domain import RawInquiry

FORM = """Name: Piotr Zielony
E-mail: piotr@zielony.example
Order no: KW-204518
Subject: Tin
Message: The tin leaks.

Note: it is the blue one. Can I get a new one?
"""


def test_a_form_is_taken_apart() -> None:
    """Each field where it belongs; a label in the message that no form has belongs to the message."""
    said = "The tin leaks.\n\nNote: it is the blue one. Can I get a new one?"
    people = ("Piotr Zielony", "piotr@zielony.example")
    assert read_form(FORM) == Form(said, "Tin", people, ("Order no: KW-204518",))


def test_a_text_with_colons_is_no_form() -> None:
    """Three known labels and a message make one."""
    assert read_form("Version: 5.2\nProduct: kettle\nIt leaks: why?") is None
    assert read_form("Name: Ines\nMessage:\nPhone: 1") is None


def test_a_forms_message_is_the_question() -> None:
    """The order number stays in the text, out of the question; who filled it in is masked later."""
    made = clean(RawInquiry("web", "1", FORM))
    assert made.text.endswith("Can I get a new one?\n\nOrder no: KW-204518")
    assert made.title == "Tin"
    assert made.question_text == "The tin leaks. Note: it is the blue one. Can I get a new one?"
    assert made.customer_names == ("Piotr Zielony", "piotr@zielony.example")


def test_a_field_says_but_does_not_ask() -> None:
    """Known labels with a value, and nothing else."""
    assert is_form_field("Order no: KW-204518") and is_form_field("**Betriebssystem**: x") is False
    assert not is_form_field("Message: hi") and not is_form_field("Order no:")
