"""Turns texts into vectors: the encoder behind a Protocol, its weights checked at the door, and a cache by text hash.

torch, sentence-transformers and onnxruntime are imported when a real encoder encodes, never with this package.
"""

from helploop.embedding.int8 import INSTALL_INT8, has_int8_processor, is_int8_installed
from helploop.embedding.interface import CHUNK, CountsTokens, Encoder, Progress, VectorCache, embed
from helploop.embedding.models import DEFAULT_ENCODER, Backend, load_encoder

__all__ = [
    "CHUNK",
    "DEFAULT_ENCODER",
    "INSTALL_INT8",
    "Backend",
    "CountsTokens",
    "Encoder",
    "Progress",
    "VectorCache",
    "embed",
    "has_int8_processor",
    "is_int8_installed",
    "load_encoder",
]
