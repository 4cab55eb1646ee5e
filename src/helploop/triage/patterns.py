"""Patterns on words: a small language in which the signs of triage are written, matched in one pass over a text.

A pattern is a row of words: `still waiting`, `disgrac*` (any ending), `you|they said` (either), `{n} times` (a class),
`not .. happy` (up to three words between, in the same sentence), `^ idea` (at a sentence's start), `really ?`.
Words are lower case and without apostrophes (`dont`), as tokens() makes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

GAP = 3  # words that `..` may stand for
START = "^"  # the token before the first word of a sentence
SEEN_CHARACTERS = 3_000
_KNOWN = 100_000  # pairs of words whose patterns are remembered: some 20 MB at most
_TOKEN = re.compile(
    r"[^\W_]+(?:['’-][^\W_]+){0,4}|[?!.…]+|[\"“”„«»]|\n+|[#@/%&+]|[\u2190-\u2bff\U0001f300-\U0001faff]|[:;]-?[)(DP/]"
)
_ENDS = frozenset("?!.…\n")
_NUMBER = re.compile(r"\d[\w.,:]*")
_NUMBER_WORDS = frozenset(
    (
        *(
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "twenty",
            "thirty",
        ),
        *("sixty", "hundred", "thousand", "several", "many", "couple"),
        *("zwei", "drei", "vier", "fünf", "sechs", "acht", "zehn", "mehrere"),
        *("deux", "trois", "quatre", "cinq", "six", "huit", "dix", "plusieurs"),
        *("dos", "tres", "cuatro", "cinco", "seis", "ocho", "diez", "varias", "varios"),
    )
)


def tokens(text: str) -> list[str]:
    """Words in lower case without apostrophes, marks, emoji, and START before every sentence."""
    found: list[str] = [START]
    for match in _TOKEN.finditer(text[:SEEN_CHARACTERS].lower()):
        token = match[0]
        if token[0] in _ENDS:
            mark = "?" if "?" in token else "!" if "!" in token else "."
            found += [mark, START]
        else:
            found.append(token.replace("'", "").replace("’", ""))
    return found


@dataclass(frozen=True)
class _Element:
    """One word of a pattern."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    is_number: bool = False
    is_gap: bool = False

    def fits(self, token: str) -> bool:
        return (
            token in self.words
            or (bool(self.stems) and token.startswith(self.stems))
            or (self.is_number and is_number(token))
        )


@dataclass(frozen=True)
class Match:
    """Where a pattern of a sign was met."""

    sign: str
    start: int  # index of the first token
    end: int  # behind the last token


class Matcher:
    """All signs' patterns, indexed by their first word: matching costs about the same however many there are."""

    def __init__(self, signs: Mapping[str, Sequence[str]], classes: Mapping[str, str]) -> None:
        """signs: name -> patterns. classes: name -> alternatives, written as in a pattern (`day*|week*`).

        Raises ValueError naming a pattern that cannot be read.
        """
        self._by_word: dict[str, list[tuple[str, tuple[_Element, ...]]]] = {}
        self._by_stem: dict[str, list[tuple[str, tuple[_Element, ...]]]] = {}
        self._numbers: list[tuple[str, tuple[_Element, ...]]] = []
        for sign, patterns in signs.items():
            for pattern in patterns:
                elements = tuple(_element(part, classes, pattern) for part in pattern.split())
                if not elements or elements[0].is_gap or elements[-1].is_gap:
                    raise ValueError(f"{pattern!r} ({sign}): a pattern begins and ends with a word")
                entry = (sign, elements)
                for word in elements[0].words:
                    self._by_word.setdefault(word, []).append(entry)
                for stem in elements[0].stems:
                    self._by_stem.setdefault(stem, []).append(entry)
                if elements[0].is_number:
                    self._numbers.append(entry)
        self._longest = max(map(len, self._by_stem), default=0)
        self._known: dict[tuple[str, str], list[tuple[str, tuple[_Element, ...]]]] = {}  # as looked up

    def find(self, found: Sequence[str]) -> Iterator[Match]:
        """Every match, in the order of the text; a pattern that is met twice gives two."""
        for i, token in enumerate(found):
            for sign, elements in self._starting_with(token, found[i + 1] if i + 1 < len(found) else ""):
                end = _end_of(elements, found, i)
                if end:
                    yield Match(sign, i, end)

    def _starting_with(self, token: str, following: str) -> list[tuple[str, tuple[_Element, ...]]]:
        """The patterns that these two words may begin; looked up once for each pair, as text repeats them."""
        known = self._known.get((token, following))
        if known is None:
            known = list(self._by_word.get(token, ()))
            for length in range(2, min(len(token), self._longest) + 1):
                known += self._by_stem.get(token[:length], ())
            if is_number(token):
                known += self._numbers
            known = [entry for entry in known if _may_go_on(entry[1], following)]
            if len(self._known) < _KNOWN:
                self._known[token, following] = known
        return known


def _may_go_on(elements: tuple[_Element, ...], following: str) -> bool:
    return len(elements) == 1 or elements[1].is_gap or elements[1].fits(following)


def is_number(token: str) -> bool:
    """Digits, with whatever hangs on them (3rd, 7pm, 40%), or a number in words from two on."""
    return token in _NUMBER_WORDS or _NUMBER.fullmatch(token) is not None


def _end_of(elements: tuple[_Element, ...], found: Sequence[str], at: int) -> int:
    """The index behind the match that starts at `at`; 0 when there is none."""
    for number, element in enumerate(elements):
        if element.is_gap:
            for skipped in range(GAP + 1):
                if at + skipped >= len(found) or START in found[at : at + skipped]:
                    return 0
                end = _end_of(elements[number + 1 :], found, at + skipped)
                if end:
                    return end
            return 0
        if at >= len(found) or not element.fits(found[at]):
            return 0
        at += 1
    return at


def _element(part: str, classes: Mapping[str, str], pattern: str) -> _Element:
    if part == "..":
        return _Element(is_gap=True)
    words: set[str] = set()
    stems: list[str] = []
    numbers = False
    for word in part.split("|"):
        if word == "{n}":
            numbers = True
        elif word.startswith("{"):
            if word[1:-1] not in classes:
                raise ValueError(f"{pattern!r}: there is no class {word}")
            inner = _element(classes[word[1:-1]], classes, pattern)
            words |= inner.words
            stems += inner.stems
            numbers |= inner.is_number
        elif word.endswith("*"):
            stems.append(word[:-1])
        else:
            words.add(word)
    if any(len(stem) < 2 for stem in stems) or "" in words:
        raise ValueError(f"{pattern!r}: a word is missing, or too short for its star")
    return _Element(frozenset(words), tuple(stems), numbers)
