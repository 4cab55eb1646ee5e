"""The map of the questions: the same places each time, customers' words stay words, nothing is fetched."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helploop.domain import QuestionId, Topic, TopicId
from helploop.errors import HelploopError
from helploop.report.question_map import layout, write_map
from tests.clustering.helpers import near
from tests.conftest import make_question

pytest.importorskip("altair", reason="altair is missing: pip install -e '.[model]'")
pytest.importorskip("vl_convert", reason="vl-convert-python is missing: pip install -e '.[model]'")
pytest.importorskip("sklearn", reason="scikit-learn is missing: pip install -e '.[model]'")


def _spec(path: Path) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="spec">(.*?)</script>', path.read_text(encoding="utf-8"))
    assert found
    spec: dict[str, Any] = json.loads(found[1])
    return spec


def test_map_holds_every_question_and_its_words_stay_words(tmp_path: Path) -> None:
    """A hostile label ends no script and no cell; size, topic and the first keyphrase nobody took are there."""
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    boxes = Topic(TopicId("tboxs"), "next box, skip")
    questions = (
        make_question(id=QuestionId("qa"), label=hostile, customers=9, topic=boxes, keyphrases=("box",)),
        make_question(id=QuestionId("qb"), label="How do I pay?", customers=4, keyphrases=("box", "card")),
    )
    path = write_map(questions, np.stack([near(0, 0), near(1, 0)]), tmp_path)
    page = path.read_text(encoding="utf-8")
    assert path.name == "map.html"
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img src=x" not in page
    assert write_map(questions, np.stack([near(0, 0), near(1, 0)]), tmp_path / "b").read_text("utf-8") == page
    rows = _spec(path)["data"]["values"]
    assert [(row["id"], row["question"], row["customers"], row["topic"], row["name"]) for row in rows] == [
        ("qa", hostile, 9, "next box, skip", "box"),
        ("qb", "How do I pay?", 4, "other", "card"),
    ]
    assert "default-src 'none'" in page


@pytest.mark.parametrize("count", [1, 5, 12])
def test_layout_is_the_same_each_time(count: int) -> None:
    """From 0 to 100 on both sides, whatever the number of questions."""
    centres = np.stack([near(i % 4, i) for i in range(count)])
    places = layout(centres)
    assert places.shape == (count, 2)
    assert places.tolist() == layout(centres).tolist()
    assert 0 <= places.min() <= places.max() <= 100


def test_near_questions_lie_near_each_other() -> None:
    """Of three groups each question's nearest on the map is of its own group."""
    places = layout(np.stack([near(i % 3, i, 0.4) for i in range(24)]))
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(24) * 1e9
    assert (apart.argmin(axis=1) % 3 == np.arange(24) % 3).all()


def test_map_of_nothing_says_so(tmp_path: Path) -> None:
    """No question, no file."""
    with pytest.raises(HelploopError, match="no question"):
        write_map((), np.zeros((0, 4), dtype=np.float32), tmp_path)
    assert list(tmp_path.iterdir()) == []
