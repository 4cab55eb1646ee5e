"""Simple markup is read without a browser's help: it must come out as if it were read with it."""

from __future__ import annotations

import random

from helploop.cleaning import normalise
from helploop.cleaning.html import _page_to_text, _simple_to_text, html_to_text
from tests.timing import assert_linear

LINK = '<a href="https://maps.example/a?b=1" rel="nofollow">link</a>'
WORDS = (" ", "\n", "word", "two words", "&amp;", "&lt;", "&nbsp;", ".", " x ")
PIECES = (*WORDS, "<br>", "<br />", "<b>bold</b>", "<em>so</em>", LINK)


def test_simple_markup_is_read_the_same() -> None:
    """2,000 pages of paragraphs (seed 3), both ways."""
    draw = random.Random(3)
    for _ in range(2_000):
        page = ""
        for _ in range(draw.randint(1, 5)):
            inner = "".join(draw.choices(PIECES, k=draw.randint(0, 6)))
            page += draw.choice(("<p>{}</p>", '<p class="no-margin">{}</p>', "{}")).format(inner)
            page += draw.choice(("", "\n", " "))
        simple = _simple_to_text(page)
        if simple:
            assert normalise(simple) == normalise(_page_to_text(page)), page


def test_other_markup_is_not_simple() -> None:
    """Anything that may be a quote, a list or a placeholder is left to the parser."""
    for page in ("<p>a</p><blockquote>b</blockquote>", '<p class="MsoNormal">a</p>', "<p><email></p>", "<p>&copy;</p>"):
        assert _simple_to_text(page) is None
    assert html_to_text("<p>1 &lt; 2</p><p>so</p>") == "1 < 2\n\nso"


def test_probes_are_linear() -> None:
    """20 kB that nearly fit."""
    for probe in (
        "<p>" + "a " * 10_000 + "<",
        "<p>" * 7_000,
        '<a href="' * 2_500 + "<p>",
        "<br>" * 5_000 + "<p",
        "<p " * 7_000,
    ):
        assert_linear(html_to_text, probe, 1.0)
