"""Questions that no approved article answers, ranked by what they cost."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helploop.domain import (
    Article,
    ArticleId,
    Channel,
    Coverage,
    CoverageVerdict,
    Inquiry,
    Question,
    QuestionId,
    ReviewState,
    Round,
)
from helploop.metrics.records import SITE_CHANNELS, Period, distinct_customers


@dataclass(frozen=True)
class Gap:
    """A question that no approved article answers, with what it costs."""

    question: QuestionId
    label: str
    customers: int  # distinct, in the period
    inquiries: int  # contacts in the period
    searches: float  # visitors who searched for it in vain, weights of misses
    mean_minutes: float | None  # agents' minutes an inquiry; None: nobody wrote any down
    timed: int  # inquiries with minutes
    minutes: float | None  # customers x mean_minutes
    is_assumed: bool  # mean_minutes is the whole log's, as this question's inquiries have none


def answered_questions(
    current: Round | None, coverage: Sequence[Coverage], articles: Sequence[Article]
) -> Mapping[QuestionId, ArticleId]:
    """The questions with an approved article, and which: named in its `answers`, else matched as covered."""
    approved = sorted((a for a in articles if a.review is ReviewState.APPROVED), key=lambda a: a.id)
    ids = {article.id for article in approved}
    answered = {
        c.question: c.article
        for c in coverage
        if c.verdict is CoverageVerdict.COVERED and c.article is not None and c.article in ids
    }
    answered |= {question: article.id for article in reversed(approved) for question in article.answers}
    known = {question.id for question in current.questions} if current else set()
    return {question: answered[question] for question in sorted(answered) if question in known}


def rank_gaps(
    inquiries: Sequence[Inquiry], current: Round | None, answered: Mapping[QuestionId, ArticleId], period: Period
) -> tuple[Gap, ...]:
    """Questions without an approved article, by customers x minutes (F6), customers, searches, id."""
    chosen = {i.id: i for i in inquiries if period.has(i.received_at)}
    minutes = [i.agent_minutes for i in chosen.values() if i.agent_minutes is not None]
    mean_of_log = statistics.fmean(minutes) if minutes else None
    gaps = [
        _gap(question, [chosen[i] for i in question.members if i in chosen], mean_of_log)
        for question in (current.questions if current else ())
        if question.id not in answered
    ]
    heard = [gap for gap in gaps if gap.inquiries or gap.searches]
    return tuple(sorted(heard, key=lambda g: (-(g.minutes or 0.0), -g.customers, -g.searches, g.question)))


def _gap(question: Question, members: list[Inquiry], mean_of_log: float | None) -> Gap:
    contacts = [i for i in members if i.channel not in SITE_CHANNELS]
    minutes = [i.agent_minutes for i in contacts if i.agent_minutes is not None]
    mean = statistics.fmean(minutes) if minutes else mean_of_log
    customers = len(distinct_customers(contacts))
    return Gap(
        question=question.id,
        label=question.label,
        customers=customers,
        inquiries=len(contacts),
        searches=sum(i.weight for i in members if i.channel is Channel.SEARCH),
        mean_minutes=mean,
        timed=len(minutes),
        minutes=customers * mean if mean is not None else None,
        is_assumed=not minutes,
    )
