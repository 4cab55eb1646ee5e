"""What lies in the folder that is published: pages, articles, pictures, and what has no business there."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from helploop.articles import Finding, Page, is_article
from helploop.articles.files import read_text
from helploop.articles.frontmatter import FrontMatter, make_article, make_page, split
from helploop.domain import Article
from helploop.errors import ArticleError

# docs/measured.md: anything else a builder copies verbatim, scripts and secrets included.
STATIC_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".mp4", ".webm", ".pdf", ".svg"})
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")

_SVG_SHAPES = "svg g path rect circle ellipse line polyline polygon text tspan title desc defs use symbol"
_SVG_PAINTS = "linearGradient radialGradient stop clipPath mask pattern marker"
_SVG_TAGS = frozenset(f"{_SVG_SHAPES} {_SVG_PAINTS}".split())
_SVG_NAMESPACE = "{http://www.w3.org/2000/svg}"
_SVG_ATTRIBUTE = re.compile(r"(?!on)[a-zA-Z][a-zA-Z0-9-]*")
_SVG_VALUE = re.compile(r"(?!.*(?:url\((?!#)|javascript:|data:|//)).*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Source:
    """A Markdown file of the site as read, with what is wrong with its front matter."""

    path: str  # below the published folder, posix
    front: FrontMatter
    article: Article | None = None  # None: it is a page, or has findings
    page: Page | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def is_article(self) -> bool:
        """Whether it should hold an article, be it right or wrong."""
        return is_article(PurePosixPath(self.path))

    @property
    def url(self) -> str:
        """Where the page stands on the site: `orders/track-a-delivery/`, "" for the home page."""
        path = PurePosixPath(self.path)
        folder = path.parent if path.stem.lower() in {"index", "readme"} else path.with_suffix("")
        return "" if folder == PurePosixPath() else f"{folder.as_posix()}/"


@dataclass(frozen=True)
class Tree:
    """All that lies in the published folder."""

    sources: tuple[Source, ...]  # sorted by path
    static: tuple[str, ...]  # pictures and other files that may be published, sorted
    findings: tuple[tuple[str, Finding], ...]  # path below the folder and what is wrong with the file itself


def read_tree(docs: Path) -> Tree:
    """Reads the published folder; hidden files, which builders leave out, are left out."""
    sources: list[Source] = []
    static: list[str] = []
    findings: list[tuple[str, Finding]] = []
    for path in _walk(docs):
        name = path.relative_to(docs).as_posix()
        if path.is_symlink():
            findings.append((name, Finding(1, "symlink", "is a symbolic link: put the file itself there")))
        elif not all(_SAFE_NAME.fullmatch(part) for part in path.relative_to(docs).parts):
            message = "file and folder names hold letters, digits and . _ - only: rename it"
            findings.append((name, Finding(1, "path", message)))
        elif path.suffix == ".md":
            try:
                sources.append(parse_source(read_text(path), name))
            except ArticleError as error:
                findings.append((name, Finding(_line_of(error), "file", _message_of(error))))
        elif mistake := find_static_mistake(path):
            findings.append((name, Finding(1, "static-file", mistake)))
        else:
            static.append(name)
    return Tree(tuple(sources), tuple(static), tuple(findings))


def parse_source(text: str, path: str) -> Source:
    """A Markdown file's text as a page or an article."""
    front = split(text)
    if is_article(PurePosixPath(path)):
        article, findings = make_article(front, path)
        return Source(path, front, article, None, tuple(findings))
    page, findings = make_page(front)
    return Source(path, front, None, page, tuple(findings))


def find_static_mistake(path: Path) -> str | None:
    """Why a file that is no page may not be published; None when it may."""
    suffix = path.suffix.lower()
    if suffix not in STATIC_SUFFIXES:
        allowed = ", ".join(sorted(name[1:] for name in STATIC_SUFFIXES))
        return f"files of this kind are not published: only .md and {allowed}"
    return _find_svg_mistake(path) if suffix == ".svg" else None


def _find_svg_mistake(path: Path) -> str | None:
    """A drawing runs script when it is opened: only plain shapes may be in it."""
    advice = "save it as a plain SVG, or as PNG"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return f"this drawing is not UTF-8 text: {advice}"
    text = re.sub(r"<!--(?:(?!--).)*-->", "", re.sub(r"^\ufeff?\s*<\?xml [^<>]*\?>", "", text), flags=re.DOTALL)
    if "<!" in text or "<?" in text:
        return f"this drawing has a DOCTYPE or other declarations: {advice}"
    try:
        root = ET.fromstring(text)  # noqa: S314 - no DOCTYPE, so no entities
    except (ET.ParseError, RecursionError):
        return f"this drawing is not valid XML: {advice}"
    for element in root.iter():
        tag = str(element.tag).removeprefix(_SVG_NAMESPACE)
        if tag not in _SVG_TAGS:
            return f"<{tag[:40]}> may not be in a drawing: {advice}"
        for name, value in element.attrib.items():
            is_reference = name.rpartition("}")[2] == "href" and value.startswith("#")
            if not is_reference and not (_SVG_ATTRIBUTE.fullmatch(name) and _SVG_VALUE.fullmatch(value)):
                return f"the attribute {name.rpartition('}')[2][:40]} may not be in a drawing: {advice}"
    return None


def _walk(docs: Path) -> list[Path]:
    paths = []
    for folder, names, files in os.walk(docs, followlinks=False):
        links = [name for name in names if Path(folder, name).is_symlink()]
        names[:] = [name for name in names if not name.startswith(".") and name not in links]
        paths += [Path(folder, name) for name in (*files, *links) if not name.startswith(".")]
    return sorted(paths)


def _line_of(error: ArticleError) -> int:
    match = re.search(r":(\d+): ", str(error))
    return int(match.group(1)) if match else 1


def _message_of(error: ArticleError) -> str:
    return re.sub(r"^.*?:(?:\d+:)? ", "", str(error))
