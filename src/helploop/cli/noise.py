"""noise: the inquiries in no question, as a queue."""

from __future__ import annotations

import click

from helploop import pipeline
from helploop.cli.output import put_json, put_table, say, settings_of
from helploop.clustering import NoiseReason


@click.command()
@click.option("--reason", type=click.Choice([reason.value for reason in NoiseReason]), help="In none because of this.")
@click.option("--near", default="", metavar="ID", help="Nearest to this question.")
@click.option("--limit", default=30, show_default=True, help="At most this many; 0: all.")
@click.option("--json", "as_json", is_flag=True, help="Print all of them as JSON.")
@click.pass_context
def noise(ctx: click.Context, reason: str | None, near: str, limit: int, as_json: bool) -> None:
    """List the inquiries that belong to no question, with the reason: almost a question first.

    "too few": others ask alike, but not enough of them yet; "between two questions"; "no neighbour near".

    Example: helploop noise --reason "too few" --limit 100
    """
    found = pipeline.noise(settings_of(ctx), reason=NoiseReason(reason) if reason else None, near=near)
    if as_json:
        facts = [
            {
                "id": one.inquiry.id,
                "source": one.inquiry.source,
                "source_id": one.inquiry.source_id,
                "asks": one.inquiry.question_text,
                "reason": one.reason,
                "nearest": one.nearest,
                "similarity": one.similarity,
                "alike": one.alike,
                "group": one.group,
            }
            for one in found
        ]
        put_json({"v": 1, "noise": facts})
        return
    shown = found[:limit] if limit else found
    rows = [
        (
            one.inquiry.id,
            one.reason,
            one.alike if one.alike > 1 else "",
            one.nearest or "",
            f"{one.similarity:.2f}",
            " ".join(one.inquiry.question_text.split())[:300],
        )
        for one in shown
    ]
    put_table(("id", "why", "alike", "nearest", "sim", "asks"), rows, right=(2, 4), cut=5)
    if len(found) > len(shown):
        say(f"{len(shown)} of {len(found)}; --limit 0 lists all")
