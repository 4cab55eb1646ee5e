"""embedding.int8: the same model in 8-bit integers, under a hash of its own, each text by itself."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from helploop.embedding import has_int8_processor, int8, load_encoder
from helploop.errors import EncoderError

TEXTS = [
    "How do I reset my password?",
    "i forgot my password, new one pls",
    "Do you ship to Norway? " * 40,
    "where is my parcel",
    "\ud83d broken",
]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("fma avx512f avx512_vnni", True), ("fma avx_vnni", True), ("fp asimd asimddp", True), ("avx512f", False)],
)
def test_processor_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: str, expected: bool) -> None:
    """VNNI or ARM's dot products are seen among the flags; where nothing can be read it is no."""
    info = tmp_path / "cpuinfo"
    info.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    monkeypatch.setattr(int8, "_CPU_INFO", info)
    assert has_int8_processor() is expected
    info.unlink()
    assert not has_int8_processor()


@pytest.mark.model
def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without onnxruntime the error is the install line."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderError, match=r"pip install 'helploop\[int8\]'"):
        load_encoder(backend="int8")


@pytest.mark.model
def test_int8_means_the_same_and_is_kept(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Rows lie beside torch's, under another hash; a text's row does not depend on its neighbours; one file is kept."""
    torch = load_encoder()
    encoder = load_encoder(backend="int8", kept_in=tmp_path)
    assert encoder.hash != torch.hash
    assert (encoder.name, encoder.dimensions) == ("all-MiniLM-L6-v2 (int8)", 384)
    rows = encoder.encode(TEXTS)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert ((rows * torch.encode(TEXTS)).sum(axis=1) > 0.97).all()
    assert encoder.encode(TEXTS[3:4]).tobytes() == rows[3:4].tobytes()
    (kept,) = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns
    again = load_encoder(backend="int8", kept_in=tmp_path)
    assert again.encode(TEXTS).tobytes() == rows.tobytes()
    assert kept.stat().st_mtime_ns == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.model
def test_damaged_file_is_named(tmp_path: Path) -> None:
    """A file that is no model says what to do."""
    encoder = load_encoder(backend="int8", kept_in=tmp_path)
    (tmp_path / f"{encoder.hash}.onnx").write_bytes(b"half a model")
    with pytest.raises(EncoderError, match=r"remove it, it is made again"):
        encoder.encode(["a box"])
