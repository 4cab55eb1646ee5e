"""What kb/decisions says on questions, for every stage that has to do with their ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from helploop.articles import read_articles
from helploop.clustering import Agreement, Conflict, find_asleep, settle
from helploop.config import Settings
from helploop.decisions import Decisions, file_of_decisions, read_decisions, read_ledger
from helploop.domain import Apart, Article, Merge, QuestionId, Split
from helploop.drafts import read_drafts
from helploop.store import Store


@dataclass(frozen=True)
class DecisionProblem:
    """A decision that does not hold, with where it stands and what to do."""

    question: QuestionId
    kind: str
    other: QuestionId  # of kept apart; else ""
    is_asleep: bool  # nothing contradicts it, but nothing in the log is about it either
    file: str  # relative to the site's folder
    said: str
    remedy: str  # a command

    def __str__(self) -> str:
        """As one line."""
        return f"{self.file}: {self.said}. {self.remedy}"


@dataclass(frozen=True)
class DecisionLine:
    """One decision as a list shows it."""

    question: QuestionId
    kind: str  # merged, split, apart, renamed, snoozed or rejected
    other: QuestionId  # of kept apart; else ""
    said: str  # what was decided: into, from, until what
    by: str
    at: date  # or a moment
    reason: str
    file: str  # relative to the site's folder
    about: tuple[QuestionId, ...]  # every question that it names
    problem: DecisionProblem | None


def agree(decisions: Decisions) -> Agreement:
    """All decisions that merge, split and keep apart, taken together."""
    return settle(decisions.merges, decisions.splits, decisions.aparts)


def decision_problems(settings: Settings) -> tuple[DecisionProblem, ...]:
    """Decisions that contradict each other, and those of which nothing is in the newest round. Sorted by question."""
    agreement = agree(read_decisions(settings.kb))
    asleep: Collection[Conflict] = ()
    if agreement.groups:
        with Store(settings.database) as store:
            made = store.load_round()
        if made is not None:
            present = {*made.noise, *(member for question in made.questions for member in question.members)}
            asleep = find_asleep(agreement, present, made, read_ledger(settings.kb))
    found = sorted((*agreement.conflicts, *asleep), key=lambda c: (c.question, c.kind, c.other, c.said))
    return tuple(_problem(settings, one) for one in found)


def list_decisions(settings: Settings) -> tuple[DecisionLine, ...]:
    """Every decision on questions, sorted by question and kind, with what is wrong with it."""
    decisions = read_decisions(settings.kb)
    problems = {(p.question, p.kind, p.other): p for p in reversed(decision_problems(settings))}
    found: list[tuple[Merge | Split | Apart, str, str, str, tuple[QuestionId, ...]]] = [
        *((m, "merged", "", f"into {m.into}", (m.question, m.into)) for m in decisions.merges),
        *((s, "split", "", f"into {', '.join(s.parts)}", (s.question, *s.parts)) for s in decisions.splits),
        *((a, "apart", a.other, f"from {a.other}", (a.question, a.other)) for a in decisions.aparts),
    ]
    lines = [
        DecisionLine(
            *(one.question, kind, QuestionId(other), said, one.by, one.at, one.reason),
            *(decision_file(settings, one.question), about, problems.get((one.question, kind, QuestionId(other)))),
        )
        for one, kind, other, said, about in found
    ]
    for (question, kind), (by, at) in decisions.signed.items():
        reason = decisions.rejections[question].reason if kind == "rejected" else ""
        said = {"renamed": decisions.renames.get(question, ""), "rejected": "no article"}.get(kind)
        said = f"until {decisions.snoozes[question]}" if said is None else said
        file = decision_file(settings, question)
        lines.append(DecisionLine(question, kind, QuestionId(""), said, by, at, reason, file, (question,), None))
    return tuple(sorted(lines, key=lambda line: (line.question, line.kind, line.other)))


def present_id(settings: Settings, which: str) -> QuestionId:
    """What a question is called now: another's id when a person merged it into that."""
    return agree(read_decisions(settings.kb)).merged.get(QuestionId(which), QuestionId(which))


def former_ids(settings: Settings, question: QuestionId) -> tuple[QuestionId, ...]:
    """Questions that people merged into this one, sorted."""
    merged = agree(read_decisions(settings.kb)).merged
    return tuple(sorted(gone for gone, now in merged.items() if now == question))


def articles_by_question(settings: Settings) -> tuple[Article, ...]:
    """The site's articles; one that answers a question which was merged answers the one it was merged into."""
    merged = agree(read_decisions(settings.kb)).merged
    return tuple(replace(article, answers=_renamed(article, merged)) for article in read_articles(settings.articles))


def drafts_by_question(settings: Settings) -> tuple[Article, ...]:
    """The drafts that wait, likewise."""
    merged = agree(read_decisions(settings.kb)).merged
    return tuple(replace(draft, answers=_renamed(draft, merged)) for draft in read_drafts(settings.kb))


def _renamed(article: Article, merged: Mapping[QuestionId, QuestionId]) -> tuple[QuestionId, ...]:
    return tuple(dict.fromkeys(merged.get(question, question) for question in article.answers))


def _problem(settings: Settings, conflict: Conflict) -> DecisionProblem:
    command = f"helploop questions take-back {conflict.question} {conflict.kind} {conflict.other}".rstrip()
    remedy = f"If it is of no use any more: {command}" if conflict.is_asleep else f"Take one of the two back: {command}"
    file = decision_file(settings, conflict.question)
    facts = (conflict.question, conflict.kind, conflict.other, conflict.is_asleep)
    return DecisionProblem(*facts, file, conflict.said, remedy)


def decision_file(settings: Settings, question: QuestionId) -> str:
    """Where a question's decisions stand, relative to the site's folder."""
    return file_of_decisions(settings.kb, question).relative_to(settings.root).as_posix()
