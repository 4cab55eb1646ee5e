"""What a writer feels, as numbers: recall, duplicates and dF1 of a grouping against gold labels, and the usual ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

OUT_OF_SCOPE = frozenset({"oos", "none"})  # gold labels that are no question
PURITY = 0.7


def measure(gold: Sequence[str], labels: Sequence[int]) -> dict[str, float]:
    """docs/measured.md's metrics; label -1 is noise, and one class in NMI, ARI and ACC, as for every method."""
    found: Counter[str] = Counter()
    clusters: dict[int, Counter[str]] = {}
    for question, label in zip(gold, labels, strict=True):
        if label >= 0:
            clusters.setdefault(int(label), Counter())[question] += 1
    for counts in clusters.values():
        question, size = counts.most_common(1)[0]
        if size / counts.total() >= PURITY and question not in OUT_OF_SCOPE:
            found[question] += 1
    questions = set(gold) - OUT_OF_SCOPE
    recall = len(found) / len(questions)
    precision = len(found) / max(1, len(clusters))
    noise = [label for question, label in zip(gold, labels, strict=True) if question in OUT_OF_SCOPE]
    asked = [label for question, label in zip(gold, labels, strict=True) if question not in OUT_OF_SCOPE]
    return {
        "dF1": 2 * precision * recall / max(precision + recall, 1e-9),
        "recall": recall,
        "dup": found.total() / max(1, len(found)),
        "k": len(clusters),
        "gold": len(questions),
        "NMI": normalized_mutual_info_score(gold, labels),
        "ARI": adjusted_rand_score(gold, labels),
        "ACC": _accuracy(gold, labels),
        "noise kept": sum(label >= 0 for label in noise) / len(noise) if noise else float("nan"),
        "dropped": sum(label < 0 for label in asked) / len(asked),
    }


def _accuracy(gold: Sequence[str], labels: Sequence[int]) -> float:
    """Share of rows whose cluster is the one the Hungarian method gives their question."""
    rows = np.unique(np.asarray(gold), return_inverse=True)[1]
    columns = np.unique(np.asarray(labels), return_inverse=True)[1]
    table = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(table, (rows, columns), 1)
    return float(table[linear_sum_assignment(-table)].sum() / len(gold))
