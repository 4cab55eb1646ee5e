"""Articles on disk: found, read, rendered, and written in one step, never through a symbolic link."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from helploop.articles.frontmatter import ARTICLE_KEYS, DRAFT_KEYS, ID_PATTERN, parse_article, split
from helploop.articles.text import RESERVED_SLUGS, safe_value, slug
from helploop.atomic import write_whole
from helploop.domain import Article, ArticleId, text_hash
from helploop.errors import ArticleError

MAX_BYTES = 1_000_000  # a file of text; the longest of 193 real articles has 60 kB
_FREE_TEXT = frozenset({"title", "description", "aliases", "category", "owner", "backup", "reviewed_by"})
_PLAIN = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")  # needs no quotes in any YAML, unless it is a word of YAML's own
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def is_article(path: Path | PurePosixPath) -> bool:
    """Whether a Markdown file is an article: all are but a folder's own page."""
    return path.suffix == ".md" and path.stem.lower() not in RESERVED_SLUGS


def find_articles(root: Path) -> tuple[Path, ...]:
    """The article files below a folder, sorted by path; hidden folders (kb/drafts/.base) are left out."""
    return tuple(path for path in _walk(root) if is_article(path))


def read_text(path: Path) -> str:
    """A file's text: UTF-8 with or without a mark, line ends as `\\n`.

    Raises:
        ArticleError: it is a symbolic link, too big, not readable, or not UTF-8.
    """
    if path.is_symlink():
        raise ArticleError(f"{path}:1: is a symbolic link: put the file itself there")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ArticleError(f"{path}:1: has more than {MAX_BYTES} bytes: split it")
        data = path.read_bytes()
    except OSError as error:
        raise ArticleError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ArticleError(f"{path}:{line}: is not UTF-8 (byte 0x{data[error.start]:02x}): save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_article(path: Path, root: Path) -> Article:
    """The article in a file below `root`.

    Raises:
        ArticleError: one line `file:line: what` for each thing that is wrong with its front matter.
    """
    article, findings = parse_article(read_text(path), path.relative_to(root).as_posix(), DRAFT_KEYS)
    if article is None:
        raise ArticleError("\n".join(f"{path}:{finding.line}: {finding.message}" for finding in findings))
    return article


def read_articles(root: Path) -> tuple[Article, ...]:
    """All articles below a folder, sorted by id; none where there is no such folder.

    Raises:
        ArticleError: all that is wrong with any of them, ids that stand twice too, a line each.
    """
    articles: list[Article] = []
    mistakes: list[str] = []
    for path in find_articles(root):
        try:
            articles.append(read_article(path, root))
        except ArticleError as error:
            mistakes.append(str(error))
    counts = Counter(article.id for article in articles)
    mistakes += [
        f"{root / article.path}: the id {article.id!r} is used by {counts[article.id]} articles: give this one its own"
        for article in articles
        if counts[article.id] > 1
    ]
    if mistakes:
        raise ArticleError("\n".join(mistakes))
    return tuple(sorted(articles, key=lambda article: article.id))


def render_article(article: Article) -> str:
    """An article as the text of its file, keys in a fixed order, empty ones left out.

    Free texts pass through `safe_value`: templates print front matter unescaped.
    """
    return _render(_front_matter(article), article.body)


def make_path(article: Article, root: Path) -> PurePosixPath:
    """Where a new article goes below `root`: `<category>/<slug>.md`, told apart by its id where that is taken."""
    folder = PurePosixPath(slug(article.category)) if article.category else PurePosixPath()
    name = slug(article.title)
    path = folder / f"{name}.md"
    target = root / path
    if not target.exists() and not target.with_suffix("").exists():
        return path
    if target.is_file() and _id_of(target) == article.id:
        return path
    return folder / f"{name[:55].rstrip('-')}-{text_hash(article.id)[:6]}.md"


def write_article(article: Article, root: Path) -> Path:
    """Writes an article below `root` in one step and gives its path: `article.path`, else what `make_path` says.

    In a file that already holds this article, comments and the order of keys stay.

    Raises:
        ArticleError: the path leaves `root`, goes through a symbolic link, or holds another article.
    """
    relative = PurePosixPath(article.path) if article.path else make_path(article, root)
    path = safe_path(root, relative)
    if not ID_PATTERN.fullmatch(article.id):
        raise ArticleError(f"{path}: {article.id!r} cannot be an article's id")
    values = _front_matter(article)
    if path.exists():
        front = split(read_text(path))
        known = front.values.get("id") if not front.findings else None
        if known is not None and known != article.id:
            raise ArticleError(
                f"{path}: holds the article {known!r}, not {article.id!r}: move it or choose another path"
            )
        if known == article.id and isinstance(front.values, CommentedMap):
            values = _update(front.values, values)
    write_atomically(path, _render(values, article.body).encode())
    return path


def assign_ids(root: Path) -> tuple[Path, ...]:
    """Gives an id (and a title, where there is none) to each Markdown file that somebody simply added.

    Nothing else of the file changes, and nobody's review is made up. Files whose front matter cannot be read stay as
    they are: the gate names them. Gives the changed files, sorted.
    """
    fronts = {path: split(read_text(path)) for path in find_articles(root) if not path.is_symlink()}
    taken = {str(front.values["id"]) for front in fronts.values() if "id" in front.values}
    changed = []
    for path, front in sorted(fronts.items()):
        if front.findings or "id" in front.values:
            continue
        title = str(front.values.get("title") or _first_heading(front.body) or path.stem.replace("-", " ").capitalize())
        new_id = next(name for name in _id_candidates(path, title) if name not in taken)
        taken.add(new_id)
        added = CommentedMap({"id": _scalar("id", new_id)})
        if "title" not in front.values:
            added["title"] = _scalar("title", title)
        _insert(path, added, has_front_matter=bool(front.values))
        changed.append(path)
    return tuple(changed)


def safe_path(root: Path, relative: PurePosixPath) -> Path:
    """`root / relative`, when it stays below `root` and no part of it is a symbolic link.

    Raises:
        ArticleError: it does not.
    """
    if relative.is_absolute() or ".." in relative.parts or not relative.parts or "\0" in str(relative):
        raise ArticleError(f"{relative}: leaves the folder {root}")
    path = root
    for part in relative.parts:
        path = path / part
        if path.is_symlink():
            raise ArticleError(f"{path}: is a symbolic link: nothing is written through it")
    return path


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a whole file beside its place, to the disk, and then puts it there in one step.

    Raises:
        ArticleError: it could not be written; what stood there still stands.
    """
    try:
        write_whole(path, data)
    except OSError as error:
        raise ArticleError(f"{path}: cannot be written: {error.strerror}") from error


def _walk(root: Path) -> Iterator[Path]:
    """Files below a folder, sorted; hidden ones left out, linked folders not entered."""
    for folder, names, files in os.walk(root, followlinks=False):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(folder, name)


def _front_matter(article: Article) -> CommentedMap:
    values = CommentedMap()
    for key in ARTICLE_KEYS:
        value = getattr(article, key)
        if key == "review":
            values[key] = value.value
        elif isinstance(value, tuple):
            if items := [_scalar(key, item) for item in value]:
                values[key] = items
        elif value is not None and value != "":
            values[key] = _scalar(key, value) if isinstance(value, str) else value
    return values


def _scalar(key: str, value: str) -> str:
    text = safe_value(value) if key in _FREE_TEXT else value
    is_plain = _PLAIN.fullmatch(text) and text not in _YAML_WORDS
    return text if is_plain else DoubleQuotedScalarString(text)


def _update(old: CommentedMap, new: CommentedMap) -> CommentedMap:
    """The old map with the new values: what did not change keeps its quotes, comments and place."""
    for key in [key for key in old if key not in new]:
        del old[key]
    for key, value in new.items():
        if key not in old or old[key] != value:
            old[key] = value
    return old


def _render(values: CommentedMap, body: str) -> str:
    text = body.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return f"---\n{_dump(values)}---\n\n{text}\n"


def _dump(values: CommentedMap) -> str:
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 10_000  # a text is a line: diffs stay readable and every reader agrees on it
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(values, stream)
    return stream.getvalue()


def _id_of(path: Path) -> Any:
    front = split(read_text(path))
    return front.values.get("id")


def _first_heading(body: str) -> str:
    match = re.search(r"^#[ \t]+(.+?)[ \t#]*$", body, re.MULTILINE)
    return match.group(1) if match else ""


def _id_candidates(path: Path, title: str) -> Iterator[ArticleId]:
    yield ArticleId(slug(path.stem))
    yield ArticleId(slug(title))
    number = 2
    while True:
        yield ArticleId(f"{slug(path.stem)}-{number}")
        number += 1


def _insert(path: Path, added: CommentedMap, has_front_matter: bool) -> None:
    """Puts lines at the head of a file's front matter, or a front matter before its text; all else stays as it is."""
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    newline = b"\r\n" if b"\r\n" in data[:10_000] else b"\n"
    lines = _dump(added).encode().replace(b"\n", newline)
    if has_front_matter:
        first, _, rest = data.partition(b"\n")
        write_atomically(path, first + b"\n" + lines + rest)
    else:
        write_atomically(path, b"---" + newline + lines + b"---" + newline + newline + data)
