"""`helploop doctor`: what works here and what is missing, each with its remedy."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from helploop.articles import read_articles
from helploop.config import CONFIG_FILE, Settings
from helploop.decisions import read_decisions, read_kinds, read_ledger
from helploop.drafts import read_drafts
from helploop.embedding import INSTALL_INT8, has_int8_processor, is_int8_installed
from helploop.errors import HelploopError
from helploop.helpsite.theme import templates_dir
from helploop.names import load_name_detector
from helploop.pipeline.binding import decision_problems
from helploop.pipeline.encoders import site_encoder
from helploop.pipeline.erasure import purge_forgotten, read_tombstones
from helploop.pipeline.retention import retention
from helploop.store import Store
from helploop.triage import missing_people


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    name: str
    is_fine: bool
    said: str  # what is there, or what is wrong and what to do


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Looks at everything a command may need; never raises for what it finds."""
    looks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("python", lambda: f"{platform.python_version()} on {sys.platform}"),
        ("site", lambda: _site(settings)),
        ("theme", lambda: str(templates_dir() / "theme")),
        ("articles", lambda: f"{len(read_articles(settings.articles))} in {settings.articles}"),
        ("drafts", lambda: f"{len(read_drafts(settings.kb))} wait for review"),
        ("decisions", lambda: _decisions(settings)),
        ("ledger", lambda: f"{len(read_ledger(settings.kb))} questions have an id for good"),
        ("owners", lambda: _owners(settings)),
        ("database", lambda: _database(settings)),
        ("forgotten", lambda: _forgotten(settings)),
        ("retention", lambda: _retention(settings)),
        ("encoder", lambda: _encoder(settings)),
        ("int8", lambda: _int8(settings)),
        ("names", lambda: _names(settings)),
    )
    return tuple(_looked_at(looks))


def _looked_at(looks: tuple[tuple[str, Callable[[], str]], ...]) -> Iterator[Finding]:
    for name, look in looks:
        try:
            yield Finding(name, True, look())
        except HelploopError as error:
            yield Finding(name, False, str(error))


def _site(settings: Settings) -> str:
    if not (settings.root / "mkdocs.yml").is_file():
        raise HelploopError(f"{settings.root}: no mkdocs.yml here; `helploop init DIR` makes a site")
    configured = "with" if (settings.root / CONFIG_FILE).is_file() else "without"
    return f"{settings.root} ({configured} {CONFIG_FILE})"


def _names(settings: Settings) -> str:
    if settings.redaction.names == "none":
        return "no model looks for names that a record does not give"
    load_name_detector(settings.redaction.names_model)
    return f"{settings.redaction.names_model} looks for names"


def _owners(settings: Settings) -> str:
    problems = missing_people(settings.triage)
    if problems:
        raise HelploopError(f"{'; '.join(problems)}: set owners and backups under [triage] in {CONFIG_FILE}")
    return f"{len(read_kinds(settings.kb))} kinds set by people; " + ", ".join(
        sorted(set(settings.triage.owners.values()))
    )


def _decisions(settings: Settings) -> str:
    decisions = read_decisions(settings.kb)
    problems = decision_problems(settings)
    contradicted = [problem for problem in problems if not problem.is_asleep]
    if contradicted:
        raise HelploopError("\n".join(map(str, contradicted)))
    said = f"{len(decisions.rejections)} rejections, {len(decisions.merges)} merged, {len(decisions.splits)} split, "
    asleep = f"; {len(problems)} of which the log has nothing (helploop questions decisions)" if problems else ""
    return f"{said}{len(decisions.aparts)} kept apart{asleep}"


def _database(settings: Settings) -> str:
    with Store(settings.database) as store:
        return f"{store.count_inquiries()} inquiries, {len(store.rounds())} rounds"


def _forgotten(settings: Settings) -> str:
    back = purge_forgotten(settings)
    again = f"; {back} inquiries of theirs were in the database again (a restored backup?): removed" if back else ""
    return f"{len(read_tombstones(settings))} tombstones keep forgotten customers out{again}"


def _retention(settings: Settings) -> str:
    days = settings.intake.retention_days
    if not days:
        return "texts are kept for good; [intake] retention_days says for how long, helploop retention deletes them"
    told = retention(settings, dry_run=True)
    if not told.inquiries + told.search_events:
        return f"no text is older than {days} days"
    return (
        f"{told.inquiries} inquiries and {told.search_events} search events are older than {days} days: run helploop"
        " retention"
    )


def _int8(settings: Settings) -> str:
    if settings.encoder.backend == "int8":
        slow = "" if has_int8_processor() else "; this processor has no 8-bit instructions: torch may be faster"
        return f"the encoder computes in 8-bit integers{slow}"
    if not has_int8_processor():
        return "this processor has no 8-bit instructions that are known of: the encoder runs in torch"
    install = "" if is_int8_installed() else f" after {INSTALL_INT8}"
    return (
        f'this processor multiplies 8-bit integers: [encoder] backend = "int8" encodes about twice as fast{install}; '
        "all texts are then encoded anew"
    )


def _encoder(settings: Settings) -> str:
    encoder = site_encoder(settings)
    row = encoder.encode(["How do I return it?"])
    return f"{encoder.name}, {row.shape[1]} dimensions, weights checked"
