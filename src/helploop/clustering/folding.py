"""Folds identical and near-identical wordings into one weighted node, and counts distinct customers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from helploop.clustering.options import ClusteringOptions
from helploop.clustering.vectors import plain_sums, products, unit_rows
from helploop.clustering.words import says_nothing
from helploop.domain import Channel, Inquiry

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")
_CROWD = frozenset({Channel.SEARCH, Channel.FEEDBACK})  # one inquiry stands for `weight` visitors nobody can name


@dataclass(frozen=True)
class Nodes:
    """The different wordings of a log."""

    of_row: NDArray[np.int64]  # (n,) node of each row, -1 for a blank text
    texts: tuple[str, ...]  # (m,) normalised wording of each node
    vectors: NDArray[np.float32]  # (m, d) mean of its rows, length 1
    answers: NDArray[np.float32]  # (m, p) mean of its rows' answers, length 1 or all zeros
    weights: NDArray[np.float64]  # (m,) for means and centroids: log2(1 + share)
    copies: NDArray[np.float64]  # (m,) distinct customers


def normalise(text: str) -> str:
    """The text without what does not change its meaning: case, punctuation, spacing, width of characters."""
    wide = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return " ".join(_WORD.findall(wide.casefold()))


def count_customers(inquiries: Sequence[Inquiry]) -> int:
    """Distinct customers: a known one counts once, an unknown one each time, a search by the visitors it stands for."""
    named = [inquiry.customer_key for inquiry in inquiries if _is_named(inquiry)]
    others = (inquiry_weight(inquiry) for inquiry in inquiries if not _is_named(inquiry))
    return round(len(set(named)) + sum(others)) if len(named) < len(inquiries) else len(set(named))


def inquiry_weight(inquiry: Inquiry) -> float:
    """How many visitors an inquiry stands for: the weight of a search or a vote, 1 of anything else."""
    return max(1.0, inquiry.weight) if inquiry.channel in _CROWD else 1.0


def fold_identical(inquiries: Sequence[Inquiry], vectors: NDArray[np.float32], answers: NDArray[np.float32]) -> Nodes:
    """Rows with the same normalised question_text become one node; a blank text (or an all-zero row) becomes none, and
    neither does one that says nothing.

    A row's share is 1, or its part of the one that a customer of many inquiries weighs altogether. A node's weight for
    centroids is log2(1 + share), not the share: 37,000 copies of one string (BERTopic issue 753)
    must be heard, and must not be all that is heard.
    A search may be a code alone ("0x80070005"): it says nothing only without a letter or digit.
    """
    keys = [
        ""
        if inquiry.channel is not Channel.SEARCH and says_nothing(inquiry.question_text)
        else normalise(inquiry.question_text)
        for inquiry in inquiries
    ]
    is_zero = ~(vectors != 0).any(axis=1)
    index: dict[str, int] = {}
    of_row = np.full(len(keys), -1, dtype=np.int64)
    for row, key in enumerate(keys):
        if key and not is_zero[row]:
            of_row[row] = index.setdefault(key, len(index))
    return _build_nodes(inquiries, (vectors, answers), of_row, tuple(index))


def fold_near(
    inquiries: Sequence[Inquiry],
    rows: tuple[NDArray[np.float32], NDArray[np.float32]],
    nodes: Nodes,
    neighbours: NDArray[np.int64],
    options: ClusteringOptions,
) -> tuple[Nodes, NDArray[np.int64]]:
    """Nodes that are misspellings of a heavier one join it; chains do not form, each joins a wording near itself.

    rows: vectors and answers of the inquiries. neighbours: (m, k), as graph.nearest gives them: only such pairs are
    compared, so the cost is linear.
    Numbers must agree: error 403 is not error 404.
    Returns the folded nodes, and for each of them the node before that it stands for (the heaviest).
    """
    close = _near_pairs(nodes, neighbours, options)
    order = sorted(range(len(nodes.texts)), key=lambda node: (-nodes.copies[node], node))
    heads = np.full(len(nodes.texts), -1, dtype=np.int64)
    for node in order:
        if heads[node] < 0:
            heads[node] = node
            for other in close.get(node, ()):
                if heads[other] < 0:
                    heads[other] = node
    kept, new_index = np.unique(heads, return_inverse=True)
    if len(kept) == len(heads):
        return nodes, kept
    of_row = np.where(nodes.of_row >= 0, new_index[nodes.of_row], -1)
    return _build_nodes(inquiries, rows, of_row, tuple(nodes.texts[node] for node in kept)), kept


def _near_pairs(nodes: Nodes, neighbours: NDArray[np.int64], options: ClusteringOptions) -> dict[int, list[int]]:
    rows, columns = np.nonzero(products(nodes.vectors, neighbours) >= options.fold_similarity)
    pairs = {(min(a, b), max(a, b)) for a, b in zip(rows.tolist(), neighbours[rows, columns].tolist(), strict=True)}
    close: dict[int, list[int]] = {}
    for a, b in sorted(pairs):
        first, second = nodes.texts[a], nodes.texts[b]
        if _NUMBER.findall(first) != _NUMBER.findall(second):
            continue
        if fuzz.ratio(first, second, score_cutoff=options.fold_ratio) > 0:
            close.setdefault(a, []).append(b)
            close.setdefault(b, []).append(a)
    return close


def _build_nodes(
    inquiries: Sequence[Inquiry],
    rows: tuple[NDArray[np.float32], NDArray[np.float32]],
    of_row: NDArray[np.int64],
    texts: tuple[str, ...],
) -> Nodes:
    used = np.nonzero(of_row >= 0)[0]
    if not len(used):
        empty = [np.zeros((0, part.shape[1]), dtype=np.float32) for part in rows]
        return Nodes(of_row, (), empty[0], empty[1], np.zeros(0), np.zeros(0))
    labels = of_row[used]
    vectors, answers = (unit_rows(sums, out=sums) for sums in (plain_sums(of_row, part) for part in rows))
    shares = np.bincount(labels, weights=np.array(_customer_shares(inquiries))[used])
    copies = _customers_by_label(labels, [inquiries[row] for row in used.tolist()])
    return Nodes(of_row, texts, vectors, answers, np.log2(1.0 + shares), copies)


def _customers_by_label(labels: NDArray[np.int64], inquiries: Sequence[Inquiry]) -> NDArray[np.float64]:
    """float64 (m,), whole numbers: `count_customers` of the inquiries of each label, in one pass."""
    codes: dict[str, int] = {}
    named = np.array([_is_named(inquiry) for inquiry in inquiries], dtype=np.bool_)
    numbers = [codes.setdefault(i.customer_key, len(codes)) for i in inquiries if _is_named(i)]
    pairs = np.unique(labels[named] * max(1, len(codes)) + np.array(numbers, dtype=np.int64))
    known = np.bincount(pairs // max(1, len(codes)), minlength=labels.max() + 1)
    others = np.array([0.0 if _is_named(inquiry) else inquiry_weight(inquiry) for inquiry in inquiries])
    copies: NDArray[np.float64] = np.round(known + np.bincount(labels, weights=others, minlength=len(known)))
    return copies


def _customer_shares(inquiries: Sequence[Inquiry]) -> list[float]:
    """What each inquiry adds to the number of distinct customers, a customer's inquiries sharing their one."""
    times = Counter(inquiry.customer_key for inquiry in inquiries if _is_named(inquiry))
    return [
        1.0 / times[inquiry.customer_key] if _is_named(inquiry) else inquiry_weight(inquiry) for inquiry in inquiries
    ]


def _is_named(inquiry: Inquiry) -> bool:
    return bool(inquiry.customer_key) and inquiry.channel not in _CROWD
