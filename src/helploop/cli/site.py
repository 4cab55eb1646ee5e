"""check, build, serve, search, collect: the help site."""

from __future__ import annotations

import functools
import http.server
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import click

from helploop import pipeline
from helploop.cli.output import GATE_NOT_MET, put_json, put_table, say, settings_of
from helploop.errors import GateError, HelploopError
from helploop.expectations import Unmet, as_toml
from helploop.search import SearchHit

_WORTH_SAYING = 0.005  # of a score's parts


@click.command()
@click.option("--fix", is_flag=True, help="First mend what is safe: give new files an id.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@click.pass_context
def check(ctx: click.Context, fix: bool, as_json: bool) -> None:
    """Hold every article against the gate: front matter, markup, links, personal data. Exits with 3 on a problem.

    Example: helploop check --fix
    """
    settings = settings_of(ctx)
    if fix:
        for path in pipeline.fix_site(settings):
            say(f"{path}: has an id now")
    problems = pipeline.check_site(settings)
    if as_json:
        facts = [{"file": p.file, "line": p.line, "rule": p.rule, "message": p.message} for p in problems]
        put_json({"v": 1, "problems": facts})
    else:
        for problem in problems:
            click.echo(f"{problem.file}:{problem.line}: {problem.rule}: {problem.message}")
        say("no problems" if not problems else f"{len(problems)} problems")
    if problems:
        ctx.exit(GATE_NOT_MET)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Where to (default: site/ beside mkdocs.yml).")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing unless it fails.")
@click.pass_context
def build(ctx: click.Context, out: Path | None, quiet: bool) -> None:
    """Build the help site with its search: checked, made in a new folder, checked again, swapped in one step.

    Example: helploop build
    """
    try:
        made = pipeline.build_site(settings_of(ctx), out)
    except GateError as error:
        for problem in getattr(error, "problems", ()):
            click.echo(f"{problem.file}:{problem.line}: {problem.rule}: {problem.message}", err=True)
        raise
    if not quiet:
        for note in made.notes:
            say(note)
        say(f"{made.articles} articles, {made.pages} pages in {made.out} ({made.seconds:.1f} s)")


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.pass_context
def serve(ctx: click.Context, port: int) -> None:
    """Serve the site with live reload while you write (mkdocs serve).

    Example: helploop serve --port 8123
    """
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"]
    # S603: the program is this very Python, the port is an int
    ctx.exit(subprocess.run(command, cwd=settings_of(ctx).root, check=False).returncode)  # noqa: S603


def serve_folder(folder: Path, host: str, port: int, open_browser: Callable[[str], object]) -> None:
    """Serves a built site until Ctrl-C."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer((host, port), handler) as server:
        say(f"http://{host}:{port}/ (Ctrl-C ends it)")
        open_browser(f"http://{host}:{port}/")
        server.serve_forever()


@click.command()
@click.argument("query", default="", metavar="[QUERY]")
@click.option("--queries", type=click.File(encoding="utf-8"), help="A file with a query a line (- is stdin).")
@click.option("--limit", default=10, show_default=True, help="At most this many hits a query.")
@click.option("--explain", is_flag=True, help="What each hit's title, aliases and text gave.")
@click.option("--json", "as_json", is_flag=True, help="A JSON line per query, in their order.")
@click.pass_context
def search(ctx: click.Context, query: str, queries: TextIO | None, limit: int, explain: bool, as_json: bool) -> None:
    """Ask the built site, by the very engine that it ships: the hits a visitor would see, and the verdict.

    Example: helploop search "card still not here"
    """
    asked = [line.rstrip("\n") for line in queries] if queries else [query]
    if not queries and not query.strip():
        raise click.UsageError("type a query, or name a file with --queries")
    for found in pipeline.search_site(settings_of(ctx), asked, limit):
        hits = [{"article": h.article, "url": h.url, "title": h.title, "score": h.score} for h in found.hits]
        if as_json:
            put_json({"v": 1, "query": found.query, "verdict": found.verdict, "hits": hits})
            continue
        missing = f" (nothing for: {', '.join(found.unmatched_words)})" if found.unmatched_words else ""
        say(f"{found.query}: {found.verdict}{missing}")
        put_table(
            ("score", "article", "title"), [(f"{h.score:.2f}", h.article, h.title) for h in found.hits], right=(0,)
        )
        if explain:
            for hit in found.hits:
                say(f"  {hit.article}  {hit.score:.2f} = {_parts(hit)}")


@click.command("search-test")
@click.option(
    "--propose", is_flag=True, help="Print lines for kb/search/expected.toml: what visitors searched and clicked."
)
@click.option("--json", "as_json", is_flag=True, help="Print what is missed as JSON.")
@click.pass_context
def search_test(ctx: click.Context, propose: bool, as_json: bool) -> None:
    """Hold the built site's search against what it must find: every alias, and kb/search/expected.toml.

    A line of that file is a table [[expected]] with query, article and, if it is not 3, within: so far down the article
    may be. A miss shows what won instead, and by what. Exits with 3 on a miss.

    Example: helploop search-test --propose >> kb/search/expected.toml
    """
    settings = settings_of(ctx)
    if propose:
        lines = pipeline.propose_expectations(settings)
        click.echo(as_toml(lines))
        say(f"{len(lines)} proposed; read them before you keep them")
        return
    count, unmet = pipeline.check_search(settings)
    if as_json:
        put_json({"v": 1, "asked": count, "missed": [_missed(one) for one in unmet]})
    else:
        for one in unmet:
            _say_missed(one)
        say(f"{count} questions, {len(unmet)} missed")
    if unmet:
        ctx.exit(GATE_NOT_MET)


def _missed(one: Unmet) -> dict[str, object]:
    wanted = one.expectation
    facts = {"query": wanted.query, "article": wanted.article, "within": wanted.within, "source": wanted.source}
    won = [{"article": hit.article, "score": hit.score, "parts": hit.parts} for hit in one.winners]
    return {**facts, "rank": one.rank, "parts": one.hit.parts if one.hit else None, "won": won}


def _say_missed(one: Unmet) -> None:
    wanted = one.expectation
    place = f"in place {one.rank}" if one.rank else "not found"
    click.echo(f"{wanted.query!r} ({wanted.source}): {wanted.article} is {place}, not among the first {wanted.within}")
    for hit in (*one.winners, *([one.hit] if one.hit else [])):
        click.echo(f"    {hit.article}  {hit.score:.2f} = {_parts(hit)}")


def _parts(hit: SearchHit) -> str:
    """What made a score, the most first."""
    told = sorted(hit.parts.items(), key=lambda part: (-part[1], part[0]))
    return " + ".join(f"{value:.2f} {name}" for name, value in told if value >= _WORTH_SAYING) or "nothing"


@click.command()
@click.option("--host", help="Address to listen on (default: [collector] host).")
@click.option("--port", type=int, help="Port (default: [collector] port).")
@click.pass_context
def collect(ctx: click.Context, host: str | None, port: int | None) -> None:
    """Receive the site's search events: POST /events. No address and no user agent is ever written.

    In mkdocs.yml set the plugin's `endpoint` to where visitors reach it, and build.

    Example: helploop collect --port 8009
    """
    try:
        from helploop.collector import serve_collector  # noqa: PLC0415  - a web server is not everybody's start-up
    except ImportError as error:
        raise HelploopError(f"{error.name} is missing: pip install helploop") from error
    settings = settings_of(ctx)
    address, gate = host or settings.collector.host, port or settings.collector.port
    say(f"receiving at http://{address}:{gate}/events (Ctrl-C ends it)")
    serve_collector(settings, address, gate)
