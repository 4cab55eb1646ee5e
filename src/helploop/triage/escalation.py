"""Words that let a person look first: danger, other people's data, the law, the press. Whole words, four languages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_SEEN = 20_000  # characters of a text that are looked at: as much as is kept of one


def _read_words() -> Mapping[str, tuple[str, ...]]:
    table = tomllib.loads((files("helploop.triage") / "escalation.toml").read_text(encoding="utf-8"))
    return {topic: tuple(" ".join(w.split()) for w in words.split(",") if w.strip()) for topic, words in table.items()}


ESCALATION_WORDS: Mapping[str, tuple[str, ...]] = _read_words()  # topic -> words, of escalation.toml


def check_words(words: tuple[str, ...]) -> None:
    """Raises ValueError for a word that would match everything, or nothing."""
    for word in words:
        if not word.strip().rstrip("*").strip() or "*" in word.strip()[:-1]:
            raise ValueError(f"{word!r}: write a word or a phrase; a star may stand at its end, for any ending")


def find_words(text: str, topics: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Topic -> the first of its words in the text, as it stands there; topics without one are left out."""
    seen = text[:_SEEN].replace("’", "'")
    found = {topic: _pattern(words).search(seen) for topic, words in topics.items() if words}
    return {topic: " ".join(match[0].split()).lower() for topic, match in found.items() if match}


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    parts = []
    for word in sorted({word.strip().lower() for word in words}, key=lambda word: (-len(word), word)):
        stem = r"\s{1,5}".join(re.escape(part) for part in word.removesuffix("*").split())
        parts.append(stem + (r"\w{0,40}" if word.endswith("*") else ""))
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)
