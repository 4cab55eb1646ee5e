"""What a person decides on questions: merged, split, kept apart, named, put off; listed, and taken back.

A decision goes into kb/decisions first, where it binds every later round; then the newest round is made again with it,
so that it is seen at once. `helploop undo` takes that round back, never the decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from helploop.clustering import new_id, propose_parts, settle
from helploop.config import Settings
from helploop.decisions import (
    Decisions,
    read_decisions,
    read_ledger,
    remove_decision,
    write_apart,
    write_merge,
    write_rename,
    write_snooze,
    write_split,
)
from helploop.domain import Apart, Inquiry, InquiryId, Merge, Question, QuestionId, Round, Split
from helploop.errors import HelploopError
from helploop.pipeline.binding import agree, decision_file, list_decisions
from helploop.pipeline.kept import whole_vectors
from helploop.pipeline.remaking import remake_round
from helploop.pipeline.rounds import find_question, read_questions
from helploop.store import Store

KINDS = ("merged", "split", "apart", "renamed", "snoozed", "rejected")
_WORDINGS = 3  # shown of a proposed part
_ROUNDS_BACK = 20  # searched for a merged question's inquiries when the merge is taken back


@dataclass(frozen=True)
class Decided:
    """What came of a decision."""

    file: str  # relative to the site's folder
    round: Round | None  # made again with it; None: it holds from the next round on
    questions: tuple[Question, ...]  # those that it is about, as they are now


@dataclass(frozen=True)
class Part:
    """A proposed part of a question."""

    members: tuple[InquiryId, ...]  # sorted
    wordings: tuple[str, ...]  # the nearest to its centre first


def merge_questions(
    settings: Settings, keep: str, others: Sequence[str], *, by: str, reason: str = "", at: datetime | None = None
) -> Decided:
    """Others are the question `keep` from now on; their ids are remembered.

    Raises HelploopError when an earlier decision contradicts it, with the command that takes that back.
    """
    made, moment = read_questions(settings), _moment(settings, at)
    kept = find_question(made, keep, settings)
    gone = [find_question(made, other, settings) for other in dict.fromkeys(others)]
    if not gone or kept in gone:
        raise HelploopError(f"{keep}: name the question to keep and others to merge into it")
    merges = [Merge(other.id, kept.id, moment, by, reason, other.members, kept.members) for other in gone]
    decisions = read_decisions(settings.kb)
    named = {merge.question for merge in merges}
    wanted = replace(decisions, merges=(*(m for m in decisions.merges if m.question not in named), *merges))
    _refuse_contradiction(decisions, wanted)
    for merge in merges:
        write_merge(settings.kb, merge)
    return _decided(settings, wanted, kept.id, [kept.id], moment)


def propose_split(settings: Settings, which: str, into: int | None = None) -> tuple[Part, ...]:
    """How a question could be several, the largest part first. Nothing is decided."""
    made = read_questions(settings)
    question = find_question(made, which, settings)
    with Store(settings.database) as store:
        inquiries = store.inquiries(question.members)
        vectors = whole_vectors(store, made.encoder_hash, inquiries)
    if vectors is None:
        raise HelploopError(f"{which}: the vectors of its inquiries are not kept any more: helploop cluster first")
    parts = []
    for positions in propose_parts(inquiries, vectors, into):
        mean = vectors[positions].mean(axis=0)
        nearest = sorted(positions, key=lambda p: (-round(float(vectors[p] @ mean), 6), inquiries[p].id))
        wordings = dict.fromkeys(inquiries[position].question_text for position in nearest)
        parts.append(Part(tuple(sorted(inquiries[p].id for p in positions)), tuple(wordings)[:_WORDINGS]))
    return tuple(parts)


def split_question(
    settings: Settings,
    which: str,
    parts: Sequence[Sequence[InquiryId]],
    *,
    by: str,
    reason: str = "",
    at: datetime | None = None,
) -> Decided:
    """Cuts a question into parts (what none of them names stays with the question): the largest keeps its id."""
    made, moment = read_questions(settings), _moment(settings, at)
    question = find_question(made, which, settings)
    sorted_parts = _whole_parts(question, parts)
    decisions = read_decisions(settings.kb)
    used = {q.id for q in made.questions} | {str(entry["id"]) for entry in read_ledger(settings.kb)} | decisions.ids
    named = {question.id: sorted_parts[0]}
    for members in sorted_parts[1:]:
        name = new_id(members[0], {*used, *named})
        named[name] = members
    before = next((split for split in decisions.splits if split.question == question.id), None)
    whole = {**(before.parts if before else {}), **named}
    split = Split(question.id, dict(sorted(whole.items())), moment, by, reason)
    wanted = replace(decisions, splits=(*(s for s in decisions.splits if s.question != question.id), split))
    _refuse_contradiction(decisions, wanted)
    write_split(settings.kb, split)
    return _decided(settings, wanted, question.id, list(named), moment)


def members_with(settings: Settings, which: str, words: str) -> tuple[InquiryId, ...]:
    """A question's inquiries whose wording contains all the words, in any case and order."""
    question = find_question(read_questions(settings), which, settings)
    wanted = words.casefold().split()
    with Store(settings.database) as store:
        found = [i.id for i in store.inquiries(question.members) if wanted and _contains(i, wanted)]
    if not found:
        raise HelploopError(f"{which}: no inquiry of it contains {words!r}")
    return tuple(sorted(found))


def keep_apart(
    settings: Settings, one: str, other: str, *, by: str, reason: str = "", at: datetime | None = None
) -> Decided:
    """Two questions must never become one."""
    made, moment = read_questions(settings), _moment(settings, at)
    first, second = find_question(made, one, settings), find_question(made, other, settings)
    if first == second:
        raise HelploopError(f"{one}: name two different questions")
    apart = Apart(first.id, second.id, moment, by, reason, first.members, second.members)
    decisions = read_decisions(settings.kb)
    wanted = replace(decisions, aparts=(*decisions.aparts, apart))
    _refuse_contradiction(decisions, wanted)
    write_apart(settings.kb, apart)
    return Decided(decision_file(settings, first.id), made, (first, second))


def rename_question(settings: Settings, which: str, label: str, *, by: str, on: date | None = None) -> Question:
    """A person's name for a question, kept in kb/decisions and shown from now on."""
    question = find_question(read_questions(settings), which, settings)
    write_rename(settings.kb, question.id, label, by=by, on=on or datetime.now(UTC).date())
    return replace(question, label=" ".join(label.split()))


def snooze_question(settings: Settings, which: str, until: date, *, by: str, on: date | None = None) -> Question:
    """Puts a question off until a day: no batch drafts it before. Raises HelploopError for a day that is past."""
    question = find_question(read_questions(settings), which, settings)
    today = on or datetime.now(UTC).date()
    if until <= today:
        raise HelploopError(f"{which}: {until} is no day to come")
    write_snooze(settings.kb, question.id, until, by=by, on=today)
    return question


def take_back(settings: Settings, which: str, kind: str, other: str = "", *, at: datetime | None = None) -> Decided:
    """Removes a decision, and makes the newest round again without what it did, as far as that can be told.

    Raises HelploopError naming the decisions that there are on the question when there is no such one.
    """
    question, decisions, moment = QuestionId(which), read_decisions(settings.kb), _moment(settings, at)
    file = decision_file(settings, question)
    if kind == "apart" and not any(a.question == which and a.other == other for a in decisions.aparts):
        question, other = QuestionId(other or which), which if other else ""  # it may stand in the other one's file
    if not remove_decision(settings.kb, question, kind, other=other if kind == "apart" else ""):
        said = f"{which} {kind} {other}".strip()
        there = [f"{d.question} {d.kind} {d.other}".strip() for d in list_decisions(settings) if which in d.about]
        raise HelploopError(f"{said}: no such decision; there are: {', '.join(there) or 'none'}")
    left = read_decisions(settings.kb)
    if kind == "merged":
        merge = next(one for one in decisions.merges if one.question == which)
        parts = _before_merge(settings, merge)
        inverse = replace(left, splits=(*left.splits, Split(merge.into, parts, moment, merge.by)))
        return _decided(settings, inverse, question, list(parts), moment)
    if kind == "split":
        split = next(one for one in decisions.splits if one.question == which)
        back = [Merge(part, question, moment, split.by) for part in split.parts if part != question]
        inverse = replace(left, merges=(*(m for m in left.merges if m.question not in split.parts), *back))
        return _decided(settings, inverse, question, [question], moment)
    if kind == "renamed":
        made = remake_round(settings, left, at=moment, relabel=[question])
        return Decided(file, made, _named(made, [question]))
    return Decided(file, None, ())


def decisions_since(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Merges and splits (question, kind) that are newer than the newest round: they are not seen in it."""
    with Store(settings.database) as store:
        made = store.load_round()
    found = read_decisions(settings.kb)
    at = made.at.replace(microsecond=0) if made is not None else None
    newer = [(merge.question, "merged") for merge in found.merges if at is None or merge.at > at]
    newer += [(split.question, "split") for split in found.splits if at is None or split.at > at]
    return tuple(sorted(newer))


def _decided(
    settings: Settings, wanted: Decisions, question: QuestionId, about: Sequence[QuestionId], at: datetime
) -> Decided:
    made = remake_round(settings, wanted, at=at)
    return Decided(decision_file(settings, question), made, _named(made, about))


def _named(made: Round | None, about: Sequence[QuestionId]) -> tuple[Question, ...]:
    return tuple(q for q in made.questions if q.id in about) if made is not None else ()


def _refuse_contradiction(before: Decisions, wanted: Decisions) -> None:
    """Raises HelploopError with the older words that a new one would silently beat."""
    known = set(agree(before).conflicts)
    new = [c for c in settle(wanted.merges, wanted.splits, wanted.aparts).conflicts if c not in known]
    if new:
        lines = [
            f"{c.said.removesuffix(': the later word holds')}; take that back first: "
            f"helploop questions take-back {c.question} {c.kind} {c.other}".rstrip()
            for c in new
        ]
        raise HelploopError("\n".join(lines))


def _whole_parts(question: Question, parts: Sequence[Sequence[InquiryId]]) -> list[tuple[InquiryId, ...]]:
    """The parts with what none of them names, the largest first."""
    seen: set[InquiryId] = set()
    for part in parts:
        foreign = sorted(set(part) - set(question.members))
        if foreign:
            raise HelploopError(
                f"{foreign[0]} is no inquiry of {question.id}; `helploop question {question.id}` lists them"
            )
        if seen & set(part):
            raise HelploopError(f"{min(seen & set(part))} is in two parts: an inquiry is in one")
        seen |= set(part)
    whole = [tuple(sorted(set(part))) for part in parts]
    whole.append(tuple(member for member in question.members if member not in seen))
    whole = sorted((part for part in whole if part), key=lambda part: (-len(part), part))
    if len(whole) < 2:
        raise HelploopError(f"{question.id}: all its inquiries are in one part, there is nothing to cut")
    return whole


def _contains(inquiry: Inquiry, words: Sequence[str]) -> bool:
    text = inquiry.question_text.casefold()
    return all(word in text for word in words)


def _before_merge(settings: Settings, merge: Merge) -> dict[QuestionId, tuple[InquiryId, ...]]:
    """Both questions' inquiries, as the last round had them in which they were two; else those of the decision."""
    with Store(settings.database) as store:
        for which in reversed(store.rounds()[-_ROUNDS_BACK:]):
            made = store.load_round(which)
            members = {question.id: question.members for question in made.questions} if made is not None else {}
            if merge.question in members and merge.into in members:
                return {name: members[name] for name in (merge.into, merge.question)}
    return {merge.into: merge.into_members, merge.question: merge.members}


def _moment(settings: Settings, at: datetime | None) -> datetime:
    """When it is decided, in whole seconds, as files keep it; after every decision before it: the later holds."""
    found = read_decisions(settings.kb)
    before = [m.at for m in found.merges] + [s.at for s in found.splits] + [a.at for a in found.aparts]
    return max([(at or datetime.now(UTC)).replace(microsecond=0), *(one + timedelta(seconds=1) for one in before)])
