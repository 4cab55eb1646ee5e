"""`helploop run`: what is new since last time, through intake, clustering, drafting, tuning and the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helploop.articles import read_articles
from helploop.config import Settings
from helploop.domain import Round
from helploop.embedding import Encoder
from helploop.intake import IntakeOptions
from helploop.pipeline.encoders import site_encoder
from helploop.pipeline.intake import intake
from helploop.pipeline.intake_report import IntakeReport
from helploop.pipeline.numbers import ReportResult, report
from helploop.pipeline.progress import Progress, silent
from helploop.pipeline.rounds import cluster
from helploop.pipeline.tuning import Tuned, WorseError, tune
from helploop.pipeline.writing import Written, draft_gaps


@dataclass(frozen=True)
class RunResult:
    """What each stage gave."""

    intake: IntakeReport
    round: Round
    drafts: tuple[Written, ...]
    tuned: Tuned | None  # None without articles
    is_tuned: bool  # whether its word table was written: one that finds less is not
    report: ReportResult


def run(
    settings: Settings,
    files: Sequence[Path],
    options: IntakeOptions | None = None,
    *,
    top: int = 10,
    progress: Progress = silent,
) -> RunResult:
    """One turn of the loop, up to where a person decides. A stage that fails leaves the ones before it done."""
    taken = intake(settings, files, options, progress=progress)
    encoder = site_encoder(settings)
    made = cluster(settings, encoder=encoder, progress=progress)
    drafts = draft_gaps(settings, top=top, encoder=encoder, progress=progress)
    tuned, is_tuned = _tune(settings, encoder, progress)
    return RunResult(taken, made, drafts, tuned, is_tuned, report(settings))


def _tune(settings: Settings, encoder: Encoder, progress: Progress) -> tuple[Tuned | None, bool]:
    if not read_articles(settings.articles):
        return None, False
    try:
        return tune(settings, encoder=encoder, progress=progress), True
    except WorseError as error:  # the old table stays; a person may look into it with `helploop tune`
        return error.tuned, False
