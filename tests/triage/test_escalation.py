"""Escalation words: whole words, in four languages, without what only looks like them."""

from __future__ import annotations

import pytest

from helploop.triage.escalation import ESCALATION_WORDS, check_words, find_words
from tests.timing import assert_linear


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The kettle gave me a  shock and then it was sparking", {"safety": "gave me a shock"}),
        ("I’ll see you in court, says my solicitor", {"legal": "in court"}),
        ("I am a journalist; my lawyer knows", {"legal": "lawyer", "press": "journalist"}),
        ("Mein Sohn hat sich verletzt", {"safety": "verletzt"}),
        ("Je vais porter plainte au tribunal", {"legal": "porter plainte"}),
        ("Hablaré con mi abogada y con la prensa", {"legal": "abogada", "press": "la prensa"}),
        ("Press the button, it is not shocking, my doctor is courteous", {}),
        ("Which tissue do you recommend? Is the Sparks plan pressing?", {}),
        ("", {}),
    ],
)
def test_words_are_found_whole(text: str, found: dict[str, str]) -> None:
    """A topic with the words that were met; nothing inside other words."""
    assert find_words(text, ESCALATION_WORDS) == found


def test_a_star_stands_for_any_ending() -> None:
    """At the end of a word only; a topic without words finds nothing."""
    assert find_words("They litigated", {"law": ("litigat*",), "off": ()}) == {"law": "litigated"}
    for wrong in ("*", " ", "a*b"):
        with pytest.raises(ValueError, match="write a word"):
            check_words((wrong,))


@pytest.mark.parametrize("probe", ["sue ", "electric ", "electric  ", "gave me a ", "a", " ", "injur", "\n"])
def test_hostile_texts_are_linear(probe: str) -> None:
    """20 kB of anything are looked through in a fifth of a second."""
    find_words("", ESCALATION_WORDS)
    assert_linear(lambda text: find_words(text, ESCALATION_WORDS), (probe * 20_000)[:20_000], 0.2)
