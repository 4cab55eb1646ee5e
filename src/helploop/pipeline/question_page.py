"""All that a writer wants to see of one question before they decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from helploop.articles import read_articles
from helploop.clustering.answers import answer_vectors
from helploop.clustering.keyphrases import phrases_of
from helploop.clustering.standing import Scale, subgroups
from helploop.config import Settings
from helploop.domain import Coverage, Inquiry, Question, Reply, Round
from helploop.errors import HelploopError
from helploop.matching import article_texts, match
from helploop.pipeline.kept import Centres, kept_vectors, read_centres
from helploop.pipeline.question_table import Minutes, read_minutes
from helploop.pipeline.rounds import find_question, read_questions
from helploop.store import Store

_GROUPS, _WORDINGS = 6, 2  # subgroups shown, and wordings of each
_REPLIES, _NEAREST, _DOUBTED = 3, 3, 5
_SAME_ANSWER = 0.5  # cosine of an answer's words to the answers' middle; no encoder is in these vectors
_LEAST_WORDS = 8  # of a reply; fewer are a "done!" or a question back
_FAR = 0.5  # of the scale, of a member's cosine to its centre: below, it may not belong


@dataclass(frozen=True)
class Subgroup:
    """Members that are nearer to each other than to the rest."""

    size: int
    wordings: tuple[Inquiry, ...]  # the most central first


@dataclass(frozen=True)
class TypicalReply:
    """What agents answer most alike."""

    inquiry: Inquiry
    reply: Reply


@dataclass(frozen=True)
class Neighbour:
    """Another question, and how near it is."""

    question: Question
    similarity: float  # cosine of the centres


@dataclass(frozen=True)
class QuestionPage:
    """One question, opened."""

    question: Question
    members: tuple[Inquiry, ...]  # by nearness to the centre
    minutes: Minutes
    representatives: tuple[Inquiry, ...]
    groups: tuple[Subgroup, ...]
    replies: tuple[TypicalReply, ...]
    neighbours: tuple[Neighbour, ...]
    article: Coverage | None  # None: there are no articles
    article_title: str
    phrase_shares: tuple[tuple[str, float], ...]  # of members that use each keyphrase
    background: float  # mean cosine of any two inquiries, beside the question's cohesion
    answered: int  # members with an answer
    answered_alike: int  # of these, with nearly the same
    far: tuple[Inquiry, ...]  # members far from the centre, the farthest first
    elsewhere: tuple[tuple[Inquiry, Question], ...]  # members nearer to another question, and to which


def read_question_page(settings: Settings, which: str) -> QuestionPage:
    """The page of a question. Needs no encoder: vectors are those the round kept.

    Raises HelploopError when there is no such question, or its vectors were not kept.
    """
    made = read_questions(settings)
    question = find_question(made, which, settings)
    row = made.questions.index(question)
    with Store(settings.database) as store:
        centres = read_centres(store, made)
        members = store.inquiries(question.members)
        vectors = kept_vectors(store, made.encoder_hash, [member.question_text for member in members])
        article, title = _nearest_article(settings, store, made, centres, row)
    own = vectors @ centres.rows[row]
    order = np.argsort(-np.round(own, 6), kind="stable")
    ordered, rows = [members[i] for i in order], vectors[order]
    by_id = {member.id: member for member in members}
    replies, answered, alike = _typical_replies(ordered)
    far, elsewhere = _doubted(made, ordered, rows, centres, row)
    return QuestionPage(
        question=question,
        members=tuple(ordered),
        minutes=read_minutes(settings, replace(made, questions=(question,)))[question.id],
        representatives=tuple(by_id[key] for key in question.representatives if key in by_id),
        groups=_groups(ordered, rows),
        replies=replies,
        neighbours=_neighbours(made, centres.rows, row),
        article=article,
        article_title=title,
        phrase_shares=_shares(question, ordered),
        background=round(centres.scale.background, 4),
        answered=answered,
        answered_alike=alike,
        far=far,
        elsewhere=elsewhere,
    )


def _nearest_article(
    settings: Settings, store: Store, made: Round, centres: Centres, row: int
) -> tuple[Coverage | None, str]:
    articles = read_articles(settings.articles)
    if not articles:
        return None, ""
    texts = [article_texts(article) for article in articles]
    try:
        rows = kept_vectors(store, made.encoder_hash, [text for part in texts for text in part])
    except HelploopError:
        return None, ""  # no article was there when the round was made
    parts = np.split(rows, np.cumsum([len(part) for part in texts])[:-1])
    found = match(made.questions, centres.rows, articles, parts, settings.matching)[row]
    return found, next((article.title for article in articles if article.id == found.article), "")


def _groups(members: Sequence[Inquiry], vectors: NDArray[np.float32]) -> tuple[Subgroup, ...]:
    found = subgroups(vectors)
    shown = [rows for rows in found if len(rows) > 1] or found
    return tuple(Subgroup(len(rows), tuple(members[i] for i in rows[:_WORDINGS].tolist())) for rows in shown[:_GROUPS])


def _typical_replies(members: Sequence[Inquiry]) -> tuple[tuple[TypicalReply, ...], int, int]:
    """The replies nearest to what agents answer altogether, each wording once; how many answered, how many alike."""
    said = [[r for r in member.replies if r.is_agent and len(r.text.split()) >= _LEAST_WORDS] for member in members]
    rows = np.array([i for i, replies in enumerate(said) if replies], dtype=np.int64)
    if not len(rows):
        return (), 0, 0
    answers = answer_vectors(members)[rows]
    middle = answers.mean(axis=0)
    cosines = answers @ (middle / max(float(np.linalg.norm(middle)), 1e-9))
    cosines[~answers.any(axis=1)] = 1.0  # not a word that the others have not got: all were answered in one wording
    found: dict[str, TypicalReply] = {}
    for position in np.argsort(-np.round(cosines, 6), kind="stable").tolist():
        inquiry = members[int(rows[position])]
        longest = max(said[int(rows[position])], key=lambda reply: (reply.helpful, len(reply.text)))
        found.setdefault(" ".join(longest.text.casefold().split()), TypicalReply(inquiry, longest))
    return tuple(found.values())[:_REPLIES], len(rows), int((cosines >= _SAME_ANSWER).sum())


def _neighbours(made: Round, centres: NDArray[np.float32], row: int) -> tuple[Neighbour, ...]:
    cosines = centres @ centres[row]
    order = [i for i in np.argsort(-np.round(cosines, 6), kind="stable").tolist() if i != row]
    return tuple(Neighbour(made.questions[i], round(float(cosines[i]), 4)) for i in order[:_NEAREST])


def _shares(question: Question, members: Sequence[Inquiry]) -> tuple[tuple[str, float], ...]:
    bags = [phrases_of(member) for member in members]
    return tuple((p, round(sum(p in bag for bag in bags) / max(len(bags), 1), 2)) for p in question.keyphrases)


def _doubted(
    made: Round, members: Sequence[Inquiry], vectors: NDArray[np.float32], centres: Centres, row: int
) -> tuple[tuple[Inquiry, ...], tuple[tuple[Inquiry, Question], ...]]:
    cosines = vectors @ centres.rows.T
    own = cosines[:, row]
    scale: Scale = centres.scale
    far = [i for i in np.argsort(own, kind="stable").tolist() if scale.share(float(own[i])) < _FAR]
    best = cosines.argmax(axis=1)
    away = sorted(np.nonzero(best != row)[0].tolist(), key=lambda i: (float(own[i] - cosines[i].max()), members[i].id))
    return tuple(members[i] for i in far[:_DOUBTED]), tuple((members[i], made.questions[int(best[i])]) for i in away)
