"""Triage on the invented sample of 640 texts: the signs alone, with the encoder, and peers in the same run.

    python benchmarks/intake/triage.py dev            # ten-fold cross-validation; tune on this half only
    python benchmarks/intake/triage.py test --peers   # the half that nobody looked at while the signs were written
    python benchmarks/intake/triage.py shop           # the other half of the shop's log
    python benchmarks/intake/triage.py --fit          # writes weights.toml and examples.toml of src/helploop/triage

The shop's log is the sample company's (tests/data/sample_labels.jsonl), every second inquiry of it, sorted by id.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from helploop.cleaning import clean
from helploop.domain import Channel, Inquiry, Kind, RawInquiry, inquiry_id
from helploop.embedding import Encoder, embed, load_encoder
from helploop.intake import IntakeOptions, read_files, read_mapping
from helploop.pipeline.new_site import sample_dir
from helploop.redaction import RedactionOptions, redact
from helploop.triage import decide
from helploop.triage.escalation import ESCALATION_WORDS, find_words
from helploop.triage.refine import Examples, refine, written_examples
from helploop.triage.signs import find_signs, reasons
from helploop.triage.weighing import KINDS, Weights, shipped_weights, weigh

ROOT = Path(__file__).resolve().parents[2]

HERE = Path(__file__).resolve().parent
PEERS_PYTHON = HERE / ".venv" / "bin" / "python"
SAMPLE_MARK = "# The dev half of the sample"
EXAMPLES = ROOT / "src" / "helploop" / "triage" / "examples.toml"
WEIGHTS = ROOT / "src" / "helploop" / "triage" / "weights.toml"
C = 0.3  # inverse strength of the L2 penalty: of .1, .3 and .6 by ten-fold cross-validation on dev
FOLDS = 10
SHOP_WEIGHT, EXAMPLE_WEIGHT = 0.2, 1.0  # of a row of the shop's log, and of an example, against one of dev
RATING = 1.5  # by hand: no text of the sample came with a rating


@dataclass(frozen=True)
class Row:
    """One labelled text."""

    inquiry: Inquiry
    kind: Kind
    is_escalation: bool = False


def make_row(text: str, title: str, channel: str, kind: str, key: str, is_escalation: bool = False) -> Row:
    """A text as intake would store it."""
    raw = RawInquiry(source="sample", source_id=key, text=text, title=title, channel=Channel(channel))
    return Row(redact(clean(raw), b"k" * 32, RedactionOptions()), Kind(kind), is_escalation)


def read_sample(split: str) -> list[Row]:
    """The invented sample's half."""
    lines = (HERE / "data" / "triage_sample.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["split"] == split]
    return [make_row(r["text"], r.get("title", ""), r["channel"], r["kind"], r["id"], r["escalate"]) for r in rows]


def read_written() -> list[Row]:
    """The written examples, without the sample's dev half that stands behind them in the file."""
    table = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))["written"]
    return [make_row(text, "", "ticket", kind, text) for kind, texts in table.items() for text in texts]


def read_shop(half: int) -> list[Row]:
    """Every second inquiry of the sample company's log."""
    sys.path.insert(0, str(ROOT))
    from tests.sample_labels import read_labels  # noqa: PLC0415 (the tests are no package of the program's)

    found: dict[str, RawInquiry] = {}
    for export in sorted((sample_dir() / "exports").iterdir()):
        for name, mapping in (("tickets.csv", "tickets.toml"), ("chats.jsonl", "chats.toml"), ("mail.mbox", None)):
            options = IntakeOptions(
                source=None if mapping else "kettlewren-mail",
                mapping=read_mapping(sample_dir() / mapping) if mapping else None,
                agent_addresses=("@kettlewren.example",),
            )
            records = (r for r in read_files([export / name], options) if isinstance(r, RawInquiry))
            found |= {inquiry_id(raw.source, raw.source_id): raw for raw in records}
    labels = read_labels()
    keys = sorted(key for key in found if key in labels)[half::2]
    return [Row(redact(clean(found[key]), b"k" * 32, RedactionOptions()), Kind(labels[key][1])) for key in keys]


# ---- fitting


@dataclass(frozen=True)
class Model:
    """What is learned: the signs' weights, and the examples of each kind."""

    weights: Weights
    examples: Examples


def fit_weights(parts: Sequence[tuple[Sequence[Row], float]]) -> dict[str, dict[Kind, float]]:
    """Multinomial logistic regression over the signs, L2; each part's rows count as much as its number says."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (comes with sentence-transformers)

    rows = [row for part, _ in parts for row in part]
    counts = np.concatenate([np.full(len(part), count) for part, count in parts])
    names = sorted(reasons())
    found = [signs_of(row) for row in rows]
    table = np.array([[signs.get(name, 0.0) for name in names] for signs in found])
    kinds = np.array([KINDS.index(row.kind) for row in rows])
    model = LogisticRegression(C=C, max_iter=10_000, tol=1e-8).fit(table, kinds, sample_weight=counts)
    columns = {"bias": model.intercept_} | {name: model.coef_[:, i] for i, name in enumerate(names)}
    columns |= {"low_rating": (0.0, RATING, -RATING, 0.0, 0.0), "high_rating": (0.0, -RATING, RATING, 0.0, 0.0)}
    return {name: dict(zip(KINDS, map(float, column), strict=True)) for name, column in columns.items()}


def fit_model(train: Sequence[Row], shop: Sequence[Row], written: Sequence[Row]) -> Model:
    """The whole, from rows of the sample, the shop's log (signs only), and the written examples."""
    weights = fit_weights(((train, 1.0), (shop, SHOP_WEIGHT), (written, EXAMPLE_WEIGHT)))
    rows = (*written, *train)
    return Model(weights, Examples(encode(rows), tuple(row.kind for row in rows), ("",) * len(rows)))


def write_model() -> None:
    """Writes weights.toml, and the dev half behind the written examples of examples.toml."""
    dev = read_sample("dev")
    weights = fit_weights(((dev, 1.0), (read_shop(0), SHOP_WEIGHT), (read_written(), EXAMPLE_WEIGHT)))
    lines = [
        "# What each sign counts for " + ", ".join(kind.value for kind in KINDS) + " (natural logarithm of odds, in",
        "# that order). Written by `python benchmarks/intake/triage.py --fit`; change signs.toml, then fit again.",
    ]
    for name, row in weights.items():
        lines.append(f"{name} = [" + ", ".join(f"{round(row[kind], 2) + 0.0:.2f}" for kind in KINDS) + "]")
    WEIGHTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = EXAMPLES.read_text(encoding="utf-8").split(SAMPLE_MARK)[0].rstrip("\n")
    blocks = [f"{text}\n\n{SAMPLE_MARK} (--fit writes them)"]
    for kind in KINDS:
        rows = [json.dumps(row.inquiry.question_text, ensure_ascii=False) for row in dev if row.kind is kind]
        blocks.append(f"[sample]\n{kind.value} = [" if kind is KINDS[0] else f"{kind.value} = [")
        blocks += [f"  {row}," for row in rows] + ["]"]
    EXAMPLES.write_text("\n".join(blocks) + "\n", encoding="utf-8")


# ---- measuring: each way says the kinds of rows; a Model where it has learned something


def by_signs(rows: Sequence[Row], model: Model) -> list[Kind]:
    """What intake decides."""
    return [decide(weigh(signs_of(row), model.weights))[0] for row in rows]


def by_signs_without_unsure(rows: Sequence[Row], model: Model) -> list[Kind]:
    """The likeliest kind, however unlikely."""
    return [weigh(signs_of(row), model.weights).best for row in rows]


def with_encoder(rows: Sequence[Row], model: Model) -> list[Kind]:
    """What `helploop cluster` makes of it; the encoder reads English only."""
    kinds = by_signs(rows, model)
    unsure = [i for i, kind in enumerate(kinds) if kind is Kind.UNSURE]
    weighed = [weigh(signs_of(rows[i]), model.weights) for i in unsure]
    vectors = encode([rows[i] for i in unsure])
    vectors[[rows[i].inquiry.language not in ("en", "") for i in unsure]] = 0.0
    for i, (kind, _reason) in zip(unsure, refine(weighed, vectors, model.examples), strict=True):
        kinds[i] = kind
    return kinds


def by_nearest_examples(rows: Sequence[Row], model: Model) -> list[Kind]:
    """The encoder alone: the kind whose 8 nearest examples are nearest in the mean (best of 1, 3, 5, 8, 12)."""
    near = encode(rows) @ model.examples.vectors.T
    found = np.array(model.examples.kinds)
    means = [np.sort(near[:, found == kind], axis=1)[:, -8:].mean(axis=1) for kind in KINDS]
    return [KINDS[i] for i in np.argmax(means, axis=0)]


def by_ridge(rows: Sequence[Row], model: Model) -> list[Kind]:
    """The encoder alone: ridge regression on the examples."""
    vectors = model.examples.vectors
    wanted = np.array([[kind is one for one in KINDS] for kind in model.examples.kinds], dtype=np.float64)
    mean = wanted.mean(axis=0)
    answers = (
        encode(rows) @ vectors.T @ np.linalg.solve(vectors @ vectors.T + np.eye(len(wanted)), wanted - mean) + mean
    )
    return [KINDS[i] for i in answers.argmax(axis=1)]


_KEYWORDS = (
    (Kind.OTHER, r"out of office|unsubscribe|automatic reply|wrong number|seo"),
    (Kind.IDEA, r"suggest|idea|feature request|would be (?:nice|great)|you should|wish"),
    (Kind.COMPLAINT, r"complain|unacceptable|terrible|worst|disappoint|rude|angry|ridiculous|never again|awful|refund"),
    (Kind.COMPLIMENT, r"thank you|thanks|great|excellent|love|amazing|well done|perfect|best"),
    (Kind.QUESTION, r"\?|how|please|can i|where|when"),
)


def by_keywords(rows: Sequence[Row], _model: Model) -> list[Kind]:
    """What a help desk's own keyword rules would say: the first list that has a word."""
    texts = [f"{row.inquiry.title} {row.inquiry.text}".lower() for row in rows]
    return [next((kind for kind, words in _KEYWORDS if re.search(words, text)), Kind.UNSURE) for text in texts]


def by_vader(rows: Sequence[Row], _model: Model) -> list[Kind]:
    """VADER's compound score: below -.1 a complaint, above .5 a compliment (best of a grid on dev), else a question."""
    code = (
        "import sys, json; from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer as A; a = A();"
        "print(json.dumps([a.polarity_scores(t)['compound'] for t in json.load(sys.stdin)]))"
    )
    texts = json.dumps([f"{row.inquiry.title}. {row.inquiry.text}" for row in rows])
    done = subprocess.run([str(PEERS_PYTHON), "-c", code], input=texts, capture_output=True, text=True, check=True)
    scores = json.loads(done.stdout)
    return [Kind.COMPLAINT if s <= VADER[0] else Kind.COMPLIMENT if s >= VADER[1] else Kind.QUESTION for s in scores]


VADER = (-0.1, 0.5)


def table_row(name: str, rows: Sequence[Row], found: Sequence[Kind], seconds: float | None) -> str:
    """A line of the table: macro-F1, complaints' precision and recall, F1 of the others, share of unsure."""
    parts = {kind: _measure(rows, found, kind) for kind in KINDS}
    macro = sum(f1 for _, _, f1 in parts.values()) / len(KINDS)
    precision, recall, _ = parts[Kind.COMPLAINT]
    others = " | ".join(f"{parts[kind][2]:.2f}" for kind in KINDS if kind is not Kind.COMPLAINT)
    unsure = sum(kind is Kind.UNSURE for kind in found) / len(found)
    cost = "" if seconds is None else f"{seconds / len(rows) * 1_000:.2f}"
    return f"| {name} | {macro:.3f} | {precision:.2f} | {recall:.2f} | {others} | {unsure:.2f} | {cost} |"


def _measure(rows: Sequence[Row], found: Sequence[Kind], kind: Kind) -> tuple[float, float, float]:
    hits = sum(row.kind is kind and said is kind for row, said in zip(rows, found, strict=True))
    precision = hits / max(1, sum(said is kind for said in found))
    recall = hits / max(1, sum(row.kind is kind for row in rows))
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def escalation_line(rows: Sequence[Row]) -> str:
    """How well the default escalation words find what a person would escalate."""
    said = [bool(find_words(f"{row.inquiry.title}\n{row.inquiry.text}", ESCALATION_WORDS)) for row in rows]
    hits = sum(row.is_escalation and one for row, one in zip(rows, said, strict=True))
    right, all_ = sum(row.is_escalation for row in rows), sum(said)
    return f"Escalation words: {hits} of {right} found, {all_ - hits} of {len(rows) - right} others flagged."


def signs_of(row: Row) -> dict[str, float]:
    """The signs of a row."""
    return find_signs(row.inquiry)


def encode(rows: Sequence[Row]) -> NDArray[np.float32]:
    """float32 (n, d): what the rows ask, as `helploop cluster` encodes it."""
    return embed([row.inquiry.question_text or row.inquiry.text for row in rows], _encoder(), _Cache())


class _Cache:
    """Vectors of this run."""

    _kept: ClassVar[dict[str, NDArray[np.float16]]] = {}

    def get(self, _encoder: str, hashes: Sequence[str], /) -> dict[str, NDArray[np.float16]]:
        return {key: self._kept[key] for key in hashes if key in self._kept}

    def put(self, _encoder: str, hashes: Sequence[str], rows: NDArray[np.float16], /) -> None:
        self._kept.update(zip(hashes, rows, strict=True))


@cache
def _encoder() -> Encoder:
    return load_encoder()


Way = Callable[[Sequence[Row], Model], list[Kind]]
WAYS: tuple[tuple[str, Way], ...] = (
    ("helploop, signs (intake)", by_signs),
    ("helploop, signs without unsure", by_signs_without_unsure),
    ("helploop, signs + encoder (cluster)", with_encoder),
    ("encoder alone, ridge on the examples", by_ridge),
    ("encoder alone, 8 nearest examples", by_nearest_examples),
    ("keywords", by_keywords),
)


def cross_validated(rows: Sequence[Row], way: Way) -> list[Kind]:
    """Each tenth of the rows by what is learned from the other nine (and the shop's log, and the written examples)."""
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415

    shop, written = read_shop(0), read_written()
    found = [Kind.UNSURE] * len(rows)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for train, test in folds.split(np.zeros(len(rows)), [row.kind.value for row in rows]):
        model = _fold_model(tuple(int(i) for i in train), rows, shop, written)
        for i, kind in zip(test, way([rows[i] for i in test], model), strict=True):
            found[i] = kind
    return found


_MODELS: dict[tuple[int, ...], Model] = {}


def _fold_model(train: tuple[int, ...], rows: Sequence[Row], shop: Sequence[Row], written: Sequence[Row]) -> Model:
    if train not in _MODELS:
        _MODELS[train] = fit_model([rows[i] for i in train], shop, written)
    return _MODELS[train]


def shipped_model() -> Model:
    """What travels with helploop."""
    rows = [make_row(text, "", "ticket", kind, text) for kind, text in written_examples()]
    kinds = tuple(kind for kind, _ in written_examples())
    return Model(shipped_weights(), Examples(encode(rows), kinds, ("",) * len(rows)))


def main() -> None:
    """Prints the table of one half, or fits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", nargs="?", choices=("dev", "test", "shop"), default="dev")
    parser.add_argument("--fit", action="store_true", help="fit the weights on dev and the shop's log; no table")
    parser.add_argument("--peers", action="store_true", help="VADER, too, from the peers' environment")
    asked = parser.parse_args()
    if asked.fit:
        write_model()
        return
    rows = read_shop(1) if asked.split == "shop" else read_sample(asked.split)
    encode(rows)  # loads the encoder outside the clock; the vectors are there for clustering anyway
    model = shipped_model()
    counts = ", ".join(f"{sum(row.kind is kind for row in rows)} {kind.value}" for kind in KINDS)
    print(f"{asked.split}: {len(rows)} texts ({counts})\n")
    others = " | ".join(f"{kind.value} F1" for kind in KINDS if kind is not Kind.COMPLAINT)
    print(f"| by | macro-F1 | complaint precision | complaint recall | {others} | unsure | ms a text |")
    print("|" + "---|" * 10)
    for name, way in (*WAYS, ("VADER", by_vader)) if asked.peers else WAYS:
        began = time.perf_counter()
        found = cross_validated(rows, way) if asked.split == "dev" else way(rows, model)
        seconds = None if asked.split == "dev" else time.perf_counter() - began  # there it would be mostly fitting
        print(table_row(name, rows, found, seconds))
    if asked.split != "shop":
        print(f"\n{escalation_line(rows)}")


if __name__ == "__main__":
    main()
