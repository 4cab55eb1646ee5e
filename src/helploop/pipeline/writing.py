"""Stages 7 and 8: gaps -> drafts with evidence -> a person's yes or no -> articles; and articles from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from helploop.articles import import_articles, read_articles, slug, write_article
from helploop.config import Settings
from helploop.decisions import write_rejection
from helploop.domain import (
    Article,
    ArticleId,
    Brief,
    CoverageVerdict,
    Draft,
    Question,
    QuestionState,
    RejectedRow,
    text_hash,
)
from helploop.drafting import draft
from helploop.drafts import publish, read_draft, read_drafts, withdraw, write_draft
from helploop.embedding import Encoder, embed
from helploop.errors import HelploopError
from helploop.helpsite.contacts import allow_contacts
from helploop.pipeline.binding import former_ids, present_id
from helploop.pipeline.encoders import site_encoder
from helploop.pipeline.erasure import purge_forgotten
from helploop.pipeline.progress import Progress, silent
from helploop.pipeline.rounds import find_gaps, find_question, read_questions
from helploop.review import approve as approve_draft
from helploop.review import reject as reject_draft
from helploop.store import Store


@dataclass(frozen=True)
class Written:
    """A draft or a brief and the file it is in."""

    path: Path
    draft: Draft | Brief


@dataclass(frozen=True)
class Imported:
    """What came of an import."""

    articles: tuple[Article, ...]  # new ones
    known: int  # ids that are in kb/articles already: left as they are
    rejected: tuple[RejectedRow, ...]
    mended: Mapping[str, int]  # what the gate would have refused, by kind
    contacts: tuple[str, ...]  # added to [site] public_contacts


def draft_gaps(
    settings: Settings,
    *,
    top: int = 10,
    questions: Sequence[str] = (),
    encoder: Encoder | None = None,
    progress: Progress = silent,
) -> tuple[Written, ...]:
    """Drafts the heaviest gaps, or the questions named, into kb/drafts; a writer's edits there are kept.

    Rejected and snoozed questions are left alone unless named.
    """
    purge_forgotten(settings)
    encoder = encoder or site_encoder(settings)
    pairs = find_gaps(settings, encoder=encoder, progress=progress)
    nearest = {q.id: c.article for q, c in pairs}
    categories = {article.id: article.category for article in read_articles(settings.articles)}
    open_states = (QuestionState.NEW, QuestionState.DRAFTED, QuestionState.REOPENED)
    chosen = [q for q, c in pairs if c.verdict is not CoverageVerdict.COVERED and q.state in open_states][:top]
    if questions:
        made = read_questions(settings)
        chosen = [find_question(made, which, settings) for which in questions]
    written = []
    with Store(settings.database) as store:
        round_id = store.rounds()[-1]
        for done, question in enumerate(chosen):
            members = store.inquiries(question.members)
            made_draft = draft(
                question, members, lambda texts: embed(list(texts), encoder, store), round_id, settings.drafting
            )
            found = nearest[question.id]
            category = (categories.get(found, "") if found else "") or _category_of_topic(question)
            made_draft = replace(made_draft, category=category)
            former = former_ids(settings, question.id)
            written.append(Written(write_draft(made_draft, settings.kb, former), made_draft))
            progress("drafting", done + 1, len(chosen))
    return tuple(written)


def _category_of_topic(question: Question) -> str:
    """The most telling phrase of the question's topic, as a folder's name; "" when it has none."""
    phrase = question.topic.label.split(", ")[0] if question.topic else ""
    return slug(phrase) if phrase else ""


def queue(settings: Settings) -> tuple[Article, ...]:
    """The drafts that wait for a person, sorted by id."""
    return read_drafts(settings.kb)


def approve(settings: Settings, which: str, *, by: str, owner: str = "", on: date | None = None) -> Article:
    """A person's yes: the draft becomes an article of kb/articles. The file moves; what is unconfirmed is dropped."""
    found = read_draft(settings.kb, ArticleId(which))
    approved = approve_draft(
        found,
        by=by,
        on=on or datetime.now(UTC).date(),
        owner=owner or found.owner or settings.site.owner,
        backup=found.backup,
        months=settings.site.review_months,
    )
    path = publish(found, approved, settings.kb)
    return replace(approved, path=path.relative_to(settings.articles).as_posix())


def reject(settings: Settings, which: str, *, reason: str, by: str, on: date | None = None) -> Question:
    """A person's no to a question (or its draft): kept in kb/decisions, binding for later rounds; the draft goes."""
    waiting = [found for found in read_drafts(settings.kb) if which in (found.id, *found.answers)]
    if waiting and not waiting[0].answers:
        raise HelploopError(f"{which}: the draft names no question in `answers`; delete the file by hand")
    named = present_id(settings, waiting[0].answers[0]) if waiting else which
    question = find_question(read_questions(settings), named, settings)
    rejection = reject_draft(question.id, reason=reason, by=by, on=on or datetime.now(UTC).date())
    write_rejection(settings.kb, rejection, question.customers)
    for found in waiting:
        withdraw(found, settings.kb)
    return question


def add_alias(settings: Settings, which: str, wording: str) -> Article:
    """Adds a customer's wording to an article, where it is found by it from the next build on.

    Raises HelploopError when there is no such article, or it has the alias.
    """
    found = {article.id: article for article in read_articles(settings.articles)}.get(ArticleId(which))
    if found is None:
        raise HelploopError(f"{which}: no such article; `helploop article list` lists them")
    alias = " ".join(wording.split())
    if alias.lower() in {known.lower() for known in found.aliases}:
        raise HelploopError(f"{which}: has that alias already")
    changed = replace(found, aliases=(*found.aliases, alias))
    write_article(changed, settings.articles)
    return changed


def due_articles(settings: Settings, on: date | None = None) -> tuple[Article, ...]:
    """The articles whose review is due by a day (default: today), undated ones and the longest overdue first."""
    by = on or datetime.now(UTC).date()
    due = [a for a in read_articles(settings.articles) if a.review_due is None or a.review_due <= by]
    return tuple(sorted(due, key=lambda article: (article.review_due or date.min, article.id)))


def new_article(settings: Settings, title: str, *, category: str, owner: str) -> Path:
    """An empty article in kb/drafts, with an id and the front matter it needs, for a writer to fill."""
    started = Article(
        id=ArticleId(f"{slug(title)[:50].rstrip('-')}-{text_hash(title)[:4]}"),
        title=title,
        body=f"# {title}\n",
        category=category,
        owner=owner or settings.site.owner,
    )
    root = settings.kb / "drafts"
    path = f"{started.id}.md"
    if (root / path).exists():
        raise HelploopError(f"{root / path}: there is a draft of that title already")
    return write_article(replace(started, path=path), root)


def list_articles(settings: Settings) -> tuple[Article, ...]:
    """The articles of kb/articles, sorted by id."""
    return read_articles(settings.articles)


def import_articles_from(settings: Settings, source: Path, *, on: date | None = None) -> Imported:
    """Articles of an existing help centre into kb/articles, ids kept; those that are there already stay as they are.

    Addresses and numbers that they show become the site's [site] public_contacts in helploop.toml: the company chose
    to publish them once.
    """
    there = {article.id for article in read_articles(settings.articles)}
    new: list[Article] = []
    known, rejected, mended = 0, list[RejectedRow](), Counter[str]()
    for record in import_articles(source, on or datetime.now(UTC).date(), mended=mended):
        if isinstance(record, RejectedRow):
            rejected.append(record)
        elif record.id in there:
            known += 1
        else:
            write_article(record, settings.articles)
            new.append(record)
    contacts = allow_contacts(settings.root, new)
    return Imported(tuple(new), known, tuple(rejected), mended, contacts)
