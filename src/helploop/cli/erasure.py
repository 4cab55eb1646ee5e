"""forget, retention: a customer is erased everywhere, with a receipt; old texts go."""

from __future__ import annotations

import sys

import click

from helploop import pipeline
from helploop.cli.output import GATE_NOT_MET, progress_bars, put_json, put_table, say, settings_of
from helploop.erasure import Receipt
from helploop.pipeline import Forgotten, Retained


@click.command()
@click.argument("who", nargs=-1, required=True, metavar="CUSTOMER...")
@click.option("--also", multiple=True, metavar="NAME", help="A name or an old address of theirs to look for as well.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would go and who is quoted where.")
@click.option("--lift", is_flag=True, help="Let a forgotten customer in again who writes anew; nothing comes back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
@click.pass_context
def forget(
    ctx: click.Context, who: tuple[str, ...], also: tuple[str, ...], dry_run: bool, lift: bool, yes: bool, as_json: bool
) -> None:
    """Erase customers, each named by mail, handle or key: inquiries and all that was made of them, for good.

    A search of every byte proves that nothing is left; articles and commits that quote them are listed, not changed.
    The next export does not bring them back. "-" reads a customer a line from standard input: nothing in the history
    of the shell. Exits with 3 when something is left.

    Example: helploop forget ann.lowe@mailbox.example --also "Ann Lowe"
    """
    people = [one.strip() for one in (sys.stdin.read().splitlines() if who == ("-",) else who) if one.strip()]
    settings = settings_of(ctx)
    if lift:
        say(f"{pipeline.lift_tombstones(settings, people)} tombstones lifted: what is new of them comes in again")
        return
    if not (yes or dry_run) and sys.stdin.isatty():
        say_forgotten(pipeline.forget(settings, people, also=also, dry_run=True))
        click.confirm("Erase this for good?", abort=True, err=True)
    with progress_bars() as progress:
        done = pipeline.forget(settings, people, also=also, dry_run=dry_run, progress=progress)
    if as_json:
        put_json(done.as_json())
    else:
        say_forgotten(done)
    if done.receipt.left and done.path:
        ctx.exit(GATE_NOT_MET)


@click.command()
@click.option("--days", type=click.IntRange(1), help="Texts older than this go (default: [intake] retention_days).")
@click.option("--all", "all_texts", is_flag=True, help="What was asked goes, too: those inquiries cluster no more.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.pass_context
def retention(ctx: click.Context, days: int | None, all_texts: bool, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Delete old texts: what was written and replied, quarantined rows, search events. Facts and counts stay.

    Old is a conversation in which nothing was said for so many days. What customers asked stays, redacted, unless
    --all is given, so that rounds still find their questions.

    Example: helploop retention --days 730
    """
    settings = settings_of(ctx)
    if not (yes or dry_run) and sys.stdin.isatty():
        say_retained(pipeline.retention(settings, days or 0, all_texts=all_texts, dry_run=True))
        click.confirm("Delete this for good?", abort=True, err=True)
    done = pipeline.retention(settings, days or 0, all_texts=all_texts, dry_run=dry_run)
    if as_json:
        put_json({"v": 1, **vars(done)})
    else:
        say_retained(done)


def say_retained(done: Retained) -> None:
    """The counts for a person."""
    would = "would " if done.dry_run else ""
    rest = f"{done.search_events} search events, {done.quarantined} quarantined rows and {done.files} files {would}go"
    say(f"of before {done.before:%Y-%m-%d}: {done.inquiries} inquiries {would}lose their texts, {rest}")
    if done.undated:
        say(f"{done.undated} inquiries have no date and keep theirs")
    if not done.is_compacted:
        say("the database is a server's: its files, logs and backups are to be cleaned there")


def say_forgotten(done: Forgotten) -> None:
    """The receipt for a person."""
    receipt, would = done.receipt, "" if done.path else "would be "
    if not receipt.is_known:
        say("nothing in the database is theirs" + ("" if would else "; should an export bring them, they stay out"))
    put_table(("place", f"{would}removed"), list(receipt.removed.items()), right=(1,))
    size = f"{receipt.files} files ({receipt.bytes / 1e6:.1f} MB) for {receipt.needles} traces of them"
    if would:
        say(f"looked into {size}")
    else:
        say(f"searched {size}: {len(receipt.left)} left")
    _say_places(receipt, is_done=not would)
    if receipt.not_searched:
        say(f"not searched for: {receipt.not_searched} names too short or too common to tell anybody")
    if done.other_keys:
        say(
            f"another system knows these conversations under {', '.join(done.other_keys)}: if they are one, forget both"
        )
    if not receipt.is_compacted:
        say("the database is a server's: its files, logs and backups are to be cleaned there")
    if done.path:
        say(f"receipt: {done.path}")


def _say_places(receipt: Receipt, *, is_done: bool) -> None:
    if is_done:
        for found in receipt.left:
            say(f"  LEFT {found.file}, byte {found.offset}: {found.what}")
    if receipt.quoted:
        say("quoted in what people wrote or published; change it by hand:")
    for found in receipt.quoted:
        say(f"  {found.file}, byte {found.offset}: {found.what}")
    if receipt.commits:
        say("in the history of kb/, until it is rewritten:")
    for commit in receipt.commits:
        say(f"  {commit.commit[:12]} {commit.file}: {commit.what}")
    if receipt.commits_with_ids:
        say(f"{receipt.commits_with_ids} other commits hold ids of their inquiries: hashes, which lead nowhere now")
    if not receipt.has_history:
        say("kb/ is in no git repository here: a copy of it elsewhere was not looked into")


def say_purged(count: int) -> None:
    """What a restored backup had brought back."""
    if count:
        say(f"{count} inquiries of forgotten customers were in the database again (a restored backup?): removed")
