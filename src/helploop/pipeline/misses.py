"""Stage 12: what visitors did not find comes in as inquiries of channel search."""

from __future__ import annotations

from dataclasses import replace

from helploop.articles import read_articles
from helploop.config import Settings
from helploop.domain import Channel, Kind
from helploop.misses import SOURCE, MissOptions, find_misses, to_inquiries, words_of
from helploop.pipeline.door import Door
from helploop.store import Store


def take_misses(settings: Settings, store: Store) -> int:
    """Turns the log's misses into inquiries of channel search; how many are new or have grown.

    What later events explain otherwise (an article answered it in other words, it was misspelt) stays in the log, as
    nothing that asks: rounds that hold it can still be read.
    """
    events = store.events()
    if not events:
        return 0
    options = miss_options(settings, store)
    door = Door(settings)
    raws = to_inquiries(find_misses(events, options), options)
    made = [(door.let_in(raw), door.raw_hash(raw)) for raw in raws]
    outcome = store.add_inquiries(made)
    still = {inquiry.id for inquiry, _ in made}
    explained = store.inquiries([known for known in store.ids_of_source(SOURCE) if known not in still])
    settled = [
        replace(i, kind=Kind.OTHER, kind_reason="later searches explain it")
        for i in explained
        if i.received_at is None or i.received_at >= events[0].at  # else: retention took its events away
    ]
    store.add_inquiries([(inquiry, "") for inquiry in settled])
    return outcome.stored + outcome.updated


def miss_options(settings: Settings, store: Store) -> MissOptions:
    """The configured options with the words of the articles and of what customers wrote: what is in scope."""
    articles = read_articles(settings.articles)
    site = words_of(text for a in articles for text in (a.title, a.body, *a.aliases))
    asked = words_of(i.question_text for i in store.inquiries() if i.channel is not Channel.SEARCH)
    return replace(settings.misses, site_words=site, asked_words=asked)
