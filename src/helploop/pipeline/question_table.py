"""What stands in the table of questions: agents' minutes, and which questions in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helploop.config import Settings
from helploop.domain import Channel, Question, Round
from helploop.store import Store

_NO_AGENT = frozenset({Channel.SEARCH, Channel.FEEDBACK})


@dataclass(frozen=True)
class Minutes:
    """Agents' time on a question's inquiries."""

    total: float | None  # None: of no inquiry is it known
    missing: int  # inquiries without

    def __str__(self) -> str:
        """For a table: "340", "340+?" where some are missing, "" where all are."""
        if self.total is None:
            return ""
        return f"{self.total:.0f}{'+?' if self.missing else ''}"


@dataclass(frozen=True)
class QuestionFilter:
    """Which questions, and in which order; empty asks for all."""

    states: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    words: str = ""  # each must stand in label, keyphrases or id
    order: str = "customers"  # customers, minutes, trend, new
    limit: int = 0


def read_minutes(settings: Settings, made: Round) -> dict[str, Minutes]:
    """Agents' minutes of each question of a round. A search or a vote costs an agent nothing, and lacks nothing."""
    with Store(settings.database) as store:
        known = {inquiry.id: inquiry.agent_minutes for inquiry in store.inquiries() if inquiry.channel not in _NO_AGENT}
    found: dict[str, Minutes] = {}
    for question in made.questions:
        asked = [known[member] for member in question.members if member in known]
        spent = [minutes for minutes in asked if minutes is not None]
        found[question.id] = Minutes(sum(spent) if spent else None, len(asked) - len(spent))
    return found


def select_questions(made: Round, minutes: Mapping[str, Minutes], wanted: QuestionFilter) -> tuple[Question, ...]:
    """The questions of a round that the filter asks for, in its order; equals by customers, then id."""
    words = wanted.words.casefold().split()
    found = [
        question
        for question in made.questions
        if (not wanted.states or question.state in wanted.states)
        and (not wanted.channels or wanted.channels & question.channels.keys())
        and all(word in _text(question) for word in words)
    ]

    def place(question: Question) -> tuple[object, ...]:
        spent = minutes[question.id].total if question.id in minutes else None
        half = len(question.trend) // 2
        rise = sum(question.trend[half:]) - sum(question.trend[:half])
        first = {
            "minutes": -(spent or 0.0),
            "trend": -rise,
            "new": made.inherited.get(question.id, "new") != "new",
        }.get(wanted.order, 0)
        return first, -question.customers, question.id

    found.sort(key=place)
    return tuple(found[: wanted.limit] if wanted.limit else found)


def _text(question: Question) -> str:
    return " ".join((question.id, question.label, *question.keyphrases)).casefold()
