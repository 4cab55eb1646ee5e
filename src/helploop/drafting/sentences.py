"""Splits an agent's reply into units a draft may use: sentences, and list items, menu paths and code kept whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ABBREVIATIONS = re.compile(
    r"e\.g|i\.e|a\.m|p\.m|eg|ie|etc|mr|mrs|ms|dr|st|nos?|vs|approx|ca|cf|incl|excl|max|min|tel|fig|inc|ltd|co|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]", re.IGNORECASE)
_CODE = re.compile(r"`[^`\n]{1,400}`")
_ITEM = re.compile(r"^\s{0,12}(?:(?P<number>\(?\d{1,2}[.)])|[-*•–▪◦+])\s+(?=\S)")
_INLINE_NUMBER = re.compile(r"(?:(?<=\s)|^)\(?(\d{1,2})[.)]\s+(?=[A-Z\"'])")
_QUOTED = re.compile(r"^\s*(?:>|&gt;|\|\s)")
_SAID = re.compile(r"^\s*(?:on .{4,80} wrote:|.{1,60} (?:said|wrote|schrieb|a écrit)\s*:?)\s*$", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_FACES = re.compile(r"(?:(?<=\s)|^)[:;]-?[)(DP](?=\s|$|[.,!])|[\U0001F300-\U0001FAFF\u2600-\u27BF\uFE0F]")
_MASK = "\ue000{}\ue001"
_MASKED = re.compile("\ue000(\\d+)\ue001")
_END = re.compile(r"(?<![.!?])[.!?]{1,10}[\"'”’)\]]{0,4}\s+")


@dataclass(frozen=True)
class Unit:
    """A piece of a reply that stands or falls as one."""

    text: str  # one line, spaces joined, without its bullet or number
    is_item: bool  # came as a numbered or bulleted item: part of a run of steps
    number: int  # place in its reply, from 0


def split_reply(text: str) -> tuple[Unit, ...]:
    """The units of one reply in their order. Quoted lines are left out; cost is linear in the text."""
    masked, kept = _mask(text)
    pieces: list[tuple[str, bool]] = []
    for line, is_item in _lines(masked):
        if is_item:
            pieces.append((line, True))
        else:
            pieces.extend((sentence, False) for sentence in _sentences(line))
    units: list[Unit] = []
    for piece, is_item in pieces:
        plain = _SPACES.sub(" ", _FACES.sub(" ", _unmask(piece, kept))).strip()
        if plain:
            units.append(Unit(plain, is_item, len(units)))
    return tuple(units)


def has_link(text: str) -> bool:
    """Whether a web address stands in it."""
    return _URL.search(text) is not None


def without_links(text: str) -> str:
    """The text with web addresses taken out."""
    return _URL.sub(" ", text)


def _mask(text: str) -> tuple[str, list[str]]:
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found.group())
        return _MASK.format(len(kept) - 1)

    text = text.replace("\ue000", "").replace("\ue001", "").replace("\r\n", "\n")
    return _CODE.sub(keep, _URL.sub(keep, text)), kept


def _unmask(text: str, kept: list[str]) -> str:
    while _MASKED.search(text):  # a link inside code is masked twice
        text = _MASKED.sub(lambda found: kept[int(found.group(1))], text)
    return text


def _lines(text: str) -> list[tuple[str, bool]]:
    """Lines with hard wraps joined: (line, is a list item)."""
    lines: list[tuple[str, bool]] = []
    is_open = False  # the next line may go on with this one
    for raw in text.split("\n"):
        if not raw.strip() or _QUOTED.match(raw) or _SAID.match(raw):
            is_open = False
            continue
        item = _ITEM.match(raw)
        if item:
            lines.append((raw[item.end() :].strip(), True))
        elif is_open and (raw.startswith("  ") or raw.strip()[0].islower()):
            lines[-1] = (f"{lines[-1][0]} {raw.strip()}", lines[-1][1])
        else:
            lines.extend(_inline_items(raw.strip()))
        is_open = lines[-1][1] or (len(raw) > 60 and not raw.rstrip().endswith((".", "!", "?", ":")))
    return lines


def _inline_items(line: str) -> list[tuple[str, bool]]:
    """ "Do this: 1. Open it. 2. Close it." as its parts; any other line as it is."""
    marks = list(_INLINE_NUMBER.finditer(line))
    if len(marks) < 2 or [int(mark.group(1)) for mark in marks] != list(range(1, len(marks) + 1)):
        return [(line, False)]
    head = line[: marks[0].start()].strip()
    ends = [mark.start() for mark in marks[1:]] + [len(line)]
    items = [(line[mark.end() : end].strip(), True) for mark, end in zip(marks, ends, strict=True)]
    return ([(head, False)] if head else []) + items


def _sentences(line: str) -> list[str]:
    found, start = [], 0
    for end in _END.finditer(line):
        following = line[end.end() : end.end() + 1]
        if not following or (following.islower() and not end.group().startswith(("!", "?"))):
            continue
        word = line[start : end.start()].rsplit(" ", 1)[-1].lstrip("(\"'").lower()
        if end.group()[0] == "." and (
            _ABBREVIATIONS.fullmatch(word) or (len(word) == 1 and word.isalpha() and word != "i")
        ):
            continue
        found.append(line[start : end.end()].strip())
        start = end.end()
    found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]
