"""How the commands speak: data to stdout, everything else to stderr, errors as one line and an exit code."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from helploop.config import Settings, load_settings
from helploop.errors import GateError, HelploopError
from helploop.pipeline.progress import Progress

GATE_NOT_MET = 3
_LEAST_CUT = 12  # characters that a column which gives way keeps


class Main(click.Group):
    """The top group: commands in sections, HelploopError as one line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections: list[tuple[str, Sequence[click.Command]]] = []

    def add_section(self, title: str, commands: Sequence[click.Command]) -> None:
        """Adds commands under a heading of the help."""
        self.sections.append((title, commands))
        for command in commands:
            self.add_command(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help's list, in the order data takes rather than by the alphabet."""
        for title, commands in self.sections:
            with formatter.section(title):
                formatter.write_dl([(c.name or "", c.get_short_help_str(90)) for c in commands])

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; what it raises on purpose becomes a line and an exit code."""
        try:
            with _terminable():
                return super().invoke(ctx)
        except GateError as error:
            say(f"helploop: {error}")
            ctx.exit(GATE_NOT_MET)
        except HelploopError as error:
            say(f"helploop: {error}")
            ctx.exit(1)
        except OSError as error:
            if isinstance(error, BrokenPipeError):  # somebody closed the pipe, as `head` does
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                ctx.exit(1)
            say(f"helploop: {error.filename or ctx.invoked_subcommand}: {error.strerror}")
            ctx.exit(1)
        except KeyboardInterrupt as stop:
            what = f"helploop {ctx.invoked_subcommand}"
            say(f"{what}: stopped; what was finished is kept, run the same command again to go on")
            ctx.exit(143 if isinstance(stop, _TerminatedError) else 130)


class _TerminatedError(KeyboardInterrupt):
    """SIGTERM came: everything is left as Ctrl-C leaves it."""


@contextmanager
def _terminable() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _TerminatedError

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def say(text: str) -> None:
    """A line for a person, to stderr."""
    click.echo(text, err=True)


def put_json(value: object) -> None:
    """One JSON document to stdout."""
    click.echo(msgspec.json.encode(value).decode())


def put_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    right: Sequence[int] = (),
    *,
    cut: int | None = None,
    width: int | None = None,
) -> None:
    """A table to stdout; `right` are the columns of numbers, `cut` is the one that gives way when the line is full."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    width = width or output_width()
    widths = [max([len(column), *(len(str(row[i])) for row in rows)]) for i, column in enumerate(columns)]
    left = width - sum(size for i, size in enumerate(widths) if i != cut) - 2 * (len(columns) - 1)
    for i, column in enumerate(columns):
        side: Literal["left", "right"] = "right" if i in right else "left"
        if cut is None:
            table.add_column(column, justify=side, overflow="fold")
        else:
            room = max(_LEAST_CUT, min(widths[i], left)) if i == cut else widths[i]
            table.add_column(column, justify=side, overflow="ellipsis", no_wrap=True, min_width=room, max_width=room)
    for row in rows:
        table.add_row(*[escape(str(cell)) for cell in row])
    Console(soft_wrap=False, width=width, highlight=False).print(table)


def output_width() -> int:
    """Characters of a line: the terminal's; piped output is cut by nobody, and gets whole lines."""
    return Console().width if sys.stdout.isatty() else 160


def sparkline(values: Sequence[int]) -> str:
    """Eight weeks as eight little bars."""
    top = max(values, default=0)
    return "".join(" ▁▂▃▄▅▆▇█"[0 if not value else max(1, round(value / top * 8))] for value in values)


def settings_of(ctx: click.Context) -> Settings:
    """The site's settings, read once."""
    top = ctx.find_root()
    if not isinstance(top.obj, Settings):
        top.obj = load_settings(Path(top.params.get("directory") or "."))
    assert isinstance(top.obj, Settings)
    return top.obj


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Bars on a terminal, silence in a pipe."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total or None)
            bars.update(tasks[what], completed=done, total=total or None)

        yield show
