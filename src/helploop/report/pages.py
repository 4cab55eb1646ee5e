"""A report's three readable forms: Markdown, a static page, and plain text for the terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from helploop.domain import Figure
from helploop.metrics import Period
from helploop.report.wording import Content, say_figure

_LINE_HEAD = ("Figure", "Value", "Of", "Missing", "Baseline", "Change")
_OPEN_HEAD = ("", "Question", "Customers", "Customers x minutes", "State", "Nearest article")
_MARKS = re.compile(r"([\\`*_\[\]<>|~#&!])")


def render_markdown(content: Content) -> str:
    """The report as Markdown. Labels are customers' words: their marks are escaped, so they format nothing."""
    blocks = [f"# What customers asked, {content.period}", " ".join(map(_escaped, content.headline))]
    blocks += ["## Figures", _table(_LINE_HEAD, _line_cells(content), right=(1, 2, 3, 4, 5))]
    blocks.append("## Questions without an article")
    if content.open_questions:
        blocks.append(_table(_OPEN_HEAD, _open_cells(content), right=(0, 2, 3)))
    else:
        blocks.append("None: every recurring question has an approved article.")
    blocks.append("## Against the baseline")
    blocks.append("\n".join(f"* {_escaped(change)}" for change in content.changes) or _no_change(content))
    blocks += [
        "## Definitions",
        "\n".join(f"* **{_escaped(x.title)}**: {_escaped(x.definition)}" for x in content.lines),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def render_html(content: Content) -> str:
    """The report as one static page: no script, no foreign request, everything escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    source = files("helploop.report").joinpath("page.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(source).render(
        content=content,
        line_head=_LINE_HEAD,
        open_head=_OPEN_HEAD,
        line_cells=_line_cells(content),
        open_cells=_open_cells(content),
        no_change=_no_change(content),
    )


def render_text(figures: Sequence[Figure], period: Period | None = None) -> str:
    """A short plain text for the terminal: aligned, a line per figure but the gaps. No colour, no customer's word."""
    lines = [say_figure(figure) for figure in figures if not figure.name.startswith("gap:")]
    rows = [(x.title, x.value, x.parts, f"baseline {x.baseline}, {x.change}" if x.change else "") for x in lines]
    widths = [max((len(row[n]) for row in rows), default=0) for n in range(3)]
    text = [
        f"{title:<{widths[0]}}  {value:>{widths[1]}}  {parts:<{widths[2]}}  {baseline}".rstrip()
        for title, value, parts, baseline in rows
    ]
    return "".join(f"{line}\n" for line in ([str(period)] if period else []) + text)


def _line_cells(content: Content) -> list[tuple[str, ...]]:
    return [(x.title, x.value, x.parts, x.missing, x.baseline, x.change) for x in content.lines]


def _open_cells(content: Content) -> list[tuple[str, ...]]:
    return [(str(q.rank), q.label, q.customers, q.minutes, q.state, q.nearest) for q in content.open_questions]


def _no_change(content: Content) -> str:
    if any(line.baseline for line in content.lines):
        return "Nothing changed."
    return "There is no baseline yet: `helploop baseline` freezes one."


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    rule = ["---:" if n in right else "---" for n in range(len(head))]
    lines = [list(head), rule, *([_escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return _MARKS.sub(r"\\\1", " ".join(visible.split()))
