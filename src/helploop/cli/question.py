"""question: one question, opened."""

from __future__ import annotations

import click

from helploop import pipeline
from helploop.cli.output import put_json, put_table, settings_of, sparkline
from helploop.domain import Clarity, Inquiry
from helploop.pipeline.question_page import QuestionPage

_ASKED, _ANSWERED = 160, 400  # characters of a wording and of a reply


@click.command()
@click.argument("which", metavar="ID")
@click.option("--members", is_flag=True, help="All its inquiries, the nearest to its centre first.")
@click.option("--json", "as_json", is_flag=True, help="Print the page as JSON.")
@click.pass_context
def question(ctx: click.Context, which: str, members: bool, as_json: bool) -> None:
    """Show a question: how it is worded and answered, what is near it, why it is one, and what is uncertain.

    Example: helploop question q7f3k --members
    """
    page = pipeline.read_question_page(settings_of(ctx), which)
    if as_json:
        put_json(page_as_json(page, with_members=members))
        return
    for line in page_lines(page):
        click.echo(line)
    if members:
        click.echo("\nAll inquiries:")
        rows = [(i.id, i.received_at.date() if i.received_at else "", i.channel, _asked(i)) for i in page.members]
        put_table(("id", "received", "channel", "asks"), rows, cut=3)


def page_lines(page: QuestionPage) -> list[str]:
    """The page for a person, line by line."""
    q = page.question
    minutes = str(page.minutes) or "not written down"
    lines = [f"{q.id} · {q.label}", f"  {', '.join(q.keyphrases)}" if q.keyphrases else ""]
    lines += [f"{q.state}{f' by {q.article}' if q.article else ''}", ""]
    channels = ", ".join(f"{count} {channel}" for channel, count in sorted(q.channels.items()))
    lines += [f"{q.customers} customers, {len(page.members)} inquiries ({channels}), agents' minutes: {minutes}"]
    lines += [f"the last weeks: {sparkline(q.trend)}", "", "In their words:"]
    lines += [f"  {member.id}  {_asked(member)}" for member in page.representatives]
    if len(page.groups) > 1:
        lines += ["", "Groups inside it:"]
        lines += [f"  {group.size:>4}  {' | '.join(_asked(one) for one in group.wordings)}" for group in page.groups]
    lines += ["", "What agents answer:" if page.replies else "No agent answered any of them."]
    for typical in page.replies:
        at = typical.reply.at.date() if typical.reply.at else "no date"
        lines.append(f"  {typical.inquiry.id}, {at}: {_short(typical.reply.text, _ANSWERED)}")
    lines += ["", *_near_lines(page), "", *_reason_lines(page), "", *_doubt_lines(page)]
    return [line for i, line in enumerate(lines) if line or i == 0 or lines[i - 1]]


def _near_lines(page: QuestionPage) -> list[str]:
    lines = ["Nearest questions:" if page.neighbours else "There is no other question."]
    for near in page.neighbours:
        lines.append(f"  {near.similarity:.2f}  {near.question.id} · {near.question.label}")
        lines.append(f"        helploop questions merge {page.question.id} {near.question.id} --by YOU")
    if page.article is not None and page.article.article:
        said = f"{page.article.article} · {page.article_title} ({page.article.score:.2f}, {page.article.verdict})"
        lines.append(f"Nearest article: {said}")
    return lines


def _reason_lines(page: QuestionPage) -> list[str]:
    lines = ["Why they belong together:"]
    if page.phrase_shares:
        shares = ", ".join(f"{phrase} ({100 * share:.0f} %)" for phrase, share in page.phrase_shares)
        lines.append(f"  words they share: {shares}")
    lines.append(f"  cohesion {page.question.cohesion:.2f}; any two inquiries of the log: {page.background:.2f}")
    if page.answered:
        lines.append(f"  {page.answered} were answered, {page.answered_alike} of them alike")
    return lines


def _doubt_lines(page: QuestionPage) -> list[str]:
    lines = []
    if page.question.clarity is not Clarity.CLEAR:
        lines.append(f"  {page.question.clarity}: {page.question.clarity_reason}")
    lines += [f"  far from the rest: {one.id}  {_asked(one)}" for one in page.far]
    lines += [f"  nearer to {other.id}: {one.id}  {_asked(one)}" for one, other in page.elsewhere[:5]]
    if len(page.elsewhere) > 5:
        lines.append(f"  and {len(page.elsewhere) - 5} more are nearer to another question")
    return ["What is uncertain:", *lines] if lines else ["Nothing about it is uncertain."]


def page_as_json(page: QuestionPage, *, with_members: bool) -> dict[str, object]:
    """The documented shape."""
    q = page.question
    facts: dict[str, object] = {"v": 1, "id": q.id, "label": q.label, "keyphrases": list(q.keyphrases)}
    facts |= {"state": q.state, "article": q.article, "customers": q.customers, "size": q.size}
    facts |= {"channels": dict(q.channels), "trend": list(q.trend), "cohesion": q.cohesion}
    facts |= {"clarity": q.clarity, "clarity_reason": q.clarity_reason, "background": page.background}
    facts |= {"agent_minutes": page.minutes.total, "agent_minutes_missing": page.minutes.missing}
    facts["representatives"] = [_wording(one) for one in page.representatives]
    facts["groups"] = [{"size": g.size, "wordings": [_wording(one) for one in g.wordings]} for g in page.groups]
    facts["replies"] = [{"inquiry": one.inquiry.id, "at": one.reply.at, "text": one.reply.text} for one in page.replies]
    facts["nearest_questions"] = [
        {"id": near.question.id, "label": near.question.label, "similarity": near.similarity}
        for near in page.neighbours
    ]
    found = page.article
    facts["nearest_article"] = (
        {"id": found.article, "title": page.article_title, "score": found.score, "verdict": found.verdict}
        if found is not None
        else None
    )
    facts["phrase_shares"] = dict(page.phrase_shares)
    facts |= {"answered": page.answered, "answered_alike": page.answered_alike}
    facts["far"] = [one.id for one in page.far]
    facts["nearer_elsewhere"] = [{"id": one.id, "question": other.id} for one, other in page.elsewhere]
    if with_members:
        facts["members"] = [_wording(one) for one in page.members]
    return facts


def _wording(inquiry: Inquiry) -> dict[str, str]:
    where = {"id": inquiry.id, "source": inquiry.source, "source_id": inquiry.source_id}
    return where | {"asks": inquiry.question_text}


def _asked(inquiry: Inquiry) -> str:
    return _short(inquiry.question_text, _ASKED)


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
