"""From topics to questions, where agents' answers tell one from the other: broad clusters are grouped again inside.

A real log's communities are topics: "password" is one of a forum's, with a dozen causes and providers in it. So a
cluster of many customers that does not hold together is grouped once more among its own members, by their own graph,
and its parts are joined only where they are as near as one question's members are. Two kinds of inquiries are then left
out of the questions: those far from the centre they ended at, and clusters of texts that say little and that agents
answered in many ways ("cannot send mail"): no one article answers them. Without answers in the log nothing is narrowed:
short intents are questions already, and what tells one from the other is not in them (benchmarks/clustering). All
levels are shares of the log's own scale, so they follow the encoder.
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
from helploop.clustering.merging import merge, reassign
from helploop.clustering.options import ClusteringOptions
from helploop.clustering.vectors import groups, sums_by_label, unit_rows

_MANY = 40.0  # customers of a cluster that is looked into; smaller ones can be read at a glance
_PART = 200  # members for each step of resolution inside: parts of 10 to 20, whatever the size of the log
# Shares of the way from the log's mean product to its median member's nearest few; figures in benchmarks/clustering.
_ONE_QUESTION = 0.8  # a cluster, or two parts, as near as this are one: .7 / .75 / .8 give much the same precision
# A member is of the topic only when the square of its product with its centre (about its mean with the others) is less:
# .5 leaves .44 of the forum in none at a precision of .88; .6 (with _VAGUE at .42, answers expected at .8) .50, .87 ...
_OWN = 0.5
_AGREE = 1.2  # ... where the answers agree so much more than the median cluster's; else up to
_STRICTEST = 1.2  # times that
_SOME = 25.0  # customers of a question that is looked into when its answers
_DIFFER = 1.0  # agree less than so much of what the median question's do; a guess, like _SMALL_PART and _REST_NEAR
_SMALL_PART = 100  # as _PART, of those
_REST_NEAR = 0.3  # share of the median nearness at which two parts of the rest are one
_VAGUE = 0.35  # a text that says less than so many of the log's says little; see _OWN
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
    labels = _split_mixed(reassign(split, features, options), features, was_split, options)
    labels = reassign(labels, features, options)
    centres = unit_rows(sums_by_label(labels, features.joint, features.weights)[0].astype(np.float32))
    own = np.einsum("md,md->m", features.joint, centres[labels])
    is_far = was_split & (own * own < _levels(labels, features, scale))
    is_vague = _in_vague(labels, ~is_far & ~is_alone, features, _telling(texts)) & was_split & ~is_far
    return Narrowed(labels, is_far, is_vague)


@dataclass(frozen=True)
class _Scale:
    background: float  # mean product of any two rows
    near: float  # of the median row with its nearest few

    def at(self, share: float) -> float:
        return self.background + share * (self.near - self.background)


def _scale_of(features: Features, products: NDArray[np.float32], options: ClusteringOptions) -> _Scale:
    middle = (features.joint * features.weights[:, None].astype(np.float32)).sum(axis=0) / features.weights.sum()
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


def _split_mixed(
    labels: NDArray[np.int64], features: Features, was_split: NDArray[np.bool_], options: ClusteringOptions
) -> NDArray[np.int64]:
    """Splits questions of many that agents answered in more ways than the median one, by what is left of them.

    "Calendar" holds together by that one word; without their mean its members are near those that ask the same of it.
    """
    clusters = [rows for rows in groups(labels) if was_split[rows].all()]
    agreement, usual = _agreement(clusters, features)
    labels = labels.copy()
    for rows, agrees in zip(clusters, agreement, strict=True):
        if features.copies[rows].sum() > _SOME and agrees < _DIFFER * usual:
            labels[rows] = labels.max() + 1 + _parts_of_rest(features.joint[rows], features.weights[rows], options)
    return np.unique(labels, return_inverse=True)[1]


def _parts_of_rest(
    rows: NDArray[np.float32], weights: NDArray[np.float64], options: ClusteringOptions
) -> NDArray[np.int64]:
    rest = unit_rows(rows - rows.mean(axis=0))
    neighbours, products = nearest(rest, options.neighbours, options)
    parts = communities(np.ascontiguousarray(neighbours), max(1.0, len(rows) / _SMALL_PART), options)
    near = float(np.median(products[:, : options.noise_neighbours].mean(axis=1)))
    return merge(parts, rest, weights, _REST_NEAR * near)


def _agreement(clusters: Sequence[NDArray[np.int64]], features: Features) -> tuple[list[float], float]:
    """How like each other each cluster's answers are (mean cosine of two), and the median of those with a few."""
    answered = [features.answers[rows][(features.answers[rows] != 0).any(axis=1)] for rows in clusters]
    agreement = [_cohesion(rows) for rows in answered]
    known = [agrees for agrees, rows in zip(agreement, answered, strict=True) if len(rows) >= _LEAST_ANSWERED]
    return agreement, float(np.median(known)) if known else 0.0


def _levels(labels: NDArray[np.int64], features: Features, scale: _Scale) -> NDArray[np.float64]:
    """(m,) what the square of a node's product with its centre must be: more where its cluster's answers disagree."""
    clusters = groups(labels)
    agreement, usual = _agreement(clusters, features)
    levels = np.zeros(len(labels))
    for rows, agrees in zip(clusters, agreement, strict=True):
        lack = math.sqrt(_AGREE * usual / max(agrees, 1e-9))
        levels[rows] = scale.at(_OWN * min(max(lack, 1.0), _STRICTEST))
    return levels


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
