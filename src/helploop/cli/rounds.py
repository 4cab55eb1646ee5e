"""cluster, undo: makes a round and says what changed against the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from helploop import pipeline
from helploop.cli.decide import conflict_as_json, say_conflicts
from helploop.cli.erasure import say_purged
from helploop.cli.output import progress_bars, put_json, say, settings_of
from helploop.domain import Round

_NAMED = 10  # questions named of each kind of change; the rest is counted


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what the round would be; store nothing.")
@click.option("--rebuild", is_flag=True, help="Group everything anew; questions inherit their ids.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.pass_context
def cluster(ctx: click.Context, dry_run: bool, rebuild: bool, as_json: bool) -> None:
    """Group the log into recurring questions: inquiries of the last round keep theirs, and what is new joins.

    Every few months, or after a change of settings or encoder, `--rebuild` groups everything anew.

    Example: helploop cluster --rebuild --dry-run
    """
    settings = settings_of(ctx)
    if not dry_run:
        say_purged(pipeline.purge_forgotten(settings))
    with progress_bars() as progress:
        made = pipeline.cluster(settings, dry_run=dry_run, rebuild=rebuild, progress=progress)
    counts = pipeline.changes(made)
    labels = pipeline.labels_of(settings, made)
    facts: dict[str, object] = {"round": made.id}
    facts["inquiries"] = len(made.noise) + sum(len(q.members) for q in made.questions)
    facts |= {"questions": len(made.questions), "noise": len(made.noise)}
    facts |= {name: counts[name] for name in ("new", "grown", "shrunk", "gone")}
    if as_json:
        conflicts = [conflict_as_json(problem) for problem in pipeline.decision_problems(settings)]
        put_json({"v": 1, **facts, **_regrouped(made, labels), "conflicts": conflicts})
        return
    for line in change_lines(made, labels):
        click.echo(line)
    said = ", ".join(f"{counts[name]} {name}" for name in ("new", "grown", "shrunk", "gone"))
    say(
        f"round {made.id}{' (not stored)' if dry_run else ''}: {facts['inquiries']} inquiries -> "
        f"{facts['questions']} questions ({said}), {facts['noise']} inquiries in none"
    )
    if pipeline.is_outdated(settings, made):
        say(
            "the clustering settings have changed since all was grouped; helploop cluster --rebuild applies them to all"
        )
    others = pipeline.left_out(settings).most_common(8)
    if others:
        say("not looked at: " + ", ".join(f"{count} {reason}" for reason, count in others))
    say_conflicts(settings)


@click.command()
@click.pass_context
def undo(ctx: click.Context) -> None:
    """Take the newest round back; the one before is the newest again. What people decided stays in kb/decisions.

    Example: helploop undo
    """
    say(f"round {pipeline.undo(settings_of(ctx))} is taken back")
    for question, kind in pipeline.decisions_since(settings_of(ctx)):
        say(f"still decided, and binding from the next round on: helploop questions take-back {question} {kind}")


def change_lines(made: Round, labels: Mapping[str, str]) -> list[str]:
    """What a person wants to know about a round that is not the first: each regrouped, new and gone question by name.

    labels: of questions of this round and of the one before.
    """
    if not made.gone and set(made.inherited.values()) <= {"new"}:
        return []  # the first round: `helploop questions` lists it
    absorbed = {old for olds in made.merged.values() for old in olds}
    new = [f"new     {_name(q.id, labels)}" for q in made.questions if made.inherited[q.id] == "new"]
    gone = [f"gone    {_name(key, labels)}" for key in made.gone if key not in absorbed and key not in made.split]
    split = [f"split   {_name(key, labels)} into {_names(parts, labels)}" for key, parts in made.split.items()]
    merged = [f"merged  {_names(olds, labels)} into {_name(key, labels)}" for key, olds in made.merged.items()]
    return [line for lines in (split, merged, new, gone) for line in _shortened(lines)]


def _regrouped(made: Round, labels: Mapping[str, str]) -> dict[str, object]:
    split = [{"id": key, "label": labels.get(key, ""), "into": list(parts)} for key, parts in made.split.items()]
    merged = [{"id": key, "label": labels.get(key, ""), "from": list(olds)} for key, olds in made.merged.items()]
    return {"split": split, "merged": merged}


def _name(key: str, labels: Mapping[str, str]) -> str:
    return f"{key} {labels[key]!r}" if labels.get(key) else key


def _names(keys: Sequence[str], labels: Mapping[str, str]) -> str:
    return ", ".join(_name(key, labels) for key in keys)


def _shortened(lines: Sequence[str]) -> list[str]:
    rest = len(lines) - _NAMED
    return [*lines[:_NAMED], f"        and {rest} more"] if rest > 0 else list(lines)
