"""Which words the table holds, and how often each text has them: counted by the tokens of the shipped JavaScript."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helploop.search import JavaScript

LEAD = 1200  # characters of a text that count: about the 256 tokens that the default encoder reads
_BATCH = 2000  # texts handed to V8 at a time
_PLACEHOLDER = re.compile(r"<[a-z]+(?:-[a-z]+)*(?:-\d+)?>")  # <email>, <phone-2>: what redaction puts in
_DIGIT = re.compile(r"\d")  # numbers and codes are matched literally, or not at all
_MOST_LETTERS = 30  # a longer word is a token or an address, never something that people search by


@dataclass(frozen=True)
class Logged:
    """A logged text, redacted, and who asked in these words."""

    text: str
    customers: frozenset[str]  # any keys that tell customers apart


@dataclass(frozen=True)
class Vocabulary:
    """The words of a table, and the texts counted in them."""

    words: tuple[str, ...]  # the commonest form of each stem, sorted by the stem
    logged: tuple[Counter[int], ...]  # for each logged text: place in `words` -> times
    site: tuple[Counter[int], ...]  # for each text of the site


def find_vocabulary(
    logged: Sequence[Logged],
    site_texts: Sequence[str],
    site_words: Sequence[str],
    scripts: JavaScript,
    *,
    customers: int,
    most: int,
) -> Vocabulary:
    """The words of the site (`site_words`: those of its index), and those that enough different customers used.

    customers: so many at least, of each form by itself: "Marie" of one customer is not let in by others' "Mary", which
    has the same stem. most: of these words, those of most customers.
    """
    logged_words = _tokenise([one.text for one in logged], scripts)
    text_words = _tokenise(site_texts, scripts)
    users = _users(logged, logged_words)
    allowed = {word for word in site_words if not _DIGIT.search(word)}
    stem_of = _stems(sorted(set(site_words).union(*logged_words, *text_words)), scripts)
    on_site = {stem_of[word] for word in allowed}
    common = {word: len(who) for word, who in users.items() if len(who) >= customers}
    chosen = on_site | _most_used(common, stem_of, on_site, most)
    allowed |= {word for word in common if stem_of[word] in chosen}
    best: dict[str, str] = {}
    for word in sorted(allowed, key=lambda form: (-len(users.get(form, ())), form)):
        best.setdefault(stem_of[word], word)
    stems = sorted(best)
    place = {stem: number for number, stem in enumerate(stems)}
    counted = [
        tuple(Counter(place[stem] for word in words if (stem := stem_of[word]) in place) for words in lists)
        for lists in (logged_words, text_words)
    ]
    return Vocabulary(tuple(best[stem] for stem in stems), counted[0], counted[1])


def _users(logged: Sequence[Logged], words: Sequence[Sequence[str]]) -> Mapping[str, set[str]]:
    """Each word of the log that may be in a table at all, and the customers who used it."""
    users: dict[str, set[str]] = defaultdict(set)
    for one, own in zip(logged, words, strict=True):
        for word in own:
            if len(word) <= _MOST_LETTERS and not _DIGIT.search(word):
                users[word] |= one.customers
    return users


def _most_used(common: Mapping[str, int], stem_of: Mapping[str, str], known: set[str], most: int) -> set[str]:
    """The stems, beside the known ones, of the words that most customers used; at most so many."""
    stems: dict[str, int] = {}
    for word, customers in common.items():
        if stem_of[word] not in known:
            stems[stem_of[word]] = max(customers, stems.get(stem_of[word], 0))
    return set(sorted(stems, key=lambda stem: (-stems[stem], stem))[:most])


def _tokenise(texts: Sequence[str], scripts: JavaScript) -> list[list[str]]:
    """Each text's words as the search counts them, cut after the lead, without placeholders."""
    found: list[list[str]] = []
    for start in range(0, len(texts), _BATCH):
        batch = [_PLACEHOLDER.sub(" ", text)[:LEAD] for text in texts[start : start + _BATCH]]
        lines = json.loads(scripts.call("helploopWords", json.dumps(batch)))
        found += [line.split() for line in lines]
    return found


def _stems(words: Sequence[str], scripts: JavaScript) -> dict[str, str]:
    return dict(zip(words, json.loads(scripts.call("helploopStems", json.dumps(words))), strict=True))
