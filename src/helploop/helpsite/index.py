"""The search files of a help site: the index of its articles, and the scripts that search it and tell of searches."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from helploop.domain import Article, ArticleId
from helploop.helpsite.rendering import Renderer, default_renderer
from helploop.helpsite.theme import engine_source, read_script
from helploop.search import ASSETS, JavaScript
from helploop.tuning.table import WordTable

# Material for MkDocs fetches its own index with every page, and our worker never reads it: the plugin may write this
# in its place. An empty one keeps its box working.
MATERIAL_INDEX_PATH = "search/search_index.json"
MATERIAL_INDEX = b'{"config":{"lang":["en"],"separator":"[\\\\s\\\\-]+"},"docs":[]}'

_NAMED = 5  # new words named in a note
_HIDDEN = frozenset({"script", "style", "template", "svg"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = frozenset(
    {"a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "s", "span", "strong", "sub", "sup", "u"}
)


@dataclass(frozen=True)
class SearchFiles(Mapping[str, bytes]):
    """What a site needs for its search: path in the site -> content. Names carry a hash of what they hold."""

    worker: str  # path of the worker: Material's `search`
    index: str  # path of the index, named inside the worker
    events: str  # path of the script that tells the collector; load it only where there is one
    contents: Mapping[str, bytes]
    note: str = ""  # what the site's owner should know: words of articles that the word table does not know

    def __getitem__(self, path: str) -> bytes:
        return self.contents[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.contents)

    def __len__(self) -> int:
        return len(self.contents)


def search_files(
    articles: Sequence[Article],
    urls: Mapping[ArticleId, str],
    renderer: Renderer | None = None,
    table: WordTable | None = None,
) -> SearchFiles:
    """The search files for these articles: the same bytes for the same articles, in any order.

    table: tuning's word table; without one words alone are searched.

    Raises:
        ArticleError: an article's Markdown cannot be rendered.
        KeyError: an article has no URL.
    """
    index = build_index(articles, urls, renderer, table).encode("utf-8")
    index_name = _hashed_name("index", index, "json")
    worker = (engine_source() + read_script("worker.js").replace("@index@", index_name)).encode("utf-8")
    events = read_script("events.js").encode("utf-8")
    paths = (
        f"{ASSETS}/{_hashed_name('search-worker', worker, 'js')}",
        f"{ASSETS}/{index_name}",
        f"{ASSETS}/{_hashed_name('events', events, 'js')}",
    )
    contents = dict(zip(paths, (worker, index, events), strict=True))
    return SearchFiles(*paths, contents, _find_new_words(index, table) if table else "")


def _find_new_words(index: bytes, table: WordTable) -> str:
    """A sentence about the articles' words that the table does not know; "" when it knows all."""
    with JavaScript() as scripts:
        on_site = [word for word in json.loads(index)["words"].split() if not re.search(r"\d", word)]
        stems = json.loads(scripts.call("helploopStems", json.dumps(on_site)))
        known = set(json.loads(scripts.call("helploopStems", json.dumps(table.words))))
    new = sorted({stem: word for stem, word in zip(stems, on_site, strict=True) if stem not in known}.values())
    if not new:
        return ""
    named = ", ".join(new[:_NAMED]) + (", ..." if len(new) > _NAMED else "")
    return (
        f"the word table is older than the articles, {len(new)} of their words are not in it ({named}): helploop tune"
    )


def build_index(
    articles: Sequence[Article],
    urls: Mapping[ArticleId, str],
    renderer: Renderer | None = None,
    table: WordTable | None = None,
) -> str:
    """The index as JSON (engine.js tells its shape), made by the engine that reads it. Aliases are in it as counted
    words and vectors only. `urls`: each article's page, relative to the site. `renderer`: default: helploop's own
    extensions. `table`: as for search_files."""
    documents = to_documents(articles, urls, renderer)
    with JavaScript() as scripts:
        return str(
            scripts.call("helploopIndex", json.dumps(documents), json.dumps(table.for_index() if table else None))
        )


def to_documents(
    articles: Sequence[Article], urls: Mapping[ArticleId, str], renderer: Renderer | None = None
) -> list[dict[str, object]]:
    """The articles as engine.js takes them, by id: plain text of what is published, and the aliases."""
    renderer = renderer or default_renderer()
    return [_to_document(article, urls[article.id], renderer) for article in sorted(articles, key=lambda a: a.id)]


def _to_document(article: Article, url: str, renderer: Renderer) -> dict[str, object]:
    reader = _PageReader()
    reader.feed(renderer.render(article.body))
    reader.close()
    return {
        "id": article.id,
        "url": url,
        "title": article.title,
        "description": article.description,
        "aliases": list(article.aliases),
        "headings": [heading for heading in reader.headings() if heading != article.title],
        "body": reader.body(),
        "sections": reader.sections(),
    }


class _PageReader(HTMLParser):
    """Takes a page's headings and the rest of its text apart. Pictures count with their alternative text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._headings: list[str] = []
        self._body: list[str] = []
        self._sections: list[tuple[str, int, list[str]]] = []  # id, number of the heading, text
        self._hidden = 0
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _HEADINGS:
            self._in_heading = True
            self._headings.append("")
            self._sections.append((dict(attrs).get("id") or "", len(self._headings) - 1, []))
        elif tag == "img":
            self.handle_data(f" {dict(attrs).get('alt') or ''} ")
        elif tag not in _INLINE:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _HEADINGS:
            self._in_heading = False
        elif tag not in _INLINE:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._in_heading:
            self._headings[-1] += data
        else:
            self._body.append(data)
            if self._sections:
                self._sections[-1][2].append(data)

    def headings(self) -> tuple[str, ...]:
        """Each heading's text, in order."""
        return tuple(heading for raw in self._headings if (heading := _squeeze(raw)))

    def sections(self) -> list[dict[str, str]]:
        """What stands under each heading that can be linked to: id, title, text."""
        return [
            {"id": anchor, "title": _squeeze(self._headings[number]), "text": _squeeze("".join(text))}
            for anchor, number, text in self._sections
            if anchor
        ]

    def body(self) -> str:
        """All other text, on one line."""
        return _squeeze("".join(self._body))


def _squeeze(text: str) -> str:
    return re.sub(r"[\s¶]+", " ", text).strip()


def _hashed_name(stem: str, content: bytes, suffix: str) -> str:
    return f"{stem}.{hashlib.blake2b(content, digest_size=5).hexdigest()}.{suffix}"
