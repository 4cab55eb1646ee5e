"""The gate: everything that must not be published, named by file, line and rule, all of it at once.

It needs no site builder running, no encoder and no database, so CI can hold it against any checkout. It refuses what
the plugin would also clean, because another builder may clean nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helploop.articles.text import unsafe_characters
from helploop.domain import Article, Problem, ReviewState
from helploop.errors import ArticleError
from helploop.helpsite.contacts import find_personal_data, shown_text
from helploop.helpsite.links import LineFinder, LinkChecker
from helploop.helpsite.policy import Cleaned, Refusal, clean
from helploop.helpsite.rendering import CONFIG_FILE, DOCS_DIR, Renderer, SiteConfig, load_site
from helploop.helpsite.sources import Source, Tree, read_tree

# They put other files, or the result of code, into pages: a snippet published a .env (docs/measured.md).
FORBIDDEN_EXTENSIONS = frozenset({"pymdownx.snippets", "pymdownx.b64", "markdown_include.include", "markdown_exec"})
FORBIDDEN_PLUGINS = frozenset({"macros", "include-markdown", "markdown-exec", "markdownextradata", "table-reader"})

_REDIRECT = re.compile(r"/?(?:[A-Za-z0-9][A-Za-z0-9._~-]*/)*[A-Za-z0-9][A-Za-z0-9._~-]*/?")
_SNIPPET = re.compile(r"-8<-")
_MACRO = re.compile(r"\{\{|\{%")
_FENCE = re.compile(r"^(`{3,20}|~{3,20})(?![`~])[^\n]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)(`{1,4})(?!`)[^\n]{1,1000}?(?<!`)\1(?!`)")


@dataclass(frozen=True)
class Inspection:
    """What the gate found, and what it read on the way."""

    problems: tuple[Problem, ...]  # sorted by file, line, rule
    sources: tuple[Source, ...]  # every page and article, right or wrong
    static: frozenset[str]  # pictures and other files that may be published, below the published folder
    site: SiteConfig

    @property
    def articles(self) -> tuple[Article, ...]:
        """The approved articles whose front matter can be read, sorted by id."""
        articles = [source.article for source in self.sources if source.article is not None]
        approved = [article for article in articles if article.review is ReviewState.APPROVED]
        return tuple(sorted(approved, key=lambda article: article.id))


def check(site_root: Path) -> tuple[Problem, ...]:
    """All that keeps the site in a folder from being published, sorted by file, line and rule; empty when nothing does.

    Raises:
        ConfigError: mkdocs.yml or helploop.toml is not there or cannot be read.
    """
    return inspect(site_root).problems


def inspect(site_root: Path) -> Inspection:
    """What `check` gives, with the articles it read: for the plugin and the build, which need both.

    Raises:
        ConfigError: mkdocs.yml or helploop.toml is not there or cannot be read.
    """
    site = load_site(site_root)
    gate = _Gate(site, read_tree(site.docs))
    gate.check_config()
    gate.check_files()
    gate.check_names()
    gate.check_pages()
    problems = sorted(set(gate.problems), key=lambda found: (found.file, found.line, found.rule, found.message))
    return Inspection(tuple(problems), gate.tree.sources, frozenset(gate.tree.static), site)


@dataclass
class _Gate:
    """One run of the gate over one site."""

    site: SiteConfig
    tree: Tree
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, path: str, line: int, rule: str, message: str) -> None:
        """Notes a problem of a file below the published folder."""
        docs = self.site.docs.relative_to(self.site.root).as_posix()
        self.problems.append(Problem(f"{docs}/{path}" if path else docs, line, rule, message))

    def check_config(self) -> None:
        """mkdocs.yml: only kb/articles is published, and no reader's browser is sent anywhere else."""
        text = (self.site.root / CONFIG_FILE).read_text(encoding="utf-8")
        for probe, message in find_config_mistakes(self.site):
            self.problems.append(Problem(CONFIG_FILE, _line_with(text, probe), "config", message))

    def check_files(self) -> None:
        """Files that may not be there, front matter, review and owner."""
        for path, finding in self.tree.findings:
            self.refuse(path, finding.line, finding.rule, finding.message)
        if not any(source.url == "" for source in self.tree.sources):
            self.refuse("", 1, "home", "there is no index.md: the site has no home page")
        for source in self.tree.sources:
            for finding in source.findings:
                self.refuse(source.path, finding.line, finding.rule, finding.message)
            self._check_values(source)
            if source.article is not None:
                self._check_review(source, source.article)

    def _check_values(self, source: Source) -> None:
        for key, value in source.front.values.items():
            for text in value if isinstance(value, list) else (value,):
                marks = unsafe_characters(text) if isinstance(text, str) else ()
                if key != "description":  # the one value that themes print inside quotes
                    marks = tuple(mark for mark in marks if mark != '"')
                if marks:
                    line = source.front.lines.get(str(key), 1)
                    self.refuse(source.path, line, "unsafe-value", f"{key} may not hold {' '.join(marks)}")

    def _check_review(self, source: Source, article: Article) -> None:
        lines = source.front.lines
        if article.review is not ReviewState.APPROVED:
            message = (
                f"review is {article.review.value}: only approved articles may lie here; approve it or move it away"
            )
            self.refuse(source.path, lines.get("review", 1), "not-approved", message)
        elif not article.reviewed_by:
            self.refuse(source.path, lines["review"], "not-approved", "approved by whom? reviewed_by is missing")
        if not article.owner:
            self.refuse(source.path, 1, "owner", "owner is missing: who keeps this article right?")
        if not article.body.strip():
            self.refuse(source.path, source.front.body_line, "empty", "the article has no text")

    def check_names(self) -> None:
        """Ids, addresses and redirects that stand twice, case aside: file systems and people read them alike."""
        articles = [(source, source.article) for source in self.tree.sources if source.article is not None]
        ids = _group((str(article.id).casefold(), source) for source, article in articles)
        for found, sources in ids.items():
            for source in sources[1:]:
                message = f"the id {found!r} is also that of {sources[0].path}"
                self.refuse(source.path, source.front.lines["id"], "duplicate-id", message)
        urls = _group((source.url.casefold(), source) for source in self.tree.sources)
        for sources in urls.values():
            for source in sources[1:]:
                message = f"has the same address as {sources[0].path}: rename it"
                self.refuse(source.path, 1, "duplicate-slug", message)
        known = {str(article.id) for _, article in articles}
        redirects: dict[str, Source] = {}
        for source, article in articles:
            line = source.front.lines.get("redirect_from", 1)
            for old in article.redirect_from:
                self._check_redirect(source, line, old, urls, redirects)
            if article.translation_of and article.translation_of not in known:
                line = source.front.lines["translation_of"]
                self.refuse(source.path, line, "translation", f"there is no article {article.translation_of!r}")

    def _check_redirect(
        self, source: Source, line: int, old: str, urls: Mapping[str, list[Source]], redirects: dict[str, Source]
    ) -> None:
        address = redirect_address(old)
        if address is None:
            self.refuse(source.path, line, "redirect", f"redirect_from: {old[:80]!r} is no address below this site")
        elif address.casefold() in urls:
            message = f"redirect_from: {old!r} is the address of {urls[address.casefold()][0].path}"
            self.refuse(source.path, line, "duplicate-redirect", message)
        elif address.casefold() in redirects:
            message = f"redirect_from: {old!r} stands in {redirects[address.casefold()].path} as well"
            self.refuse(source.path, line, "duplicate-redirect", message)
        else:
            redirects[address.casefold()] = source

    def check_pages(self) -> None:
        """Each page as a reader's browser gets it: HTML, links, pictures, personal data."""
        renderer = Renderer(self.site.extensions, self.site.extension_configs)
        cleaned: dict[str, Cleaned] = {}
        for source in self.tree.sources:
            if source.front.findings:
                continue
            self._check_marks(source)
            try:
                cleaned[source.path] = clean(renderer.render(source.front.body))
            except ArticleError as error:
                self.refuse(source.path, source.front.body_line, "markdown", str(error))
                continue
            finder = LineFinder(source)
            for refusal in cleaned[source.path].refusals:
                self.refuse(source.path, finder.find(refusal), refusal.rule, refusal.message)
            self._check_personal_data(source, cleaned[source.path].html)
        links = LinkChecker(self.tree, {path: page.ids for path, page in cleaned.items()})
        for source in self.tree.sources:
            if source.path not in cleaned:
                continue
            finder = LineFinder(source)
            page = cleaned[source.path]
            found = [("link", address) for address in page.links] + [("image", address) for address in page.images]
            for rule, address in found:
                if mistake := links.find_mistake(source, address):
                    kind = "anchor" if mistake.startswith("there is no heading") else rule
                    self.refuse(source.path, finder.find(Refusal(kind, mistake, address)), kind, mistake)

    def _check_marks(self, source: Source) -> None:
        """What other tools would take for an order to put a file or a value here."""
        for number, line in enumerate(_without_code(source.front.body).split("\n"), start=source.front.body_line):
            if _SNIPPET.search(line):
                self.refuse(
                    source.path, number, "snippet", "`-8<-` puts other files into a page: write the text itself"
                )
            if match := _MACRO.search(line):
                message = f"`{match.group(0)}` is a template's mark: write &#123; for the first brace, or use code"
                self.refuse(source.path, number, "macro", message)

    def _check_personal_data(self, source: Source, page: str) -> None:
        """Front matter and text, as written and as shown: entities and marks between letters hide nothing."""
        contacts = self.site.public_contacts
        for key, value in source.front.values.items():
            for text in value if isinstance(value, list) else (value,):
                for kind in find_personal_data(text, contacts) if isinstance(text, str) else ():
                    line = source.front.lines.get(str(key), 1)
                    self.refuse(source.path, line, "personal-data", _personal(kind, str(key)))
        body = html.unescape(source.front.body)
        kinds = find_personal_data(body, contacts)
        for place, row in enumerate(body.split("\n") if kinds else (), start=source.front.body_line):
            for kind in find_personal_data(row, contacts):
                kinds.discard(kind)
                self.refuse(source.path, place, "personal-data", _personal(kind, "the text"))
        for kind in sorted(kinds | find_personal_data(shown_text(page), contacts)):
            if not any(found.rule == "personal-data" and kind in found.message for found in self._of(source)):
                self.refuse(source.path, source.front.body_line, "personal-data", _personal(kind, "the text"))

    def _of(self, source: Source) -> list[Problem]:
        return [found for found in self.problems if found.file.endswith(f"/{source.path}")]


def redirect_address(old: str) -> str | None:
    """An old address as pages have theirs (`orders/old-name/`), None for what is no address below the site."""
    if not _REDIRECT.fullmatch(old):
        return None
    path = re.sub(r"(?:/index)?\.(?:md|html)$", "", old.strip("/"))
    return f"{path}/"


def find_config_mistakes(site: SiteConfig) -> list[tuple[str, str]]:
    """What mkdocs.yml may not say: (text to look for, what to do)."""
    settings = site.settings
    mistakes: list[tuple[str, str]] = []
    if site.docs.resolve() != (site.root / DOCS_DIR).resolve():
        mistakes.append(("docs_dir", f"docs_dir must be {DOCS_DIR}: anything else may publish what nobody reviewed"))
    mistakes += [
        (name, f"the extension {name} puts other files into pages: take it out")
        for name in sorted(FORBIDDEN_EXTENSIONS.intersection(site.extensions))
    ]
    plugins = _names(settings.get("plugins", []))
    mistakes += [
        (name, f"the plugin {name} puts other files or the result of code into pages: take it out")
        for name in sorted(FORBIDDEN_PLUGINS.intersection(plugins))
    ]
    if "helploop" not in plugins:
        mistakes.append(
            ("plugins", "the plugin helploop is missing: without it nothing is cleaned and nothing is found")
        )
    theme = settings.get("theme", {})
    if isinstance(theme, str) or theme.get("font", True) is not False:
        mistakes.append(("font", "theme.font must be false: otherwise each page asks another company for its letters"))
    for key in ("extra_css", "extra_javascript"):
        for item in settings.get(key) or ():
            address = str(item.get("path", "") if isinstance(item, dict) else item)
            if re.match(r"(?:[a-z]+:)?//", address, re.IGNORECASE):
                mistakes.append((address, f"{key}: {address} is on another host: put the file into the theme"))
    if re.search(r"github|gitlab", str(settings.get("repo_url") or "")):
        mistakes.append(("repo_url", "with repo_url each page asks that host for its stars: use a link in the text"))
    if (settings.get("extra") or {}).get("analytics", {}).get("provider"):
        mistakes.append(
            ("analytics", "extra.analytics sends visitors to another company: helploop counts searches itself")
        )
    return mistakes


def _names(plugins: Any) -> set[str]:
    names = list(plugins) if isinstance(plugins, dict) else plugins or []
    return {str(next(iter(name))) if isinstance(name, dict) else str(name) for name in names}


def _group(pairs: Iterable[tuple[str, Source]]) -> dict[str, list[Source]]:
    groups: dict[str, list[Source]] = {}
    for key, source in pairs:
        groups.setdefault(key, []).append(source)
    return groups


def _without_code(text: str) -> str:
    """The text with code blanked out, line for line."""
    for pattern in (_FENCE, _CODE):
        text = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)
    return text


def _personal(kind: str, where: str) -> str:
    return f"{where} holds personal data or a secret ({kind}): take it out, or list it under public_contacts"


def _line_with(text: str, probe: str) -> int:
    lines = text.split("\n")
    return next((number for number, line in enumerate(lines, start=1) if probe in line), 1)
