"""The map in a browser: it draws every question, asks nothing of the network, and can be pointed at and clicked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helploop.domain import QuestionId, Topic, TopicId
from helploop.report.question_map import write_map
from tests.clustering.helpers import near
from tests.conftest import make_question

pytestmark = pytest.mark.browser
pytest.importorskip("altair", reason="altair is missing: pip install -e '.[model]'")
pytest.importorskip("vl_convert", reason="vl-convert-python is missing: pip install -e '.[model]'")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A map of five questions under two topics."""
    topics = (Topic(TopicId("tboxs"), "boxes"), Topic(TopicId("tpays"), "paying"))
    questions = tuple(
        make_question(id=QuestionId(f"q{i}"), label=f"What about {i}?", customers=4 + 9 * i, topic=topics[i % 2])
        for i in range(5)
    )
    return write_map(questions, np.stack([near(i, 0) for i in range(5)]), tmp_path_factory.mktemp("map"))


@pytest.mark.parametrize("width", [1280, 390])
def test_map_draws_and_asks_nothing_of_the_network(drawn: Path, page: Any, width: int) -> None:
    """One request, for the page itself; a circle a question; as wide as the screen and not wider."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(drawn.as_uri())
    page.wait_for_selector("#map svg")
    assert page.locator("#map svg .questions_marks path").count() == 5
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [drawn.as_uri()]


def test_map_answers_a_pointer(drawn: Path, page: Any) -> None:
    """Pointing at a circle shows its question; a click on a topic fades the others."""
    page.goto(drawn.as_uri())
    circles = page.locator("#map svg .questions_marks path")
    page.wait_for_selector("#map svg")
    circles.nth(4).hover()
    page.wait_for_selector("#vg-tooltip-element.visible")
    assert "What about 4?" in page.locator("#vg-tooltip-element").inner_text()
    page.locator("#map svg .topic_legend_labels text", has_text="paying").click()
    page.wait_for_function(
        "[...document.querySelectorAll('#map svg .questions_marks path')]"
        ".filter(one => Number(one.getAttribute('opacity')) < 0.5).length === 3"
    )
