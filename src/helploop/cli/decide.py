"""questions merge, split, rename, apart, snooze, decisions, take-back: a person's word on questions, which binds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from helploop import pipeline
from helploop.cli.output import put_json, put_table, say, settings_of
from helploop.config import Settings
from helploop.domain import InquiryId
from helploop.pipeline import Decided, Part
from helploop.pipeline.deciding import KINDS

_by = click.option("--by", required=True, help="Who decides.")
_reason = click.option("--reason", default="", help="Why, for those who come after.")
_json = click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")


@click.command("merge")
@click.argument("keep")
@click.argument("others", nargs=-1, required=True, metavar="OTHER...")
@_by
@_reason
@_json
@click.pass_context
def merge(ctx: click.Context, keep: str, others: tuple[str, ...], by: str, reason: str, as_json: bool) -> None:
    """Make one question of several, under the id of the first, now and in every later round.

    Articles that answer one of the others count for it; the others' ids say where they went.

    Example: helploop questions merge q7f3k q2abc --by Mara
    """
    decided = pipeline.merge_questions(settings_of(ctx), keep, others, by=by, reason=reason)
    _tell(decided, f"{', '.join(others)} {'is' if len(others) == 1 else 'are'} {keep} from now on", as_json)


@click.command("split")
@click.argument("which", metavar="ID")
@click.option("--into", type=click.IntRange(2, 20), help="Cut into so many of the parts proposed.")
@click.option("--members", multiple=True, help="Inquiry ids, or a file with one a line: they become a part.")
@click.option("--with", "words", multiple=True, help="Words: the inquiries that contain them become a part.")
@click.option("--by", default="", help="Who decides; needed to cut.")
@_reason
@_json
@click.pass_context
def split(
    ctx: click.Context,
    which: str,
    into: int | None,
    members: tuple[str, ...],
    words: tuple[str, ...],
    by: str,
    reason: str,
    as_json: bool,
) -> None:
    """Show the parts that a question could be cut into; with --into, --members or --with, cut it.

    The largest part keeps the id. Later rounds cut the same way, and new inquiries go to the nearer part.

    Example: helploop questions split q7f3k --with grinder --by Mara
    """
    settings = settings_of(ctx)
    if not (into or members or words):
        _put_parts(pipeline.propose_split(settings, which), which, as_json)
        return
    if not by:
        raise click.UsageError("--by is needed to cut: who decides?")
    parts = _parts(settings, which, into, members, words)
    decided = pipeline.split_question(settings, which, parts, by=by, reason=reason)
    _tell(decided, f"{which} is cut", as_json)


@click.command("apart")
@click.argument("one")
@click.argument("other")
@_by
@_reason
@_json
@click.pass_context
def apart(ctx: click.Context, one: str, other: str, by: str, reason: str, as_json: bool) -> None:
    """Keep two questions apart: no later round may make one of them.

    Example: helploop questions apart q7f3k q2abc --by Mara --reason "other machine, other answer"
    """
    decided = pipeline.keep_apart(settings_of(ctx), one, other, by=by, reason=reason)
    _tell(decided, f"{one} and {other} are kept apart", as_json)


@click.command("rename")
@click.argument("which", metavar="ID")
@click.argument("label")
@_by
@click.pass_context
def rename(ctx: click.Context, which: str, label: str, by: str) -> None:
    """Give a question a better name; it is kept in kb/decisions and used in every later round.

    Example: helploop questions rename q7f3k "Where is my parcel?" --by Mara
    """
    renamed = pipeline.rename_question(settings_of(ctx), which, label, by=by)
    say(f"{which} is called {renamed.label!r} from now on")


@click.command("snooze")
@click.argument("which", metavar="ID")
@click.option("--until", required=True, type=click.DateTime(formats=["%Y-%m-%d"]), help="The day it comes back.")
@_by
@click.pass_context
def snooze(ctx: click.Context, which: str, until: datetime, by: str) -> None:
    """Put a question off until a day: no batch of drafts takes it before.

    Example: helploop questions snooze q7f3k --until 2027-01-15 --by Mara
    """
    pipeline.snooze_question(settings_of(ctx), which, until.date(), by=by)
    say(f"{which} is put off until {until.date()}")


@click.command("decisions")
@_json
@click.pass_context
def decisions(ctx: click.Context, as_json: bool) -> None:
    """List everything people decided on questions, and where two decisions contradict each other.

    Example: helploop questions decisions
    """
    found = pipeline.list_decisions(settings_of(ctx))
    problems = pipeline.decision_problems(settings_of(ctx))
    if as_json:
        rows = [
            {f: getattr(one, f) for f in ("question", "kind", "other", "said", "by", "reason", "file")} for one in found
        ]
        at = [{**row, "at": one.at.isoformat()} for row, one in zip(rows, found, strict=True)]
        put_json({"v": 1, "decisions": at, "conflicts": [conflict_as_json(one) for one in problems]})
        return
    shown = [(d.question, d.kind, d.said, d.by, str(d.at)[:10], d.reason) for d in found]
    put_table(("question", "decision", "what", "by", "at", "reason"), shown)
    for problem in problems:
        say(f"{'asleep' if problem.is_asleep else 'conflict'}: {problem}")


@click.command("take-back")
@click.argument("which", metavar="ID")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("other", default="")
@_json
@click.pass_context
def take_back(ctx: click.Context, which: str, kind: str, other: str, as_json: bool) -> None:
    """Take a decision back (of apart: name the other question, too): kb/decisions forgets it.

    A merged question is two again, a split one is one, with the inquiries they had.

    Example: helploop questions take-back q2abc merged
    """
    if (kind == "apart") != bool(other):
        raise click.UsageError("take-back ID apart OTHER; other kinds take no OTHER")
    decided = pipeline.take_back(settings_of(ctx), which, kind, other)
    _tell(decided, f"{' '.join((which, kind, other)).strip()} is taken back", as_json)


COMMANDS = (merge, split, apart, rename, snooze, decisions, take_back)  # of the group `questions`


def conflict_as_json(problem: pipeline.DecisionProblem) -> dict[str, object]:
    """The documented shape."""
    facts = ("question", "kind", "other", "is_asleep", "file", "said", "remedy")
    return {name: getattr(problem, name) for name in facts}


def say_conflicts(settings: Settings) -> None:
    """What contradicts, each with its file and its remedy; what is asleep, counted."""
    problems = pipeline.decision_problems(settings)
    for problem in problems:
        if not problem.is_asleep:
            say(f"conflict: {problem}")
    if asleep := sum(problem.is_asleep for problem in problems):
        say(f"{asleep} decisions have nothing in the log to hold on to: helploop questions decisions")


def _tell(decided: Decided, what: str, as_json: bool) -> None:
    made = decided.round.id if decided.round is not None else None
    if as_json:
        shown = [
            {"id": q.id, "label": q.label, "customers": q.customers, "inquiries": len(q.members)}
            for q in decided.questions
        ]
        put_json({"v": 1, "round": made, "file": decided.file, "questions": shown})
        return
    say(what + ("" if made else " (seen from the next helploop cluster on)"))
    rows = [(q.id, q.label, q.customers, len(q.members)) for q in decided.questions]
    if rows:
        put_table(("id", "question", "customers", "inquiries"), rows, right=(2, 3))
    if made:
        say(f"round {made}; kept in {decided.file}")


def _put_parts(parts: Sequence[Part], which: str, as_json: bool) -> None:
    if as_json:
        shown = [{"members": part.members, "wordings": part.wordings} for part in parts]
        put_json({"v": 1, "question": which, "parts": shown})
        return
    for number, part in enumerate(parts, start=1):
        click.echo(f"{number}  {len(part.members)} inquiries")
        for wording in part.wordings:
            click.echo(f"     {' '.join(wording.split())[:150]}")
    if len(parts) < 2:
        say("all its inquiries are worded alike: no parts to propose")
    else:
        say(f"nothing is decided yet; to cut like this: helploop questions split {which} --into {len(parts)} --by NAME")


def _parts(
    settings: Settings, which: str, into: int | None, members: Sequence[str], words: Sequence[str]
) -> list[tuple[InquiryId, ...]]:
    if into and (members or words):
        raise click.UsageError("either --into, or --members and --with")
    if into:
        return [part.members for part in pipeline.propose_split(settings, which, into)]
    parts = [pipeline.members_with(settings, which, one) for one in words]
    return parts + ([_listed(members)] if members else [])


def _listed(members: Sequence[str]) -> tuple[InquiryId, ...]:
    """Ids as given, those in files among them; blanks and commas part them."""
    texts = [Path(one).read_text("utf-8") if Path(one).is_file() else one for one in members]
    return tuple(sorted({InquiryId(word) for text in texts for word in text.replace(",", " ").split()}))
