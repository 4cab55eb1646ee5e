"""Stage 13: the records of a period against the frozen baseline -> figures and report files; and the misses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from helploop.articles import read_articles
from helploop.config import Settings
from helploop.domain import Coverage, CoverageVerdict, Figure, Inquiry, Miss, Question, Round, SearchEvent
from helploop.errors import HelploopError
from helploop.metrics import MetricOptions, Period, answered_questions, figures, period_of
from helploop.misses import find_misses
from helploop.pipeline.binding import articles_by_question
from helploop.pipeline.kept import read_centres
from helploop.pipeline.misses import miss_options
from helploop.pipeline.rounds import with_states
from helploop.report import read_baseline, render_text, write_baseline, write_map, write_report
from helploop.store import Store

BASELINE = "baseline.json"  # in kb/, frozen figures are people's
WEEKS = 4  # a report's period where none is named


@dataclass(frozen=True)
class ReportResult:
    """A report and its files."""

    period: Period
    figures: tuple[Figure, ...]
    paths: tuple[Path, ...]
    text: str
    no_map: str = ""  # why there is no map of the questions; "" where there is one

    def as_json(self) -> dict[str, object]:
        """The documented shape."""
        period = {"start": self.period.start, "end": self.period.end}
        return {"v": 1, "period": period, "figures": self.figures}


def baseline(settings: Settings, start: datetime | None = None, end: datetime | None = None) -> ReportResult:
    """Freezes a period's figures (default: the whole log) into kb/baseline.json; an earlier baseline is replaced."""
    with Store(settings.database) as store:
        inquiries, events = store.inquiries(), store.events()
        period = _period(inquiries, events, start, end, whole=True)
        made = _figures(settings, store.load_round(), inquiries, events, period, (), None)
    path = write_baseline(made, period, settings.kb / BASELINE)
    return ReportResult(period, made, (path,), render_text(made))


def report(
    settings: Settings, start: datetime | None = None, end: datetime | None = None, *, draw: bool = False
) -> ReportResult:
    """Measures a period (default: the log's last four weeks) against the baseline, into .helploop/report.

    draw: the map of the questions, too, which takes some seconds.
    """
    with Store(settings.database) as store:
        inquiries, events = store.inquiries(), store.events()
        period = _period(inquiries, events, start, end, whole=False)
        made_round = store.load_round()
    frozen, frozen_period = read_baseline(settings.kb / BASELINE)
    made = _figures(settings, made_round, inquiries, events, period, frozen, frozen_period)
    questions = with_states(settings, made_round.questions, None) if made_round else ()
    found = _coverage(made_round)
    answered = answered_questions(made_round, found, articles_by_question(settings))
    paths = write_report(made, questions, found, period, settings.state / "report", answered=answered)
    drawn, no_map = _draw_map(settings, made_round, questions) if draw else ((), "")
    return ReportResult(period, made, (*paths, *drawn), render_text(made), no_map)


def _draw_map(settings: Settings, made: Round | None, questions: Sequence[Question]) -> tuple[tuple[Path, ...], str]:
    """The map's file, or why there is none: the numbers do not wait for what is only looked at."""
    if made is None:
        return (), "no round yet"
    try:
        with Store(settings.database) as store:
            centres = read_centres(store, made)
        return (write_map(questions, centres.rows, settings.state / "report"),), ""
    except HelploopError as problem:
        return (), str(problem)


def read_misses(settings: Settings) -> tuple[Miss, ...]:
    """What visitors searched for in vain, the heaviest first."""
    with Store(settings.database) as store:
        return find_misses(store.events(), miss_options(settings, store))


def _figures(
    settings: Settings,
    current: Round | None,
    inquiries: Sequence[Inquiry],
    events: Sequence[SearchEvent],
    period: Period,
    frozen: Sequence[Figure],
    frozen_period: Period | None,
) -> tuple[Figure, ...]:
    return figures(
        inquiries,
        events,
        current,
        coverage=_coverage(current),
        articles=read_articles(settings.articles),
        period=period,
        baseline=frozen,
        baseline_period=frozen_period,
        options=MetricOptions(reply_standard_hours=settings.report.standard_hours),
    )


def _coverage(current: Round | None) -> tuple[Coverage, ...]:
    # what the round found when it was made: the numbers need no encoder
    found = current.questions if current else ()
    return tuple(Coverage(q.id, q.article, 1.0, CoverageVerdict.COVERED) for q in found if q.article is not None)


def _period(
    inquiries: Sequence[Inquiry],
    events: Sequence[SearchEvent],
    start: datetime | None,
    end: datetime | None,
    *,
    whole: bool,
) -> Period:
    known = period_of(inquiries, events)
    if known is None:
        raise HelploopError("nothing in the log has a date; take a log in first: helploop intake FILE")
    last = end.date() if end else known.end
    first = (
        start.date()
        if start
        else known.start
        if whole
        else max(known.start, last - timedelta(weeks=WEEKS) + timedelta(days=1))
    )
    if last < first:
        raise HelploopError(f"the period ends ({last}) before it starts ({first})")
    return Period(first, last)
