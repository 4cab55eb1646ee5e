"""misses, baseline, report: what did not work, and the numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from helploop import pipeline
from helploop.cli.output import put_json, put_table, say, settings_of

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the misses as JSON.")
@click.option("--limit", default=40, show_default=True, help="Show at most this many.")
@click.pass_context
def misses(ctx: click.Context, as_json: bool, limit: int) -> None:
    """List what visitors searched for and did not find, with the likely cause.

    Example: helploop misses
    """
    found = pipeline.read_misses(settings_of(ctx))
    if as_json:
        facts = [
            {
                "query": m.query,
                "cause": m.cause,
                "weight": m.weight,
                "days": m.days,
                "nearest": m.nearest,
                "reason": m.reason,
            }
            for m in found
        ]
        put_json({"v": 1, "misses": facts})
        return
    rows = [(m.query, m.cause, f"{m.weight:g}", m.days, m.nearest, m.reason) for m in found[:limit]]
    put_table(("searched for", "cause", "visitors", "days", "nearest article", "why"), rows, right=(2, 3))


@click.command()
@click.option("--from", "start", type=DAY, help="First day (default: the log's first).")
@click.option("--to", "end", type=DAY, help="Last day (default: the log's last).")
@click.pass_context
def baseline(ctx: click.Context, start: datetime | None, end: datetime | None) -> None:
    """Freeze today's figures as the baseline that later reports are held against (kb/baseline.json).

    Example: helploop baseline --from 2026-07-06 --to 2026-09-13
    """
    made = pipeline.baseline(settings_of(ctx), _utc(start), _utc(end))
    say(f"baseline of {made.period.start} to {made.period.end}: {len(made.figures)} figures in kb/baseline.json")


@click.command()
@click.option("--from", "start", type=DAY, help="First day (default: four weeks before the last).")
@click.option("--to", "end", type=DAY, help="Last day (default: the log's last).")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def report(ctx: click.Context, start: datetime | None, end: datetime | None, as_json: bool) -> None:
    """Measure a period against the baseline: every figure with its parts, what is missing and its definition.

    Beside the report stands map.html, the newest round's questions as a plot to point at.

    Example: helploop report --from 2026-09-14 --to 2026-09-27
    """
    made = pipeline.report(settings_of(ctx), _utc(start), _utc(end), draw=not as_json)
    if as_json:
        put_json(made.as_json())
        return
    click.echo(made.text)
    say("written: " + ", ".join(str(path) for path in made.paths))
    if made.no_map:
        say(f"no map of the questions: {made.no_map}")


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)
