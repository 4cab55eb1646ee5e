"""Where links may lead, and which line of a source something on its page comes from."""

from __future__ import annotations

import html
import posixpath
from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from rapidfuzz import fuzz, process

from helploop.helpsite.policy import Refusal
from helploop.helpsite.sources import Source, Tree


class LinkChecker:
    """Where links may lead: to pages, to headings on them, and to files."""

    def __init__(self, tree: Tree, ids: Mapping[str, frozenset[str]]):
        self._ids = ids
        self._static = frozenset(tree.static)
        self._urls = {source.url: source.path for source in tree.sources}
        self._pages = frozenset(source.path for source in tree.sources)

    def find_mistake(self, source: Source, address: str) -> str | None:
        """Why an address in a page leads nowhere; None when it leads somewhere, or off this site."""
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            return None
        path = unquote(parts.path)
        if path.startswith("/"):
            return f"{address}: begin with the file, not with /: the site may move to another folder"
        target: str | None = source.path
        if path:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), path))
            if target in self._static:
                return None
            if target not in self._pages:
                target = self._urls.get(_below(source.url, path))
        if target is None:
            near = process.extractOne(path, sorted(self._pages | self._static), scorer=fuzz.WRatio, score_cutoff=70)
            return f"there is no page or file {path[:100]!r}" + (f": did you mean {near[0]}?" if near else "")
        anchor = unquote(parts.fragment)
        if not anchor or target not in self._ids or anchor in self._ids[target]:
            return None
        near = process.extractOne(anchor, sorted(self._ids[target]), scorer=fuzz.ratio, score_cutoff=60)
        return f"there is no heading #{anchor[:100]} in {target}" + (f": did you mean #{near[0]}?" if near else "")


class LineFinder:
    """Finds the line of a source that a finding in its HTML comes from; the next one, when it stands there again."""

    def __init__(self, source: Source):
        self._lines = [html.unescape(line).casefold() for line in source.front.body.split("\n")]
        self._first = source.front.body_line
        self._seen: dict[str, int] = defaultdict(int)

    def find(self, refusal: Refusal) -> int:
        """1-based line in the file; the body's first line where nothing like it is found."""
        for probe in (refusal.probe.casefold(), unquote(refusal.probe).casefold()):
            found = [number for number, line in enumerate(self._lines) if probe and probe in line]
            if found:
                place = min(self._seen[probe], len(found) - 1)
                self._seen[probe] += 1
                return self._first + found[place]
        return self._first


def _below(base: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join("/", base, path))[1:]
    return f"{joined}/" if joined else ""
