"""The word table as it is kept in kb/search: words.json, which a person can read, and words.bin with the rows.

A row is a direction of 4-bit numbers (vectors.js has the counterpart, and says why) and a length of one byte.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from helploop.atomic import write_whole
from helploop.errors import BuildError

VERSION = 1  # as vectors.js reads it
JSON_FILE, ROWS_FILE = "words.json", "words.bin"
_LEVELS, _CLIP = 7, 2.4  # as vectors.js packs


class TableError(BuildError):
    """The word table cannot be read; the search works without it."""


@dataclass(frozen=True)
class Origin:
    """How a table was made."""

    encoder: str
    encoder_hash: str
    language: str  # whose stems
    customers: int  # a word that stands in no article was used by so many customers at least
    logged: int  # texts of the log it was fitted on
    site: int  # texts of the site


@dataclass(frozen=True)
class WordTable:
    """A vector for every word."""

    words: tuple[str, ...]  # one form of each stem
    levels: NDArray[np.uint8]  # (words, dimensions), 0 to 14: directions, as whole numbers from -7 to 7
    norms: NDArray[np.uint8]  # (words,): lengths, in units of top / 255
    top: float
    origin: Origin

    @property
    def dimensions(self) -> int:
        """Numbers in a row."""
        return int(self.levels.shape[1])

    def for_index(self) -> dict[str, Any]:
        """As vectors.js takes it."""
        return {
            "v": VERSION,
            "dimensions": self.dimensions,
            "words": " ".join(self.words),
            "rows": base64.b64encode(_to_nibbles(self.levels)).decode("ascii"),
            "norms": base64.b64encode(self.norms.tobytes()).decode("ascii"),
            "top": self.top,
        }


class _Facts(msgspec.Struct, forbid_unknown_fields=True):
    """words.json."""

    v: int
    origin: Origin
    dimensions: int
    top: float
    sha256: str  # of the words, one a line, and the rows behind them
    words: tuple[str, ...]


def pack_rows(rows: NDArray[np.float64]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], float]:
    """levels (n, d), norms (n,) and top, as WordTable has them, for float64 (n, d)."""
    norms = np.linalg.norm(rows, axis=1)
    top = float(norms.max(initial=0.0)) or 1.0
    step = _CLIP * np.sqrt((rows**2).mean(axis=1, keepdims=True)) / _LEVELS
    whole = np.round(np.divide(rows, step, out=np.zeros_like(rows), where=step > 0))
    levels = (np.clip(whole, -_LEVELS, _LEVELS) + _LEVELS).astype(np.uint8)
    return levels, np.round(norms / top * 255).astype(np.uint8), float(np.float32(top))


def write_table(folder: Path, table: WordTable) -> None:
    """Writes both files, each whole or not at all; the same table is the same bytes. Raises OSError."""
    rows = table.norms.tobytes() + _to_nibbles(table.levels)
    checksum = _checksum(table.words, rows)
    facts = _Facts(VERSION, table.origin, table.dimensions, table.top, checksum, table.words)
    write_whole(folder / ROWS_FILE, rows)
    write_whole(folder / JSON_FILE, msgspec.json.format(msgspec.json.encode(facts), indent=1) + b"\n")


def read_table(folder: Path) -> WordTable | None:
    """The table of kb/search; None when there is none.

    Raises:
        TableError: it is of another version, cut short, or not what was written.
    """
    path = folder / JSON_FILE
    if not path.exists() and not (folder / ROWS_FILE).exists():
        return None
    try:
        facts = msgspec.json.decode(path.read_bytes(), type=_Facts)
        rows = (folder / ROWS_FILE).read_bytes()
    except OSError as error:
        raise TableError(f"{error.filename}: the word table cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TableError(f"{path}: not a word table: {error}") from error
    if facts.v != VERSION:
        raise TableError(f"{path}: a word table of version {facts.v}, not {VERSION}")
    count, width = len(facts.words), facts.dimensions // 2
    if len(rows) != count * (1 + width) or _checksum(facts.words, rows) != facts.sha256:
        raise TableError(f"{folder / ROWS_FILE}: does not fit {JSON_FILE}: cut short, or not of the same table")
    packed = np.frombuffer(rows, dtype=np.uint8, offset=count).reshape(count, width)
    levels = np.stack([packed >> 4, packed & 15], axis=2).reshape(count, 2 * width)
    norms = np.frombuffer(rows, dtype=np.uint8, count=count)
    return WordTable(facts.words, levels, norms, facts.top, facts.origin)


def _to_nibbles(levels: NDArray[np.uint8]) -> bytes:
    return (levels[:, 0::2] << 4 | levels[:, 1::2]).astype(np.uint8).tobytes()


def _checksum(words: tuple[str, ...], rows: bytes) -> str:
    return hashlib.sha256("\n".join(words).encode("utf-8") + b"\n" + rows).hexdigest()
