"""The methods that are compared, each with its one default and the small grid its thresholds are re-chosen from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

MIN_SIZE = 4  # rows a cluster has at least, for every method

Settings = dict[str, Any]


@dataclass(frozen=True)
class Method:
    """One line of the table. Which function runs it: worker.py."""

    title: str
    default: Settings  # the document's or the library's own; for ours {} (the options' defaults)
    grid: tuple[Settings, ...]  # settings a held-out choice is made from, the default among them
    packages: tuple[str, ...]  # whose versions make a cached result stale
    in_project: bool = False  # run by the project's Python, not by the peers'
    is_seeded: bool = True  # False: the same labels every time, so one run
    same_run_as: str = ""  # the method whose runs it adds settings to: the costly part is then done once


def _grid(**choices: tuple[Any, ...]) -> tuple[Settings, ...]:
    return tuple(dict(zip(choices, values, strict=True)) for values in product(*choices.values()))


METHODS: dict[str, Method] = {
    "ours": Method(
        "**helploop**",
        {},
        ({}, {"merge_share": 0.45}, {"merge_share": 0.55}),
        ("graspologic-native", "numpy", "rapidfuzz"),
        in_project=True,
    ),
    "recipe": Method(
        "plain recipe",
        {"merge": 0.60, "noise": 0.55},
        _grid(merge=(0.55, 0.575, 0.60, 0.65), noise=(0.45, 0.55)),
        ("graspologic-native", "numpy", "rapidfuzz"),
        in_project=True,
    ),
    "agglomerative": Method(
        "agglomerative, average",
        {"distance": 0.45},
        _grid(distance=(0.35, 0.40, 0.45, 0.50, 0.55, 0.60)),
        ("scipy", "scikit-learn"),
        is_seeded=False,
    ),
    "umap_hdbscan": Method(
        "UMAP + HDBSCAN leaf",
        {"min_samples": 4},
        _grid(min_samples=(1, 2, 4, 8)),
        ("umap-learn", "hdbscan"),
    ),
    "bertopic": Method(
        "BERTopic", {"strategy": "none"}, ({"strategy": "none"},), ("bertopic", "umap-learn", "hdbscan")
    ),
    "bertopic_reduced": Method(
        "BERTopic, outliers reduced",
        {"strategy": "distributions", "threshold": 0.0},
        (
            {"strategy": "distributions", "threshold": 0.0},
            {"strategy": "c-tf-idf", "threshold": 0.0},
            {"strategy": "embeddings", "threshold": 0.0},
            {"strategy": "embeddings", "threshold": 0.6},
        ),
        ("bertopic", "umap-learn", "hdbscan"),
        same_run_as="bertopic",
    ),
    "evoc": Method(
        "EVoC",
        {"noise_level": 0.5, "layer": "best"},
        _grid(noise_level=(0.2, 0.5, 0.8), layer=("best", "finest")),
        ("evoc",),
    ),
    "kmeans": Method("KMeans told the gold k", {}, ({},), ("scikit-learn",)),
    "community": Method(
        "community_detection",
        {"threshold": 0.75},
        _grid(threshold=(0.55, 0.60, 0.65, 0.70, 0.75, 0.80)),
        ("sentence-transformers",),
        in_project=True,
        is_seeded=False,
    ),
}
