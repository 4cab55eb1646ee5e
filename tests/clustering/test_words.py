"""Which words tell what a text asks."""

import pytest

from helploop.clustering.words import says_nothing


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
