"""gaps, draft, review, approve, reject, article, import-articles: from a gap to an answer a person stands behind."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from helploop import pipeline
from helploop.cli.output import progress_bars, put_json, put_table, say, settings_of
from helploop.domain import Brief, CoverageVerdict


@click.command()
@click.option("--all", "everything", is_flag=True, help="Covered questions, too.")
@click.option("--json", "as_json", is_flag=True, help="Print every question with its verdict as JSON.")
@click.pass_context
def gaps(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """List the questions that no article answers, the heaviest first (customers x agent minutes).

    Example: helploop gaps
    """
    with progress_bars() as progress:
        pairs = pipeline.find_gaps(settings_of(ctx), progress=progress)
    if as_json:
        facts = [
            {"id": q.id, "label": q.label, "verdict": c.verdict, "article": c.article, "score": round(c.score, 4)}
            for q, c in pairs
        ]
        put_json({"v": 1, "questions": facts})
        return
    shown = [(q, c) for q, c in pairs if everything or c.verdict is not CoverageVerdict.COVERED]
    rows = [(q.id, q.label, q.customers, q.state, c.verdict, c.article or "", f"{c.score:.2f}") for q, c in shown]
    columns = ("id", "question", "customers", "state", "verdict", "nearest article", "score")
    put_table(columns, rows, right=(2, 6))
    say(f"{len(pairs) - len(shown)} more questions are covered" if not everything else "")


@click.command()
@click.argument("which", nargs=-1, metavar="[QUESTION]...")
@click.option("--top", default=10, show_default=True, help="Without a question: the heaviest gaps, at most this many.")
@click.option("--json", "as_json", is_flag=True, help="Print the drafts' files as JSON.")
@click.pass_context
def draft(ctx: click.Context, which: tuple[str, ...], top: int, as_json: bool) -> None:
    """Draft articles into kb/drafts from what agents really answered; every line cites the replies behind it.

    Where the replies give no answer that can be trusted, a brief is written instead. What a writer changed is kept.

    Example: helploop draft --top 20
    """
    with progress_bars() as progress:
        written = pipeline.draft_gaps(settings_of(ctx), top=top, questions=which, progress=progress)
    if as_json:
        facts = [
            {"file": str(w.path), "question": w.draft.question, "brief": isinstance(w.draft, Brief)} for w in written
        ]
        put_json({"v": 1, "drafts": facts})
        return
    for made in written:
        kind = f"brief: {made.draft.reason}" if isinstance(made.draft, Brief) else f"{len(made.draft.lines)} lines"
        say(f"{made.draft.article}  {kind}")
    say(
        f"{len(written)} in {settings_of(ctx).kb / 'drafts'}; helploop review walks through them"
        if written
        else "no gaps"
    )


@click.command()
@click.option("--by", required=True, help="Who reviews: stands in the article.")
@click.pass_context
def review(ctx: click.Context, by: str) -> None:
    """Walk through the waiting drafts in the terminal: approve, edit, reject, or leave each.

    Example: helploop review --by Mara
    """
    settings = settings_of(ctx)
    waiting = pipeline.queue(settings)
    for number, found in enumerate(waiting, 1):
        file = settings.kb / "drafts" / found.path
        click.echo(f"\n[{number}/{len(waiting)}] {file}\n\n{file.read_text(encoding='utf-8')}")
        choice = click.prompt("approve, edit, reject, skip, quit", type=click.Choice("aersq"), default="s", err=True)
        if choice == "q":
            break
        if choice == "e":
            click.edit(filename=str(file))
            choice = click.prompt("approve, skip", type=click.Choice("as"), default="s", err=True)
        if choice == "a":
            say(f"approved: {pipeline.approve(settings, found.id, by=by).path}")
        elif choice == "r":
            pipeline.reject(settings, found.id, reason=click.prompt("why", err=True), by=by)
            say("rejected; kept in kb/decisions")
    say(f"{len(pipeline.queue(settings))} drafts still wait")


@click.command()
@click.argument("which", metavar="DRAFT")
@click.option("--by", required=True, help="Who reviewed it: stands in the article.")
@click.option("--owner", default="", help="Who keeps it true (default: the draft's, else [site] owner).")
@click.pass_context
def approve(ctx: click.Context, which: str, by: str, owner: str) -> None:
    """Make a draft an article: the file moves to kb/articles. Lines under "not confirmed" are dropped.

    Example: helploop approve skip-a-delivery-q7f3k --by Mara
    """
    made = pipeline.approve(settings_of(ctx), which, by=by, owner=owner)
    say(f"approved: kb/articles/{made.path}, due for review on {made.review_due}")


@click.command()
@click.argument("which", metavar="DRAFT|QUESTION")
@click.option("--reason", required=True, help="Why: it is kept, and later rounds abide by it.")
@click.option("--by", required=True, help="Who decides.")
@click.pass_context
def reject(ctx: click.Context, which: str, reason: str, by: str) -> None:
    """Reject a question as an article; the decision is a file in kb/decisions and its draft goes.

    Example: helploop reject q7f3k --reason "answer privately" --by Mara
    """
    found = pipeline.reject(settings_of(ctx), which, reason=reason, by=by)
    say(f"{found.id} is rejected: {reason}")


@click.group()
def article() -> None:
    """Articles written by hand."""


@article.command("new")
@click.argument("title")
@click.option("--category", default="", help="The folder below kb/articles.")
@click.option("--owner", default="", help="Who keeps it true (default: [site] owner).")
@click.pass_context
def article_new(ctx: click.Context, title: str, category: str, owner: str) -> None:
    """Start an article by hand: a draft in kb/drafts with an id and the front matter it needs.

    Example: helploop article new "Change your address" --category account
    """
    say(f"write it in {pipeline.new_article(settings_of(ctx), title, category=category, owner=owner)}")


@article.command("list")
@click.pass_context
def article_list(ctx: click.Context) -> None:
    """List the published articles with owner and date of the next review.

    Example: helploop article list
    """
    found = pipeline.list_articles(settings_of(ctx))
    rows = [(a.id, a.title, a.category, a.owner, a.reviewed_at or "", a.review_due or "") for a in found]
    put_table(("id", "title", "category", "owner", "reviewed", "due"), rows)


@article.command("add-alias")
@click.argument("which", metavar="ARTICLE")
@click.argument("wording")
@click.pass_context
def add_alias(ctx: click.Context, which: str, wording: str) -> None:
    """Add a customer's own wording to an article: it is found by it from the next build on, and never shown.

    Example: helploop article add-alias update-card "new plastic from my bank"
    """
    made = pipeline.add_alias(settings_of(ctx), which, wording)
    say(f"{made.id} has {len(made.aliases)} aliases")


@click.command()
@click.option("--by", "day", type=click.DateTime(formats=["%Y-%m-%d"]), help="The day (default: today).")
@click.pass_context
def due(ctx: click.Context, day: datetime | None) -> None:
    """List the articles whose review is due, the longest overdue first.

    Example: helploop due --by 2027-06-30
    """
    found = pipeline.due_articles(settings_of(ctx), day.date() if day else None)
    put_table(("due", "id", "title", "owner"), [(a.review_due or "never set", a.id, a.title, a.owner) for a in found])


@click.command("import-articles")
@click.argument("source", type=click.Path(path_type=Path), metavar="FILE|DIR")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.pass_context
def import_articles(ctx: click.Context, source: Path, as_json: bool) -> None:
    """Bring an existing help centre in: JSON Lines {"id","title","body",...} or a folder of Markdown or HTML.

    Ids are kept, the articles count as approved, and raw HTML is cleaned by the gate's own rules.

    Example: helploop import-articles old-help-centre/
    """
    made = pipeline.import_articles_from(settings_of(ctx), source)
    if as_json:
        rejected = [{"file": r.source, "line": r.line, "reason": r.reason} for r in made.rejected]
        put_json({"v": 1, "imported": len(made.articles), "known": made.known, "rejected": rejected})
        return
    say(f"{len(made.articles)} articles are in {settings_of(ctx).articles}; {made.known} were there already")
    if made.mended:
        say("mended: " + ", ".join(f"{count} {what}" for what, count in sorted(made.mended.items())))
    if made.contacts:
        say(f"{len(made.contacts)} addresses and numbers they show are now [site] public_contacts in helploop.toml")
    for row in made.rejected:
        say(f"  {row.source}:{row.line}: {row.reason}")
