"""The peers, each as a function that prepares a set and gives a function of (settings, seed) -> (labels, seconds).

Run by the Python of the benchmark's own environment (community_detection: by the project's, which has its library).
What does not depend on the settings is done once, and its seconds are added to every run that uses it. numba's
compilation is not counted: each is warmed up on the first rows. A negative seed is none: UMAP then uses all cores.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from methods import MIN_SIZE
from numpy.typing import NDArray

Settings = dict[str, Any]
Run = Callable[[Settings, int], tuple[NDArray[np.int64], float]]
Floats = NDArray[np.float32]

_warm: set[bool] = set()  # whether UMAP's code for runs without a seed, and with one, is compiled


def agglomerative(texts: Sequence[str], vectors: Floats, questions: int) -> Run:
    """Average linkage over cosine distances: what scikit-learn's AgglomerativeClustering does, cut at `distance`."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.metrics import pairwise_distances

    started = time.perf_counter()
    distances = pairwise_distances(vectors, metric="cosine")
    tree = linkage(distances[np.triu_indices(len(vectors), k=1)], method="average")
    shared = time.perf_counter() - started
    return lambda settings, seed: _timed(lambda: fcluster(tree, settings["distance"], "distance"), shared)


def umap_hdbscan(texts: Sequence[str], vectors: Floats, questions: int) -> Run:
    """UMAP to five dimensions as BERTopic does it, then HDBSCAN's leaves."""
    from hdbscan import HDBSCAN

    reduced: dict[int, tuple[Floats, float]] = {}

    def run(settings: Settings, seed: int) -> tuple[NDArray[np.int64], float]:
        if seed not in reduced:
            _warm_umap(vectors, seed)
            reduced[seed] = _timed(lambda: _umap(seed).fit_transform(vectors), 0.0)
        rows, seconds = reduced[seed]
        method = HDBSCAN(
            min_cluster_size=MIN_SIZE, min_samples=settings["min_samples"], cluster_selection_method="leaf"
        )
        return _timed(lambda: method.fit_predict(rows), seconds)

    return run


def bertopic(texts: Sequence[str], vectors: Floats, questions: int) -> Run:
    """BERTopic as it comes, but for min_topic_size and UMAP's seed (none where negative); then reduce_outliers."""
    fit = _bertopic_fits(texts, vectors)

    def run(settings: Settings, seed: int) -> tuple[NDArray[np.int64], float]:
        model, topics, seconds = fit(seed)
        if settings["strategy"] == "none" or -1 not in topics:
            return topics, seconds
        rows = {"embeddings": vectors} if settings["strategy"] == "embeddings" else {}
        return _timed(lambda: model.reduce_outliers(list(texts), topics.tolist(), **settings, **rows), seconds)

    return run


def evoc(texts: Sequence[str], vectors: Floats, questions: int) -> Run:
    """EVoC, its most persistent layer ("best") or its finest one."""
    from evoc import EVoC

    EVoC(random_state=0).fit_predict(_first(vectors))

    fits: dict[tuple[float, int], tuple[NDArray[np.int64], NDArray[np.int64], float]] = {}

    def fit(noise: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
        model = EVoC(noise_level=noise, base_min_cluster_size=MIN_SIZE, random_state=_state(seed))
        best, seconds = _timed(lambda: model.fit_predict(vectors), 0.0)
        return best, np.asarray(model.cluster_layers_[0]), seconds

    def run(settings: Settings, seed: int) -> tuple[NDArray[np.int64], float]:
        key = (settings["noise_level"], seed)
        if key not in fits:
            fits[key] = fit(*key)
        best, finest, seconds = fits[key]
        return (finest if settings["layer"] == "finest" else best), seconds

    return run


def kmeans(texts: Sequence[str], vectors: Floats, questions: int) -> Run:
    """KMeans that is told how many questions there are; rows out of scope are in it like all others."""
    from sklearn.cluster import KMeans

    return lambda settings, seed: _timed(lambda: KMeans(questions, random_state=_state(seed)).fit_predict(vectors), 0.0)


def community(texts: Sequence[str], vectors: Floats, questions: int) -> Run:
    """sentence_transformers.util.community_detection; what is in no community is noise."""
    from sentence_transformers.util import community_detection

    def detect(threshold: float) -> NDArray[np.int64]:
        labels = np.full(len(vectors), -1)
        for number, rows in enumerate(community_detection(vectors, threshold, MIN_SIZE)):
            labels[rows] = number
        return labels

    return lambda settings, seed: _timed(lambda: detect(settings["threshold"]), 0.0)


def _state(seed: int) -> int | None:
    return seed if seed >= 0 else None


def _umap(seed: int, epochs: int | None = None) -> Any:
    from umap import UMAP

    return UMAP(
        n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", n_epochs=epochs, random_state=_state(seed)
    )


def _warm_umap(vectors: Floats, seed: int) -> None:
    if (seed < 0) not in _warm:
        _umap(seed, epochs=5).fit_transform(_first(vectors))
        _warm.add(seed < 0)


def _first(vectors: Floats) -> Floats:
    """Rows enough to compile what all rows need: UMAP has another search for neighbours from 4,096 rows on."""
    return vectors[: 4200 if len(vectors) > 4096 else 500]


def _bertopic_fits(texts: Sequence[str], vectors: Floats) -> Callable[[int], tuple[Any, NDArray[np.int64], float]]:
    from bertopic import BERTopic

    fits: dict[int, tuple[Any, NDArray[np.int64], float]] = {}

    def fit(seed: int) -> tuple[Any, NDArray[np.int64], float]:
        if seed not in fits:
            _warm_umap(vectors, seed)
            fits.clear()  # models are large; all settings of a seed come together
            model = BERTopic(min_topic_size=MIN_SIZE, umap_model=_umap(seed))
            fits[seed] = (model, *_timed(lambda: model.fit_transform(list(texts), embeddings=vectors)[0], 0.0))
        return fits[seed]

    return fit


def _timed(work: Callable[[], Any], before: float) -> tuple[Any, float]:
    started = time.perf_counter()
    found = np.asarray(work())
    return found, before + time.perf_counter() - started
