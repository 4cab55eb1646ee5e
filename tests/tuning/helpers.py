"""A small log in two topics, and a table fitted on it with an encoder that knows what the words mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from helploop.search import JavaScript
from helploop.tuning import Logged, Origin, TuningOptions, Vocabulary, WordTable, find_vocabulary, fit_table

TOPICS = (("parcel", "package", "shipment", "courier"), ("password", "login", "passcode", "account"))
TWO = TuningOptions(dimensions=2)
ORIGIN = Origin("fake", "fake-1", "en", customers=3, logged=65, site=2)


def meaning(texts: Sequence[str]) -> NDArray[np.float32]:
    """float32 (n, 4), rows of length 1: a direction for each topic, one for a bit of everything."""
    rows = np.zeros((len(texts), 4), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        row[2] = 0.1
        for number, words in enumerate(TOPICS):
            row[number] = sum(word in text.lower() for word in words)
    units: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units


def log() -> tuple[Logged, ...]:
    """Each word of a topic by four customers; one customer names a person, again and again."""
    asked = [f"the {word} please" for words in TOPICS for word in words]
    asked += [f"{words[0]} or {word}" for words in TOPICS for word in words[1:]]
    named = [Logged(f"ask zaphod about parcel {number}", frozenset({"c0"})) for number in range(9)]
    return (*(Logged(text, frozenset({f"c{number}"})) for text in asked for number in range(4)), *named)


def vocabulary(site: Sequence[str] = ("Track a parcel", "Reset a password"), **how: int) -> Vocabulary:
    """The words of the log and of a site."""
    words = sorted({word.lower() for text in site for word in text.split()})
    with JavaScript() as scripts:
        return find_vocabulary(log(), site, words, scripts, **{"customers": 3, "most": 100, **how})


def table(site: Sequence[str] = ("Track a parcel", "Reset a password")) -> WordTable:
    """The table of them."""
    found = vocabulary(site)
    vectors = meaning([one.text for one in log()]), meaning(site)
    return fit_table(found, *vectors, meaning(found.words), TWO, ORIGIN)
