"""Fits the table: the normalised sum of a text's word rows comes as near as it can to the encoder's vector of the text.

Rows start from the encoder's own vectors of single words (the idea of model2vec's distillation, MinishLab 2024), mapped
onto the first singular directions of the texts' vectors; one ridge solve then fits all rows at once:
E = E0 + (A'A + lam I)^-1 A' (Y - A E0), A: counts of words by text, each row divided by the square root of its length.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helploop.errors import EncoderError
from helploop.tuning.table import Origin, WordTable, pack_rows
from helploop.tuning.vocabulary import Vocabulary

_ROTATION_SEED = 7
# .3 to 30 differ by 1 at most; none at all loses 5 of 100 queries of HINT3's 600 rows (benchmarks/search)
_MAPPING_RIDGE = 3.0


@dataclass(frozen=True)
class TuningOptions:
    """How the word table is made."""

    dimensions: int = 64  # 64 of 384: .8 of Banking77's queries less come first than with 96, for two thirds the bytes
    customers: int = 3  # a word that stands in no article needs so many customers: names must not leak
    most_words: int = 1000  # beside those of the articles; each costs a visitor 36 bytes, and 4,000 find no more
    ridge: float = 1.0  # lam above; texts left out come out nearest at .3, 1 or 2 alike (cosine .939, .938, .936)
    held_out: float = 0.1  # share of the log that is never learned from: what a table is worth is measured on it

    def __post_init__(self) -> None:
        """Raises: ValueError naming what does not fit."""
        if self.dimensions < 2 or self.dimensions % 2:
            raise ValueError(f"dimensions is an even number from 2 on, not {self.dimensions}")
        if self.customers < 1 or self.most_words < 0 or self.ridge <= 0:
            raise ValueError("customers is 1 at least, most_words not negative, ridge above 0")
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out is between 0 and 1, not {self.held_out}")


def fit_table(
    vocabulary: Vocabulary,
    logged_vectors: NDArray[np.float32],
    site_vectors: NDArray[np.float32],
    distilled: NDArray[np.float32],
    options: TuningOptions,
    origin: Origin,
) -> WordTable:
    """The table of these words: the same bytes for the same texts, vectors and options on the same machine.

    logged_vectors, site_vectors: float32 (n, d), rows of length 1 (or zeros: left out), of the vocabulary's texts.
    distilled: float32 (words, d), what the encoder makes of each word alone. Cost: one
    solve of words x words: with 50,000 texts 11 s and 1.2 GB for 4,300 words, 34 s and 2.7 GB for 13,300.

    Raises EncoderError when there is nothing to fit on, or the encoder is too small.
    """
    from scipy.linalg import cho_factor, cho_solve  # noqa: PLC0415 (an extra; CI fits no tables)

    counts = (*vocabulary.logged, *vocabulary.site)
    targets = np.vstack([logged_vectors, site_vectors])
    kept = [i for i, row in enumerate(counts) if row and targets[i].any()]
    if not kept:
        raise EncoderError("there is no text to fit a word table on: take a log in first, or write articles")
    bags = _bags([counts[i] for i in kept], len(vocabulary.words))
    directions = _directions(targets[kept], options.dimensions)
    wanted = targets[kept].astype(np.float64) @ directions
    start = distilled @ _map(bags @ distilled.astype(np.float64), wanted, directions)
    system = (bags.T @ bags).toarray()
    system[np.diag_indices_from(system)] += options.ridge
    rest = bags.T @ (wanted - bags @ start)
    rows = start + cho_solve(cho_factor(system, overwrite_a=True, check_finite=False), rest)
    levels, norms, top = pack_rows(rows @ _rotation(options.dimensions))
    return WordTable(vocabulary.words, levels, norms, top, origin)


def _map(
    sums: NDArray[np.float64], wanted: NDArray[np.float64], directions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64 (d, k): takes sums (n, d) of the encoder's vectors of single words near the texts' (n, k).

    It stays near the directions themselves, only longer or shorter: with few texts a free one would fit them all, and
    mean nothing.
    """
    plain = sums @ directions
    scale = float((plain * wanted).sum()) / max(float((plain**2).sum()), 1e-9)
    system = sums.T @ sums + _MAPPING_RIDGE * np.eye(sums.shape[1])
    change = np.linalg.solve(system, sums.T @ (wanted - scale * plain))
    mapping: NDArray[np.float64] = (scale * directions + change).astype(np.float64)
    return mapping


def _bags(counts: Sequence[Counter[int]], words: int) -> Any:
    """scipy CSR (texts, words): times of each word in a text, divided by the square root of the text's length."""
    from scipy.sparse import csr_array  # noqa: PLC0415 (an extra)

    places = np.fromiter((place for row in counts for place in sorted(row)), dtype=np.int32)
    values = np.fromiter(
        (row[place] / math.sqrt(row.total()) for row in counts for place in sorted(row)), dtype=np.float64
    )
    ends = np.cumsum([0, *(len(row) for row in counts)])
    return csr_array((values, places, ends), shape=(len(counts), words))


def _directions(vectors: NDArray[np.float32], count: int) -> NDArray[np.float64]:
    """float64 (d, count): the directions in which the texts differ most, the sign of each by its largest number.

    Raises: EncoderError when the encoder has fewer dimensions than asked for.
    """
    if vectors.shape[1] < count:
        raise EncoderError(f"the encoder has {vectors.shape[1]} dimensions: [tuning] dimensions cannot be {count}")
    wide = vectors.astype(np.float64)
    _, found = np.linalg.eigh(wide.T @ wide)
    chosen: NDArray[np.float64] = found[:, ::-1][:, :count]
    largest = chosen[np.argmax(np.abs(chosen), axis=0), np.arange(count)]
    turned: NDArray[np.float64] = chosen * np.sign(largest)
    return turned


def _rotation(dimensions: int) -> NDArray[np.float64]:
    """float64 (d, d), orthogonal, always the same: spreads what the first directions hold over all numbers of a row, so
    that four bits are enough for each."""
    rotation: NDArray[np.float64]
    rotation, _ = np.linalg.qr(np.random.default_rng(_ROTATION_SEED).standard_normal((dimensions, dimensions)))
    return rotation
