"""The receipt of an erasure: what was removed where, and what the byte search found afterwards. It names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path

import msgspec

from helploop.erasure.files import write_privately
from helploop.erasure.needles import Needles, What
from helploop.erasure.search import Found, FoundInCommit

VERSION = 1
_HIDDEN = "(a path that names them)"


@dataclass(frozen=True)
class Receipt:
    """What came of one erasure. people: as the tombstones call them, keyed hashes."""

    at: datetime
    version: str  # of helploop
    people: tuple[str, ...]
    is_known: bool  # whether the database held anything of them
    removed: Mapping[str, int]  # place -> rows, lines, ids or files
    left: tuple[Found, ...]  # in machine state: should be none
    quoted: tuple[Found, ...]  # in what people wrote or published: named, not changed
    commits: tuple[FoundInCommit, ...]  # that hold their words or names
    commits_with_ids: int  # that hold ids of theirs and nothing else: hashes, which lead nowhere now
    needles: int  # things looked for
    files: int  # looked into
    bytes: int
    has_history: bool  # whether kb/ is in git
    is_compacted: bool  # False: the database is a server's, its files and backups are the server's business
    not_searched: int  # names too short or too common to be looked for

    def as_json(self) -> dict[str, object]:
        """The documented shape."""
        return {"v": VERSION, **{one.name: getattr(self, one.name) for one in fields(self)}}


def write_receipt(receipt: Receipt, needles: Needles, folder: Path) -> Path:
    """Writes a receipt that holds nothing of the needles: a path that does is not spelt out."""
    written = msgspec.json.format(msgspec.json.encode(receipt.as_json()), indent=1)
    if next(needles.find(written), None):
        receipt = replace(
            receipt,
            left=tuple(replace(found, file=_HIDDEN) for found in receipt.left),
            quoted=tuple(replace(found, file=_HIDDEN) for found in receipt.quoted),
            commits=tuple(replace(found, file=_HIDDEN) for found in receipt.commits),
        )
        written = msgspec.json.format(msgspec.json.encode(receipt.as_json()), indent=1)
    name = f"{receipt.at:%Y%m%dT%H%M%S}-{receipt.people[0][:8] if receipt.people else 'nobody'}.json"
    write_privately(folder / name, written + b"\n")
    return folder / name


def is_telling(found: FoundInCommit) -> bool:
    """Whether a commit holds what a person can read, not only an id."""
    return found.what not in (What.ID, What.KEY)
