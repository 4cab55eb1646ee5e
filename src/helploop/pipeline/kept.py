"""Vectors that the last round kept: looking at questions needs no encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.standing import Scale, measure_scale
from helploop.domain import Inquiry, Round, text_hash
from helploop.errors import HelploopError
from helploop.store import Store

_MEMBERS = 100  # of a question, evenly, that its centre and the log's scale are taken from


@dataclass(frozen=True)
class Centres:
    """Where the questions of a round are."""

    rows: NDArray[np.float32]  # (K, d), of length 1, in the round's order
    scale: Scale


def kept_vectors(store: Store, encoder_hash: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """float32 (n, d), rows of length 1; zeros where a text is blank or its vector was not kept.

    Raises HelploopError when no vector of that encoder is there.
    """
    rows, _ = _read(store, encoder_hash, texts)
    if rows is None:
        raise HelploopError("the vectors of the last round are not there any more: helploop cluster makes them anew")
    return rows


def whole_vectors(store: Store, encoder_hash: str, inquiries: Sequence[Inquiry]) -> NDArray[np.float32] | None:
    """float32 (n, d), of what inquiries ask, as `kept_vectors` gives them; None when any is not kept."""
    rows, missing = _read(store, encoder_hash, [inquiry.question_text for inquiry in inquiries])
    return None if missing else rows


def read_centres(store: Store, made: Round) -> Centres:
    """The centres of a round's questions, and its scale; no rows, and the widest scale, where it has no questions."""
    if not made.questions:
        return Centres(np.zeros((0, 0), dtype=np.float32), measure_scale([]))
    chosen = [question.members[:: max(1, -(-len(question.members) // _MEMBERS))] for question in made.questions]
    by_id: dict[str, Inquiry] = {one.id: one for one in store.inquiries([key for keys in chosen for key in keys])}
    texts = [[by_id[key].question_text for key in keys if key in by_id] for keys in chosen]
    rows = kept_vectors(store, made.encoder_hash, [text for part in texts for text in part])
    parts = np.split(rows, np.cumsum([len(part) for part in texts])[:-1])
    means = np.stack([part.mean(axis=0) for part in parts])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return Centres(means.astype(np.float32), measure_scale([part[part.any(axis=1)] for part in parts]))


def _read(store: Store, encoder_hash: str, texts: Sequence[str]) -> tuple[NDArray[np.float32] | None, int]:
    """The rows (None: not one is kept), and how many different texts have none."""
    hashes = [text_hash(text) if text.strip() else "" for text in texts]
    wanted = {key for key in hashes if key}
    known = store.get(encoder_hash, sorted(wanted))
    if not known:
        return None, len(wanted)
    rows = np.zeros((len(texts), len(next(iter(known.values())))), dtype=np.float32)
    for row, key in enumerate(hashes):
        if key in known:
            rows[row] = known[key]
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: NDArray[np.float32] = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return units, len(wanted - known.keys())
