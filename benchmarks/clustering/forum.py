"""A real forum, without labels: the questions of two years of Thunderbird's support, against what helpers linked.

    .venv/bin/python benchmarks/clustering/forum.py --years 2024     # HELPLOOP_DATA names the folder of real data

Prints for each method: clusters, their median size, the share of inquiries in none, and precision, recall and F1 of the
pairs of questions that helpers answered with the same article; of all labelled questions of the half, and of those in
English alone. Choose on --half dev, report --half held. The peers run where their environment is (.venv beside this).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from forum_data import DATA, YEARS, Log, half_of, pair_scores, read_links, read_log
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from sklearn.feature_extraction.text import TfidfVectorizer

from helploop.clustering import ClusteringOptions, cluster

HERE = Path(__file__).resolve().parent
PEERS = HERE / ".venv" / "bin" / "python"
Labels = NDArray[np.int64]  # (n,) a cluster of each inquiry, -1 for none

_BERTOPIC = """
import json, sys, numpy as np
from bertopic import BERTopic
texts, vectors = json.load(open(sys.argv[1])), np.load(sys.argv[2])
found, _ = BERTopic(min_topic_size=int(sys.argv[3]), calculate_probabilities=False).fit_transform(texts, vectors)
np.save(sys.argv[4], np.array(found, dtype=np.int64))
"""


def main() -> int:
    """Prints the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "helploop-bench-forum")
    parser.add_argument("--years", default=",".join(YEARS), help="2023, 2024 or 2023,2024")
    parser.add_argument("--half", choices=("dev", "held", "both"), default="dev")
    parser.add_argument("--peers", type=Path, default=PEERS, help="the Python that has BERTopic")
    parser.add_argument("--methods", default="", help="of: " + ", ".join(METHODS))
    arguments = parser.parse_args()
    if not DATA.is_dir():
        print(f"skipped: no forum in {DATA}; set HELPLOOP_DATA", file=sys.stderr)
        return 0
    log = read_log(arguments.cache, arguments.years.split(","))
    print(f"{log.taken_in} inquiries taken in, {len(log.inquiries)} clustered; weak gold: {arguments.half}\n")
    print("| method | clusters | median | noise | P | R | F1 | P en | R en | F1 en | seconds |")
    print("|" + "---|" * 11)
    count = 0
    for name, method in METHODS.items():
        if not arguments.methods or name in arguments.methods.split(","):
            started = time.perf_counter()
            if name == "BERTopic" and not arguments.peers.exists():
                print(f"{name}: no environment of the peers at {arguments.peers}; left out", file=sys.stderr)
                continue
            labels = _bertopic(log, arguments.peers) if name == "BERTopic" else method(log, count)
            seconds = time.perf_counter() - started
            count = count if name != "ours" else int(labels.max()) + 1
            for half in ("dev", "held") if arguments.half == "both" else (arguments.half,):
                print(_line(f"{name}, {half}", log, labels, half, seconds), flush=True)
    return 0


def _line(name: str, log: Log, labels: Labels, half: str, seconds: float) -> str:
    sizes = np.bincount(labels[labels >= 0])
    links = {key: found for key, found in read_links().items() if half_of(key) == half}
    of_question = {i.source_id: int(label) for i, label in zip(log.inquiries, labels, strict=True)}
    english = {i.source_id for i in log.inquiries if i.language == "en"}
    whole = pair_scores(of_question, links)
    part = pair_scores(of_question, {key: found for key, found in links.items() if key in english})
    figures = [f"{value:.3f}" for of in (whole, part) for value in (of.precision, of.recall, of.f1)]
    facts = [name, str(len(sizes)), f"{np.median(sizes):.0f}" if len(sizes) else "", f"{(labels < 0).mean():.2f}"]
    return "| " + " | ".join([*facts, *figures, f"{seconds:.0f}"]) + " |"


def _ours(log: Log, _: int) -> Labels:
    return cluster(log.inquiries, log.vectors, ClusteringOptions()).labels


def _questions_alone(log: Log, _: int) -> Labels:
    return cluster(log.inquiries, log.vectors, replace(ClusteringOptions(), answer_weight=0.0)).labels


def _tfidf_kmeans(log: Log, count: int) -> Labels:
    """Told as many clusters as ours; without ours, one for 40 inquiries."""
    words = TfidfVectorizer(stop_words="english", sublinear_tf=True, min_df=3, max_df=0.3)
    rows = words.fit_transform([f"{i.title} {i.text}" for i in log.inquiries])
    found = MiniBatchKMeans(count or len(log.inquiries) // 40, random_state=7, n_init=3, batch_size=4096).fit(rows)
    return np.asarray(found.labels_, dtype=np.int64)


def _bertopic(log: Log, python: Path) -> Labels:
    with tempfile.TemporaryDirectory() as name:
        texts, vectors, out = (str(Path(name) / file) for file in ("texts.json", "vectors.npy", "labels.npy"))
        Path(texts).write_text(json.dumps([i.question_text for i in log.inquiries]), encoding="utf-8")
        np.save(vectors, log.vectors)
        command = [str(python), "-c", _BERTOPIC, texts, vectors, "10", out]  # 10: its default topic size
        subprocess.run(command, check=True, capture_output=True)
        labels: Labels = np.load(out)
        return labels


METHODS: dict[str, Callable[[Log, int], Labels]] = {
    "questions alone": _questions_alone,
    "ours": _ours,
    "TF-IDF + KMeans": _tfidf_kmeans,
    "BERTopic": lambda log, _: _bertopic(log, PEERS),
}


if __name__ == "__main__":
    sys.exit(main())
