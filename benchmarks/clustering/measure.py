"""What a writer feels, as numbers: recall, duplicates and dF1 of a grouping against gold labels, and the usual ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

OUT_OF_SCOPE = frozenset({"oos", "none"})  # gold labels that are no question
PURITY = 0.7
BIGGEST = 50


def measure(gold: Sequence[str], labels: Sequence[int]) -> dict[str, float]:
    """The README's columns; label -1 is noise, and one class in NMI, ARI, ACC and B-cubed, as for every method."""
    clusters: dict[int, Counter[str]] = {}
    for question, label in zip(gold, labels, strict=True):
        if label >= 0:
            clusters.setdefault(int(label), Counter())[question] += 1
    found = _found(clusters)
    questions = set(gold) - OUT_OF_SCOPE
    recall = len(found) / len(questions)
    precision = len(found) / max(1, len(clusters))
    noise = [label for question, label in zip(gold, labels, strict=True) if question in OUT_OF_SCOPE]
    asked = [label for question, label in zip(gold, labels, strict=True) if question not in OUT_OF_SCOPE]
    table = _contingency(gold, labels)
    return {
        "dF1": 2 * precision * recall / max(precision + recall, 1e-9),
        "recall": recall,
        "dup": found.total() / max(1, len(found)),
        "k": len(clusters),
        "gold": len(questions),
        "NMI": float(normalized_mutual_info_score(gold, labels)),
        "ARI": float(adjusted_rand_score(gold, labels)),
        "ACC": float(table[linear_sum_assignment(-table)].sum() / len(gold)),
        "B3": _b_cubed(table),
        "pure50": _purity_of_biggest(clusters),
        "noise kept": sum(label >= 0 for label in noise) / len(noise) if noise else float("nan"),
        "dropped": sum(label < 0 for label in asked) / len(asked),
    }


def without_small(labels: Sequence[int], least: int) -> list[int]:
    """The labels with every cluster of fewer than `least` rows in the noise: the same minimum for every method."""
    sizes = Counter(labels)
    return [label if label >= 0 and sizes[label] >= least else -1 for label in labels]


def _found(clusters: dict[int, Counter[str]]) -> Counter[str]:
    """How many clusters found each question: it is their majority, with purity PURITY at least."""
    found: Counter[str] = Counter()
    for counts in clusters.values():
        question, size = counts.most_common(1)[0]
        if size / counts.total() >= PURITY and question not in OUT_OF_SCOPE:
            found[question] += 1
    return found


def _purity_of_biggest(clusters: dict[int, Counter[str]]) -> float:
    """Mean share of the commonest question in the BIGGEST biggest clusters; rows out of scope are no question."""
    biggest = sorted(clusters.items(), key=lambda item: (-item[1].total(), item[0]))[:BIGGEST]
    shares = [
        max((size for question, size in counts.items() if question not in OUT_OF_SCOPE), default=0) / counts.total()
        for _, counts in biggest
    ]
    return float(np.mean(shares)) if shares else 0.0


def _contingency(gold: Sequence[str], labels: Sequence[int]) -> NDArray[np.float64]:
    """(questions, clusters) rows in common, noise being one cluster."""
    rows = np.unique(np.asarray(gold), return_inverse=True)[1]
    columns = np.unique(np.asarray(labels), return_inverse=True)[1]
    table = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(table, (rows, columns), 1)
    return table


def _b_cubed(table: NDArray[np.float64]) -> float:
    """Harmonic mean of the rows' mean precision and mean recall (Bagga and Baldwin 1998, ACL, page 79)."""
    squares = table**2
    precision = float((squares / table.sum(axis=0, keepdims=True)).sum() / table.sum())
    recall = float((squares / table.sum(axis=1, keepdims=True)).sum() / table.sum())
    return 2 * precision * recall / (precision + recall)
