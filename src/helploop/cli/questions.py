"""questions, question, noise: what customers ask again and again."""

from __future__ import annotations

from dataclasses import replace

import click

from helploop import pipeline
from helploop.cli.output import put_json, put_table, settings_of, sparkline
from helploop.domain import Inquiry, Question, QuestionId, Round


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the round as JSON.")
@click.option("--members", is_flag=True, help="With --json: each question's inquiries, and the noise.")
@click.option("--limit", default=0, help="Show at most this many.")
@click.option("--by-topic", is_flag=True, help="Grouped under their topics, the topics of most inquiries first.")
@click.pass_context
def questions(ctx: click.Context, as_json: bool, members: bool, limit: int, by_topic: bool) -> None:
    """List the recurring questions of the newest round, the most customers first.

    Example: helploop questions --json --members
    """
    if ctx.invoked_subcommand is None:
        made = pipeline.read_questions(settings_of(ctx))
        if as_json:
            put_json(round_as_json(made, pipeline.sources(settings_of(ctx), made) if members else None))
        else:
            shown = replace(made, questions=made.questions[:limit] if limit else made.questions)
            put_topics(shown) if by_topic else put_questions(shown.questions)


def put_questions(found: tuple[Question, ...]) -> None:
    """The table for people."""
    put_table(_COLUMNS, [_row(question) for question in found], right=(2, 3))


def put_topics(made: Round) -> None:
    """The same table, each topic's questions below a line of its own."""
    rows: list[tuple[object, ...]] = []
    for topic, found in made.topics:
        inquiries = sum(len(question.members) for question in found)
        rows.append((topic.id, (topic.label or "(no words in common)").upper(), "", inquiries, "", "", "", "", ""))
        rows += [_row(question) for question in found]
    rows += [_row(question) for question in made.questions if question.topic is None]
    put_table(_COLUMNS, rows, right=(2, 3))


_COLUMNS = ("id", "question", "customers", "inquiries", "channels", "trend", "topic", "state", "article")


def _row(question: Question) -> tuple[object, ...]:
    return (
        question.id,
        question.label,
        question.customers,
        len(question.members),
        " ".join(sorted(question.channels)),
        sparkline(question.trend),
        question.topic.id if question.topic else "",
        question.state,
        question.article or "",
    )


def round_as_json(made: Round, sources: dict[str, dict[str, str]] | None) -> dict[str, object]:
    """The shape of `questions --json`. sources: where each inquiry comes from; None leaves members out."""
    listed = []
    for q in made.questions:
        facts: dict[str, object] = {"id": q.id, "label": q.label, "size": q.size, "customers": q.customers}
        facts |= {"channels": dict(q.channels), "state": q.state, "article": q.article, "trend": list(q.trend)}
        facts["topic"] = q.topic.id if q.topic else None
        facts |= {"keyphrases": list(q.keyphrases), "clarity": q.clarity, "clarity_reason": q.clarity_reason}
        facts["change"] = made.inherited.get(q.id, "new")
        if sources is not None:
            facts["members"] = [sources[member] for member in q.members]
        listed.append(facts)
    topics = [{"id": topic.id, "label": topic.label, "questions": [q.id for q in of]} for topic, of in made.topics]
    whole: dict[str, object] = {"v": 1, "round": made.id, "questions": listed, "topics": topics}
    if sources is not None:
        whole["noise"] = [sources[member] for member in made.noise]
    return whole


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
