"""Quotes: what is quoted goes, what is forwarded or shown stays."""

from __future__ import annotations

from helploop.cleaning.quotes import new_parts

BLOCK = "From: Ada Weld <ada@weld.example>\nSent: 3 July 2026\nSubject: Pump\n\nThe pump leaks. What now?"


def test_an_answer_loses_the_mail_it_answers() -> None:
    """Outlook's fields without any mark open the earlier mail."""
    assert new_parts(f"It is fixed.\n\n{BLOCK}") == ["It is fixed."]
    assert new_parts(f"It is fixed, see below.\n\n{BLOCK}", is_forward=False) == ["It is fixed, see below."]


def test_a_forwarded_mail_is_read() -> None:
    """By its marker, by the subject, or by a short note that sends it on."""
    said = "The pump leaks. What now?"
    marked = BLOCK.replace("From:", "---------- Forwarded message ----------\nFrom:")
    assert new_parts(f"Hi team\n\n{marked}") == ["Hi team", said]
    assert new_parts(f"Hi team\n\n{BLOCK}", is_forward=True) == ["Hi team", said]
    assert new_parts(f"FYI\n\n{BLOCK}") == ["FYI", said]
    assert new_parts(BLOCK) == [said]


def test_a_shown_mail_stays() -> None:
    """Fields that a line ending in a colon announces are part of the question."""
    text = f"I got this one:\n\n{BLOCK}\n\nIs it from you?"
    assert new_parts(text) == [text]
    error = "It says:\n\n> unknown unit 'psi'"
    assert new_parts(error) == [error]


def test_answers_between_quotes_keep_them() -> None:
    """Yes and no say nothing without what they answer; a single quote above the answer goes."""
    header = "On 3 July 2026, Ada <ada@weld.example> wrote:\n"
    body = "> Is it new?\n\nYes.\n\n> And clean?\n\nNo."
    assert new_parts(header + body + "\n\n> Bye") == [body]
    assert new_parts(header + "> Is it new?\n\nYes, why?") == ["Yes, why?"]


def test_a_table_is_no_quote() -> None:
    """Bars at the end of a post are its table, not somebody's words, unless a header opens them."""
    text = "Which is right?\n\n| size | price |\n| 3 | 4 |"
    assert new_parts(text) == [text]
