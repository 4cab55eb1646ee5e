"""tune: the word table of the site's search, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping

import click

from helploop import pipeline
from helploop.cli.output import progress_bars, put_json, put_table, say, settings_of
from helploop.pipeline.tuning import Tuned, WorseError
from helploop.tuning import Measured


@click.command()
@click.option("--force", is_flag=True, help="Write the table even if it finds less than what is there.")
@click.option("--dry-run", is_flag=True, help="Say what the table would be worth; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def tune(ctx: click.Context, force: bool, dry_run: bool, as_json: bool) -> None:
    """Teach the site's search your customers' words: a table of words, fitted on the log with the encoder.

    It goes to kb/search: commit it, and every build searches with it, without log and encoder. A tenth of the log is
    never learned from; the questions in it that an article answers are asked before and after. A table that finds
    fewer of them is not written (exit 3).

    Example: helploop tune --dry-run
    """
    settings = settings_of(ctx)
    try:
        with progress_bars() as progress:
            tuned = pipeline.tune(settings, force=force, dry_run=dry_run, progress=progress)
    except WorseError as error:
        _put(error.tuned, as_json, is_written=False)
        raise
    _put(tuned, as_json, is_written=not dry_run)


def _put(tuned: Tuned, as_json: bool, *, is_written: bool) -> None:
    table, made = tuned.table, tuned.table.origin
    kept = {"without a table": tuned.without, "with the old table": tuned.old, "with this one": tuned.new}
    rows = {name: measured for name, measured in kept.items() if measured is not None}
    if as_json:
        measured = {name: _as_json(one) for name, one in zip(("without", "old", "new"), kept.values(), strict=True)}
        facts = {"words": len(table.words), "bytes": tuned.size, "logged": made.logged, "site": made.site}
        put_json({"v": 1, **facts, "encoder": made.encoder, "written": is_written, **measured})
        return
    if tuned.warning:
        say(f"{tuned.warning}; it counts for nothing here")
    say(
        f"{len(table.words)} words from {made.logged} texts of the log and {made.site} of the articles"
        f" ({tuned.size / 1000:.0f} KB): {f'written to {tuned.folder}' if is_written else 'not written'}"
    )
    if tuned.new.ranks:
        _put_measured(rows)
    else:
        say("no logged question outside what was learned has an article yet: what the table is worth was not measured")


def _put_measured(rows: Mapping[str, Measured]) -> None:
    asked = len(next(iter(rows.values())).ranks)
    cells = [
        (name, f"{m.first} ({m.first / asked:.0%})", f"{m.shown} ({m.shown / asked:.0%})") for name, m in rows.items()
    ]
    put_table((f"{asked} logged questions, not learned from", "article first", "among three"), cells, right=(1, 2))


def _as_json(measured: Measured | None) -> dict[str, int] | None:
    if measured is None:
        return None
    return {"asked": len(measured.ranks), "first": measured.first, "shown": measured.shown}
