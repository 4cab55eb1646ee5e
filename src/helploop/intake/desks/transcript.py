"""A whole chat in one text, as help desks put it into a ticket when it ends, to its turns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from helploop.intake.desks.conversation import Turn

# "(10:17:44 AM) Ada: hello"; three stars stand where nobody speaks ("*** Ada joined the chat ***").
_LINE = re.compile(r"\((\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?)\) (\*\*\*|[^:\n]{1,100}?(?=: |:$))(.*)")
_ENOUGH = 2  # such lines make a transcript: one may be quoted


_VISITORS = ("visitor", "web user")  # what Zendesk calls those who gave no name, with a number behind it


def unfolded(turn: Turn, customer: str) -> list[Turn]:
    """The turns of the chat that a turn holds whole, lines of one person in a row joined; itself when it is no chat.

    What stands before the first line ("Chat started: ...") and what nobody said is left out. The transcript tells the
    time of day alone, so all have the turn's own; who is not the customer by name, or a nameless visitor, is an agent.
    """
    said = _said(turn.text)
    names = tuple(name.casefold() for name in (customer, *_VISITORS) if name)
    return [
        replace(
            turn,
            text=text,
            by=name,
            is_agent=not name.casefold().startswith(names),
            attachments=turn.attachments if place == 0 else (),
        )
        for place, (name, text) in enumerate(said)
    ] or [turn]


def _said(text: str) -> list[tuple[str, str]]:
    lines = list(_lines(text))
    turns: list[tuple[str, list[str]]] = []
    speaks = ""
    for name, line in lines:
        speaks = speaks if name is None else name.removeprefix("***")
        if speaks and turns and turns[-1][0] == speaks:
            turns[-1][1].append(line)
        elif speaks:
            turns.append((speaks, [line]))
    is_chat = sum(1 for name, _ in lines if name) >= _ENOUGH
    return [(name, "\n".join(said).strip()) for name, said in turns] if is_chat else []


def _lines(text: str) -> Iterator[tuple[str | None, str]]:
    """Each line with who begins to speak in it; None: it goes on."""
    for line in text.splitlines():
        told = _LINE.fullmatch(line.strip())
        yield (told[2], told[3].removeprefix(":").strip()) if told else (None, line)
