"""What people decided on questions, taken together: which ids are one question, which must not be, what contradicts.

Of two words that cannot both hold the later one holds, and the other is reported, never dropped silently: the newest
decision is heard first, and one that contradicts those heard before is a conflict. At the same moment keeping apart is
heard before merging, as it loses nothing. The order in which decisions are given plays no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations, product

from helploop.domain import Apart, InquiryId, Merge, QuestionId, Split

Decision = Merge | Split | Apart


@dataclass(frozen=True)
class Conflict:
    """A decision that does not hold, or has nothing to hold on to."""

    question: QuestionId  # in whose file it stands
    kind: str  # merged, split or apart
    other: QuestionId  # of kept apart: from which; else ""
    said: str  # what contradicts it, in words
    is_asleep: bool = False  # nothing contradicts it: none of its inquiries is in the log's questions


@dataclass(frozen=True)
class Group:
    """Ids that stand for one question."""

    id: QuestionId  # what it is called
    ids: frozenset[QuestionId]
    is_one: bool  # its inquiries must stay together: it was merged, or cut out as a part
    is_part: bool  # it was cut out: a question however few ask it


@dataclass(frozen=True)
class Claim:
    """That an inquiry belongs to a question, by the latest decision that names it."""

    group: int  # index of Agreement.groups
    question: QuestionId  # one of the group's ids


@dataclass(frozen=True)
class Agreement:
    """The decisions that hold, joined."""

    groups: tuple[Group, ...] = ()  # sorted by id
    claims: Mapping[InquiryId, Claim] = field(default_factory=dict)
    apart: frozenset[tuple[int, int]] = frozenset()  # pairs of groups, the lower index first
    merged: Mapping[QuestionId, QuestionId] = field(default_factory=dict)  # each id that went -> what it is called now
    parts: Mapping[QuestionId, frozenset[QuestionId]] = field(default_factory=dict)  # split question -> the new ids
    sides: tuple[tuple[Decision, tuple[QuestionId, ...]], ...] = ()  # the ids each decision that holds is about
    conflicts: tuple[Conflict, ...] = ()  # sorted


def settle(merges: Sequence[Merge], splits: Sequence[Split], aparts: Sequence[Apart]) -> Agreement:
    """The agreement of all decisions. Pure, and the same in whatever order they come."""
    hearing = _Hearing(splits)
    pairs = [(split, one, two) for split in splits for one, two in combinations(sorted(split.parts), 2)]
    words: list[tuple[Decision, QuestionId, QuestionId]] = [
        *((apart, apart.question, apart.other) for apart in aparts),
        *pairs,
        *((merge, merge.question, merge.into) for merge in merges),
    ]
    for decision, one, two in sorted(words, key=lambda word: (-word[0].at.timestamp(), *_key(word[0]), word[1:])):
        hearing.hear(decision, one, two)
    return hearing.agreement(merges, splits, aparts)


class _Hearing:
    """Decisions heard one by one, the newest first."""

    def __init__(self, splits: Sequence[Split]) -> None:
        self._splits = splits
        self._class: dict[QuestionId, QuestionId] = {}  # id -> the id that stands for its class
        self._into: dict[QuestionId, Merge] = {}  # merges that hold, by the question that went
        self._apart: dict[tuple[QuestionId, QuestionId], Decision] = {}  # the latest that holds, by ids
        self._held: list[Decision] = []  # those of keeping apart
        self._conflicts: list[Conflict] = []

    def hear(self, decision: Decision, one: QuestionId, two: QuestionId) -> None:
        """Takes a word in, or notes what contradicts it."""
        if isinstance(decision, Merge):
            self._hear_merge(decision)
        elif self._find(one) != self._find(two):
            self._apart.setdefault((min(one, two), max(one, two)), decision)
            self._held.append(decision)
            for first, second in product(self._later(one, decision.at), self._later(two, decision.at)):
                if self._find(first) != self._find(second):
                    self._apart.setdefault((min(first, second), max(first, second)), decision)
        else:
            joined = [m for m in self._into.values() if self._find(m.question) == self._find(one)]
            said = f"{_named(decision, one, two)}, but {_listed(joined)}: the later word holds"
            self._note(decision, said)

    def agreement(self, merges: Iterable[Merge], splits: Iterable[Split], aparts: Iterable[Apart]) -> Agreement:
        """All that was heard."""
        held: list[tuple[Decision, tuple[QuestionId, ...]]] = []
        held += [(m, (m.question, m.into)) for m in merges if self._into.get(m.question) is m]
        held += [(split, tuple(sorted(split.parts))) for split in splits]
        held += [(a, (a.question, a.other)) for a in aparts if a in self._held]
        held.sort(key=lambda one: (one[0].at, *_key(one[0])))
        names = sorted({name for _, sides in held for name in sides})
        called = {name: self._called(name) for name in names}
        parts = {part for split in splits for part in split.parts}
        ids = {final: frozenset(n for n in names if called[n] == final) for final in sorted(set(called.values()))}
        groups = tuple(Group(final, of, len(of) > 1 or bool(of & parts), bool(of & parts)) for final, of in ids.items())
        index = {name: number for number, group in enumerate(groups) for name in group.ids}
        return Agreement(
            groups=groups,
            claims={i: Claim(index[name], name) for i, name in _claims(held).items()},
            apart=frozenset(
                (min(index[one], index[two]), max(index[one], index[two]))
                for one, two in self._apart
                if one in index and two in index
            ),
            merged={name: called[name] for name in names if called[name] != name},
            parts={split.question: frozenset(split.parts) - {split.question} for split in splits},
            sides=tuple(held),
            conflicts=tuple(sorted(self._conflicts, key=lambda c: (c.question, c.kind, c.other, c.said))),
        )

    def _hear_merge(self, merge: Merge) -> None:
        one, two = self._find(merge.question), self._find(merge.into)
        against = [
            (pair, word)
            for pair, word in self._apart.items()
            if {self._find(pair[0]), self._find(pair[1])} == {one, two}
        ]
        if one != two and against:
            (first, second), word = min(against, key=lambda item: item[0])
            said = (
                f"{_named(merge, merge.question, merge.into)}, but {_named(word, first, second)}: the later word holds"
            )
            self._note(merge, said)
            return
        self._into[merge.question] = merge
        for name in [*self._class, merge.question, merge.into]:
            if self._find(name) == two:
                self._class[name] = one
        self._class.setdefault(merge.question, one)

    def _later(self, name: QuestionId, at: datetime) -> set[QuestionId]:
        """A question and what was cut out of it after a moment: what was said of the whole holds for its parts."""
        found = {name}
        for split in sorted(self._splits, key=lambda split: split.at):
            if split.question in found and split.at > at:
                found |= split.parts.keys()
        return found

    def _find(self, name: QuestionId) -> QuestionId:
        return self._class.get(name, name)

    def _called(self, name: QuestionId) -> QuestionId:
        """What a question is called in the end; a circle of merges is called as its latest one says."""
        seen: list[QuestionId] = []
        while name in self._into and name not in seen:
            seen.append(name)
            name = self._into[name].into
        if name not in seen:
            return name
        circle = [self._into[one] for one in seen[seen.index(name) :]]
        latest = max(circle, key=lambda merge: (merge.at, merge.question))
        wrong = self._into[latest.into]
        chain = " and ".join(_named(m, m.question, m.into) for m in sorted(circle, key=lambda m: m.question))
        self._note(wrong, f"{chain}: that is a circle; it is called {latest.into} as the latest word says")
        return latest.into

    def _note(self, decision: Decision, said: str) -> None:
        kind, question, other = _key(decision)[1:]
        conflict = Conflict(QuestionId(question), kind, QuestionId(other), said)
        if conflict not in self._conflicts:
            self._conflicts.append(conflict)


def _claims(held: Iterable[tuple[Decision, tuple[QuestionId, ...]]]) -> dict[InquiryId, QuestionId]:
    """Where each inquiry belongs: the latest word on it holds; at the same moment that of a split, which is finer."""
    found: dict[InquiryId, QuestionId] = {}
    for decision, _ in sorted(held, key=lambda one: (one[0].at, isinstance(one[0], Split))):
        for name, members in sides_of(decision).items():
            found.update(dict.fromkeys(members, name))
    return found


def sides_of(decision: Decision) -> dict[QuestionId, tuple[InquiryId, ...]]:
    """The questions a decision is about, each with the inquiries it names of it."""
    match decision:
        case Merge():
            return {decision.question: decision.members, decision.into: decision.into_members}
        case Split():
            return dict(sorted(decision.parts.items()))
        case Apart():
            return {decision.question: decision.members, decision.other: decision.other_members}


def decision_key(decision: Decision) -> tuple[QuestionId, str, QuestionId]:
    """Whose file a decision stands in, its kind, and from which other it keeps apart ("" of other kinds)."""
    _, kind, question, other = _key(decision)
    return QuestionId(question), kind, QuestionId(other)


def _key(decision: Decision) -> tuple[int, str, str, str]:
    match decision:
        case Apart():
            return 0, "apart", decision.question, decision.other
        case Split():
            return 1, "split", decision.question, ""
        case Merge():
            return 2, "merged", decision.question, ""


def _named(decision: Decision, one: QuestionId, two: QuestionId) -> str:
    who = f"({decision.by}, {decision.at.date()})"
    match decision:
        case Merge():
            return f"{decision.question} is merged into {decision.into} {who}"
        case Split():
            return f"{one} and {two} are parts of {decision.question}, which is split {who}"
        case Apart():
            return f"{one} and {two} are kept apart {who}"


def _listed(merges: Iterable[Merge]) -> str:
    return " and ".join(_named(m, m.question, m.into) for m in sorted(merges, key=lambda m: m.question))
