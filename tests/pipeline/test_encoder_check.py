"""doctor --encoder: an encoder is judged on the log's own pairs, and a bad one is called worse."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from helploop import pipeline
from helploop.cli import main
from helploop.clustering.known_pairs import PairKind
from helploop.config import Settings, load_settings
from helploop.errors import HelploopError
from helploop.intake import IntakeOptions
from helploop.pipeline.encoder_check import auroc
from tests.conftest import TrigramEncoder

THINGS = (
    "grinder with the loose lid",
    "kettle we ordered in March",
    "teapot made of blue glass",
    "invoice from last Tuesday",
    "voucher my aunt bought",
    "coffee subscription of mine",
    "parcel for number twelve",
    "paper filter size four",
    "kitchen scale, battery incl.",
    "dark roast, two bags",
)
WORDINGS = (
    ("how do I exchange the {} with you?", "how can I exchange my {} with you?"),
    ("who is there to repair the {}?", "who can repair the {} over there?"),
    ("why did the {} come so late?", "why does the {} come late?"),
)


class BlindEncoder(TrigramEncoder):
    """Looks at nothing but the length of a text."""

    name = "blind"
    hash = "blind-1"

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> NDArray[np.float32]:
        rows = np.ones((len(texts), self.dimensions), dtype=np.float32)
        rows[:, 0] = [len(text) % 7 for text in texts]
        units: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return units


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site whose log holds 30 pairs of wordings."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={})
    texts = [wording.format(thing) for thing in THINGS for pair in WORDINGS for wording in pair]
    file = tmp_path / "log.jsonl"
    file.write_text("".join(json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(texts)))
    pipeline.intake(made, [file], IntakeOptions())
    return made


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    """Ties count half."""
    assert auroc(np.array([0.5, 0.9], np.float32), np.array([0.1, 0.5], np.float32)) == (1 + 0.5 + 1 + 1) / 4


def test_encoder_that_sees_nothing_is_called_worse(settings: Settings) -> None:
    """The default finds the partners, the blind one does not; figures and verdict say so, and nothing is kept."""
    checked = pipeline.check_encoder(settings, asked=BlindEncoder(), default=TrigramEncoder())
    blind, default = checked.encoders
    assert checked.inquiries == 60
    assert [(kind.kind, kind.pairs) for kind in default.kinds] == [(PairKind.WORDING, 30)]
    assert default.recall_at_1 is not None
    assert default.recall_at_1 > 0.9 > 0.3 > (blind.recall_at_1 or 0)
    assert default.auroc is not None
    assert default.auroc > 0.95
    assert blind.background > 0.9 > default.background
    assert blind.truncated is None
    assert "blind is worse than trigrams on this log" in checked.verdict
    turned = pipeline.check_encoder(settings, asked=TrigramEncoder(), default=BlindEncoder())
    assert "trigrams is better than blind on this log" in turned.verdict


def test_default_encoder_stands_alone(settings: Settings) -> None:
    """The default is not compared with itself."""
    checked = pipeline.check_encoder(settings, asked=TrigramEncoder(), default=TrigramEncoder())
    assert len(checked.encoders) == 1
    assert "trigrams is the default encoder" in checked.verdict


def test_sample_is_bounded_and_few_pairs_say_nothing(settings: Settings) -> None:
    """Ten inquiries hold too few pairs; an empty log is an error with the remedy."""
    checked = pipeline.check_encoder(settings, sample=10, asked=BlindEncoder(), default=TrigramEncoder())
    assert checked.inquiries == 10
    assert checked.encoders[0].recall_at_1 is None
    assert "too few pairs" in checked.verdict
    foreign = replace(settings, encoder=replace(settings.encoder, languages=("nl",)))
    with pytest.raises(HelploopError, match="helploop intake FILE"):
        pipeline.check_encoder(foreign, asked=BlindEncoder(), default=TrigramEncoder())


@pytest.mark.model
def test_doctor_judges_the_sites_encoder(settings: Settings) -> None:
    """The command with the real model: a table for people, JSON for machines."""
    shown = CliRunner().invoke(main, ["-C", str(settings.root), "doctor", "--encoder"])
    assert shown.exit_code == 0
    assert "all-MiniLM-L6-v2 is the default encoder" in shown.stdout
    asked = CliRunner().invoke(main, ["-C", str(settings.root), "doctor", "--json", "--encoder"])
    (told,) = json.loads(asked.stdout)["encoders"]
    assert (told["name"], told["dimensions"], told["truncated"]) == ("all-MiniLM-L6-v2", 384, 0.0)
    assert 90 < told["weights_mb"] < 92
    assert told["recall_at_1"] > 0.9
