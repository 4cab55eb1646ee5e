"""triage, outbox: what kind each inquiry is, and who gets what is no question."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from helploop import pipeline
from helploop.cli.output import put_json, put_table, say, settings_of
from helploop.domain import Inquiry, Kind
from helploop.outbox import OwnerBox, excerpt

BY_THE_RULES = "auto"


@click.group("triage")
def triage_group() -> None:
    """What kind each inquiry is, and a person's word on it."""


@triage_group.command("set")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.argument("kind", type=click.Choice([*(k.value for k in Kind), BY_THE_RULES]), metavar="KIND")
@click.option("--by", default="", help="Who says so.")
@click.pass_context
def triage_set(ctx: click.Context, ids: tuple[str, ...], kind: str, by: str) -> None:
    """Say what kind inquiries are: it is kept in kb/triage.jsonl, wins over rules and encoder, and teaches them.

    KIND is question, complaint, compliment, idea, other or unsure; auto takes your word back.

    Example: helploop triage set 0f3a9c41d2e87b65 complaint --by Mara
    """
    word = None if kind == BY_THE_RULES else Kind(kind)
    for inquiry in pipeline.set_kind(settings_of(ctx), ids, word, by=by):
        say(f"{inquiry.id} is {inquiry.kind}: {inquiry.kind_reason}")


@triage_group.command("list")
@click.option("--kind", "kinds", multiple=True, type=click.Choice([k.value for k in Kind]), help="Only this kind.")
@click.option("--unsure", is_flag=True, help="Only those that nobody could tell: the same as --kind unsure.")
@click.option("--limit", default=30, show_default=True, help="At most this many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_context
def triage_list(ctx: click.Context, kinds: tuple[str, ...], unsure: bool, limit: int, as_json: bool) -> None:
    """List inquiries with their kind, who decided it (rules, encoder, person) and why.

    Example: helploop triage list --unsure
    """
    wanted = [Kind(kind) for kind in kinds] + ([Kind.UNSURE] if unsure else [])
    found, counts = pipeline.list_kinds(settings_of(ctx), wanted, limit)
    if as_json:
        rows = [{"id": i.id, "kind": i.kind, "by": i.kind_by, "reason": i.kind_reason, "text": i.text} for i in found]
        put_json({"v": 1, "kinds": {kind.value: counts[kind] for kind in Kind}, "inquiries": rows})
        return
    columns = ("id", "kind", "by", "why", "says")
    put_table(columns, [(i.id, i.kind, i.kind_by, i.kind_reason, _says(i)) for i in found])
    say("in the log: " + ", ".join(f"{counts[kind]} {kind.value}" for kind in Kind))


def _says(inquiry: Inquiry) -> str:
    return " ".join(f"{inquiry.title} {inquiry.text}".split())[:90]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="The folder (default: .helploop/outbox).")
@click.option("--since", type=click.DateTime(formats=["%Y-%m-%d"]), help="Keep what was listed since this day.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@click.pass_context
def outbox(ctx: click.Context, out: Path | None, since: datetime | None, as_json: bool) -> None:
    """Write what each owner gets: escalations, complaints with their due times, compliments, ideas.

    A page (.md) and a table (.csv) per owner, texts redacted. Listed is what waits for a reply, and what was first
    listed within the last 7 days. Owners, backups and standards stand under [triage] in helploop.toml.

    Example: helploop outbox --out handover
    """
    start = since.replace(tzinfo=UTC) if since else None
    made = pipeline.outbox(settings_of(ctx), out, since=start)
    if as_json:
        put_json({"v": 1, "at": made.at, "new": made.count_new(), "owners": [_facts(box, made) for box in made.boxes]})
        return
    for box in made.boxes:
        counts = ", ".join(f"{number} {name}" for name, number in box.counts())
        say(f"{box.owner or 'NOBODY (no owner is named)'}: {counts} -> {box.page}")
    say(f"{made.count_new()} new" if made.boxes else "nothing to hand over")


def _facts(box: OwnerBox, made: pipeline.Outbox) -> dict[str, Any]:
    items = [
        {
            "inquiry": item.inquiry.id,
            "section": item.section,
            "kind": item.inquiry.kind,
            "escalation": item.topics,
            "category": item.category,
            "reply": item.state,
            "received_at": item.inquiry.received_at,
            "due_at": item.due_at,
            "first_listed_at": made.first_at[item.inquiry.id],
            "text": excerpt(item),
        }
        for item in box.items
    ]
    files = [str(box.page), str(box.table)]
    return {"owner": box.owner, "backup": box.backup, "files": files, "items": items}
