"""The pattern language: words, stems, classes, gaps within a sentence, and linear time."""

from __future__ import annotations

import pytest

from helploop.triage.patterns import Matcher, tokens
from helploop.triage.signs import find_signs
from tests.conftest import make_inquiry
from tests.timing import assert_linear


def _met(pattern: str, text: str) -> bool:
    return any(Matcher({"s": [pattern]}, {"unit": "day|days|week*"}).find(tokens(text)))


@pytest.mark.parametrize(
    ("pattern", "text", "is_met"),
    [
        ("still waiting", "Still  waiting!", True),
        ("dont", "I don’t", True),
        ("disgrac*", "disgraceful", True),
        ("disgrac*", "a grace", False),
        ("you|they said", "they said so", True),
        ("{n} {unit}", "for 3 weeks", True),
        ("{n} {unit}", "for two days", True),
        ("{n} {unit}", "for days", False),
        ("not .. happy", "not at all very happy", True),
        ("not .. happy", "I did not. Happy days", False),
        ("^ idea", "Nice. Idea: a bench", True),
        ("^ idea", "no idea", False),
        ("really ?", "Really??", True),
    ],
)
def test_patterns(pattern: str, text: str, is_met: bool) -> None:
    """Each element of the language, met and missed."""
    assert _met(pattern, text) is is_met


@pytest.mark.parametrize("pattern", [".. happy", "not ..", "a|", "x*", "{nothing} days"])
def test_unreadable_pattern_is_refused(pattern: str) -> None:
    """It is named, not ignored."""
    with pytest.raises(ValueError, match=r"pattern|word is missing|no class"):
        Matcher({"s": [pattern]}, {})


@pytest.mark.parametrize("probe", ["you ", "not ", "i was told ", "the same ", "! ", "? ", "no one ", "3 days ", "🙄"])
def test_hostile_texts_are_linear(probe: str) -> None:
    """20 kB of anything give their signs in a fifth of a second."""
    find_signs(make_inquiry("warm"))
    assert_linear(lambda text: find_signs(make_inquiry(text)), (probe * 20_000)[:20_000], 0.2)
