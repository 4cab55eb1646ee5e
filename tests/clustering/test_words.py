"""Which words tell what a text asks."""

import pytest

from helploop.clustering.words import says_nothing, words, words_and_stops


@pytest.mark.parametrize(
    "text",
    [
        "Hiii sir",
        "ok thanks!!",
        "??",
        "😀",
        "4471220953",
        "FX10047QB",
        "Hello there",
        "<phone1>",
        "yes",
        "Good morning team",
    ],
)
def test_says_nothing_when_no_word_tells_what_is_asked(text: str) -> None:
    """Greetings, signs, numbers and codes alone."""
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "help",
        "refund",
        "it doesn't work",
        "when?",
        "error 0x80070005",
        "https://shop.example/cart",
        "wo bleibt mein Paket",
        "मेरा पार्सल",
        "I tried to get 100 but I just got 20",
    ],
)
def test_says_nothing_when_a_word_or_the_length_tells(text: str) -> None:
    """One telling word is enough, in any language; so are more than six words."""
    assert not says_nothing(text)


def test_words_and_stops_are_words_with_the_ends_of_sentences_between() -> None:
    """Placeholders, links and numbers are neither; the marks in a link end nothing."""
    text = "Can’t open <file-1>! See https://shop.example/a?b=1 or [MAIL].\nOrder 66 <3"
    assert words(text) == ["can't", "open", "see", "or", "order"]
    assert words_and_stops(text) == ["can't", "open", "!", "see", "or", ".", "\n", "order"]
