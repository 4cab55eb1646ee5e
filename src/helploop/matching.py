"""Says which article answers a question, how well, and where there is a gap. Pure; vectors come as arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.domain import Article, Coverage, CoverageVerdict, Question

_LEAD = 400  # characters of a body that say what it is about; docs/measured.md's cut for posts
_TOP = 3  # rows of an article that agree make a match surer than one lucky alias


@dataclass(frozen=True)
class MatchingOptions:
    """Cosines of all-MiniLM-L6-v2, chosen on the sample's nine articles (7 covered, none wrongly; without the two
    margins 9 and 3 wrongly) and checked on Thunderbird's 67 clusters and 193 articles: helpers linked the nearest
    article in .24 of the inquiries of a cluster, in .42 where it leads the next one by .05."""

    covered: float = 0.60  # at least, and by both margins: the article answers it
    partly: float = 0.56  # at least: reword or extend that article; the rest is a gap
    sure: float = 0.80  # at least: covered whatever the margins, it is next to an alias or the title itself
    least_lead: float = 0.05  # the article must be so much nearer than the next one
    most_behind: float = 0.03  # the question may be so much farther from the article than the article's nearest one:
    #   "my card is declined" is near "update your card" and is another question
    best_weight: float = 0.8  # of an article's nearest row; the rest is the mean of its three nearest

    def __post_init__(self) -> None:
        """Raises: ValueError naming what does not fit."""
        if not -1 <= self.partly <= self.covered <= 1:
            raise ValueError(
                f"-1 <= partly <= covered <= 1 must hold, not partly {self.partly}, covered {self.covered}"
            )
        if not 0 <= self.best_weight <= 1:
            raise ValueError(f"best_weight is from 0 to 1, not {self.best_weight}")


def article_texts(article: Article) -> tuple[str, ...]:
    """What an article is compared by, one row each: its title, title and lead together, and every alias."""
    lead = article.description or " ".join(article.body.split())[:_LEAD]
    texts = (article.title, f"{article.title}. {lead}", *article.aliases)
    return tuple(text for text in texts if text.strip())


def match(
    questions: Sequence[Question],
    question_vectors: NDArray[np.float32],
    articles: Sequence[Article],
    article_vectors: Sequence[NDArray[np.float32]],
    options: MatchingOptions | None = None,
) -> tuple[Coverage, ...]:
    """One Coverage per question, in their order: the nearest article and what it makes of the question.

    question_vectors: float32 (n, d), rows of length 1, the centres of the questions. article_vectors: for each article
    float32 (k, d), rows of length 1, of its article_texts. The score is .8 of an article's nearest row and .2 of the
    mean of its three nearest. Verdicts look at all questions and articles together (see MatchingOptions), so give all
    questions of a round in one call. An article whose `answers` names the question covers it outright, whatever the
    score: that is a person's word. Equal scores are settled by the article id.

    Raises: ValueError when the shapes do not fit.
    """
    options = options or MatchingOptions()
    if len(question_vectors) != len(questions) or len(article_vectors) != len(articles):
        raise ValueError(
            f"{len(question_vectors)} vectors for {len(questions)} questions, "
            f"{len(article_vectors)} matrices for {len(articles)} articles"
        )
    if not articles:
        return tuple(Coverage(question.id, None, 0.0, CoverageVerdict.GAP) for question in questions)
    order = sorted(range(len(articles)), key=lambda position: articles[position].id)
    named = {question: column for column, position in enumerate(order) for question in articles[position].answers}
    scores = _scores(question_vectors, [article_vectors[position] for position in order], options)
    found = []
    for row, question in enumerate(questions):
        column = named.get(question.id, int(np.argmax(scores[row])))
        verdict = CoverageVerdict.COVERED if question.id in named else _judge(scores, row, column, options)
        if verdict is CoverageVerdict.PARTLY and question.article == articles[order[column]].id:
            verdict = CoverageVerdict.COVERED  # it did in the last round: a question does not flicker at the threshold
        score = round(float(scores[row, column]), 4)
        found.append(Coverage(question.id, articles[order[column]].id, score, verdict))
    return tuple(found)


def _scores(
    vectors: NDArray[np.float32], articles: Sequence[NDArray[np.float32]], options: MatchingOptions
) -> NDArray[np.float64]:
    """float64 (questions, articles), rounded: a last bit must not decide which of two equal articles is nearest."""
    scores = np.zeros((len(vectors), len(articles)))
    for position, rows in enumerate(articles):
        if len(rows):
            cosines = np.sort(vectors @ rows.T, axis=1)[:, ::-1][:, :_TOP].astype(np.float64)
            best, mean = cosines[:, 0], cosines.mean(axis=1)
            scores[:, position] = options.best_weight * best + (1 - options.best_weight) * mean
    return np.round(scores, 6)


def _judge(scores: NDArray[np.float64], row: int, column: int, options: MatchingOptions) -> CoverageVerdict:
    score = scores[row, column]
    if score < options.partly:
        return CoverageVerdict.GAP
    next_article = np.delete(scores[row], column).max(initial=-1.0)
    is_first = score - next_article >= options.least_lead and scores[:, column].max() - score <= options.most_behind
    if score >= options.sure or (score >= options.covered and is_first):
        return CoverageVerdict.COVERED
    return CoverageVerdict.PARTLY
