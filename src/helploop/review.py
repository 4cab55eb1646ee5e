"""A person's yes or no to a draft. Pure: files are moved by drafts.publish, a no is written by decisions."""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import date

from helploop.domain import Article, QuestionId, Rejection, ReviewState
from helploop.errors import ArticleError

BRIEF_MARK = "helploop: brief"  # stands in a comment of a brief's body until somebody has written the answer
UNCONFIRMED = "Not confirmed, do not publish"  # heading of what approval leaves out

_COMMENT = re.compile(r"[ \t]*<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$")
_CONFLICT = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?: |$)", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]{0,3}(```|~~~)")
_BLANK_LINES = re.compile(r"\n{3,}")


def approve(draft: Article, *, by: str, on: date, owner: str, backup: str = "", months: int = 12) -> Article:
    """The article a person stands behind: reviewed, owned, due again in `months`, without comments and unconfirmed
    lines.

    What it leaves out is what unconfirmed() lists. The article's path is empty: its place is chosen anew.

    Raises:
        ArticleError: it is a brief, has no owner, reviewer or answer, or holds the marks of an unsettled merge.
    """
    where = draft.path or draft.id
    problems = []
    if is_brief(draft):
        problems.append("is a brief: write the answer, then take out the line with 'helploop: brief'")
    if not owner.strip():
        problems.append("has no owner: give one with --owner, or as `owner` in the draft")
    if not by.strip():
        problems.append("nobody approves it: give a name with --by")
    if months < 1:
        problems.append(f"cannot be reviewed again in {months} months: give 1 or more")
    if conflict := _CONFLICT.search(draft.body):
        line = draft.body[: conflict.start()].count("\n") + 1
        problems.append(f"holds merge marks in line {line} of its text: settle them")
    body = publishable(draft.body)
    if not problems and not any(_is_content(line) for line in body.splitlines()):
        problems.append(f"says nothing but what stands under '{UNCONFIRMED}': confirm a line by moving it up")
    if problems:
        raise ArticleError("\n".join(f"{where}: {problem}" for problem in problems))
    return replace(
        draft,
        body=body,
        review=ReviewState.APPROVED,
        owner=owner.strip(),
        backup=backup.strip(),
        reviewed_by=by.strip(),
        reviewed_at=on,
        review_due=_months_later(on, months),
        path="",
    )


def reject(question: QuestionId, *, reason: str, by: str, on: date) -> Rejection:
    """A person's no, which binds later rounds.

    Raises:
        ArticleError: reason or name is missing: a no without a why helps nobody later.
    """
    if not reason.strip():
        raise ArticleError(f"{question}: say why it is rejected with --reason")
    if not by.strip():
        raise ArticleError(f"{question}: nobody rejects it: give a name with --by")
    return Rejection(question, " ".join(reason.split()), by.strip(), on)


def is_brief(draft: Article) -> bool:
    """Whether a draft still waits for its answer."""
    return any(BRIEF_MARK in comment for comment in re.findall(r"<!--.*?-->", draft.body, re.DOTALL))


def unconfirmed(body: str) -> tuple[str, ...]:
    """The lines that approval would leave out because nobody confirmed them, without list marks and comments."""
    left_out = [line for line, is_kept in _marked(_COMMENT.sub("", body)) if not is_kept]
    return tuple(re.sub(r"^\s*(?:[-*+]|\d+\.)\s+", "", line).strip() for line in left_out if _is_content(line))


def publishable(body: str) -> str:
    """A draft's text without comments and without the section of what is not confirmed."""
    kept = "\n".join(line.rstrip() for line, is_kept in _marked(_COMMENT.sub("", body)) if is_kept)
    return _BLANK_LINES.sub("\n\n", kept).strip("\n") + "\n"


def _marked(body: str) -> list[tuple[str, bool]]:
    """Each line, and whether it may be published: the section of the unconfirmed ends at a heading of its own level."""
    marked: list[tuple[str, bool]] = []
    depth = 0  # of the heading under which nothing is published; 0: none
    is_code = False
    for line in body.splitlines():
        if _FENCE.match(line):
            is_code = not is_code
        heading = None if is_code else _HEADING.match(line)
        if heading is not None:
            level = len(heading.group(1))
            if heading.group(2).strip().lower() == UNCONFIRMED.lower():
                depth = level
            elif depth and level <= depth:
                depth = 0
        marked.append((line, depth == 0))
    return marked


def _is_content(line: str) -> bool:
    return bool(line.strip()) and _HEADING.match(line) is None


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
