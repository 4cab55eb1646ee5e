"""matching: an article covers a question by a person's word, or by being nearest on both sides."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from helploop.domain import ArticleId, CoverageVerdict, Question, QuestionId
from helploop.matching import MatchingOptions, article_texts, match
from tests.conftest import make_article, make_question

COVERED, PARTLY, GAP = CoverageVerdict.COVERED, CoverageVerdict.PARTLY, CoverageVerdict.GAP


def row(**cosines: float) -> NDArray[np.float32]:
    """A row of length 1 with the given cosines to the axes a, b and c; the rest goes to a fourth."""
    parts = [cosines.get(axis, 0.0) for axis in "abc"]
    return np.array([*parts, np.sqrt(1 - sum(part**2 for part in parts))], dtype=np.float32)


AXES = [np.eye(1, 4, k, dtype=np.float32) for k in range(3)]
ARTICLES = [make_article(id=ArticleId(name)) for name in ("a-track", "b-refund", "c-grind")]


def questions(count: int) -> list[Question]:
    return [make_question(id=QuestionId(f"q{i}")) for i in range(count)]


def test_match_judges_by_score_and_by_both_margins() -> None:
    """Covered: near enough, ahead of the next article, and no farther than the article's nearest question."""
    rows = np.stack([row(a=0.7), row(a=0.66), row(b=0.62, c=0.60), row(c=0.57), row(a=0.3)])
    found = match(questions(5), rows, ARTICLES, AXES)
    assert [(c.article, c.score, c.verdict) for c in found] == [
        ("a-track", 0.7, COVERED),
        ("a-track", 0.66, PARTLY),  # another question of the same article
        ("b-refund", 0.62, PARTLY),  # c-grind is as near
        ("c-grind", 0.57, PARTLY),
        ("a-track", 0.3, GAP),
    ]


def test_match_is_sure_whatever_the_margins() -> None:
    """Next to an alias or the title both articles' questions are covered."""
    rows = np.stack([row(a=0.95), row(a=0.82)])
    assert [c.verdict for c in match(questions(2), rows, ARTICLES, AXES)] == [COVERED, COVERED]


def test_match_takes_a_persons_word() -> None:
    """An article that names the question in `answers` covers it, even when another one is nearer."""
    articles = [ARTICLES[0], make_article(id=ArticleId("b-refund"), answers=(QuestionId("q0"),))]
    found = match(questions(1), np.stack([row(a=0.9, b=0.1)]), articles, AXES[:2])
    assert [(c.article, c.score, c.verdict) for c in found] == [("b-refund", 0.1, COVERED)]


def test_match_weighs_the_nearest_row_and_the_best_three() -> None:
    """The score is .8 of the nearest of an article's rows and .2 of the mean of its three nearest."""
    article = np.concatenate([AXES[0], AXES[0], AXES[1], AXES[2]])
    found = match(questions(1), np.stack([row(a=0.6, b=0.3)]), ARTICLES[:1], [article])
    assert found[0].score == pytest.approx(0.8 * 0.6 + 0.2 * (0.6 + 0.6 + 0.3) / 3)


def test_match_without_articles_is_all_gaps() -> None:
    """No article at all: every question is a gap, and says that there is no nearest one."""
    found = match(questions(1), np.stack([row(a=0.6)]), [], [])
    assert [(c.article, c.score, c.verdict) for c in found] == [(None, 0.0, GAP)]
    assert match([], np.zeros((0, 4), dtype=np.float32), ARTICLES, AXES) == ()


def test_match_does_not_depend_on_the_order_of_articles() -> None:
    """Equal scores are settled by the article id."""
    rows = np.stack([row(a=0.6)])
    twins = [AXES[0], AXES[0]]
    assert match(questions(1), rows, ARTICLES[:2], twins) == match(questions(1), rows, ARTICLES[1::-1], twins)


def test_match_refuses_shapes_that_do_not_fit() -> None:
    """Fewer vectors than questions is an error with both numbers."""
    with pytest.raises(ValueError, match="1 vectors for 2 questions, 3 matrices for 3 articles"):
        match(questions(2), np.stack([row(a=0.6)]), ARTICLES, AXES)
    with pytest.raises(ValueError, match="partly <= covered"):
        MatchingOptions(covered=0.5, partly=0.6)


def test_article_texts_are_title_lead_and_aliases() -> None:
    """The description stands for the body where there is one; blank aliases give no row."""
    article = make_article(title="Track it", body="Open\n\n**Orders**.", aliases=("where is it", " "))
    assert article_texts(article) == ("Track it", "Track it. Open **Orders**.", "where is it")
    assert article_texts(make_article(title="T", description="Short."))[1] == "T. Short."
