"""What every reader of a file format offers and gets. One reader per file beside this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helploop.domain import Channel, IgnoredRow, RawInquiry, RejectedRow, SearchEvent
from helploop.intake.mapping import Mapping
from helploop.intake.sample import Sample

Record = RawInquiry | SearchEvent | RejectedRow | IgnoredRow

KEPT_TEXT = 20_000  # characters of one text (docs/measured.md, caps)
KEPT_ROW = 1_000_000  # characters of a rejected row that go to the quarantine


@dataclass(frozen=True)
class IntakeOptions:
    """How a file is to be read; everything may be left out."""

    source: str | None = None  # name of the source; else the mapping's, else the format's
    format: str | None = None  # a reader's name; None: recognised by content
    mapping: Mapping | None = None  # theirs to ours; None: docs/design.md's field names
    channel: Channel | None = None  # of rows that name none
    agent_addresses: tuple[str, ...] = ()  # "support@shop.example", "@shop.example", or agents' names
    slack_channels: tuple[str, ...] = ()  # names or patterns ("help-*") of the channels to read; empty: all but talks

    def source_name(self, format_name: str) -> str:
        """The source all records of the file belong to: the option, else the mapping's, else the format's name."""
        return self.source or (self.mapping.source if self.mapping else "") or format_name

    def channel_or(self, default: Channel) -> Channel:
        """The channel of a record that names none: the option, else the mapping's, else the format's."""
        return self.channel or (self.mapping.channel if self.mapping else None) or default

    def is_agent(self, by: str) -> bool:
        """Whether the options or the mapping name this author (address, "@domain" or name) as an agent."""
        author = by.strip().lower()
        known = (*self.agent_addresses, *(self.mapping.agents if self.mapping else ()))
        return any(author.endswith(a) if a.startswith("@") else author == a for a in (k.lower() for k in known))


@dataclass(frozen=True)
class Row:
    """One record of a table: its values, or what is wrong with it."""

    line: int  # where it begins, from 1; 0 when unknown
    values: dict[str, Any] | None  # None: it has a problem
    raw: str | None = None  # as it stands in the file; None for a binary file: its values as JSON stand for it
    problem: str = ""


@dataclass(frozen=True)
class Table:
    """A file of rows with named fields, opened: what the fields are called, and the rows one by one."""

    columns: tuple[str, ...]  # of nested records the dotted paths
    seen_in: str  # "the header of tickets.csv", for messages
    rows: Iterator[Row]
    twice: frozenset[str] = frozenset()  # names that the header has more than once


OpenTable = Callable[[Path, Mapping | None], Table]  # the mapping says which columns are looked for


@dataclass(frozen=True)
class Reader:
    """A file format: its name for --from, how it is told by its start, and how it is read."""

    name: str
    channel: Channel  # of rows that name none
    looks_like: str  # what its files begin with, for error messages
    recognises: Callable[[Sample], bool]
    read: Callable[[Sequence[Path], IntakeOptions], Iterator[Record]]  # its files of one call, in their order
    table: OpenTable | None = None  # of the formats whose records are rows with named fields
    joins_files: bool = False  # True: an export of several files (tickets and their comments) is read as one
    source: str = ""  # of its records when nobody names one; "": its name
    knows_fields: bool = False  # True: the export of one system; a file with a mapping's [fields] is not given to it


def one_by_one(read: Callable[[Path, IntakeOptions], Iterator[Record]]) -> Callable[..., Iterator[Record]]:
    """The `read` of a format whose files have nothing to do with each other."""

    def read_all(paths: Sequence[Path], options: IntakeOptions) -> Iterator[Record]:
        for path in paths:
            yield from read(path, options)

    return read_all
