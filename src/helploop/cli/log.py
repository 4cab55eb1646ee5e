"""intake, quarantine: the log of what customers ask comes in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from helploop import pipeline
from helploop.cli.erasure import say_purged
from helploop.cli.output import GATE_NOT_MET, progress_bars, put_json, put_table, say, settings_of
from helploop.cli.preview import say_preview
from helploop.domain import Channel
from helploop.intake import FORMATS, IntakeOptions, Quarantine, mapping_named, nearest_format, propose_mapping


class FormatName(click.ParamType[str]):
    """A format or a preset; the nearest one is offered for a wrong name."""

    name = "format"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, when there is such a format."""
        if value not in FORMATS:
            self.fail(f"there is no format {value!r}; {nearest_format(str(value))}", param, ctx)
        return str(value)


def intake_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say how a file is to be read; the command gets them as `options`: IntakeOptions."""

    @functools.wraps(command)
    def wrapped(
        *args: object,
        source: str | None,
        format_: str | None,
        mapping: Path | None,
        channel: str | None,
        **given: object,
    ) -> Any:
        options = IntakeOptions(
            source=source,
            format=format_,
            mapping=mapping_named(mapping) if mapping else None,
            channel=Channel(channel) if channel else None,
        )
        return command(*args, options=options, **given)

    for option in (
        click.option("--channel", type=click.Choice([c.value for c in Channel]), help="How these reached you."),
        click.option(
            "--map",
            "mapping",
            type=click.Path(path_type=Path),
            help="A mapping file (TOML) for its fields, or a preset.",
        ),
        click.option("--from", "format_", type=FormatName(), help="The format or preset, if it is not recognised."),
        click.option("--source", help="The system's name: with a record's id it tells whether it is known."),
    ):
        wrapped = option(wrapped)
    return wrapped


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False), metavar="FILE...")
@intake_options
@click.option("--dry-run", is_flag=True, help="Store nothing; say what was recognised and show three records.")
@click.option("--propose-map", is_flag=True, help="Print a mapping for FILE, made by looking at its columns.")
@click.option("--strict", is_flag=True, help="Exit with 3 when any record was quarantined.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.pass_context
def intake(
    ctx: click.Context,
    files: tuple[Path, ...],
    options: IntakeOptions,
    dry_run: bool,
    propose_map: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Take inquiries or search events in from export files of any known format: cleaned, redacted, triaged.

    The same file again stores nothing. Rows that cannot be read are kept in the quarantine with their reason.
    Of a system that is not known: helploop intake FILE --propose-map > map.toml, then --map map.toml --dry-run.

    Example: helploop intake tickets.csv --map examples/tickets.toml
    """
    if propose_map:
        click.echo("\n".join(propose_mapping(file, options) for file in files), nl=False)
        return
    with progress_bars() as progress:
        report = pipeline.intake(settings_of(ctx), files, options, dry_run=dry_run, progress=progress)
    say_purged(report.purged)
    if as_json:
        put_json(report.as_json())
    else:
        say_intake(report, dry_run)
    if strict and report.quarantined:
        ctx.exit(GATE_NOT_MET)


def say_intake(report: pipeline.IntakeReport, dry_run: bool) -> None:
    """The counts for a person."""
    ignored = ", ".join(f"{count} {reason}" for reason, count in sorted(report.ignored.items())) or "0"
    say(
        f"{report.read} read = {report.stored} {'would be ' if dry_run else ''}stored + {report.updated} updated"
        f" + {report.duplicates} known already + ignored ({ignored}) + {report.quarantined} quarantined"
    )
    for title, counts in (("kinds", report.kinds), ("masked", report.redactions)):
        if counts:
            say(f"{title}: " + ", ".join(f"{count} {name}" for name, count in counts.most_common()))
    if len(report.languages) > 1:
        say("languages: " + ", ".join(f"{count} {name}" for name, count in report.languages.most_common()))
    if report.template_lines:
        say(f"{report.template_lines} template lines learned and cut (`helploop template-lines` lists them)")
    if report.misses:
        say(f"{report.misses} searches that found nothing came in as inquiries")
    if report.expired:
        say(f"{report.expired} old rows of the quarantine were deleted")
    for row in report.rejected:
        place = f"{row.source}:{row.line}" if row.line else row.source  # inside a document lines are not known
        say(f"  {place} (record {row.record}): {row.reason}")
    if more := report.quarantined - len(report.rejected):
        say(f"  and {more} more: helploop quarantine list")
    say_preview(report)


@click.command("template-lines")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as JSON.")
@click.pass_context
def template_lines(ctx: click.Context, as_json: bool) -> None:
    """List the lines that recur over a source's inquiries whatever they are about, and are cut from them (redacted).

    Example: helploop template-lines
    """
    lines = pipeline.list_template_lines(settings_of(ctx))
    if as_json:
        put_json({"v": 1, "lines": lines})
        return
    cells = [(line.source, line.side, line.inquiries, line.line[:100]) for line in lines]
    put_table(("source", "whose", "inquiries", "line"), cells, right=(2,))


@click.group()
def quarantine() -> None:
    """Rows that could not be read, with their reasons."""


@quarantine.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the rows' places and reasons as JSON.")
@click.pass_context
def quarantine_list(ctx: click.Context, as_json: bool) -> None:
    """List the quarantined rows: file, line, why, how old. What "row" says in the file named below is to be mended.

    Example: helploop quarantine list
    """
    kept, now = Quarantine(settings_of(ctx).state / "quarantine"), datetime.now(UTC)
    rows = kept.rows()
    if as_json:
        keys = ("file", "line", "record", "reason", "id", "at", "format", "source")
        put_json({"v": 1, "rows": [{key: getattr(row, key) for key in keys} for row in rows]})
        return
    cells = [(r.file, r.line, r.record, "-" if (d := r.age_days(now)) is None else d, r.reason) for r in rows]
    put_table(("file", "line", "record", "days", "why"), cells, right=(1, 2, 3))
    for path in dict.fromkeys(map(kept.file_of, rows)):
        say(f'mend "row" in {path}')
    if rows:
        say(f"then: helploop quarantine retry (rows are deleted after {settings_of(ctx).intake.quarantine_days} days)")


@quarantine.command("retry")
@intake_options
@click.pass_context
def quarantine_retry(ctx: click.Context, options: IntakeOptions) -> None:
    """Take the quarantined rows in again, as they are now; those that still cannot be read stay.

    Source, format, mapping and channel are those of the file's own intake, unless the options name others.

    Example: helploop quarantine retry
    """
    say_intake(pipeline.retry_quarantine(settings_of(ctx), options), dry_run=False)
