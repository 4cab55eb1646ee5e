"""helploop, init, demo, run."""

from __future__ import annotations

import webbrowser
from dataclasses import asdict
from pathlib import Path

import click

from helploop import __version__, pipeline
from helploop.cli.encoder_check import put_encoder_check
from helploop.cli.erasure import say_purged
from helploop.cli.log import intake_options
from helploop.cli.output import Main, progress_bars, put_json, put_table, say, settings_of
from helploop.cli.site import serve_folder
from helploop.intake import IntakeOptions


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="helploop")
@click.option("-C", "directory", metavar="DIR", envvar="HELPLOOP_SITE", help="The site's folder (default: this one).")
def main(directory: str | None) -> None:
    """Turn the log of what customers ask into a help site, and what it could not answer into the next round.

    Every command works on the site of this folder (mkdocs.yml, kb/); `helploop demo` shows the whole loop.

    Example: helploop demo
    """


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def init(folder: Path) -> None:
    """Make an empty site in DIR: mkdocs.yml, helploop.toml, kb/. What is there is left alone.

    Example: helploop init my-help
    """
    made = pipeline.init_site(folder)
    say(f"A new site is in {made}. Next:\n  cd {folder}\n  helploop intake YOUR-EXPORT\n  helploop cluster")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default="helploop-demo", metavar="[DIR]")
@click.option("--serve", "serve", is_flag=True, help="Serve the site afterwards and open it.")
def demo(folder: Path, serve: bool) -> None:
    """Walk the whole loop, twice round, on the sample company's log (invented); about a minute.

    Example: helploop demo --serve
    """
    with progress_bars() as progress:
        result = pipeline.demo(folder, say=say, progress=progress)
    click.echo(result.summary)
    if serve:
        serve_folder(result.site, "127.0.0.1", 8000, open_browser=webbrowser.open)


@click.command()
@click.option(
    "--encoder",
    is_flag=False,
    flag_value="",
    metavar="[NAME]",
    help="Judge the site's encoder, or this one (a folder or a hub id), on the log's own pairs beside the default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(ctx: click.Context, encoder: str | None, as_json: bool) -> None:
    """Say what works here and what is missing, each with its remedy. Exits with 1 when something is.

    With --encoder: how well a model tells texts of your log that surely ask the same from others; nothing is changed.

    Example: helploop doctor

    Example: helploop doctor --encoder models/my-encoder
    """
    if encoder is not None:
        with progress_bars() as progress:
            checked = pipeline.check_encoder(settings_of(ctx), encoder, progress=progress)
        put_json({"v": 1, **asdict(checked)}) if as_json else put_encoder_check(checked)
        return
    found = pipeline.examine(settings_of(ctx))
    if as_json:
        put_json({"v": 1, "findings": found})
    else:
        put_table(("", "", ""), [("ok" if f.is_fine else "MISSING", f.name, f.said) for f in found])
    if not all(f.is_fine for f in found):
        ctx.exit(1)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@intake_options
@click.option("--top", default=10, show_default=True, help="Draft at most this many of the heaviest gaps.")
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")
@click.pass_context
def run(ctx: click.Context, files: tuple[Path, ...], options: IntakeOptions, top: int, as_json: bool) -> None:
    """Take in what is new, make a round, draft the heaviest gaps, tune the search, write the report; people decide.

    Example: helploop run exports/*.jsonl
    """
    with progress_bars() as progress:
        made = pipeline.run(settings_of(ctx), files, options, top=top, progress=progress)
    say_purged(made.intake.purged)
    if as_json:
        put_json(
            {
                "v": 1,
                "intake": made.intake.as_json(),
                "round": made.round.id,
                "drafts": [str(w.path) for w in made.drafts],
                "tuned": made.is_tuned,
            }
        )
        return
    say(f"{made.intake.stored} new inquiries; round {made.round.id}: {len(made.round.questions)} questions")
    if made.is_tuned:
        say("the search has learned the log's words: commit kb/search, then helploop build")
    elif made.tuned:
        say("a new word table would find less than the old one, which stays: helploop tune says by how much")
    say(f"{len(made.drafts)} drafts in kb/drafts (helploop review); report: {made.report.paths[0].parent}")
