"""Turns of a conversation to an inquiry and its replies: what all help desks' exports have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from helploop.cleaning.html import html_to_text, looks_like_html
from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply
from helploop.intake.desks.spool import Place
from helploop.intake.interface import Record
from helploop.intake.json_records import read_lists
from helploop.intake.sample import Sample
from helploop.intake.streams import mend
from helploop.intake.values import RowError, as_short, as_text

NO_CUSTOMER = "no words of a customer in it"
_HTML_CAP = 200_000  # characters of markup looked at: newsletters carry ten of it for one of text
_TAG = re.compile(r"<[^<>]{0,2000}>")
_OPENING_WORDS = 3  # "Hi", "Hello there", "Good morning everyone": a chat's first line that says nothing yet
_ATTACHMENTS = 100  # names kept


@dataclass(frozen=True)
class Turn:
    """One thing somebody said, as the export has it. Its repr hides the text."""

    text: str = field(repr=False)
    is_agent: bool
    by: str = field(default="", repr=False)  # an agent's name; a customer's name, mail or id
    at: datetime | None = None
    attachments: tuple[str, ...] = field(default=(), repr=False)
    helpful: int = 0


def told(draft: RawInquiry, turns: Iterable[Turn], place: Place) -> RawInquiry | IgnoredRow:
    """The draft with what was said in it: the customer's first turn is the inquiry, all that followed are replies.

    What agents said before it is left out with its title and time, as a mail campaign is. In a chat, lines of up to 3
    words that only open it ("Hi") are put before the customer's next line, so that the inquiry is what they asked.
    Ignored when nobody or no customer said anything.
    """
    said = _in_order([turn for turn in turns if turn.text.strip() or turn.attachments])
    first = next((i for i, turn in enumerate(said) if not turn.is_agent), None)
    if first is None and any(turn.text.strip() for turn in said):
        return IgnoredRow(place.file, place.line, NO_CUSTOMER)
    if first:
        draft = replace(draft, title="", received_at=None)
    asked, rest = (said[first], said[first + 1 :]) if first is not None else (_SILENCE, [])
    if draft.channel is Channel.CHAT:
        asked, rest = _past_openings(asked, rest)
    text, title = (asked.text, draft.title) if asked.text.strip() else (draft.title, "")
    if not text:
        return IgnoredRow(place.file, place.line, "blank")
    received_at = draft.received_at or asked.at
    answers = [turn.at for turn in rest if turn.is_agent and turn.at]
    if draft.first_reply_at and not (received_at and draft.first_reply_at < received_at):
        answers = answers or [draft.first_reply_at]
    names = dict.fromkeys(name for turn in (asked, *rest) for name in turn.attachments)
    return replace(
        draft,
        text=text,
        title=title,
        replies=tuple(RawReply(t.at, t.by, t.is_agent, t.text, t.helpful) for t in rest if t.text.strip()),
        received_at=received_at,
        first_reply_at=min(answers, default=None),
        attachments=tuple(names)[:_ATTACHMENTS],
    )


def read_each(
    path: Path, make: Callable[[dict[str, Any], Place], Record], keys: Sequence[str] = ()
) -> Iterator[Record]:
    """A record of each JSON object of a file, as read_lists finds them; one that raises ValueError is rejected."""
    for number, (line, value) in enumerate(read_lists(path, keys), 1):
        place = Place(path.name, line.number, number)
        if isinstance(value, str):
            yield place.rejected(value, line.text)
            continue
        try:
            yield make(value, place)
        except ValueError as error:
            yield place.rejected(str(error), line.text)


def text_or_html(plain: object, html: object = None) -> str:
    """The plain text where there is one, else the HTML as a browser shows it. Raises RowError."""
    text = as_text(plain)
    if text.strip() or html is None:
        return text
    if not isinstance(html, str):
        raise RowError(f"a text is expected where a {type(html).__name__} stands")
    page = mend(html[:_HTML_CAP])
    if not looks_like_html(page):
        return as_text(page)
    shown = html_to_text(page)
    if shown == page:  # given back as it was: nothing but markup, or nested more deeply than a browser would show
        shown = _TAG.sub(" ", page).strip()
    return as_text(shown)


def as_id(value: object) -> str:
    """An id as text, the same for 7, 7.0 and "7"; "" for none. Raises RowError."""
    if type(value) is int:
        return str(value)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return as_short(value)


def as_dict(value: object, name: str) -> dict[str, Any]:
    """The object under a name; {} for none. Raises RowError."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RowError(f"{name} is not an object")
    return value


def as_dicts(value: object, name: str) -> list[dict[str, Any]]:
    """The objects of a list under a name, however many; [] for none. Raises RowError."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise RowError(f"{name} is not a list of objects")
    return value


def listed(value: object, name: str) -> list[dict[str, Any]]:
    """The objects of a list, or of one that lies under its own name: {"tags": {"tags": [...]}}. Raises RowError."""
    return as_dicts(value.get(name) if isinstance(value, dict) else value, name)


def file_names(value: object, *keys: str) -> tuple[str, ...]:
    """The names of attached files, each under the first of the keys that has one. Raises RowError."""
    names = (
        next((as_short(item[key]) for key in keys if item.get(key)), "") for item in as_dicts(value, "attachments")
    )
    return tuple(name for name in names if name)


def known(*names: object) -> tuple[str, ...]:
    """The names that are there, each once. Raises RowError."""
    return tuple(dict.fromkeys(name for name in map(as_short, names) if name))


def mostly(sample: Sample, is_ours: Callable[[dict[str, Any]], bool]) -> bool:
    """Whether at least half of the JSON objects that a file begins with are of an export: one may be broken."""
    ours = sum(1 for row in sample.objects if is_ours(row))
    return ours > 0 and ours * 2 >= len(sample.objects)


_SILENCE = Turn("", is_agent=False)


def _past_openings(asked: Turn, rest: list[Turn]) -> tuple[Turn, list[Turn]]:
    while _only_opens(asked.text):
        more = next((i for i, turn in enumerate(rest) if not turn.is_agent and turn.text.strip()), None)
        if more is None:
            break
        text = "\n".join(t for t in (asked.text, rest[more].text) if t.strip())
        asked = replace(asked, text=text, attachments=(*asked.attachments, *rest[more].attachments))
        rest = rest[:more] + rest[more + 1 :]
    return asked, rest


def _only_opens(text: str) -> bool:
    return len(text.split()) <= _OPENING_WORDS and "?" not in text


def _in_order(turns: Sequence[Turn]) -> list[Turn]:
    """By time; a turn without one stays behind the turn it came after."""
    return [turn for _at, _place, turn in sorted(_dated(turns), key=lambda dated: dated[:2])]


def _dated(turns: Sequence[Turn]) -> Iterator[tuple[float, int, Turn]]:
    at = float("-inf")
    for place, turn in enumerate(turns):
        at = turn.at.timestamp() if turn.at else at
        yield at, place, turn
