"""cluster, undo, questions, question, noise: what customers ask again and again."""

from __future__ import annotations

from datetime import datetime

import click

from helploop import pipeline
from helploop.cli.erasure import say_purged
from helploop.cli.output import progress_bars, put_json, put_table, say, settings_of, sparkline
from helploop.domain import Inquiry, Question, QuestionId, Round
from helploop.pipeline import changes


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what the round would be; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.pass_context
def cluster(ctx: click.Context, dry_run: bool, as_json: bool) -> None:
    """Group the log into recurring questions: a new round, in which questions keep the ids of the last one.

    Example: helploop cluster
    """
    if not dry_run:
        say_purged(pipeline.purge_forgotten(settings_of(ctx)))
    with progress_bars() as progress:
        made = pipeline.cluster(settings_of(ctx), dry_run=dry_run, progress=progress)
    counts = changes(made)
    inquiries = len(made.noise) + sum(len(q.members) for q in made.questions)
    if as_json:
        facts = {"round": made.id, "inquiries": inquiries, "questions": len(made.questions), "noise": len(made.noise)}
        put_json({"v": 1, **facts, **{name: counts[name] for name in ("new", "grown", "shrunk", "gone")}})
        return
    said = ", ".join(f"{counts[name]} {name}" for name in ("new", "grown", "shrunk", "gone"))
    say(
        f"round {made.id}{' (not stored)' if dry_run else ''}: {inquiries} inquiries -> {len(made.questions)} questions"
        f" ({said}), {len(made.noise)} inquiries in none"
    )
    others = pipeline.left_out(settings_of(ctx)).most_common(8)
    if others:
        say("not looked at: " + ", ".join(f"{count} {reason}" for reason, count in others))


@click.command()
@click.pass_context
def undo(ctx: click.Context) -> None:
    """Take the newest round back; the one before is the newest again.

    Example: helploop undo
    """
    say(f"round {pipeline.undo(settings_of(ctx))} is taken back")


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the round as JSON.")
@click.option("--members", is_flag=True, help="With --json: each question's inquiries, and the noise.")
@click.option("--limit", default=0, help="Show at most this many.")
@click.pass_context
def questions(ctx: click.Context, as_json: bool, members: bool, limit: int) -> None:
    """List the recurring questions of the newest round, the most customers first.

    Example: helploop questions --json --members
    """
    if ctx.invoked_subcommand is None:
        made = pipeline.read_questions(settings_of(ctx))
        if as_json:
            put_json(_as_json(made, pipeline.sources(settings_of(ctx), made) if members else None))
        else:
            put_questions(made.questions[:limit] if limit else made.questions)


def put_questions(found: tuple[Question, ...]) -> None:
    """The table for people."""
    rows = [
        (
            q.id,
            q.label,
            q.customers,
            len(q.members),
            " ".join(sorted(q.channels)),
            sparkline(q.trend),
            q.state,
            q.article or "",
        )
        for q in found
    ]
    columns = ("id", "question", "customers", "inquiries", "channels", "trend", "state", "article")
    put_table(columns, rows, right=(2, 3))


def _as_json(made: Round, sources: dict[str, dict[str, str]] | None) -> dict[str, object]:
    listed = []
    for q in made.questions:
        facts: dict[str, object] = {"id": q.id, "label": q.label, "size": q.size, "customers": q.customers}
        facts |= {"channels": dict(q.channels), "state": q.state, "article": q.article, "trend": list(q.trend)}
        if sources is not None:
            facts["members"] = [sources[member] for member in q.members]
        listed.append(facts)
    whole: dict[str, object] = {"v": 1, "round": made.id, "questions": listed}
    if sources is not None:
        whole["noise"] = [sources[member] for member in made.noise]
    return whole


@questions.command("rename")
@click.argument("which", metavar="ID")
@click.argument("label")
@click.option("--by", required=True, help="Who decides.")
@click.pass_context
def rename(ctx: click.Context, which: str, label: str, by: str) -> None:
    """Give a question a better name; it is kept in kb/decisions and used in every later round.

    Example: helploop questions rename q7f3k "Where is my parcel?" --by Mara
    """
    pipeline.rename_question(settings_of(ctx), which, label, by=by)
    say(f"{which} is called {label!r} from the next round on")


@questions.command("snooze")
@click.argument("which", metavar="ID")
@click.option("--until", required=True, type=click.DateTime(formats=["%Y-%m-%d"]), help="The day it comes back.")
@click.option("--by", required=True, help="Who decides.")
@click.pass_context
def snooze(ctx: click.Context, which: str, until: datetime, by: str) -> None:
    """Put a question off until a day: no batch of drafts takes it before.

    Example: helploop questions snooze q7f3k --until 2027-01-15 --by Mara
    """
    pipeline.snooze_question(settings_of(ctx), which, until.date(), by=by)
    say(f"{which} is put off until {until.date()}")


@click.command()
@click.argument("which", metavar="ID")
@click.pass_context
def question(ctx: click.Context, which: str) -> None:
    """Show a question: how it is worded, who asks, since when, and its inquiries.

    Example: helploop question q7f3k
    """
    found, members = pipeline.question_members(settings_of(ctx), QuestionId(which))
    by_id = {member.id: member for member in members}
    click.echo(f"{found.id} · {found.label}\n{found.state}{f' by {found.article}' if found.article else ''}")
    click.echo(f"{found.customers} customers, {len(members)} inquiries, cohesion {found.cohesion:.2f}")
    click.echo(f"the last weeks: {sparkline(found.trend)}")
    click.echo("\nIn their words:")
    for member in found.representatives:
        click.echo(f"  {member}  {by_id[member].question_text if member in by_id else ''}")
    click.echo("\nAll inquiries:")
    put_inquiries(members)


@click.command()
@click.option("--limit", default=30, show_default=True, help="At most this many, newest first.")
@click.pass_context
def noise(ctx: click.Context, limit: int) -> None:
    """List the inquiries that belong to no question: what is asked once, or too seldom yet.

    Example: helploop noise --limit 100
    """
    put_inquiries(pipeline.noise(settings_of(ctx))[:limit])


def put_inquiries(found: list[Inquiry]) -> None:
    """Inquiries as a table."""
    rows = [(i.id, i.received_at.date() if i.received_at else "", i.channel, i.question_text[:110]) for i in found]
    put_table(("id", "received", "channel", "asks"), rows)
