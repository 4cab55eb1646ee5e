"""From topics to questions, where agents' answers tell one from the other: broad clusters are grouped again inside.

A real log's communities are topics: "password" is one of a forum's, with a dozen causes and providers in it. So a
cluster of many customers that does not hold together is grouped once more among its own members, by their own graph,
and its parts are joined only where they are as near as one question's members are. Two kinds of inquiries are then
left out of the questions: those far from the core of the question they ended at, and clusters of texts that say little
and that agents answered in many ways ("cannot send mail"): no one article answers them. Without answers in the log
nothing is narrowed: short intents are questions already, and what tells one from the other is not in them
(benchmarks/clustering). All levels are shares of the log's own scale, so they follow the encoder.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.features import Features
from helploop.clustering.graph import communities, nearest
from helploop.clustering.merging import merge, pairs_above, reassign
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.vectors import groups, mean_row

_MANY = 40.0  # customers of a cluster that is looked into; smaller ones can be read at a glance
_PART = 200  # members for each step of resolution inside: parts of 10 to 20, whatever the size of the log
# Shares of the way from the log's mean product to its median member's nearest few; figures in benchmarks/clustering.
_ONE_QUESTION = 1.0  # a cluster, or two parts, as near as this are one; at .8 the parts of a topic run together again
_CORE = 0.8  # members as near as this to the others of their cluster are its core, and ...
_OWN = 0.9  # ... members as near as this to the core stay: stragglers would else draw the mean to themselves
_TWINS = 0.95  # two questions whose members are as near to each other's as this share of how near to their own, are one
_VAGUE = 0.35  # a text that says less than so many of the log's says little: at .2 "can't send emails" is a question
_TELLING = 3  # its rarest words
_KNOWN = 5  # a word of fewer inquiries is a name or a misspelling
_LEAST_ANSWERED = 4  # answers whose agreement counts for the log's median
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Narrowed:
    """Clusters after narrowing, and the nodes that belong to none of them."""

    labels: NDArray[np.int64]  # (m,) numbered from 0
    is_far: NDArray[np.bool_]  # (m,) of a topic, but of no question in it
    is_vague: NDArray[np.bool_]  # (m,) one of many that say little and were answered in many ways


def narrow(
    labels: NDArray[np.int64],
    features: Features,
    products: NDArray[np.float32],
    texts: Sequence[str],
    is_alone: NDArray[np.bool_],
    options: ClusteringOptions,
) -> Narrowed:
    """Splits broad clusters into questions. labels: (m,), from 0, all used; texts: (m,) normalised wordings.

    products: (m, k), of each row with its nearest, nearest first. is_alone: (m,) what asks nothing that recurs, and so
    tells nothing of the cluster it is in.
    """
    nobody = np.zeros(len(labels), dtype=np.bool_)
    if not features.is_joint or not products.shape[1]:
        return Narrowed(labels, nobody, nobody)
    scale = _scale_of(features, products, options)
    split, was_split = _split_broad(labels, features, scale, options)
    if not was_split.any():
        return Narrowed(labels, nobody, nobody)
    labels = reassign(split, features, options)
    is_far = was_split & _is_far(labels, features, scale)
    labels = _join_twins(labels, was_split & ~is_far, features)
    is_vague = _in_vague(labels, ~is_far & ~is_alone, features, _telling(texts)) & was_split & ~is_far
    return Narrowed(labels, is_far, is_vague)


@dataclass(frozen=True)
class _Scale:
    background: float  # mean product of any two rows
    near: float  # of the median row with its nearest few

    def at(self, share: float) -> float:
        return self.background + share * (self.near - self.background)


def _scale_of(features: Features, products: NDArray[np.float32], options: ClusteringOptions) -> _Scale:
    middle = mean_row(features.joint, features.weights)
    return _Scale(float(middle @ middle), float(np.median(products[:, : options.noise_neighbours].mean(axis=1))))


def _split_broad(
    labels: NDArray[np.int64], features: Features, scale: _Scale, options: ClusteringOptions
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    labels, was_split = labels.copy(), np.zeros(len(labels), dtype=np.bool_)
    level = scale.at(_ONE_QUESTION)
    for rows in groups(labels):
        inside = np.ascontiguousarray(features.joint[rows])
        if features.copies[rows].sum() <= _MANY or _cohesion(inside) >= level:
            continue
        neighbours, _ = nearest(inside, options.neighbours, options)
        parts = communities(np.ascontiguousarray(neighbours), max(1.0, len(rows) / _PART), options)
        parts = merge(parts, inside, features.weights[rows], level)
        labels[rows] = labels.max() + 1 + parts
        was_split[rows] = True
    return np.unique(labels, return_inverse=True)[1], was_split


def _agreement(clusters: Sequence[NDArray[np.int64]], features: Features) -> tuple[list[float], float]:
    """How like each other each cluster's answers are (mean cosine of two), and the median of those with a few."""
    answered = [features.answers[rows][(features.answers[rows] != 0).any(axis=1)] for rows in clusters]
    agreement = [_cohesion(rows) for rows in answered]
    known = [agrees for agrees, rows in zip(agreement, answered, strict=True) if len(rows) >= _LEAST_ANSWERED]
    return agreement, float(np.median(known)) if known else 0.0


def _is_far(labels: NDArray[np.int64], features: Features, scale: _Scale) -> NDArray[np.bool_]:
    """(m,) what is not near its cluster's core."""
    everyone = np.ones(len(labels), dtype=np.bool_)
    in_core = _nearness(labels, everyone, features) >= scale.at(_CORE)
    return _nearness(labels, in_core, features) < scale.at(_OWN)


def _nearness(labels: NDArray[np.int64], counts: NDArray[np.bool_], features: Features) -> NDArray[np.float64]:
    """(m,) each node's mean product with those of its cluster that count, itself left out; 0 where there are none."""
    found = np.zeros(len(labels))
    weights = np.where(counts, features.weights, 0.0)
    for rows in groups(labels):
        total = weights[rows].astype(np.float32) @ features.joint[rows]
        others = weights[rows].sum() - weights[rows]
        near = features.joint[rows] @ total - weights[rows]
        found[rows] = np.divide(near, others, out=np.zeros(len(rows)), where=others > 0)
    return found


def _join_twins(labels: NDArray[np.int64], counts: NDArray[np.bool_], features: Features) -> NDArray[np.int64]:
    """Joins questions whose members (those that count) are as near to each other's as to their own, nearest first.

    Returns (m,), numbered from 0.
    """
    while True:
        clusters = groups(np.where(counts, labels, -1))
        held = [(rows, within) for rows in clusters if (within := _cohesion(features.joint[rows])) > 0]
        if len(held) < 2:
            break
        means = np.stack([features.joint[rows].mean(axis=0) / math.sqrt(within) for rows, within in held])
        near = sorted((-value, a, b) for a, others in pairs_above(means, _TWINS).items() for b, value in others.items())
        joined: set[int] = set()
        labels = labels.copy()
        for _, a, b in near:
            if not {a, b} & joined:
                joined |= {a, b}
                labels[labels == labels[held[b][0][0]]] = labels[held[a][0][0]]
        if not joined:
            break
    return np.unique(labels, return_inverse=True)[1]


def _in_vague(
    labels: NDArray[np.int64], counts: NDArray[np.bool_], features: Features, telling: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(m,) whether a node's cluster says less than most texts, and was answered in too many ways for that.

    counts: (m,) the nodes that are left in their clusters. The less its texts say, the more must their answers agree:
    by the square of what is missing.
    """
    clusters = groups(np.where(counts, labels, -1))
    agreement, usual = _agreement(clusters, features)
    little = float(np.quantile(telling, _VAGUE))
    found = np.zeros(len(labels), dtype=np.bool_)
    for rows, agrees in zip(clusters, agreement, strict=True):
        says = max(float(telling[rows].mean()), 1e-9)
        found[labels == labels[rows[0]]] = says < 0.999 * little and agrees < usual * (little / says) ** 2
    return found


def _telling(texts: Sequence[str]) -> NDArray[np.float64]:
    """(m,) how much each text says: the mean idf of its three rarest words that others use, too."""
    bags = [set(_WORD.findall(text)) for text in texts]
    spread = Counter(word for bag in bags for word in bag)
    weights = {word: math.log(len(texts) / count) for word, count in spread.items() if count >= _KNOWN}
    best = (sorted((weights.get(word, 0.0) for word in bag), reverse=True)[:_TELLING] for bag in bags)
    return np.array([sum(values) / _TELLING for values in best], dtype=np.float64)


def _cohesion(rows: NDArray[np.float32]) -> float:
    """Mean product of two different rows, each of length 1; 0 for fewer than two."""
    count = len(rows)
    if count < 2:
        return 0.0
    total = rows.sum(axis=0, dtype=np.float64)
    return float((total @ total - count) / (count * (count - 1)))
