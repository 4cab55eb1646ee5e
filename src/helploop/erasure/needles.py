"""What shows that something of a customer is left: keys, ids, names, and pieces of text that nobody else wrote.

A piece is searched for in every form in which helploop writes texts: UTF-8, UTF-16, JSON, JSON within JSON, HTML and
the escapes of drafts. Case does not matter.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from urllib.parse import quote

from ahocorasick_rs import BytesAhoCorasick

from helploop.articles import escape, safe_value

WINDOW = 32  # characters of a piece of text: what is copied from a longer line is found by the pieces in it
STEP = 8  # between the beginnings of two pieces: every copy of WINDOW + STEP - 1 characters holds one whole
MOST_PIECES = 100_000  # of one customer; beyond, the step grows
_LEAST_SENTENCE = 16  # characters: a shorter one ("It does not work") is anybody's
_LONGEST_SENTENCE = 120  # longer ones are told by their pieces; labels and titles have at most 90
_LEAST_LETTERS = 8  # of a piece, without its placeholders
_LEAST_NAME = 4  # characters of a name that is looked for; of one that is all digits, one more (as in redaction)
_LEAST_RARE_NAME = 8  # a shorter handle is looked for as a word only: in raw bytes it would be found by chance
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_ENDS = " \t\"'“”‘’*_-–—:,;.?!…"
_PLACEHOLDER = re.compile(r"<[a-z]+(?:-[a-z]+)*(?:-\d+)?>")
_ESCAPED = re.compile(rb"(?:\\u([0-9A-Fa-f]{4})|%([0-9A-Fa-f]{2})|\\[nrtbf])\Z")  # of JSON, of URLs


class What(StrEnum):
    """What a find is."""

    NAME = "name"  # a mail address, a handle or a name, raw
    KEY = "key"  # the keyed hash of the customer
    ID = "id"  # of an inquiry: a hash
    WORDS = "words"  # that the customer wrote
    REPLY = "reply"  # that an agent wrote to them


@dataclass(frozen=True)
class Needle:
    """One thing to look for."""

    what: What
    text: str = field(repr=False)
    is_common: bool = False  # stands in a database whoever is in it: part of a word of helploop's own

    @property
    def is_word(self) -> bool:
        """Whether it counts only where it stands alone: "anna" is not in "Annapolis"."""
        return self.what is What.NAME

    @property
    def is_rare(self) -> bool:
        """Whether it is not found by chance in bytes that are no text."""
        if not self.is_word or "@" in self.text:
            return True
        return len(self.text) >= _LEAST_RARE_NAME and not self.text.isdigit() and not self.is_common


@dataclass(frozen=True)
class Hit:
    """A needle found."""

    start: int
    end: int
    needle: Needle


class Needles:
    """Things to look for, all in one pass (Aho-Corasick). Finding costs about 1 s for 50 MB."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._all = tuple(dict.fromkeys(needles))
        forms: dict[bytes, int] = {}
        for number, needle in enumerate(self._all):
            for form in _forms(needle):
                forms.setdefault(form, number)
        self._numbers = tuple(forms.values())
        self._automaton = BytesAhoCorasick(list(forms)) if forms else None
        self.longest = max(map(len, forms), default=0)  # bytes

    def __len__(self) -> int:
        """How many things are looked for."""
        return len(self._all)

    def __iter__(self) -> Iterator[Needle]:
        """Each thing that is looked for."""
        return iter(self._all)

    def find(self, data: bytes, *, is_text: bool = True) -> Iterator[Hit]:
        """Where they stand, by their ends. In what is no text, names that are not rare are not looked for."""
        if self._automaton is None:
            return
        lowered = data.lower()
        for form, start, end in self._automaton.find_matches_as_indexes(lowered, overlapping=True):
            needle = self._all[self._numbers[form]]
            if needle.is_word and is_text:
                before, after = lowered[max(0, start - 6) : start], lowered[end : end + 4]
                if not _is_alone(before, after, needle.text):
                    continue
            elif not needle.is_rare:
                continue
            yield Hit(start, end, needle)

    def are_in(self, text: str) -> bool:
        """Whether a text holds any of them."""
        return next(self.find(_bytes(text)), None) is not None

    def without(self, is_unwanted: Callable[[Needle], bool]) -> Needles:
        """The others."""
        return Needles(needle for needle in self._all if not is_unwanted(needle))

    def only(self, *what: What) -> Needles:
        """Those of these kinds."""
        return self.without(lambda needle: needle.what not in what)

    def mask(self, text: str) -> str:
        """The text, or JSON, with placeholders for the names that stand in it."""
        if self._names is None or not self._named.are_in(text):  # the pattern alone is six times as slow
            return text

        def placeholder(found: re.Match[str]) -> str:
            before, after = text[max(0, found.start() - 6) : found.start()], text[found.end() : found.end() + 1]
            if not _is_alone(_bytes(before), _bytes(after), found[0]):
                return found[0]
            return "<email>" if "@" in found[0] else "<name>"

        return self._names.sub(placeholder, text)

    @cached_property
    def _named(self) -> Needles:
        return self.only(What.NAME)

    @cached_property
    def _names(self) -> re.Pattern[str] | None:
        words = {form for needle in self._all if needle.is_word for form in _spellings(needle.text)}
        written = words | {json.dumps(word, ensure_ascii=False)[1:-1] for word in words}
        longest_first = sorted(written, key=lambda word: (-len(word), word))
        return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if written else None


def names(given: Iterable[str], own: str = "") -> tuple[Needle, ...]:
    """Names, addresses and handles as they were given; those too short to tell anybody are left out.

    own: words that helploop itself writes. A customer called "source_id" is told by none of them: left out; one called
    "source_i" is looked for as a word only.
    """
    lowered = own.lower()
    words = frozenset(re.findall(r"\w+", lowered))
    stripped = dict.fromkeys(" ".join(name.split()) for name in given)
    return tuple(
        Needle(What.NAME, name, is_common=name.lower() in lowered)
        for name in stripped
        if len(name) >= _LEAST_NAME + name.isdigit() and name.lower() not in words
    )


def pieces(texts: Iterable[str], what: What) -> tuple[Needle, ...]:
    """Pieces of texts: their sentences, and windows of WINDOW characters over every line."""
    whole = [line for text in dict.fromkeys(texts) for line in text.splitlines()]
    step = max(STEP, sum(map(len, whole)) // MOST_PIECES)
    found: dict[str, None] = {}
    for line in whole:
        for form in dict.fromkeys((line, " ".join(line.split()))):
            found.update(dict.fromkeys(_windows(form, step)))
            found.update(dict.fromkeys(_short_sentences(form)))
    return tuple(Needle(what, piece) for piece in found if _tells(piece))


def _windows(line: str, step: int) -> Iterator[str]:
    last = len(line) - WINDOW
    if last >= 0:
        for start in (*range(0, last, step), last):
            yield line[start : start + WINDOW]


def _short_sentences(line: str) -> Iterator[str]:
    for sentence in (line, *_SENTENCES.split(line)):
        bare = sentence.strip(_ENDS)
        if _LEAST_SENTENCE <= len(bare) <= _LONGEST_SENTENCE:
            yield bare


def _tells(piece: str) -> bool:
    return sum(map(str.isalpha, _PLACEHOLDER.sub("", piece))) >= _LEAST_LETTERS


def _forms(needle: Needle) -> Iterator[bytes]:
    """The needle as bytes, lowered, in every form in which it may be written down."""
    for text in _spellings(needle.text) if needle.is_word else {needle.text}:
        once, plain = json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]
        written = {text, once, plain, json.dumps(once)[1:-1], json.dumps(plain)[1:-1]}
        written.add(json.dumps(plain, ensure_ascii=False)[1:-1])
        written |= {html.escape(text), html.escape(text, quote=False), escape(text), safe_value(text)}
        if needle.is_word:
            written.add(quote(text, safe="", errors="replace"))
        for form in written:
            yield _bytes(form).lower()
        if not text.isascii() and (narrow := text.encode("latin-1", "ignore").decode("utf-8", "surrogateescape")):
            yield narrow.encode("utf-8", "surrogateescape").lower()  # an old export, as it came
            yield _bytes(json.dumps(narrow)[1:-1]).lower()  # and as the quarantine keeps it
        for encoding in ("utf-16-le", "utf-16-be"):
            yield text.encode(encoding, "replace").lower()


def _spellings(name: str) -> set[str]:
    cased = {name, name.lower(), name.upper(), name.title(), name.casefold()}
    return {unicodedata.normalize(form, word) for word in cased for form in ("NFC", "NFD")} | cased


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape" if _is_escaped(text) else "replace")


def _is_escaped(text: str) -> bool:
    return any("\udc80" <= mark <= "\udcff" for mark in text)


def _is_alone(before: bytes, after: bytes, name: str) -> bool:
    """Whether no letter touches a name: what stands before it may be the end of an escape in JSON."""
    escaped = _ESCAPED.search(before)
    first = before.decode("utf-8", "ignore")[-1:] or " "
    if escaped:
        digits = escaped[1] or escaped[2]
        first = chr(int(digits, 16)) if digits else " "
    last = after.decode("utf-8", "ignore")[:1] or " "
    return not (first.isalnum() or first in ("._+-%" if "@" in name else "_") or last.isalnum() or last == "_")
