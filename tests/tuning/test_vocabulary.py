"""Which words may be in the table."""

from __future__ import annotations

from helploop.search import JavaScript
from helploop.tuning import Logged, find_vocabulary
from tests.tuning.helpers import vocabulary


def test_a_word_of_one_customer_stays_out_however_often() -> None:
    """Three customers or an article: the name that one customer wrote nine times is not among the words."""
    words = vocabulary().words
    assert "zaphod" not in words
    assert {"courier", "login", "track"} <= set(words)


def test_customers_who_wrote_the_same_text_are_counted_apart() -> None:
    """Three people with one text are three."""
    for customers, expected in ((frozenset("abc"), ("pause",)), (frozenset("ab"), ())):
        with JavaScript() as scripts:
            found = find_vocabulary([Logged("pause", customers)], (), (), scripts, customers=3, most=10)
        assert found.words == expected


def test_a_name_is_not_let_in_by_another_of_its_stem() -> None:
    """Three customers' "Mary" says nothing of one customer's louder "Marie", which has the same stem."""
    logged = [Logged("mary", frozenset("abc")), Logged("marie marie marie marie", frozenset("d"))]
    with JavaScript() as scripts:
        found = find_vocabulary(logged, (), (), scripts, customers=3, most=10)
    assert found.words == ("mary",)


def test_a_word_of_an_article_needs_no_customer() -> None:
    """What is published anyway is in, whoever used it."""
    assert "zaphod" in vocabulary(("Ask zaphod",)).words


def test_most_keeps_the_words_of_most_customers_and_all_of_the_site() -> None:
    """The words beside the site's are limited; equal ones come by the alphabet of their stems."""
    words = vocabulary(most=2).words
    assert {"track", "parcel", "reset", "password"} <= set(words)
    assert len(set(words) - {"track", "a", "parcel", "reset", "password"}) == 2


def test_a_stem_has_one_word_its_commonest() -> None:
    """Forms of one word are one row, under the form that is used most."""
    logged = [Logged(text, frozenset({f"c{i}"})) for i, text in enumerate(("parcels", "parcels", "parcel", "Parcels"))]
    with JavaScript() as scripts:
        found = find_vocabulary(logged, (), (), scripts, customers=3, most=10)
    assert found.words == ("parcels",)
    assert [dict(row) for row in found.logged] == [{0: 1}] * 4


def test_placeholders_and_codes_are_no_words() -> None:
    """What redaction put in says nothing, numbers are matched literally."""
    logged = [Logged("card <email-2> error 80070005 of <phone>", frozenset("abc"))]
    with JavaScript() as scripts:
        found = find_vocabulary(logged, (), (), scripts, customers=3, most=10)
    assert found.words == ("card", "error", "of")
