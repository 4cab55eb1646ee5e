"""What a table is worth, and when it is worse."""

from __future__ import annotations

from helploop.domain import ArticleId
from helploop.helpsite.index import build_index
from helploop.tuning import Asked, Measured, is_held_out, is_worse, measure
from tests.conftest import make_article
from tests.tuning.helpers import table


def test_measure_ranks_the_right_article() -> None:
    """With the table, a word that stands in no article finds the one that means it; without, nothing does."""
    articles = [
        make_article(id=ArticleId(key), title=title, body="")
        for key, title in (("track", "Track a parcel"), ("reset", "Reset a password"))
    ]
    urls = {article.id: article.path for article in articles}
    asked = (Asked("the courier please", ArticleId("track")), Asked("passcode", ArticleId("reset")))
    assert measure(build_index(articles, urls), asked) == Measured((0, 0))
    assert measure(build_index(articles, urls, table=table()), asked) == Measured((1, 1))


def test_counts_of_ranks() -> None:
    """First, and among the first three; 0 is not shown."""
    measured = Measured((1, 3, 4, 0, 1))
    assert (measured.first, measured.shown) == (2, 3)


def test_worse_is_more_than_chance() -> None:
    """Three questions lost of forty may be chance; ten are not; what was won counts against it."""
    old = Measured((1,) * 40)
    assert not is_worse(Measured((2,) * 3 + (1,) * 37), old)
    assert is_worse(Measured((2,) * 10 + (1,) * 30), old)
    assert is_worse(Measured((0,) * 10 + (1,) * 30), old)
    half = Measured((1,) * 20 + (0,) * 20)
    assert not is_worse(Measured((0,) * 10 + (1,) * 20 + (0,) * 10), half)
    assert not is_worse(Measured(()), Measured(()))


def test_the_same_inquiries_are_held_out() -> None:
    """By their ids alone, about the share asked for."""
    chosen = [key for key in map(str, range(2000)) if is_held_out(key, 0.1)]
    assert 150 < len(chosen) < 250
    assert chosen == [key for key in map(str, range(2000)) if is_held_out(key, 0.1)]
