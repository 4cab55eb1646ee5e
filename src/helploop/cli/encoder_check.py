"""How `helploop doctor --encoder` shows its figures."""

from __future__ import annotations

from collections.abc import Callable

import click

from helploop.cli.output import put_table
from helploop.pipeline.encoder_check import EncoderCheck, EncoderFigures

_ROWS: tuple[tuple[str, Callable[[EncoderFigures], float | None], str], ...] = (
    ("dimensions", lambda e: e.dimensions, "{:.0f}"),
    ("memory for weights, MB", lambda e: e.weights_mb, "{:.0f}"),
    ("texts/s on this machine", lambda e: e.texts_per_second, "{:.0f}"),
    ("texts longer than it reads", lambda e: e.truncated, "{:.1%}"),
    ("mean cosine of random texts", lambda e: e.background, "{:.2f}"),
    ("cosine to the nearest five", lambda e: e.near, "{:.2f}"),
    ("AUROC, same against random", lambda e: e.auroc, "{:.3f}"),
    ("AUROC, same against alike but other", lambda e: e.hard_auroc, "{:.3f}"),
    ("partner found first, mean", lambda e: e.recall_at_1, "{:.3f}"),
)


def put_encoder_check(checked: EncoderCheck) -> None:
    """A column per encoder, then the languages it is not used for, then the verdict."""
    rows = [(name, *(_cell(value(e), form) for e in checked.encoders)) for name, value, form in _ROWS]
    for number, kind in enumerate(checked.encoders[0].kinds):
        of_kind = [encoder.kinds[number] for encoder in checked.encoders]
        rows.append((f"... {kind.kind} ({kind.pairs} pairs)", *(f"{figures.recall_at_1:.3f}" for figures in of_kind)))
    columns = (f"{checked.inquiries} inquiries", *(encoder.name for encoder in checked.encoders))
    put_table(columns, rows, right=range(1, len(columns)))
    if checked.foreign:
        languages = ", ".join(f"{language} {count}" for language, count in checked.foreign.items())
        click.echo(f"kept, but not encoded, as [encoder] languages leaves them out: {languages}")
    click.echo(checked.verdict)


def _cell(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)
