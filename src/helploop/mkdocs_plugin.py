"""The MkDocs plugin: plain `mkdocs build --strict` checks, cleans and indexes as `helploop build` does.

Thin: the gate is helpsite.check, the cleaning helpsite.policy, the search files helpsite.index. In strict mode a
problem stops the build before MkDocs empties the old site; otherwise it is a warning, and what may not be published
is left out.
"""

from __future__ import annotations

import html
import posixpath
from pathlib import Path
from typing import Any

from mkdocs.config import base
from mkdocs.config import config_options as option
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure import StructureItem
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink

from helploop.domain import Article, Problem
from helploop.errors import HelploopError
from helploop.helpsite.check import Inspection, inspect, redirect_address
from helploop.helpsite.index import MATERIAL_INDEX, MATERIAL_INDEX_PATH, SearchFiles, search_files
from helploop.helpsite.listing import MIDDLE, Category, category_listing, find_categories, home_listing, relative_url
from helploop.helpsite.policy import clean
from helploop.helpsite.rendering import Renderer
from helploop.helpsite.sources import Source
from helploop.helpsite.theme import theme_dir
from helploop.tuning.table import TableError, WordTable, read_table

log = get_plugin_logger("helploop")

_REDIRECT_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><meta name="robots" content="noindex">
<link rel="canonical" href="{url}"><meta http-equiv="refresh" content="0; url={url}"></head>
<body><a href="{url}">{title}</a></body></html>
"""


class HelploopConfig(base.Config):  # type: ignore[no-untyped-call] # MkDocs gives that hook no types
    """The plugin's options in mkdocs.yml."""

    endpoint = option.Type(str, default="")
    """Where the site sends its search events (the collector's address). Empty: nothing is sent anywhere."""


class HelploopPlugin(BasePlugin[HelploopConfig]):  # type: ignore[no-untyped-call]
    """Gate, cleaning, search files, redirects and lists of articles, as MkDocs asks for them."""

    def __init__(self) -> None:
        self._inspection: Inspection | None = None
        self._sources: dict[str, Source] = {}
        self._articles: tuple[Article, ...] = ()
        self._urls: dict[str, str] = {}  # article id -> URL on the site
        self._categories: tuple[Category, ...] = ()
        self._search: SearchFiles | None = None

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Holds the site against the gate, before anything of the old site is touched, and adds the theme's layer."""
        if not config.config_file_path:
            raise PluginError("helploop: the site has no mkdocs.yml in a folder")
        try:
            self._inspection = inspect(Path(config.config_file_path).parent)
            if config.theme.name == "material":
                place = 1 if config.theme.custom_dir else 0  # a site's own overrides come before ours
                if (folder := str(theme_dir())) not in config.theme.dirs:
                    config.theme.dirs.insert(place, folder)
        except HelploopError as error:
            raise PluginError(f"helploop: {error}") from error
        _tell(self._inspection.problems, is_strict=bool(config.strict))
        return config

    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        """Leaves out what may not be published, adds redirects, and makes the search files."""
        inspection = self._get_inspection()
        self._sources = {source.path: source for source in inspection.sources if source.article or source.page}
        published = _find_published(inspection)
        for file in list(files):
            is_of_docs = file.generated_by is None and Path(file.src_dir or "") == Path(config.docs_dir)
            if is_of_docs and file.src_uri not in published:
                files.remove(file)
        pages = {file.src_uri: file.url for file in files.documentation_pages()}
        self._articles = tuple(article for article in inspection.articles if article.path in pages)
        self._urls = {article.id: pages[article.path] for article in self._articles}
        self._categories = find_categories(self._articles, inspection.sources)
        for article in self._articles:
            for old in article.redirect_from:
                if redirect := self._make_redirect(article, old, config):
                    files.append(redirect)
        renderer = Renderer(inspection.site.extensions, inspection.site.extension_configs)
        try:
            urls = {a.id: self._urls[a.id] for a in self._articles}
            self._search = search_files(self._articles, urls, renderer, _read_table(inspection.site.root))
        except HelploopError as error:
            raise PluginError(f"helploop: {error}") from error
        if self._search.note:
            log.info(self._search.note)
        config.extra["helploop"] = {
            "worker": self._search.worker,
            "index": self._search.index,
            "events": self._search.events,
            "endpoint": self.config.endpoint,
            "categories": self._categories,  # for a theme that wants to draw them itself
        }
        return files

    def on_nav(self, nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
        """Gives categories the names and the order that their pages ask for, unless mkdocs.yml has its own `nav`."""
        if config.nav is None:
            nav.items[:] = [self._named(item) for item in nav.items]
            nav.items.sort(key=self._order)
            nav.pages[:] = _flatten(nav.items)
            for before, page, after in zip([None, *nav.pages], nav.pages, [*nav.pages[1:], None], strict=False):
                page.previous_page, page.next_page = before, after
        return nav

    def on_page_markdown(self, markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Only what the gate has read goes on: allow-listed, escaped front matter and the text below it."""
        source = self._sources.get(page.file.src_uri)
        meta: dict[str, Any] = {}
        if source is None:
            meta = {key: page.meta[key] for key in ("title", "description") if key in page.meta}
        elif found := source.article or source.page:
            meta = {"title": found.title, "description": found.description}
        page.meta = {key: html.escape(str(value)) for key, value in meta.items() if value}
        if source and source.page and source.page.hide:
            page.meta["hide"] = list(source.page.hide)
        page.update_date = self._reviewed(source)
        return source.front.body if source else markdown

    def on_page_content(self, html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Cleans a page by the gate's own policy and adds the lists to the home page and the categories' pages."""
        for item in page.toc:
            _escape_titles(item)
        cleaned = clean(html).html
        if page.is_homepage:
            return cleaned + home_listing(self._categories, self._urls)
        folder = posixpath.dirname(page.file.src_uri)
        for category in self._categories:
            if category.folder == folder and category.url == page.url and folder:
                return cleaned + category_listing(category, page.url, self._urls)
        return cleaned

    @event_priority(-100)
    def on_post_build(self, config: MkDocsConfig) -> None:
        """Writes the search files; Material's own index, which nobody reads any more, becomes an empty one."""
        contents = dict(self._search or {})
        if "search" in config.plugins or "material/search" in config.plugins:
            contents[MATERIAL_INDEX_PATH] = MATERIAL_INDEX
        for name, content in sorted(contents.items()):
            path = Path(config.site_dir, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def _get_inspection(self) -> Inspection:
        if self._inspection is None:
            raise PluginError("helploop: files before the configuration: MkDocs has changed, update helploop")
        return self._inspection

    def _named(self, item: StructureItem) -> StructureItem:
        """A folder under its own page's title; one that holds nothing else is that page."""
        own = [page for page in _children(item) if isinstance(page, Page) and page.is_index]
        if not isinstance(item, Section) or len(own) != 1:
            return item
        if len(_children(item)) == 1:
            own[0].parent = item.parent
            return own[0]
        source = self._sources.get(own[0].file.src_uri)
        if source and source.page:
            item.title = html.escape(source.page.title)
        return item

    def _order(self, item: StructureItem) -> tuple[bool, int]:
        """The home page first, then by `order`; the sort keeps MkDocs' own order among equals."""
        page = item if isinstance(item, Page) else next((p for p in _children(item) if isinstance(p, Page)), None)
        source = self._sources.get(page.file.src_uri) if page else None
        if source is None or source.page is None or source.page.order is None:
            return (not (isinstance(item, Page) and item.is_homepage), MIDDLE)
        return (True, source.page.order)

    def _reviewed(self, source: Source | None) -> str:
        """The day a page's text was last vouched for: the sitemap then does not change with the day of the build."""
        dates = [article.reviewed_at for article in self._articles if article.reviewed_at]
        if source and source.article and source.article.reviewed_at:
            dates = [source.article.reviewed_at]
        return max(dates).isoformat() if dates else "1980-01-01"

    def _make_redirect(self, article: Article, old: str, config: MkDocsConfig) -> File | None:
        """A page at an old address that leads to the new one, without script."""
        address = redirect_address(old)
        if address is None:
            return None
        url = relative_url(self._urls[article.id], address)
        page = _REDIRECT_PAGE.format(title=html.escape(article.title), url=html.escape(url))
        return File.generated(config, f"{address}index.html", content=page)


def _read_table(root: Path) -> WordTable | None:
    """The site's word table; a broken one is told of, and the search does without."""
    try:
        return read_table(root / "kb" / "search")
    except TableError as error:
        log.info(f"{error}; the search does without: helploop tune makes it again")
        return None


def _find_published(inspection: Inspection) -> set[str]:
    """The files, below the published folder, that may be published although the gate has found something."""
    docs = inspection.site.docs.relative_to(inspection.site.root).as_posix()
    broken = {found.file.removeprefix(f"{docs}/") for found in inspection.problems if found.rule == "markdown"}
    pages = {source.path for source in inspection.sources if source.page is not None}
    return ({article.path for article in inspection.articles} | pages | inspection.static) - broken


def _tell(problems: tuple[Problem, ...], is_strict: bool) -> None:
    lines = [f"{found.file}:{found.line}: {found.message} [{found.rule}]" for found in problems]
    if lines and is_strict:
        raise PluginError(f"helploop: {len(lines)} problems keep this site from being published\n" + "\n".join(lines))
    for line in lines:
        log.warning(line)


def _children(item: StructureItem) -> list[StructureItem]:
    return list(getattr(item, "children", None) or ())


def _flatten(items: list[StructureItem]) -> list[Page]:
    pages: list[Page] = []
    for item in items:
        if isinstance(item, Page):
            pages.append(item)
        else:
            pages += _flatten(_children(item))
    return pages


def _escape_titles(item: AnchorLink) -> None:
    """The table of contents prints titles as they are."""
    item.title = item.title.replace("<", "&lt;").replace(">", "&gt;")
    for child in item.children:
        _escape_titles(child)
