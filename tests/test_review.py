"""Review: what a yes and a no need, and what approval leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from helploop.domain import Article, ArticleId, QuestionId, Rejection, ReviewState
from helploop.errors import ArticleError
from helploop.review import BRIEF_MARK, UNCONFIRMED, approve, is_brief, publishable, reject, unconfirmed

TODAY = date(2026, 8, 31)
DRAFT = Article(
    id=ArticleId("skip-a-box-q7f3k"),
    title="How do I skip a box?",
    body=f"""<!-- helploop: drafted -->

## What to do

1. Choose Skip. <!-- e:1f 3 inquiries -->

## {UNCONFIRMED}

- Wait 10 days. <!-- e:2a -->

### Detail

More of it.

## Good to know

- It is free.

<!-- evidence
e:1f a#b
-->
""",
    answers=(QuestionId("q7f3k"),),
    path="skip-a-box-q7f3k.md",
)


def test_approve_gives_a_reviewed_article_without_comments_and_unconfirmed_lines() -> None:
    """Only what is confirmed goes on; who, when and until when is written down."""
    assert approve(DRAFT, by="Lea", on=TODAY, owner="support", backup="ops", months=18) == replace(
        DRAFT,
        body="## What to do\n\n1. Choose Skip.\n\n## Good to know\n\n- It is free.\n",
        review=ReviewState.APPROVED,
        owner="support",
        backup="ops",
        reviewed_by="Lea",
        reviewed_at=TODAY,
        review_due=date(2028, 2, 29),
        path="",
    )


def test_unconfirmed_lists_what_approval_leaves_out() -> None:
    """The lines of that section alone, as a reader sees them."""
    assert unconfirmed(DRAFT.body) == ("Wait 10 days.", "More of it.")
    assert unconfirmed("Just text.\n") == ()


def test_publishable_keeps_headings_in_code() -> None:
    """A heading within a code block is neither a beginning nor an end of the section."""
    body = f"```\n## {UNCONFIRMED}\n```\n\nText.\n"
    assert publishable(body) == body


@pytest.mark.parametrize(
    ("changes", "facts", "message"),
    [
        ({"body": f"<!-- {BRIEF_MARK} -->\n\nText.\n"}, {}, "is a brief"),
        ({}, {"owner": " "}, "has no owner"),
        ({}, {"by": ""}, "nobody approves it"),
        ({}, {"months": 0}, "give 1 or more"),
        ({"body": "Text.\n<<<<<<< yours\na\n=======\nb\n>>>>>>> new\n"}, {}, "merge marks in line 2"),
        ({"body": f"## {UNCONFIRMED}\n\n- Wait.\n"}, {}, "says nothing but what stands under"),
    ],
)
def test_approve_with_something_missing_is_refused(
    changes: dict[str, str], facts: dict[str, object], message: str
) -> None:
    """A brief, nobody's article, an unsettled merge and an empty answer do not get through; the file is named."""
    values: dict[str, object] = {"by": "Lea", "on": TODAY, "owner": "support", **facts}
    with pytest.raises(ArticleError, match=message) as raised:
        approve(replace(DRAFT, **changes), **values)  # type: ignore[arg-type]
    assert str(raised.value).startswith("skip-a-box-q7f3k.md: ")


def test_approve_with_two_mistakes_names_both() -> None:
    """All problems at once."""
    with pytest.raises(ArticleError) as raised:
        approve(DRAFT, by="", on=TODAY, owner="")
    assert len(str(raised.value).splitlines()) == 2


def test_is_brief_until_the_mark_is_taken_out() -> None:
    """The comment makes a brief, the words in a line do not."""
    assert is_brief(replace(DRAFT, body=f"<!-- {BRIEF_MARK}. -->\n"))
    assert not is_brief(replace(DRAFT, body=f"{BRIEF_MARK}\n"))


def test_reject_needs_a_reason_and_a_name() -> None:
    """A no says why and who, on one line."""
    question = QuestionId("q7f3k")
    assert reject(question, reason="not for\n publishing", by="Lea", on=TODAY) == Rejection(
        question, "not for publishing", "Lea", TODAY
    )
    with pytest.raises(ArticleError, match="--reason"):
        reject(question, reason=" ", by="Lea", on=TODAY)
    with pytest.raises(ArticleError, match="--by"):
        reject(question, reason="wrong", by="", on=TODAY)
