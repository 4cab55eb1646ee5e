"""`helploop demo`: the whole loop, twice round, on the invented company's log. It says where a person would decide."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from helploop.config import Settings, load_settings
from helploop.domain import Channel, Draft, Inquiry, Question, Round, SearchAction, SearchEvent, Verdict, text_hash
from helploop.embedding import Encoder
from helploop.errors import HelploopError
from helploop.intake import IntakeOptions, read_mapping
from helploop.metrics import Period, weekly
from helploop.pipeline.encoders import site_encoder
from helploop.pipeline.intake import intake
from helploop.pipeline.intake_report import IntakeReport
from helploop.pipeline.new_site import copy_sample_site, sample_dir
from helploop.pipeline.numbers import ReportResult, baseline, report
from helploop.pipeline.progress import Progress, silent
from helploop.pipeline.rounds import cluster
from helploop.pipeline.site import build_site
from helploop.pipeline.tuning import Tuned, tune
from helploop.pipeline.writing import Written, approve, draft_gaps
from helploop.search import SearchEngine, open_site
from helploop.store import Store
from helploop.tuning import write_table

MARK = ".helploop/demo"  # tells a folder that the demo made, and may make again
FIRST_EXPORT, SECOND_EXPORT = "to-2026-09-13", "to-2026-09-27"
FIRST_ROUND, SECOND_ROUND = datetime(2026, 9, 13, 22, tzinfo=UTC), datetime(2026, 9, 27, 22, tzinfo=UTC)
APPROVED = 6  # drafts the demo approves in a person's stead
READY_LINES = 3  # confirmed lines that a draft needs for it


@dataclass(frozen=True)
class Visitor:
    """One search of the sample's visitors."""

    visitor: str
    at: datetime
    query: str
    wants: str  # what they are after, for the reader of the file; the demo does not look at it
    contacts: bool = False


@dataclass(frozen=True)
class Stopped:
    """A question whose inquiries fell after its article was out."""

    question: Question
    before: float  # inquiries a week
    after: float


@dataclass(frozen=True)
class DemoResult:
    """What came of it."""

    folder: Path
    site: Path
    rounds: tuple[Round, Round]
    born_of_misses: tuple[Question, ...]
    stopped: tuple[Stopped, ...]
    approved: tuple[str, ...]  # article ids
    drafts: tuple[Written, ...]  # that wait after round 2
    report: ReportResult
    summary: str


def demo(
    folder: Path,
    *,
    say: Callable[[str], None] = lambda _line: None,
    progress: Progress = silent,
    encoder: Encoder | None = None,
) -> DemoResult:
    """Walks the loop in `folder` (made anew if the demo made it). About a minute on two cores.

    Raises HelploopError when the folder holds anything else.
    """
    folder = _fresh(folder)
    settings = load_settings(folder, environ={})
    say(f"Kettlewren (invented) sells coffee by subscription. Its help site, with nine articles, is now in {folder}")
    encoder = encoder or site_encoder(settings)

    say("\nRound 1: ten weeks of tickets, chats, mails and searches")
    _tell(say, _take_in(settings, FIRST_EXPORT, progress))
    first = cluster(settings, encoder=encoder, at=FIRST_ROUND, progress=progress)
    answered = [q for q in first.questions if q.article]
    say(f"  {len(first.questions)} recurring questions, {len(answered)} answered by an article")
    say(f"  {len(first.noise)} inquiries belong to none")
    baseline(settings)
    written = draft_gaps(settings, top=15, encoder=encoder, progress=progress)
    say(f"  {len(written)} drafts written from what agents had answered")
    approved = _approve_best(settings, written, say)
    _tune(settings, encoder, say, progress)
    say(f"  the site is built: {build_site(settings).articles} articles")

    say("\nTwo weeks later: visitors searched that site, customers wrote less")
    events = replay(open_site(settings.root / "site"), _visitors())
    log = settings.state / "visits.jsonl"
    log.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))
    searches = [event for event in events if event.event is SearchAction.SEARCH]
    hits = sum(event.verdict is Verdict.HIT for event in searches)
    say(f"  {len(searches)} searches through the site's own engine: {hits} hits, {len(searches) - hits} weak or none")

    say("\nRound 2: the misses come in with the new inquiries")
    _tell(say, intake(settings, [log], IntakeOptions(), progress=progress))
    _tell(say, _take_in(settings, SECOND_EXPORT, progress))
    second = cluster(settings, encoder=encoder, at=SECOND_ROUND, progress=progress)
    with Store(settings.database) as store:
        inquiries = store.inquiries()
    born = _born_of_misses(second, inquiries)
    stopped = _stopped(second, inquiries, approved)
    numbers = report(settings, SECOND_ROUND - timedelta(days=13))
    waiting = draft_gaps(settings, top=5, encoder=encoder, progress=progress)
    _tune(settings, encoder, say, progress)
    site = build_site(settings).out
    summary = _summary(settings, first, second, born, stopped, numbers, waiting, site)
    return DemoResult(folder, site, (first, second), born, stopped, approved, waiting, numbers, summary)


def tune_sample(kb: Path, *, encoder: Encoder | None = None) -> Tuned:
    """The sample site's own word table, of its first export, into a kb/search: the one in the repository is made so."""
    with tempfile.TemporaryDirectory() as place:
        settings = load_settings(_fresh(Path(place) / "sample"), environ={})
        encoder = encoder or site_encoder(settings)
        _take_in(settings, FIRST_EXPORT, silent)
        cluster(settings, encoder=encoder, at=FIRST_ROUND)
        tuned = tune(settings, encoder=encoder, force=True)
    write_table(kb / "search", tuned.table)
    return tuned


def replay(engine: SearchEngine, visitors: Sequence[Visitor]) -> list[SearchEvent]:
    """What the site's own event script would have sent for these searches.

    The model of a visitor is simple and kind to nobody: a hit is clicked at its first place, anything else is left.
    """
    events: list[SearchEvent] = []
    for number, visit in enumerate(visitors):
        found = engine.search(visit.query)
        shared = SearchEvent(
            event=SearchAction.SEARCH,
            query_id=f"demo-{number:04d}",
            at=visit.at,
            visitor=text_hash(f"{visit.visitor} {visit.at.date()}"),
            search_term=visit.query,
            search_count=len(found.hits),
            top_score=round(found.top_score, 4),
            unmatched_words=tuple(found.unmatched_words),
            verdict=found.verdict,
            locale="en",
        )
        events.append(shared)
        later = visit.at + timedelta(seconds=8)
        if found.verdict is Verdict.HIT:
            clicked = found.hits[0]
            events.append(
                replace(
                    shared, event=SearchAction.CLICK, at=later, position=1, article=clicked.article, page=clicked.url
                )
            )
        else:
            events.append(replace(shared, event=SearchAction.ABANDON, at=later))
    return events


def _fresh(folder: Path) -> Path:
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise HelploopError(f"{folder}: holds something else than the demo; name another folder")
        shutil.rmtree(folder)
    (folder / ".helploop").mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    copy_sample_site(folder)
    return folder


def _take_in(settings: Settings, export: str, progress: Progress) -> IntakeReport:
    exports = sample_dir() / "exports" / export
    whole = IntakeReport()
    for name, mapping in (("tickets.csv", "tickets.toml"), ("chats.jsonl", "chats.toml"), ("mail.mbox", None)):
        options = (
            IntakeOptions(mapping=read_mapping(sample_dir() / mapping))
            if mapping
            else IntakeOptions(source="kettlewren-mail")
        )
        whole += intake(settings, [exports / name], options, progress=progress)
    if export == FIRST_EXPORT:
        whole += intake(settings, [sample_dir() / "searches.jsonl"], IntakeOptions(), progress=progress)
    return whole


def _tell(say: Callable[[str], None], taken: IntakeReport) -> None:
    masked = sum(taken.redactions.values())
    say(
        f"  {taken.read} records read: {taken.stored} new, {taken.duplicates} known already, {taken.quarantined} in the"
        f" quarantine; {masked} pieces of personal data masked"
    )
    if taken.misses:
        say(f"  {taken.misses} things visitors did not find came in as inquiries")


def _approve_best(settings: Settings, written: Sequence[Written], say: Callable[[str], None]) -> tuple[str, ...]:
    """The heaviest drafts with enough confirmed lines: in earnest, a person reads and decides."""
    ready = [
        w.draft.article
        for w in written
        if isinstance(w.draft, Draft) and sum(line.is_confirmed for line in w.draft.lines) >= READY_LINES
    ][:APPROVED]
    for article in ready:
        made = approve(settings, article, by="demo", on=FIRST_ROUND.date())
        say(f"  approved unread (a person would read it first): {made.title}")
    return tuple(ready)


def _tune(settings: Settings, encoder: Encoder, say: Callable[[str], None], progress: Progress) -> None:
    """The search learns the customers' words; one question more or less is chance in so small a log, so it is kept."""
    tuned = tune(settings, encoder=encoder, force=True, progress=progress)
    asked, before = len(tuned.new.ranks), tuned.old or tuned.without
    say(
        f"  the search learned {len(tuned.table.words)} words: of {asked} questions that it had not seen,"
        f" {tuned.new.shown} find their article among the first three, {before.shown} did before"
    )


def _visitors() -> list[Visitor]:
    lines = (sample_dir() / "visitors.jsonl").read_bytes().splitlines()
    return sorted((msgspec.json.decode(line, type=Visitor) for line in lines), key=lambda v: (v.at, v.visitor, v.query))


def _born_of_misses(made: Round, inquiries: Sequence[Inquiry]) -> tuple[Question, ...]:
    searched = {i.id for i in inquiries if i.channel is Channel.SEARCH}
    return tuple(q for q in made.questions if made.inherited[q.id] == "new" and searched.issuperset(q.members))


def _stopped(made: Round, inquiries: Sequence[Inquiry], approved: Sequence[str]) -> tuple[Stopped, ...]:
    """Questions answered since round 1, contacts a week before and after; the most relieved first."""
    out = FIRST_ROUND.date()
    rows = []
    for question in made.questions:
        if question.article in approved:
            weeks = weekly(question.members, inquiries, Period(date(2026, 7, 6), SECOND_ROUND.date()))
            before = [week.inquiries for week in weeks if week.start <= out]
            after = [week.inquiries for week in weeks if week.start > out]
            rows.append(Stopped(question, sum(before) / len(before), sum(after) / len(after)))
    return tuple(sorted(rows, key=lambda row: (row.after - row.before, row.question.id)))


def _summary(
    settings: Settings,
    first: Round,
    second: Round,
    born: Sequence[Question],
    stopped: Sequence[Stopped],
    numbers: ReportResult,
    waiting: Sequence[Written],
    site: Path,
) -> str:
    kept = len({q.id for q in first.questions} & {q.id for q in second.questions})
    lines = ["", "What changed", f"  {kept} of {len(first.questions)} questions kept their id"]
    lines += [f"  new, and only because of searches that found nothing: {q.label} ({q.size:g} visitors)" for q in born]
    lines += [
        f"  {row.question.label}: {row.before:.1f} inquiries a week before its article, {row.after:.1f} after"
        for row in stopped
    ]
    lines += ["", "The two weeks in numbers", numbers.text, ""]
    lines += [f"Look at it:      python -m http.server -d {site} 8000    then http://localhost:8000/"]
    if waiting:
        lines += [
            f"Review the next: {waiting[0].path}",
            f"                 helploop -C {settings.root} review --by YOU",
        ]
    return "\n".join(lines)
