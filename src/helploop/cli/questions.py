"""questions: the table of what customers ask again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import click

from helploop import pipeline
from helploop.cli.output import output_width, put_json, put_table, say, settings_of, sparkline
from helploop.domain import Channel, Clarity, Question, QuestionState, Round
from helploop.pipeline.question_table import Minutes, QuestionFilter, select_questions

_WIDE, _NARROW = 140, 100  # characters of a line: below, there is no room for articles; below, none for channels
_ARTICLE = 24  # characters of an article's id: the whole one would leave 20 of the question
_MARKS = {"new": "+", "grown": "↑", "shrunk": "↓", "same": ""}


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the round as JSON.")
@click.option("--members", is_flag=True, help="With --json: each question's inquiries, and the noise.")
@click.option("--limit", default=0, help="Show at most this many.")
@click.option("--by-topic", is_flag=True, help="Grouped under their topics, the topics of most inquiries first.")
@click.option("--state", "states", multiple=True, type=click.Choice(list(QuestionState)), help="In this state only.")
@click.option("--channel", "channels", multiple=True, type=click.Choice(list(Channel)), help="Asked there.")
@click.option("--search", "words", default="", help="With these words in its label, keyphrases or id.")
@click.option(
    "--sort",
    "order",
    type=click.Choice(["customers", "minutes", "trend", "new"]),
    default="customers",
    show_default=True,
    help="Most customers or agent minutes first, rising, or new ones.",
)
@click.pass_context
def questions(
    ctx: click.Context,
    as_json: bool,
    members: bool,
    limit: int,
    by_topic: bool,
    states: tuple[str, ...],
    channels: tuple[str, ...],
    words: str,
    order: str,
) -> None:
    """List the recurring questions of the newest round, the most customers first.

    Before the id stands what changed against the last round (+ new, ↑ grown, ↓ shrunk); "mixed" and "few" say that a
    question may be several, or hardly one.

    Example: helploop questions --state new --search "gift card" --sort minutes --limit 20
    """
    if ctx.invoked_subcommand is None:
        made = pipeline.read_questions(settings_of(ctx))
        minutes = pipeline.read_minutes(settings_of(ctx), made)
        wanted = QuestionFilter(frozenset(states), frozenset(channels), words, order, limit)
        made = replace(made, questions=select_questions(made, minutes, wanted))
        if as_json:
            put_json(round_as_json(made, pipeline.sources(settings_of(ctx), made) if members else None, minutes))
        else:
            put_questions(made, minutes, by_topic=by_topic)


def put_questions(
    made: Round, minutes: Mapping[str, Minutes], *, by_topic: bool = False, width: int | None = None
) -> None:
    """The table for people; labels are cut where the line is full, long ids of articles always, the rest never."""
    width = width or output_width()
    columns = ["", "id", "question", "customers", "inquiries", "channels", "trend", "minutes", "state", "article"]
    if width < _WIDE:
        columns = ["", "id", "question", "cust", "inq", "channels", "trend", "min", "state", "article"]
    dropped = {"article"} if width < _WIDE else set()
    dropped |= {"channels"} if width < _NARROW else set()
    shown = [i for i, column in enumerate(columns) if column not in dropped]
    rows = _by_topic(made, minutes) if by_topic else [_row(made, q, minutes) for q in made.questions]
    right = [shown.index(i) for i in (3, 4, 7)]
    table = [[row[i] for i in shown] for row in rows]
    put_table([columns[i] for i in shown], table, right, cut=shown.index(2), width=width)
    if any(minutes[q.id].missing for q in made.questions if q.id in minutes):
        say("minutes: of agents, where they were written down; +? where some inquiries have none")


def _by_topic(made: Round, minutes: Mapping[str, Minutes]) -> list[tuple[object, ...]]:
    """The rows, each topic's below a line of its own."""
    rows: list[tuple[object, ...]] = []
    for topic, found in made.topics:
        inquiries = sum(len(question.members) for question in found)
        name = (topic.label or "(no words in common)").upper()
        rows.append(("", topic.id, name, "", inquiries, "", "", "", "", ""))
        rows += [_row(made, question, minutes) for question in found]
    return rows + [_row(made, question, minutes) for question in made.questions if question.topic is None]


def _row(made: Round, question: Question, minutes: Mapping[str, Minutes]) -> tuple[object, ...]:
    article = question.article or ""
    doubt = "" if question.clarity is Clarity.CLEAR else f" {question.clarity}"
    return (
        _MARKS.get(made.inherited.get(question.id, "new"), ""),
        question.id,
        question.label,
        question.customers,
        len(question.members),
        " ".join(sorted(question.channels)),
        sparkline(question.trend),
        str(minutes[question.id]) if question.id in minutes else "",
        f"{question.state}{doubt}",
        article if len(article) <= _ARTICLE else f"{article[: _ARTICLE - 1]}…",
    )


def round_as_json(
    made: Round, sources: dict[str, dict[str, str]] | None, minutes: Mapping[str, Minutes] | None = None
) -> dict[str, object]:
    """The shape of `questions --json`. sources: where each inquiry comes from; None leaves members out."""
    known = minutes or {}
    listed = []
    for q in made.questions:
        facts: dict[str, object] = {"id": q.id, "label": q.label, "size": q.size, "customers": q.customers}
        facts |= {"channels": dict(q.channels), "state": q.state, "article": q.article, "trend": list(q.trend)}
        facts["topic"] = q.topic.id if q.topic else None
        facts |= {"keyphrases": list(q.keyphrases), "clarity": q.clarity, "clarity_reason": q.clarity_reason}
        facts["change"] = made.inherited.get(q.id, "new")
        spent = known.get(q.id, Minutes(None, len(q.members)))
        facts |= {"agent_minutes": spent.total, "agent_minutes_missing": spent.missing}
        if sources is not None:
            facts["members"] = [sources[member] for member in q.members]
        listed.append(facts)
    topics = [{"id": topic.id, "label": topic.label, "questions": [q.id for q in of]} for topic, of in made.topics]
    whole: dict[str, object] = {"v": 1, "round": made.id, "questions": listed, "topics": topics}
    if sources is not None:
        whole["noise"] = [sources[member] for member in made.noise]
    return whole
