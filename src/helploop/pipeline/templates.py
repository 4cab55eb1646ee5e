"""Template lines of the log: learned again when a source has grown, cut from what is stored and from what comes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby

from helploop.cleaning.templates import KnownLines, cut_template_lines, learn_template_lines
from helploop.config import Settings
from helploop.domain import TemplateLine
from helploop.store import Store

GROWN = 0.05  # share by which a source grows before its lines are learned anew, which reads all of it (.3 ms each)
_WRITTEN = 500  # inquiries a transaction


def list_template_lines(settings: Settings) -> list[TemplateLine]:
    """The lines learned so far, by source, side and line."""
    with Store(settings.database) as store:
        return store.template_lines()


def known_lines(store: Store) -> Mapping[str, KnownLines]:
    """The lines learned so far, by source."""
    lines = store.template_lines()
    return {source: KnownLines(found) for source, found in groupby(lines, key=lambda line: line.source)}


def refresh_template_lines(store: Store, sources: Iterable[str]) -> tuple[TemplateLine, ...]:
    """Learns the lines of the sources that have grown, and cuts them from all of a source's inquiries; the new lines.

    What is stored depends on the inquiries alone, not on their order. Ends the same when it is killed and run again.
    """
    new: list[TemplateLine] = []
    learned_from = store.learned_from()
    before = {(line.source, line.side, line.line) for line in store.template_lines()}
    for source in sorted(set(sources)):
        count = store.count_of_source(source)
        if count < (1 + GROWN) * learned_from.get(source, 0):
            continue
        lines = learn_template_lines(source, partial(store.of_source, source))
        _cut_stored(store, source, lines)
        store.set_template_lines(source, count, lines)
        new += [line for line in lines if (line.source, line.side, line.line) not in before]
    return tuple(new)


def _cut_stored(store: Store, source: str, lines: Sequence[TemplateLine]) -> None:
    known = KnownLines(lines)
    changed = []
    for inquiry in store.of_source(source):
        cut = cut_template_lines(inquiry, known)
        if cut != inquiry:
            changed.append(cut)
        if len(changed) == _WRITTEN:
            store.set_texts(changed)
            changed = []
    store.set_texts(changed)
