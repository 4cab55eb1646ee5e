"""What a dry run shows: how each file was recognised, and three records as they would be stored."""

from __future__ import annotations

from helploop.cli.output import say
from helploop.domain import Inquiry
from helploop.intake import Recognised
from helploop.pipeline import IntakeReport

_START = 160  # characters of a text


def say_preview(report: IntakeReport) -> None:
    """The files and the first records, for a person."""
    for file in report.files:
        _say_file(file)
    for inquiry in report.preview:
        _say_record(inquiry)


def _say_file(file: Recognised) -> None:
    by = f", read by {file.mapping}" if file.mapping else ", read by our own field names" if file.columns else ""
    say(f"\n{file.file}: {file.format}{by}")
    for ours, theirs in file.columns.items():
        say(f"  {ours:<15} {' | '.join(theirs)}")
    if file.unused:
        more = f" and {len(file.unused) - 20} more" if len(file.unused) > 20 else ""
        say(f"  not used:       {', '.join(file.unused[:20])}{more}")


def _say_record(inquiry: Inquiry) -> None:
    agents = sum(reply.is_agent for reply in inquiry.replies)
    times = {"received": inquiry.received_at, "first reply": inquiry.first_reply_at, "resolved": inquiry.resolved_at}
    scores = {"csat": inquiry.csat, "nps": inquiry.nps}
    facts = [f"{name} {at:%Y-%m-%d %H:%M}" if at else f"{name} unknown" for name, at in times.items()]
    facts += [f"{name} {value:g}" for name, value in scores.items() if value is not None]
    who = f"customer {inquiry.customer_key[:8]}" if inquiry.customer_key else "customer unknown"
    say(f"\n{inquiry.source} {inquiry.source_id} · {inquiry.channel} · {inquiry.kind} · {who}")
    say(f"  {' · '.join(facts)}")
    if inquiry.tags:
        say(f"  tags: {', '.join(inquiry.tags)}")
    if inquiry.title:
        say(f"  title: {inquiry.title}")
    text = " ".join(inquiry.text.split())
    say(f"  text: {text[:_START]}{'…' if len(text) > _START else ''}")
    say(f"  asks: {inquiry.question_text[:_START]}")
    say(f"  replies: {agents} by agents, {len(inquiry.replies) - agents} by the customer")
