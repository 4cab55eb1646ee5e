"""`helploop doctor --encoder`: how a model does on the log's own pairs of texts that ask the same, without labels."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.known_pairs import KnownPairs, PairKind, find_pairs
from helploop.config import Settings
from helploop.domain import Inquiry
from helploop.embedding import DEFAULT_ENCODER, CountsTokens, Encoder, embed, load_encoder
from helploop.errors import HelploopError
from helploop.pipeline.encoders import site_encoder
from helploop.pipeline.progress import Progress, silent
from helploop.pipeline.rounds import may_be_clustered
from helploop.store import Store

SAMPLE = 1000  # inquiries looked at: about half a minute with the default encoder, four minutes with one 8 times slower
_MAX_PAIRS = 5000  # of a kind: more say nothing new
_RANDOM_PAIRS = 20_000
_LEAST_PAIRS = 20  # fewer say nothing
_SEED = 7
_CLEAR = 2.0  # standard errors of the paired difference that are needed to call one encoder better


@dataclass(frozen=True)
class PairFigures:
    """How well the partner is told from others, on pairs of one kind."""

    kind: PairKind
    pairs: int
    auroc: float  # chance that a pair's cosine is above a random pair's
    recall_at_1: float  # share of texts whose nearest other text of the sample is a known partner
    cosine: float  # mean over the pairs


@dataclass(frozen=True)
class EncoderFigures:
    """An encoder on the pairs of a log."""

    name: str
    dimensions: int
    weights_mb: float | None  # memory for the weights; None where the encoder does not say
    texts_per_second: float  # on this machine, now, without loading the model
    truncated: float | None  # share of texts longer than the model reads
    background: float  # mean cosine of random pairs
    near: float  # median over texts of the mean cosine to the five nearest others
    auroc: float | None  # all known pairs against random ones; None where there are too few
    hard_auroc: float | None  # all known pairs against those alike in words and answered differently
    recall_at_1: float | None  # mean over the kinds with enough pairs
    kinds: tuple[PairFigures, ...]


@dataclass(frozen=True)
class EncoderCheck:
    """The encoders beside each other on one log; the first is the one asked about, the last the default."""

    inquiries: int  # looked at
    encoders: tuple[EncoderFigures, ...]
    foreign: dict[str, int]  # language -> inquiries of the log it is not used for
    verdict: str


def check_encoder(
    settings: Settings,
    name: str = "",
    *,
    sample: int = SAMPLE,
    asked: Encoder | None = None,
    default: Encoder | None = None,
    progress: Progress = silent,
) -> EncoderCheck:
    """The site's encoder (or the named one, or `asked`) beside the default, on up to `sample` inquiries of the log.

    Nothing is kept. Raises: HelploopError when the log is empty; EncoderError when the model cannot be loaded.
    """
    asked = asked or site_encoder(settings, name)
    default = default or load_encoder(DEFAULT_ENCODER)
    with Store(settings.database) as store:
        log = store.inquiries()
    chosen = _sample([inquiry for inquiry in log if may_be_clustered(inquiry, settings)], sample)
    if len(chosen) < 2:
        raise HelploopError("no inquiries to judge an encoder by; take a log in first: helploop intake FILE")
    progress("looking for pairs", 0, 1)
    pairs = find_pairs(chosen)
    progress("looking for pairs", 1, 1)
    encoders = [asked] if asked.hash == default.hash else [asked, default]
    measured = [_measure(encoder, pairs, progress) for encoder in encoders]
    return EncoderCheck(
        inquiries=len(chosen),
        encoders=tuple(figures for figures, _ in measured),
        foreign=_foreign(log, settings),
        verdict=_verdict(measured),
    )


def _sample(inquiries: Sequence[Inquiry], count: int) -> list[Inquiry]:
    """`count` inquiries in the order of their ids, which are hashes: every nth, the same each time."""
    ordered = sorted(inquiries, key=lambda inquiry: inquiry.id)
    return [ordered[i * len(ordered) // count] for i in range(count)] if len(ordered) > count else ordered


def _foreign(log: Sequence[Inquiry], settings: Settings) -> dict[str, int]:
    counts = Counter(i.language or i.locale or "unknown" for i in log if not settings.encoder.understands(i))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _measure(
    encoder: Encoder, pairs: KnownPairs, progress: Progress
) -> tuple[EncoderFigures, dict[PairKind, NDArray[np.float64]]]:
    """The figures, and of each kind with enough pairs which texts found their partner (for the comparison)."""
    title_rows = sorted(pairs.titles)
    texts = [*pairs.texts, *(pairs.titles[row] for row in title_rows)]
    encoder.encode(texts[:1])  # loads the model
    started = time.perf_counter()
    vectors = embed(texts, encoder, progress=lambda done, total: progress(f"encoding with {encoder.name}", done, total))
    seconds = time.perf_counter() - started
    bodies, titles = vectors[: len(pairs.texts)], vectors[len(pairs.texts) :]
    random = _random_cosines(bodies)
    hard = _cosines(bodies, bodies, _thinned(pairs.hard))
    kinds, found, pooled = [], {}, []
    for kind, known in pairs.same.items():
        if len(known) < _LEAST_PAIRS:
            continue
        if kind is PairKind.TITLE:
            cosines = (titles * bodies[title_rows]).sum(axis=1)
            hits = ((titles @ bodies.T).argmax(axis=1) == np.array(title_rows)).astype(np.float64)
        else:
            cosines = _cosines(bodies, bodies, _thinned(known))
            hits = _partner_is_nearest(bodies, known)
        found[kind] = hits
        pooled.append(cosines)
        kinds.append(PairFigures(kind, len(known), auroc(cosines, random), float(hits.mean()), float(cosines.mean())))
    same = np.concatenate(pooled) if pooled else np.zeros(0, dtype=np.float32)
    figures = EncoderFigures(
        name=encoder.name,
        dimensions=encoder.dimensions,
        weights_mb=round(encoder.weights_bytes / 1e6, 1) if isinstance(encoder, CountsTokens) else None,
        texts_per_second=len(set(texts)) / seconds,
        truncated=_truncated(encoder, texts),
        background=float(random.mean()),
        near=_nearness(bodies),
        auroc=auroc(same, random) if len(same) else None,
        hard_auroc=auroc(same, hard) if len(same) and len(hard) >= _LEAST_PAIRS else None,
        recall_at_1=float(np.mean([hits.mean() for hits in found.values()])) if found else None,
        kinds=tuple(kinds),
    )
    return figures, found


def auroc(positive: NDArray[np.float32], negative: NDArray[np.float32]) -> float:
    """The chance that a positive value is above a negative one, ties counting half (Mann and Whitney's U, scaled)."""
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    upto = np.searchsorted(ordered, positive, side="right")
    return float((below + upto).mean() / (2 * len(negative)))


def _random_cosines(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    generator = np.random.default_rng(_SEED)
    first = generator.integers(0, len(vectors), _RANDOM_PAIRS)
    second = (first + generator.integers(1, len(vectors), _RANDOM_PAIRS)) % len(vectors)
    cosines: NDArray[np.float32] = (vectors[first] * vectors[second]).sum(axis=1)
    return cosines


def _cosines(
    first: NDArray[np.float32], second: NDArray[np.float32], pairs: Sequence[tuple[int, int]]
) -> NDArray[np.float32]:
    rows = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    cosines: NDArray[np.float32] = (first[rows[:, 0]] * second[rows[:, 1]]).sum(axis=1)
    return cosines


def _thinned(pairs: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    return pairs[:: -(-len(pairs) // _MAX_PAIRS)] if len(pairs) > _MAX_PAIRS else pairs


def _partner_is_nearest(vectors: NDArray[np.float32], pairs: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """For each row that has partners, in order: 1 where its nearest other row is one of them."""
    partners: dict[int, set[int]] = {}
    for a, b in pairs:
        partners.setdefault(a, set()).add(b)
        partners.setdefault(b, set()).add(a)
    rows = sorted(partners)
    similar = vectors[rows] @ vectors.T
    similar[np.arange(len(rows)), rows] = -2.0
    nearest = similar.argmax(axis=1).tolist()
    return np.array([near in partners[row] for row, near in zip(rows, nearest, strict=True)], dtype=np.float64)


def _nearness(vectors: NDArray[np.float32]) -> float:
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -2.0)
    count = min(5, len(vectors) - 1)
    return float(np.median(np.partition(similar, -count, axis=1)[:, -count:].mean(axis=1)))


def _truncated(encoder: Encoder, texts: Sequence[str]) -> float | None:
    if not isinstance(encoder, CountsTokens):
        return None
    counts = encoder.count_tokens(texts)
    return sum(count > encoder.max_tokens for count in counts) / len(counts)


def _verdict(measured: Sequence[tuple[EncoderFigures, dict[PairKind, NDArray[np.float64]]]]) -> str:
    """A sentence: is the first better than the last? Judged by recall@1 on the same texts, paired."""
    mine, found = measured[0]
    if not found:
        return f"too few pairs that surely ask the same (under {_LEAST_PAIRS} of each kind): nothing can be said"
    if len(measured) == 1:
        share = f"{mine.recall_at_1:.2f} of known partners are each other's nearest"
        return f"{mine.name} is the default encoder: {share}, {mine.texts_per_second:.0f} texts/s"
    other, others = measured[-1]
    changes = [found[kind] - others[kind] for kind in found]
    gain = float(np.mean([change.mean() for change in changes]))
    error = float(np.sqrt(sum(change.var() / len(change) for change in changes))) / len(changes)
    said = "same as" if abs(gain) <= _CLEAR * error else ("better than" if gain > 0 else "worse than")
    ratio = other.texts_per_second / mine.texts_per_second
    speed = f"{ratio:.1f} times slower" if ratio > 1 else f"{1 / ratio:.1f} times faster"
    return (
        f"{mine.name} is {said} {other.name} on this log (partner found first {mine.recall_at_1:.2f} against "
        f"{other.recall_at_1:.2f}), {speed}"
    )
