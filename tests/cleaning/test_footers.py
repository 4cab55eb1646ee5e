"""Footers: what programs add goes, what customers write about it stays."""

from __future__ import annotations

import pytest

from helploop.cleaning.footers import above_marker, strip_footers


@pytest.mark.parametrize(
    "text",
    [
        "I was charged in error, please notify me and delete my account.",
        "How do I unsubscribe from this list?",
        "It leaks.\n\nPlease unsubscribe me from this list.",
        "It leaks.\n\nI clicked unsubscribe here and nothing happens.",
        "Attachments vanish.\n\nThey cannot be opened in the browser.",
        "External mail does not arrive.\n\nIs it blocked?",
        "Is our chat confidential and only for the addressee, or can it be read by mistake?",
        "The warning says: CAUTION: This email originated from outside.",
        "My virus scanner deletes it.\n\nIt was scanned by my provider before, I think.",
    ],
)
def test_what_a_customer_writes_stays(text: str) -> None:
    """Words of footers in a customer's sentence make no footer."""
    assert strip_footers(text) == text


@pytest.mark.parametrize(
    "footer",
    [
        "This message is intended only for the addressee and may be confidential. If received in error, delete it.",
        "Este mensaje es confidencial y va dirigido exclusivamente a su destinatario. Si lo recibe por error, bórrelo.",
        "Le informazioni contenute in questo messaggio sono riservate al destinatario. In caso di errore, cancellarlo.",
        "Ta wiadomość jest poufna i przeznaczona dla adresata. Jeśli otrzymano ją omyłkowo, prosimy ją usunąć.",
        "Please consider the environment before printing this e-mail.",
        "You received this message because you are subscribed to the group.\nTo unsubscribe click here.",
        "Unsubscribe",
        "© 2026 Kettlewren Ltd. All rights reserved.",
        "Scanned by MailScanner, and is believed to be clean.",
    ],
)
def test_what_programs_add_goes(footer: str) -> None:
    """Disclaimers in the configured languages, and footers."""
    assert strip_footers(f"Where is it?\n\n{footer}").strip() == "Where is it?"
    assert strip_footers(footer) == footer


def test_warnings_on_top_go() -> None:
    """A gateway's banner is nobody's words."""
    banner = "[EXTERNAL] This email originated from outside the organisation. Do not click links."
    assert strip_footers(f"{banner}\n\nWhere is it?") == "Where is it?"
    assert strip_footers(banner) == banner


def test_a_help_desks_marker_ends_the_reply() -> None:
    """Above it stands the new text; where nothing does, what is below is all there is."""
    marker = "##- Please type your reply above this line -##"
    assert above_marker(f"Where is it?\n\n{marker}\n\nWe got your mail.") == "Where is it?"
    assert above_marker(f"{marker}\nWhere is it?") == "Where is it?"
    asked = "Why does it say reply above this line?"
    assert above_marker(asked) == asked
