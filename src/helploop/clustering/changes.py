"""What became of the last round's questions: new, grown, shrunk, gone, split and merged ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from helploop.domain import Question, QuestionId, Round

_LEAST_PART = 0.2  # of a question's members in one other question: less is a few that moved, not a part that split off
_MOST = 0.5  # of a question's members, or more, in another one: it went into it
_LEAST_ROWS = 2  # one inquiry that moved is never a part


@dataclass(frozen=True)
class Changes:
    """A round against the one before. Every mapping is sorted by question."""

    inherited: Mapping[str, str]  # question id -> new, grown, shrunk, same
    gone: tuple[QuestionId, ...] = ()  # ids of the last round that no question has any more, merged ones among them
    split: Mapping[str, tuple[QuestionId, ...]] = field(default_factory=dict)  # old question -> where its parts are
    merged: Mapping[str, tuple[QuestionId, ...]] = field(default_factory=dict)  # question -> old ones that are in it


def compare_rounds(previous: Round | None, questions: Sequence[Question]) -> Changes:
    """The changes that a round's questions are, against the round before; all are new when there is none.

    Split and merged are told by the inquiries that stand in a question in both rounds: an old question is split when
    two or more questions have a fifth of it each; a question is merged when it has at least half of each of two or
    more old ones. An old question can be both: a fifth of it fell off, the rest went elsewhere.
    """
    old = {question.id: question for question in previous.questions} if previous is not None else {}
    inherited: dict[str, str] = {q.id: _compare(q, old.get(q.id)) for q in sorted(questions, key=lambda q: q.id)}
    where = {member: question.id for question in questions for member in question.members}
    split: dict[str, tuple[QuestionId, ...]] = {}
    went_into: dict[QuestionId, list[QuestionId]] = {}
    for key in sorted(old):
        parts = Counter(where[member] for member in old[key].members if member in where)
        placed = parts.total()
        great = [q for q, rows in sorted(parts.items()) if rows >= max(_LEAST_ROWS, _LEAST_PART * placed)]
        if len(great) > 1:
            split[key] = tuple(sorted(great, key=lambda q: (-parts[q], q)))
        for question in great:
            if parts[question] >= _MOST * len(old[key].members):
                went_into.setdefault(question, []).append(key)
    return Changes(
        inherited=inherited,
        gone=tuple(sorted(old.keys() - inherited.keys())),
        split=split,
        merged={question: tuple(went_into[question]) for question in sorted(went_into) if len(went_into[question]) > 1},
    )


def _compare(question: Question, old: Question | None) -> str:
    if old is None:
        return "new"
    if len(question.members) == len(old.members):
        return "same"
    return "grown" if len(question.members) > len(old.members) else "shrunk"
