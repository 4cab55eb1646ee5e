"""The report's files, and the frozen baseline: written whole or not at all, the same figures the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from helploop.atomic import write_whole
from helploop.domain import ArticleId, Coverage, Figure, Question, QuestionId
from helploop.errors import HelploopError
from helploop.metrics import Period
from helploop.report.pages import render_html, render_markdown
from helploop.report.wording import make_content

VERSION = 1


def write_report(
    figures: Sequence[Figure],
    questions: Sequence[Question],
    coverage: Sequence[Coverage],
    period: Period,
    folder: Path,
    *,
    answered: Mapping[QuestionId, ArticleId] | None = None,
) -> tuple[Path, ...]:
    """Writes report.json, report.md and report.html into `folder` and gives their paths. Raises HelploopError."""
    content = make_content(figures, questions, coverage, period, answered=answered)
    texts = {
        "report.json": render_json(figures, period),
        "report.md": render_markdown(content),
        "report.html": render_html(content),
    }
    try:
        for name, text in texts.items():
            write_whole(folder / name, text.encode())
    except OSError as error:
        raise HelploopError(f"{folder}: the report cannot be written ({error.strerror})") from error
    return tuple(folder / name for name in texts)


def render_json(figures: Sequence[Figure], period: Period) -> str:
    """{"v", "period": {"start", "end"} (both included), "figures": [Figure]}, values rounded to 6 places."""
    rows = [
        {key: round(value, 6) if isinstance(value, float) else value for key, value in asdict(figure).items()}
        for figure in figures
    ]
    shape = {"v": VERSION, "period": {"start": str(period.start), "end": str(period.end)}, "figures": rows}
    return json.dumps(shape, ensure_ascii=False, indent=1) + "\n"


def write_baseline(figures: Sequence[Figure], period: Period, path: Path) -> Path:
    """Freezes figures as the baseline: a file in report.json's shape, meant for git. Raises HelploopError."""
    try:
        write_whole(path, render_json(figures, period).encode())
    except OSError as error:
        raise HelploopError(f"{path}: the baseline cannot be written ({error.strerror})") from error
    return path


def read_baseline(path: Path) -> tuple[tuple[Figure, ...], Period | None]:
    """The frozen figures and their period; nothing where there is no file. Raises HelploopError when it is damaged."""
    try:
        shape: Any = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(shape, dict) or shape.get("v") != VERSION:
            raise HelploopError(f"{path}: not a baseline of version {VERSION}; freeze a new one: helploop baseline")
        days = shape["period"]
        figures = tuple(msgspec.convert(row, Figure) for row in shape["figures"])
        return figures, Period(date.fromisoformat(days["start"]), date.fromisoformat(days["end"]))
    except FileNotFoundError:
        return (), None
    except (OSError, ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
        raise HelploopError(f"{path}: cannot be read as a baseline; freeze a new one: helploop baseline") from error
