"""An encoder in 8-bit integers: about twice as fast where the processor multiplies those (VNNI), nearly as good.

The model is exported and quantised from its own weights, here, without a network, and kept below .helploop/models.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helploop.atomic import write_whole
from helploop.domain import text_hash
from helploop.embedding.interface import CHUNK, Progress, encodable
from helploop.errors import EncoderError

INSTALL_INT8 = "pip install 'helploop[int8]'"
_RECIPE = "int8-1"  # changes when the export or the quantisation does: vectors of two recipes never mix
_OPSET = 17
_CPU_INFO = Path("/proc/cpuinfo")
_FLAGS = ("avx512_vnni", "avx_vnni", "asimddp")  # 8-bit dot products: x86 servers, x86 desktops, ARM
_EXAMPLE = ("how do I reset it?", "where is my parcel, it should be here since monday")


def has_int8_processor() -> bool:
    """Whether the processor multiplies 8-bit integers in one step; False where it cannot be told (only Linux says)."""
    try:
        words = set(_CPU_INFO.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return False
    return any(flag in words for flag in _FLAGS)


def is_int8_installed() -> bool:
    """Whether helploop[int8] is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("onnx", "onnxruntime"))


class Int8Encoder:
    """A sentence-transformers model, its matrices in 8-bit integers.

    Each text is computed by itself: the scale of 8-bit activations is the whole batch's, so in a batch a text's vector
    would depend on its neighbours. Texts run beside each other on all cores instead.
    """

    def __init__(
        self, name: str, weights_hash: str, folder: Path, kept_in: Path, load_model: Callable[[], Any]
    ) -> None:
        """weights_hash: of the model it is made from; load_model gives that (a SentenceTransformer) when first needed.

        Raises: EncoderError when helploop[int8] is not installed or the folder has no tokenizer.json.
        """
        if not is_int8_installed():
            raise EncoderError(f'[encoder] backend = "int8" needs onnx and onnxruntime: {INSTALL_INT8}')
        self._tokenizer_file = folder / "tokenizer.json"
        if not self._tokenizer_file.is_file():
            raise EncoderError(f'{folder}: no tokenizer.json, which backend = "int8" needs; set backend = "torch"')
        self.name = f"{name} (int8)"
        self.hash = text_hash(f"{weights_hash} {_RECIPE}")
        self._file = kept_in / f"{self.hash}.onnx"
        self._load_model = load_model

    @property
    def dimensions(self) -> int:
        """Columns of a row."""
        return int(self._meta["dimensions"])

    @property
    def max_tokens(self) -> int:
        """As the model it was made from."""
        return int(self._meta["max_tokens"])

    @property
    def weights_bytes(self) -> int:
        """The file's size: word embeddings stay 32-bit."""
        return self._path.stat().st_size

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, those that frame it included, uncut."""
        self._tokenizer.no_truncation()
        try:
            return [len(found.ids) for found in self._tokenizer.encode_batch([encodable(text) for text in texts])]
        finally:
            self._tokenizer.enable_truncation(self.max_tokens)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """float32 (n, dimensions), rows of length 1; a text's row is the same whatever stands beside it."""
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        with ThreadPoolExecutor(max_workers=cores()) as pool:
            for start in range(0, len(texts), CHUNK):
                part = [encodable(text) for text in texts[start : start + CHUNK]]
                found = self._tokenizer.encode_batch(part)
                for row, vector in enumerate(pool.map(self._encode_one, found), start):
                    rows[row] = vector
                if progress is not None:
                    progress(start + len(part), len(texts))
        return rows

    def _encode_one(self, encoding: Any) -> NDArray[np.float32]:
        known = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask}
        known["token_type_ids"] = encoding.type_ids
        given = {name: np.array([known[name]], dtype=np.int64) for name in self._meta["inputs"].split()}
        vector: NDArray[np.float32] = self._session.run(None, given)[0][0]
        return vector / np.linalg.norm(vector)

    @cached_property
    def _path(self) -> Path:
        if not self._file.is_file():
            write_whole(self._file, export_int8(self._load_model()))
        return self._file

    @cached_property
    def _session(self) -> Any:
        import onnxruntime  # noqa: PLC0415 (an extra)

        errors = onnxruntime.capi.onnxruntime_pybind11_state
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # texts run beside each other, not parts of a text
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])
        except (errors.InvalidArgument, errors.InvalidGraph, errors.InvalidProtobuf, errors.Fail) as problem:
            raise EncoderError(f"{self._path}: cannot be read ({problem}); remove it, it is made again") from problem

    @cached_property
    def _meta(self) -> dict[str, str]:
        found: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return found

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer  # noqa: PLC0415 (comes with sentence-transformers)

        made = Tokenizer.from_file(str(self._tokenizer_file))
        made.no_padding()
        made.enable_truncation(self.max_tokens)
        return made


def export_int8(model: Any) -> bytes:
    """The ONNX file of a SentenceTransformer: all its modules, matrices in 8-bit integers, a scale per output column.

    One scale for a whole matrix gave a mean cosine of .968 to the original's vectors, one per column .994. The same
    weights give the same bytes.
    """
    import onnx  # noqa: PLC0415 (an extra)
    import torch  # noqa: PLC0415 (an extra)
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 (an extra)

    tokens = model.tokenizer(list(_EXAMPLE), padding=True, return_tensors="pt")
    inputs = [name for name in model.tokenizer.model_input_names if name in tokens]

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model  # a module of this one: its weights are then the graph's

        def forward(self, *values: Any) -> Any:
            return self.inner(dict(zip(inputs, values, strict=True)))["sentence_embedding"]

    with tempfile.TemporaryDirectory() as scratch, _quiet():
        exported, quantised = Path(scratch) / "32.onnx", Path(scratch) / "8.onnx"
        model.eval()
        torch.onnx.export(
            Whole(),
            tuple(tokens[name] for name in inputs),
            str(exported),
            dynamo=False,  # the newer exporter gives the same speed, takes four times as long and needs onnxscript
            opset_version=_OPSET,
            input_names=inputs,
            output_names=["vector"],
            dynamic_axes={**{name: {0: "texts", 1: "tokens"} for name in inputs}, "vector": {0: "texts"}},
        )
        quantize_dynamic(exported, quantised, weight_type=QuantType.QInt8, per_channel=True)
        made = onnx.load(quantised)
    facts = {
        "dimensions": model.get_embedding_dimension(),
        "max_tokens": model.max_seq_length,
        "inputs": " ".join(inputs),
    }
    onnx.helper.set_model_props(made, {key: str(value) for key, value in facts.items()})
    found: bytes = made.SerializeToString(deterministic=True)
    return found


def cores() -> int:
    """How many this process may use, which is not what the machine has."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _quiet() -> Iterator[None]:
    """onnxruntime's advice on quantising goes to the root logger, where it would make a handler."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch calls the exporter that we chose an old one
            yield
    finally:
        logging.disable(logging.NOTSET)
