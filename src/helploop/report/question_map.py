"""The map of the questions: a page of its own with an interactive plot, drawn by what stands in the file, offline.

altair writes the plot as Vega-Lite; vl-convert carries the JavaScript of Vega, put into the page: nothing is
fetched. Both are imported when a map is made, and come with helploop[model].
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray

from helploop.atomic import write_whole
from helploop.domain import Question
from helploop.errors import HelploopError

MAP = "map.html"
_INSTALL = "pip install 'helploop[model]'"
_SEED = 7  # of t-SNE: the same questions lie in the same places
_FEW = 8  # questions that are laid out by their two main components: t-SNE needs neighbours
_PERPLEXITY = 12  # neighbours that t-SNE keeps together; judged by eye on 50 and 150 questions
_NAMED = 15  # of the largest questions, named on the map
_TOPICS = 10  # colours that can be told apart; the rest is "other"
_WIDE = 34  # characters of a topic's name in the legend


def write_map(questions: Sequence[Question], centres: NDArray[np.float32], folder: Path) -> Path:
    """Writes map.html and gives its path.

    centres: float32 (K, d), rows of length 1, of the questions in their order. Raises HelploopError when there is no
    question, when what draws is not installed, or when the file cannot be written.
    """
    if not questions:
        raise HelploopError("there is no question to draw")
    page = _render(questions, _plot(_rows(questions, layout(centres))))
    path = folder / MAP
    try:
        write_whole(path, page.encode())
    except OSError as error:
        raise HelploopError(f"{path}: the map cannot be written ({error.strerror})") from error
    return path


def layout(centres: NDArray[np.float32]) -> NDArray[np.float64]:
    """float64 (K, 2), from 0 to 100: near questions near each other. The same centres give the same places."""
    if len(centres) < _FEW:
        around = centres - centres.mean(axis=0)
        left, sizes, _ = np.linalg.svd(around, full_matrices=False)
        places = np.zeros((len(centres), 2))
        places[:, : min(2, len(sizes))] = (left * sizes)[:, :2]
    else:
        try:
            from sklearn.manifold import TSNE  # noqa: PLC0415 (an extra)
        except ImportError as problem:
            raise HelploopError(f"what lays the map out is not installed: {_INSTALL}") from problem
        perplexity = min(_PERPLEXITY, (len(centres) - 1) / 3)
        model = TSNE(perplexity=perplexity, metric="cosine", init="pca", random_state=_SEED)
        places = model.fit_transform(centres).astype(np.float64)
    low, high = places.min(axis=0), places.max(axis=0)
    spread: NDArray[np.float64] = np.round(100 * (places - low) / np.maximum(high - low, 1e-9), 2)
    return spread


def _rows(questions: Sequence[Question], places: NDArray[np.float64]) -> list[dict[str, Any]]:
    sizes: dict[str, int] = {}
    for question in questions:
        if question.topic is not None:
            sizes[question.topic.id] = sizes.get(question.topic.id, 0) + question.customers
    shown = set(sorted(sizes, key=lambda topic: (-sizes[topic], topic))[:_TOPICS])
    names = _names(questions)
    return [
        {
            "x": float(places[i, 0]),
            "y": float(places[i, 1]),
            "question": question.label,
            "id": question.id,
            "customers": question.customers,
            "state": f"{question.state}, {question.clarity}",
            "topic": _topic(question) if question.topic and question.topic.id in shown else "other",
            "name": names.get(question.id, ""),
        }
        for i, question in enumerate(questions)
    ]


def _names(questions: Sequence[Question]) -> dict[str, str]:
    """For the largest questions their most telling keyphrase that no larger one took."""
    names: dict[str, str] = {}
    for question in sorted(questions, key=lambda q: (-q.customers, q.id))[:_NAMED]:
        free = [phrase for phrase in question.keyphrases if phrase not in names.values()]
        if free:
            names[question.id] = free[0]
    return names


def _topic(question: Question) -> str:
    name = question.topic.label or question.topic.id if question.topic else ""
    return name if len(name) <= _WIDE else name[: _WIDE - 1] + "…"


def _plot(rows: list[dict[str, Any]]) -> tuple[str, str]:
    """The plot as JSON that may stand in a page's script, and the JavaScript that draws it."""
    try:
        import altair as alt  # noqa: PLC0415 (an extra; takes a second)
        import vl_convert  # noqa: PLC0415
    except ImportError as problem:
        raise HelploopError(f"what draws the map is not installed: {_INSTALL}") from problem
    picked = alt.selection_point(fields=["topic"], bind="legend")
    edge = alt.Scale(domain=[-4, 104], nice=False)  # room for the circles at the rim
    place = {"x": alt.X("x:Q", axis=None, scale=edge), "y": alt.Y("y:Q", axis=None, scale=edge)}
    base = alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]
    dots = (
        base.mark_circle(stroke="white", strokeWidth=1)
        .encode(
            **place,
            size=alt.Size("customers:Q", scale=alt.Scale(type="sqrt", range=[40, 1400]), legend=None),
            color=alt.Color(
                "topic:N",
                scale=alt.Scale(scheme="tableau10"),
                legend=alt.Legend(title="Topic (click one)", orient="bottom", columns={"expr": "width < 500 ? 1 : 3"}),
            ),
            opacity=alt.condition(picked, alt.value(0.85), alt.value(0.1)),
            tooltip=[alt.Tooltip(f"{name}:N") for name in ("question", "id", "customers", "state", "topic")],
        )
        .properties(name="questions")
    )
    names = base.mark_text(fontSize=11, dy=-2, fontWeight="bold", limit=110).encode(
        **place, text="name:N", opacity=alt.condition(picked, alt.value(1), alt.value(0.1))
    )
    chart = (dots.add_params(picked) + names).properties(width="container", height=520)
    chart = chart.configure(font="system-ui, sans-serif", view={"stroke": None}, legend={"labelFontSize": 12})
    spec = json.dumps(chart.to_dict(), ensure_ascii=True, sort_keys=True)
    return spec.replace("<", "\\u003c"), vl_convert.javascript_bundle(_START)


# what the page runs; the bundle puts Vega, Vega-Lite and vega-embed before it
_START = """
const spec = JSON.parse(document.getElementById("spec").textContent);
vegaEmbed("#map", spec, {actions: false, renderer: "svg"});
"""


def _render(questions: Sequence[Question], plot: tuple[str, str]) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    source = files("helploop.report").joinpath("map.html.jinja").read_text(encoding="utf-8")
    spec, script = (Markup(text.replace("</script", "<\\/script")) for text in plot)  # noqa: S704 - escaped just here
    return environment.from_string(source).render(questions=questions, spec=spec, script=script)
