"""The outbox as files: for each owner a page to read and a table to sort, and what was listed in it when.

A folder remembers (listed.json, ids only) when it first listed an inquiry: writing it again changes nothing but what
has changed, and tells an owner what is new.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from defusedcsv import csv

from helploop.articles import slug, write_atomically
from helploop.domain import InquiryId
from helploop.errors import StoreError
from helploop.triage.options import HANDED_OVER
from helploop.triage.outbox import OutboxItem, ReplyState

NOBODY = "nobody"  # the file of what has no owner
COLUMNS = (
    *("inquiry", "section", "kind", "escalation", "category", "reply", "due_at", "received_at", "first_reply_at"),
    *("channel", "owner", "backup", "first_listed_at", "title", "text", "why"),
)
_TITLES = {"escalation": "Escalations", "complaint": "Complaints", "compliment": "Compliments", "idea": "Ideas"}
_EXCERPT = 600  # characters of a text in the page; the table has the same
_LISTED = "listed.json"
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


@dataclass(frozen=True)
class Listed:
    """What a folder held when it was written last."""

    first_at: Mapping[InquiryId, datetime]  # when each inquiry was first listed there
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnerBox:
    """One owner's part."""

    owner: str  # "" when nobody is named
    backup: str  # "" when nobody is named, several joined by a comma
    items: tuple[OutboxItem, ...]
    page: Path
    table: Path

    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many of each section, and how many wait longer than they should; no zeros."""
        sections = [(_TITLES[name].lower(), sum(i.section == name for i in self.items)) for name in HANDED_OVER]
        overdue = ("overdue", sum(item.state is ReplyState.OVERDUE for item in self.items))
        return tuple((name, number) for name, number in (*sections, overdue) if number)


def read_listed(folder: Path) -> Listed:
    """What the folder listed before; nothing where it is new. Raises StoreError when its listed.json is damaged."""
    path = folder / _LISTED
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Listed)
    except FileNotFoundError:
        return Listed({})
    except (OSError, msgspec.MsgspecError, RecursionError) as error:
        raise StoreError(f"{path}: cannot be read ({error}); delete it, and everything counts as new") from error
    return found


def still_listed(items: Sequence[OutboxItem], listed: Listed, since: datetime) -> tuple[OutboxItem, ...]:
    """Without what was settled and first listed before `since`: an owner had the time to read it."""
    return tuple(
        item
        for item in items
        if item.is_waiting or (first := listed.first_at.get(item.inquiry.id)) is None or first >= since
    )


def write_outbox(items: Sequence[OutboxItem], folder: Path, listed: Listed, now: datetime) -> tuple[OwnerBox, ...]:
    """Writes NAME.md and NAME.csv for each owner, takes away those of owners who have nothing any more.

    Raises ArticleError when the folder cannot be written.
    """
    first_at = {item.inquiry.id: listed.first_at.get(item.inquiry.id, now) for item in items}
    boxes = _boxes(items, folder)
    for box in boxes:
        write_atomically(box.page, render_page(box, first_at, now).encode("utf-8", "replace"))
        write_atomically(box.table, render_table(box, first_at).encode("utf-8", "replace"))
    files = tuple(path.name for box in boxes for path in (box.page, box.table))
    # everything ever listed is remembered: a complaint that is opened again is not new
    whole = {**listed.first_at, **first_at}
    shape: dict[str, Any] = {"first_at": {key: whole[key].isoformat() for key in sorted(whole)}, "files": files}
    write_atomically(folder / _LISTED, json.dumps(shape, indent=1).encode() + b"\n")
    for name in set(listed.files) - set(files):
        if Path(name).name == name:  # a damaged list takes nothing away elsewhere
            (folder / name).unlink(missing_ok=True)
    return boxes


def render_page(box: OwnerBox, first_at: Mapping[InquiryId, datetime], now: datetime) -> str:
    """Markdown: what is handed over to one owner, by section; texts redacted, on one line, with no markup of theirs."""
    lines = [f"# For {_plain(box.owner) or 'nobody: name an owner under [triage] in helploop.toml'}", ""]
    backup = _plain(box.backup) or "nobody"
    lines += [f"As of {_time(now)}. Backup: {backup}. Times are UTC; `helploop inquiry ID` opens one.", ""]
    for section in HANDED_OVER:
        found = [item for item in box.items if item.section == section]
        if found:
            lines += [f"## {_TITLES[section]} ({len(found)})", ""]
            lines += [line for item in found for line in _entry(item, first_at[item.inquiry.id])]
    return "\n".join(lines)


def render_table(box: OwnerBox, first_at: Mapping[InquiryId, datetime]) -> str:
    """CSV with COLUMNS; a cell that a spreadsheet would take for a formula is defused."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in box.items:
        i = item.inquiry
        escalation = "; ".join(f"{topic}: {word}" for topic, word in item.topics.items())
        times = [_iso(at) for at in (item.due_at, i.received_at, i.first_reply_at)]
        facts = [i.id, item.section, i.kind.value, escalation, item.category, item.state.value, *times]
        people = [i.channel.value, item.owner, item.backup, _iso(first_at[i.id])]
        writer.writerow([*facts, *people, _line(i.title), excerpt(item), i.kind_reason])
    return out.getvalue()


def excerpt(item: OutboxItem) -> str:
    """The inquiry's text on one line, cut at 600 characters."""
    text = _line(item.inquiry.text)
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1].rsplit(" ", 1)[0] + "…"


def _boxes(items: Sequence[OutboxItem], folder: Path) -> tuple[OwnerBox, ...]:
    by_owner: dict[str, list[OutboxItem]] = {}
    for item in items:
        by_owner.setdefault(item.owner, []).append(item)
    names = {owner: slug(owner) if owner else NOBODY for owner in sorted(by_owner)}
    taken: dict[str, int] = {}
    boxes = []
    for owner, name in names.items():
        taken[name] = taken.get(name, 0) + 1
        file = name if taken[name] == 1 else f"{name}-{taken[name]}"
        backups = ", ".join(sorted({item.backup for item in by_owner[owner] if item.backup}))
        found = tuple(by_owner[owner])
        boxes.append(OwnerBox(owner, backups, found, folder / f"{file}.md", folder / f"{file}.csv"))
    return tuple(boxes)


def _entry(item: OutboxItem, first_at: datetime) -> list[str]:
    i = item.inquiry
    facts = [i.id, f"**{_standing(item)}**", i.channel.value, item.category]
    facts += [f"received {_time(i.received_at)}" if i.received_at else "received at an unknown time"]
    facts += [f"{topic}: “{_plain(word)}”" for topic, word in item.topics.items()]
    facts += [f"{i.kind.value}: {_plain(i.kind_reason)}", f"listed since {_time(first_at)}"]
    title = f"{_plain(i.title)} — " if i.title.strip() else ""
    return [f"- {' · '.join(fact for fact in facts if fact)}", "", f"    “{title}{_plain(excerpt(item))}”", ""]


def _standing(item: OutboxItem) -> str:
    due = f" {_time(item.due_at)}" if item.due_at else ""
    said = {
        ReplyState.OVERDUE: f"overdue since{due}",
        ReplyState.OPEN: f"reply due{due}" if due else "not answered, due time unknown",
        ReplyState.LATE: "answered late",
        ReplyState.ANSWERED: "answered, in time or not is unknown",
        ReplyState.MET: "answered in time",
        ReplyState.NO_STANDARD: "",
    }
    return said[item.state] or item.section


def _plain(text: str) -> str:
    """Text on one line that a Markdown viewer shows as it is: no link, image or tag of a customer's comes alive."""
    return _MARKUP.sub(r"\\\1", _line(text))


def _line(text: str) -> str:
    return " ".join(text.split())


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "unknown"


def _iso(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
