"""Who gets what, within what time, and which words let a person look first: the options of triage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from helploop.domain import Kind
from helploop.triage.escalation import ESCALATION_WORDS, check_words

ESCALATION = "escalation"  # what has an escalation word is handed over under this name, whatever its kind is
HANDED_OVER = (ESCALATION, Kind.COMPLAINT.value, Kind.COMPLIMENT.value, Kind.IDEA.value)

_T = TypeVar("_T")


@dataclass(frozen=True)
class TriageOptions:
    """Owners, response standards, categories and escalation words.

    The keys of owners, backups and standard_hours are what is handed over (escalation, complaint, compliment, idea),
    alone or with a category, or a topic of escalation, behind a slash: "complaint", "complaint/delivery",
    "escalation/safety". The more exact one counts; an escalation without any is the complaints' owner's.
    """

    owners: Mapping[str, str] = field(default_factory=dict)
    backups: Mapping[str, str] = field(default_factory=dict)
    standard_hours: Mapping[str, float] = field(
        default_factory=lambda: {ESCALATION: 4.0, Kind.COMPLAINT.value: 4.0}
    )  # wall clock, from received to the first reply
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name -> its words; a tag counts as one
    escalation: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # topic -> words, instead of the defaults'

    def __post_init__(self) -> None:
        keys = {"owners": self.owners, "backups": self.backups, "standard_hours": self.standard_hours}
        for name, table in keys.items():
            for key in table:
                if key.split("/")[0] not in HANDED_OVER:
                    raise ValueError(f"{name}: {key!r} is not handed over; there are {', '.join(HANDED_OVER)}")
        if any(hours <= 0 for hours in self.standard_hours.values()):
            raise ValueError("standard_hours: hours must be more than 0")
        for words in (*self.categories.values(), *self.escalation.values()):
            check_words(words)

    @property
    def escalation_words(self) -> Mapping[str, tuple[str, ...]]:
        """Topic -> words: the defaults, each topic replaced by the configured one of its name."""
        return {**ESCALATION_WORDS, **self.escalation}


def nearest(table: Mapping[str, _T], kinds: Iterable[str], details: Iterable[str]) -> _T | None:
    """The entry of the first kind that has one: with the first of the details behind a slash, else alone."""
    wanted = tuple(details)
    for kind in kinds:
        for key in (*(f"{kind}/{detail}" for detail in wanted), kind):
            if table.get(key):
                return table[key]
    return None


def missing_people(options: TriageOptions) -> list[str]:
    """What nobody is named for, and what cannot be meant, in words: for `helploop doctor`."""
    found = []
    for title, table in (("owner", options.owners), ("backup", options.backups)):
        without = [key for key in HANDED_OVER if not nearest(table, stand_ins(key), ())]
        if without:
            found.append(f"no {title} for {', '.join(without)}")
    known = {"", *options.categories, *options.escalation_words}
    for name, keys in (("owners", options.owners), ("backups", options.backups), ("hours", options.standard_hours)):
        found += [f"{name}: {key!r} names no category" for key in keys if key.partition("/")[2] not in known]
    return found


def stand_ins(key: str) -> tuple[str, ...]:
    """Whose owner and standard count: an escalation without its own is treated like a complaint."""
    return (key, Kind.COMPLAINT.value) if key == ESCALATION else (key,)
