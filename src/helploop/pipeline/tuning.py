"""Stage 9: log + articles -> the word table of the site's search, in kb/search."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from helploop.config import Settings
from helploop.domain import Article, ArticleId, Inquiry
from helploop.embedding import Encoder, embed
from helploop.errors import GateError, HelploopError
from helploop.helpsite.index import build_index, to_documents
from helploop.helpsite.rendering import Renderer, load_site
from helploop.pipeline.binding import articles_by_question
from helploop.pipeline.encoders import site_encoder
from helploop.pipeline.progress import Progress, silent
from helploop.pipeline.rounds import with_states
from helploop.search import JavaScript
from helploop.store import Store
from helploop.tuning import (
    Asked,
    Logged,
    Measured,
    Origin,
    TableError,
    WordTable,
    find_vocabulary,
    fit_table,
    is_held_out,
    is_worse,
    measure,
    read_table,
    write_table,
)

LANGUAGE = "en"  # whose stems words.js makes


class WorseError(GateError):
    """The new table answers fewer held-out questions than what is there; nothing was written."""

    def __init__(self, tuned: Tuned) -> None:
        self.tuned = tuned
        super().__init__(
            "this table finds fewer articles than the search has found so far, and was not written; --force writes it"
        )


@dataclass(frozen=True)
class Tuned:
    """A word table and what it is worth."""

    table: WordTable
    folder: Path  # kb/search
    size: int  # bytes of words.bin
    without: Measured  # held-out questions, by words alone
    old: Measured | None  # with the table that stood there; None when there was none
    new: Measured
    warning: str = ""  # why the old table could not be used


def tune(
    settings: Settings,
    *,
    force: bool = False,
    dry_run: bool = False,
    encoder: Encoder | None = None,
    progress: Progress = silent,
) -> Tuned:
    """Fits the word table on nine tenths of the log and all articles, asks the last tenth, and writes it to kb/search.

    Raises: HelploopError when the site has no articles; WorseError when the new table is worse than what is there and
    `force` does not say to write it all the same.
    """
    articles = articles_by_question(settings)
    if not articles:
        raise HelploopError("there are no articles to search; write one first: helploop article new TITLE")
    encoder = encoder or site_encoder(settings)
    site = load_site(settings.root)
    urls = {article.id: article.path for article in articles}
    renderer = Renderer(site.extensions, site.extension_configs)
    documents = to_documents(articles, urls, renderer)
    with Store(settings.database) as store:
        inquiries = [
            one for one in store.inquiries() if one.question_text.strip() and settings.encoder.understands(one)
        ]
        asked = _held_out_questions(settings, store, inquiries, articles)
        by_words = build_index(articles, urls, renderer)
        on_site = json.loads(by_words)["words"].split()
        table = _fit(settings, store, encoder, inquiries, (documents, on_site), progress)
    folder = settings.kb / "search"
    old, warning = _old_table(folder)

    def ask(index: str, done: int) -> Measured:
        progress("asking held-out questions", done, 3)
        return measure(index, asked)

    without = ask(by_words, 0)
    before = ask(build_index(articles, urls, renderer, old), 1) if old else None
    after = ask(build_index(articles, urls, renderer, table), 2)
    progress("asking held-out questions", 3, 3)
    tuned = Tuned(table, folder, len(table.norms) + table.levels.size // 2, without, before, after, warning)
    if is_worse(after, before or without) and not force:
        raise WorseError(tuned)
    if not dry_run:
        write_table(folder, table)
    return tuned


def _fit(
    settings: Settings,
    store: Store,
    encoder: Encoder,
    inquiries: Sequence[Inquiry],
    site: tuple[Sequence[Mapping[str, object]], Sequence[str]],
    progress: Progress,
) -> WordTable:
    """site: the articles as documents, and all words of their index."""
    (documents, on_site), options = site, settings.tuning
    askers: dict[str, set[str]] = {}
    for one in inquiries:
        if not is_held_out(one.id, options.held_out):
            askers.setdefault(one.question_text, set()).add(one.customer_key or one.id)
    logged = [Logged(text, frozenset(customers)) for text, customers in sorted(askers.items())]
    with JavaScript() as scripts:
        site_texts = json.loads(scripts.call("helploopTexts", json.dumps(documents)))
        flat = [text for own in site_texts for text in own]
        progress("counting words", 0, 1)
        vocabulary = find_vocabulary(
            logged, flat, on_site, scripts, customers=options.customers, most=options.most_words
        )
        progress("counting words", 1, 1)

    def encode(some: Sequence[str], what: str) -> NDArray[np.float32]:
        return embed(some, encoder, store, lambda done, total: progress(f"encoding {what}", done, total))

    vectors = encode([one.text for one in logged], "inquiries"), encode(flat, "articles")
    distilled = encode(vocabulary.words, "words")
    progress("fitting", 0, 1)
    origin = Origin(encoder.name, encoder.hash, LANGUAGE, options.customers, len(logged), len(flat))
    table = fit_table(vocabulary, *vectors, distilled, options, origin)
    progress("fitting", 1, 1)
    return table


def _held_out_questions(
    settings: Settings, store: Store, inquiries: Sequence[Inquiry], articles: Sequence[Article]
) -> tuple[Asked, ...]:
    """The inquiries of the held-out tenth that are in a question which an article answers, sorted.

    None that is an alias, or that another customer asked in the same words, which are learned from.
    """
    made = store.load_round()
    if made is None:
        return ()
    answers: dict[str, ArticleId] = {
        member: question.article
        for question in with_states(settings, made.questions, None, articles)
        if question.article is not None
        for member in question.members
    }
    share = settings.tuning.held_out
    known = {alias for article in articles for alias in article.aliases}
    known |= {one.question_text for one in inquiries if not is_held_out(one.id, share)}
    return tuple(
        Asked(one.question_text, answers[one.id])
        for one in sorted(inquiries, key=lambda one: one.id)
        if one.id in answers and is_held_out(one.id, share) and one.question_text not in known
    )


def _old_table(folder: Path) -> tuple[WordTable | None, str]:
    try:
        return read_table(folder), ""
    except TableError as error:
        return None, str(error)
