"""inquiries, inquiry, customer: looking at single records of the log, as they are stored: redacted."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from helploop import pipeline
from helploop.cli.output import put_json, put_table, say, settings_of
from helploop.domain import Channel, Inquiry, Kind
from helploop.pipeline import Contact, Timeline


@click.command()
@click.argument("words", default="", metavar="[SEARCH]")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="Only of this kind.")
@click.option("--channel", type=click.Choice([channel.value for channel in Channel]), help="Only by this channel.")
@click.option("--customer", default="", metavar="KEY|MAIL|HANDLE", help="Only this customer's.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only those received on this day (UTC) or later.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many a page.")
@click.option("--page", default=1, show_default=True, type=click.IntRange(1), help="Which page.")
@click.option("--json", "as_json", is_flag=True, help="Print the page as JSON.")
@click.pass_context
def inquiries(
    ctx: click.Context,
    words: str,
    kind: str | None,
    channel: str | None,
    customer: str,
    since: datetime | None,
    limit: int,
    page: int,
    as_json: bool,
) -> None:
    """List the newest inquiries, or those with the words in them (redacted texts), page by page.

    Example: helploop inquiries "two parcels" --kind complaint --since 2026-09-01
    """
    found = pipeline.find_inquiries(
        settings_of(ctx),
        words,
        limit,
        page=page,
        kind=Kind(kind) if kind else None,
        channel=Channel(channel) if channel else None,
        customer=customer,
        since=since.replace(tzinfo=UTC) if since else None,
    )
    if as_json:
        put_json({"v": 1, "total": found.total, "page": page, "inquiries": [_summary(i) for i in found.rows]})
        return
    put_table(
        ("id", "received", "channel", "kind", "asks"),
        [(i.id, _day(i), i.channel, i.kind, i.question_text[:100]) for i in found.rows],
    )
    first = (page - 1) * limit
    if found.total > len(found.rows):
        say(f"{first + bool(found.rows)} to {first + len(found.rows)} of {found.total}; --page {page + 1} goes on")


@click.command()
@click.argument("which", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the whole record as JSON.")
@click.pass_context
def inquiry(ctx: click.Context, which: str, as_json: bool) -> None:
    """Show one inquiry as it is stored: redacted, with its replies, its kind and why.

    Example: helploop inquiry 0f3a9c41d2e87b65
    """
    found = pipeline.read_inquiry(settings_of(ctx), which)
    if as_json:
        put_json({"v": 1, "inquiry": found})
        return
    click.echo(f"{found.id} · {found.source} {found.source_id} · {found.channel} · {_day(found)}")
    click.echo(f"{found.kind} ({found.kind_by}): {found.kind_reason}\nasks: {found.question_text}")
    click.echo(f"\n{found.title}\n{found.text}")
    for reply in found.replies:
        click.echo(f"\n— {'agent' if reply.is_agent else 'customer'} {reply.by}\n{reply.text}")


@click.command()
@click.argument("who", metavar="KEY|MAIL|HANDLE")
@click.option("--json", "as_json", is_flag=True, help="Print the timeline as JSON, with what was written.")
@click.pass_context
def customer(ctx: click.Context, who: str, as_json: bool) -> None:
    """Show one customer's inquiries over all channels, oldest first. For staff only: it is a person's history.

    Shown are redacted texts and the customer's key, never an address, a name or an id of another system.

    Example: helploop customer 5be1c2907d3a4f18
    """
    found = pipeline.read_customer(settings_of(ctx), who)
    if as_json:
        put_json({"v": 1, "customer": found.customer_keys[0], "inquiries": [_contact(c) for c in found.contacts]})
        return
    channels = {contact.inquiry.channel for contact in found.contacts}
    again = sum(contact.inquiry.repeat_contacts for contact in found.contacts)
    say("for staff only: one person's history")
    back = f", came back {_many(again, 'time', 'times')} to a matter that seemed settled" if again else ""
    asked, ways = _many(len(found.contacts), "inquiry", "inquiries"), _many(len(channels), "channel", "channels")
    say(f"customer {found.customer_keys[0]}: {asked} over {ways}{back}")
    put_timeline(found)


def put_timeline(found: Timeline) -> None:
    """The table for people."""
    rows = []
    for contact in found.contacts:
        asked, question = contact.inquiry, contact.question
        place = (question.id, question.article or "") if question else ("", "")
        facts = (asked.id, _day(asked), asked.channel, asked.kind, asked.question_text[:60])
        rows.append((*facts, len(asked.replies), asked.repeat_contacts, *place))
    columns = ("id", "received", "channel", "kind", "asks", "replies", "came back", "question", "article")
    put_table(columns, rows, right=(5, 6))


def _summary(found: Inquiry) -> dict[str, object]:
    facts: dict[str, object] = {
        "id": found.id,
        "source": found.source,
        "received_at": found.received_at,
        "channel": found.channel,
    }
    return facts | {"kind": found.kind, "customer": found.customer_key, "asks": found.question_text}


def _contact(contact: Contact) -> dict[str, object]:
    asked, question = contact.inquiry, contact.question
    place = {"id": question.id, "label": question.label} if question else None
    return _summary(asked) | {
        "title": asked.title,
        "text": asked.text,
        "replies": asked.replies,
        "repeat_contacts": asked.repeat_contacts,
        "question": place,
        "article": question.article if question else None,
    }


def _day(found: Inquiry) -> str:
    return found.received_at.date().isoformat() if found.received_at else "unknown"


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
