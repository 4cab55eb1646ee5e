"""log: a phone call or a talk at the counter, in one line or in an editor."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from helploop import pipeline
from helploop.cli.output import put_json, say, settings_of
from helploop.domain import Channel, Inquiry
from helploop.errors import IntakeError
from helploop.intake.by_hand import FORM, Contact, read_form, read_time

_CHANNELS = [c.value for c in Channel if c not in (Channel.SEARCH, Channel.FEEDBACK)]


@click.command("log")
@click.argument("asked", default="", metavar="[ASKED]")
@click.option("--answer", default="", help="What you answered.")
@click.option("--customer", default="", help="Mail, phone number or id: only a keyed hash of it is kept.")
@click.option("--name", default="", help="The customer's name, to be masked in the text.")
@click.option("--channel", type=click.Choice(_CHANNELS), default="phone", show_default=True, help="How it came.")
@click.option("--by", default="", help="Who answered.")
@click.option("--minutes", type=click.FloatRange(0, 10_000), default=0.0, help="Your time for it.")
@click.option("--at", default="", help="When, in your own time zone; without it: now.")
@click.option("--tag", "tags", multiple=True, help="A tag, like counter; may be repeated.")
@click.option("--open", "is_open", is_flag=True, help="Somebody still has to get back to them.")
@click.option("--dry-run", is_flag=True, help="Store nothing; show it as it would be stored.")
@click.option("--json", "as_json", is_flag=True, help="Print the stored inquiry's id and kind as JSON.")
@click.pass_context
def log_by_hand(
    ctx: click.Context,
    asked: str,
    answer: str,
    customer: str,
    name: str,
    channel: str,
    by: str,
    minutes: float,
    at: str,
    tags: tuple[str, ...],
    is_open: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write one contact down by hand: a call, a talk at the counter. Without ASKED an editor opens with a form.

    ASKED is what the customer wanted, in their words ("-": read it from standard input). It is cleaned, redacted and
    triaged like every other inquiry.

    Example: helploop log "Can she pause the box over Christmas?" --customer ana@mail.example --answer "Yes, ..."
    """
    now = datetime.now().astimezone()
    if asked or not sys.stdin.isatty():
        text = sys.stdin.read() if asked in ("", "-") else asked
        when = read_time(at, now)
        contact = Contact(text, answer, customer, name, Channel(channel), by, minutes, when, tags, not is_open)
    else:
        contact = _from_editor(now)
    _told(pipeline.log_contact(settings_of(ctx), contact, dry_run=dry_run), dry_run, as_json)


def _from_editor(now: datetime) -> Contact:
    """The filled form; it opens again with what was typed while something is wrong with it."""
    text = FORM
    while True:
        edited = click.edit(text, extension=".toml", require_save=True)
        if edited is None:
            raise click.Abort
        try:
            contact = read_form(edited, now)
        except IntakeError as error:
            say(str(error))
            if not click.confirm("Go on editing?", default=True, err=True):
                raise click.Abort from error
            text = edited
            continue
        if contact is None:
            say("nothing was asked; nothing is stored")
            raise click.Abort
        return contact


def _told(inquiry: Inquiry, dry_run: bool, as_json: bool) -> None:
    if as_json:
        put_json({"v": 1, "id": inquiry.id, "kind": inquiry.kind, "reason": inquiry.kind_reason})
        return
    say(f"{'would be stored' if dry_run else 'stored'}: {inquiry.id} · {inquiry.channel} · {inquiry.kind}")
    say(f"  {inquiry.kind_reason}\n  asks: {inquiry.question_text}")
    for reply in inquiry.replies:
        say(f"  answered: {reply.text}")
