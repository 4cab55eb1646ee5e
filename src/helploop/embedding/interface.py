"""What an encoder is, where its vectors are kept, and the one way texts become vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from helploop.domain import text_hash
from helploop.errors import EncoderError

Progress = Callable[[int, int], None]  # (texts done, texts in all)

CHUNK = 1024  # texts between two writes to the cache: a killed run loses at most this much (7 s at 150 texts/s)
MAX_CHARACTERS = 8192  # 256 tokens hardly ever need more; keeps a pasted log file from being tokenised whole


class Encoder(Protocol):
    """Anything that turns texts into rows of length 1."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def hash(self) -> str:
        """Changes with the weights, the settings beside them, and the name: vectors of two hashes never mix."""

    @property
    def dimensions(self) -> int:
        """Columns of a row."""

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """float32 (len(texts), dimensions), rows of length 1; a blank text may give any row, embed() never asks."""


@runtime_checkable
class CountsTokens(Protocol):
    """An encoder that can say what it reads of a text, and what it costs."""

    @property
    def max_tokens(self) -> int:
        """A text is read up to here; what stands behind is not heard."""

    @property
    def weights_bytes(self) -> int:
        """Memory for the weights."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, those that frame it included, uncut."""


class VectorCache(Protocol):
    """Where vectors are kept between runs: float16 by (encoder hash, text hash)."""

    def get(self, encoder_hash: str, hashes: Sequence[str], /) -> Mapping[str, NDArray[np.float16]]:
        """The rows that are known, by text hash."""

    def put(self, encoder_hash: str, hashes: Sequence[str], rows: NDArray[np.float16], /) -> None:
        """Keeps float16 (len(hashes), d), durably, before it returns."""


def embed(
    texts: Sequence[str], encoder: Encoder, cache: VectorCache | None = None, progress: Progress | None = None
) -> NDArray[np.float32]:
    """One row per text, encoding only what the cache does not know, each different text once.

    Returns float32 (len(texts), encoder.dimensions), rows of length 1. All values have been through float16, as the
    cache keeps them, so the first run and every later one give the same bytes. A blank text has no meaning to encode:
    its row is all zeros, and callers drop it (clustering calls it noise, "blank").
    New texts are encoded longest first in chunks of 1,024, each written to the cache before the next begins: a killed
    run resumes at its last chunk, and with the same chunks. Progress counts the new texts.

    Raises: EncoderError when the encoder gives another shape than it says, or rows that are no numbers.
    """
    hashes = [text_hash(text) if text.strip() else "" for text in texts]
    wanted = {key: text for key, text in zip(hashes, texts, strict=True) if key}
    known: dict[str, NDArray[np.float16]] = dict(cache.get(encoder.hash, sorted(wanted))) if cache and wanted else {}
    missing = sorted((key for key in wanted if key not in known), key=lambda key: (-len(wanted[key]), key))
    for start in range(0, len(missing), CHUNK):
        keys = missing[start : start + CHUNK]
        rows = _encode_chunk(encoder, [wanted[key] for key in keys])
        if cache is not None:
            cache.put(encoder.hash, keys, rows)
        known.update(zip(keys, rows, strict=True))
        if progress is not None:
            progress(start + len(keys), len(missing))
    vectors = np.zeros((len(texts), encoder.dimensions), dtype=np.float32)
    for i, key in enumerate(hashes):
        if key:
            vectors[i] = known[key]
    return _unit_rows(vectors)


def _encode_chunk(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float16]:
    rows = encoder.encode(texts)
    if rows.shape != (len(texts), encoder.dimensions):
        raise EncoderError(
            f"encoder {encoder.name} gave {rows.shape} for {len(texts)} texts, not ({len(texts)}, {encoder.dimensions})"
        )
    if not np.isfinite(rows).all():
        raise EncoderError(f"encoder {encoder.name} gave rows that are no numbers; choose another model or device")
    return rows.astype(np.float16)


def _unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: NDArray[np.float32] = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return units


def encodable(text: str) -> str:
    """The text as a tokenizer can take it: lone surrogates (broken mails) become "?", the rest stays."""
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
