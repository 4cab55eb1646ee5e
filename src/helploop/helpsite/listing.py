"""Lists that the plugin adds to the home page and to a category's own page, so that nobody has to keep them."""

from __future__ import annotations

import html
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helploop.domain import Article
from helploop.helpsite.sources import Source

SHOWN_ON_HOME = 4  # articles named in a category's card
MIDDLE = 50  # where a page without `order` stands among its siblings


@dataclass(frozen=True)
class Category:
    """A folder of articles as the home page shows it."""

    title: str
    description: str
    url: str  # of the folder's own page, "" when it has none (the theme may still link the articles)
    articles: tuple[Article, ...]  # sorted by title
    folder: str  # below the published folder, "" for articles that lie in no folder
    order: int = MIDDLE

    @property
    def count(self) -> int:
        """How many articles it has."""
        return len(self.articles)


def find_categories(articles: Sequence[Article], sources: Sequence[Source]) -> tuple[Category, ...]:
    """The folders that hold articles, in the order of their pages, then by title. Articles in no folder come last."""
    pages = {posixpath.dirname(source.path): source for source in sources if source.page is not None}
    folders: dict[str, list[Article]] = {}
    for article in articles:
        folders.setdefault(article.path.partition("/")[0] if "/" in article.path else "", []).append(article)
    categories = [_make(folder, found, pages) for folder, found in folders.items()]
    return tuple(sorted(categories, key=lambda found: (not found.folder, found.order, found.title)))


def home_listing(categories: Sequence[Category], urls: Mapping[str, str]) -> str:
    """HTML cards, one a category, with links relative to the home page. `urls`: article id -> URL on the site."""
    cards = []
    for category in categories:
        title = html.escape(category.title)
        head = f'<a href="{html.escape(category.url)}">{title}</a>' if category.url else title
        note = f"<p>{html.escape(category.description)}</p>" if category.description else ""
        links = "".join(_link(article, urls[article.id]) for article in category.articles[:SHOWN_ON_HOME])
        rest = category.count - SHOWN_ON_HOME
        more = f'<p><a href="{html.escape(category.url)}">{rest} more</a></p>' if rest > 0 and category.url else ""
        cards.append(f"<li><p><strong>{head}</strong></p><hr>{note}<ul>{links}</ul>{more}</li>")
    return f'<div class="grid cards"><ul>{"".join(cards)}</ul></div>' if cards else ""


def category_listing(category: Category, page_url: str, urls: Mapping[str, str]) -> str:
    """An HTML list of a category's articles, with links relative to its own page."""
    items = []
    for article in category.articles:
        note = f"<br>{html.escape(article.description)}" if article.description else ""
        items.append(_link(article, relative_url(urls[article.id], page_url), note))
    return f"<ul>{''.join(items)}</ul>" if items else ""


def relative_url(url: str, base: str) -> str:
    """A page's URL on the site as a link on the page at `base`."""
    start = base if base.endswith("/") or not base else posixpath.dirname(base)
    path = posixpath.relpath(url or ".", start or ".")
    return f"{path}/" if url.endswith("/") else path


def _make(folder: str, articles: list[Article], pages: Mapping[str, Source]) -> Category:
    source = pages.get(folder) if folder else None
    page = source.page if source else None
    by_title = tuple(sorted(articles, key=lambda article: (article.title.casefold(), article.id)))
    if not folder:
        return Category("More answers", "", "", by_title, folder)
    if page is None or source is None:
        return Category(folder.replace("-", " ").capitalize(), "", "", by_title, folder)
    order = MIDDLE if page.order is None else page.order
    return Category(page.title, page.description, source.url, by_title, folder, order)


def _link(article: Article, url: str, note: str = "") -> str:
    return f'<li><a href="{html.escape(url)}">{html.escape(article.title)}</a>{note}</li>'
