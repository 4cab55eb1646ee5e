"""Every place that can hold something of a customer, and what `forget` does there.

A feature that keeps customers' data anew adds its file here, or its table in store/erasing.py: a test fails until it
does, and the byte search at the end of `forget` looks into every file, whether it stands here or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


class Treatment(StrEnum):
    """What `forget` does with a file in which it finds something of the customer."""

    OWN_CODE = "taken out of it"  # the database, drafts, the ledger, decisions
    ROWS = "its row is removed"
    WHOLE = "removed whole"  # a command makes it again
    PEOPLE = "named, not changed"  # what people wrote or published
    NONE = "holds nothing of anybody"


@dataclass(frozen=True)
class Place:
    """Files of one kind, by their path in the site's folder."""

    pattern: str  # as PurePosixPath.match takes it; "folder/" stands for all below
    holds: str  # what of a customer, in words
    treatment: Treatment

    def covers(self, path: str) -> bool:
        """Whether a file (its path in the site's folder) is of this kind."""
        if self.pattern.endswith("/"):
            return path.startswith(self.pattern)
        return PurePosixPath(path).match(self.pattern) and path.count("/") == self.pattern.count("/")


PLACES = (
    Place(".helploop/*.db", "redacted inquiries, their vectors and rounds", Treatment.OWN_CODE),
    Place(".helploop/*.db-wal", "pages of the database on their way into it", Treatment.OWN_CODE),
    Place(".helploop/*.db-shm", "where pages are", Treatment.OWN_CODE),
    Place(".helploop/quarantine/", "rows that could not be read, raw", Treatment.ROWS),
    Place(".helploop/outbox/listed.json", "which inquiries were handed over when", Treatment.OWN_CODE),
    Place(".helploop/outbox/", "complaints, compliments and ideas, redacted, for their owners", Treatment.WHOLE),
    Place(".helploop/report/", "questions in customers' words", Treatment.WHOLE),
    Place(".helploop/visits.jsonl", "the demo's searches", Treatment.ROWS),
    Place(".helploop/key", "the key of all hashes", Treatment.NONE),
    Place(".helploop/models/", "the encoder in 8-bit integers", Treatment.NONE),
    Place(".helploop/salts/", "the salts of visitors' hashes", Treatment.NONE),
    Place(".helploop/forgotten.jsonl", "keyed hashes of who was forgotten", Treatment.NONE),
    Place(".helploop/receipts/", "what was erased when, without saying whose", Treatment.NONE),
    Place(".helploop/erasing*", "that an erasure is under way", Treatment.NONE),
    Place(".helploop/build.lock", "that a build is under way", Treatment.NONE),
    Place(".helploop/demo", "that the demo made this folder", Treatment.NONE),
    Place("kb/questions.jsonl", "which inquiries a question stands for, and its wording", Treatment.OWN_CODE),
    Place("kb/triage.jsonl", "which inquiries a person decided on", Treatment.ROWS),
    Place("kb/drafts/", "lines of replies with their evidence, customers' wordings", Treatment.OWN_CODE),
    Place("kb/decisions/*.toml", "names and reasons, as people typed them; ids of inquiries", Treatment.OWN_CODE),
    Place("kb/articles/", "what people wrote, aliases in customers' words", Treatment.PEOPLE),
    Place("kb/search/", "words for the search", Treatment.PEOPLE),
    Place("kb/baseline.json", "figures", Treatment.PEOPLE),
    Place("site/", "what is published of the articles", Treatment.PEOPLE),
)


def is_leftover(path: str) -> bool:
    """Whether a file is what a killed writer left behind: nobody reads it any more."""
    name = PurePosixPath(path).name
    return name.startswith(".") and name.endswith((".part", ".tmp"))


def place_of(path: str) -> Place | None:
    """The place a file belongs to; None: nobody has thought of it."""
    return next((place for place in PLACES if place.covers(path)), None)


def treated(treatment: Treatment) -> Iterator[Place]:
    """The places that are treated so."""
    return (place for place in PLACES if place.treatment is treatment)
