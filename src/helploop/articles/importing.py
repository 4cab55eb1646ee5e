"""An existing help centre comes in: JSON Lines, or a folder of Markdown or HTML. Ids are kept.

What such articles hold was published before, so they count as reviewed; but not all of it may stand in a page here
(raw HTML, pictures on other hosts). That is mended on the way in, counted, and what cannot be mended is a rejected row.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from html_to_markdown import ConversionError, ConversionOptions, convert

from helploop.articles.files import find_articles, read_text
from helploop.articles.frontmatter import ID_PATTERN, parse_article, split
from helploop.articles.text import safe_value, slug, unsafe_characters
from helploop.domain import Article, ArticleId, QuestionId, RejectedRow, ReviewState
from helploop.errors import ArticleError
from helploop.helpsite.policy import TAGS, clean, find_url_mistake
from helploop.helpsite.rendering import default_renderer

MAX_LINE = 1_000_000  # characters of a JSON line (docs/measured.md: caps before parsing)
IMPORTED = "import"  # owner and reviewer until a person takes the article over
_KEYS = frozenset({"id", "title", "body"})

_HTML_START = re.compile(
    r"\s*<(?:!doctype|html|head|body|p|div|h[1-6]|ul|ol|table|section|article|span|strong)\b", re.I
)
_FENCE = re.compile(r"^(`{3,20}|~{3,20})(?![`~])[^\n]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)(`{1,4})(?!`)[^\n]{1,1000}?(?<!`)\1(?!`)")
_AUTOLINK = re.compile(r"<(?:https?://|mailto:)[^\s<>]+>|<[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}>")
_TARGET = r"\[([^\]\n]{0,300})\]\(\s{0,9}<?([^\s)>\[]{0,2000})>?(?:\s{1,9}[\"'][^)\n]{0,300})?\)"
_IMAGE = re.compile(rf"!{_TARGET}")
_LINK = re.compile(rf"(?<!!){_TARGET}")
_IMAGE_TAG = re.compile(r"<img\b[^<>]*?\bsrc\s*=\s*[\"']?([^\"'\s<>]+)[^<>]*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_SCRIPT = re.compile(r"<(script|style|iframe)\b[^<>]*>(?:(?!<\1\b).)*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)([^<>]*)>")
_NOT_PLAIN = frozenset({"img", "a", "svg", "path", "input", "label", "video", "source", "picture"})
_MARK = re.compile("\x02(\\d+)\x03")


def import_articles(
    path: Path, on: date | None = None, owner: str = IMPORTED, mended: Counter[str] | None = None
) -> Iterator[Article | RejectedRow]:
    """The articles in a JSON Lines file ({"id", "title", "body", "aliases"?, "category"?}) or in a folder.

    In a folder the id is the front matter's, else the path without its ending; HTML becomes Markdown. Each article is
    approved, reviewed by "import" on the day `on`. `mended`, when given, counts what had to be changed, by kind. An
    id that was there already in the same import is a rejected row.

    Raises:
        ArticleError: there is no such file or folder, or nothing in it looks like articles.
    """
    if not path.exists():
        raise ArticleError(f"{path}: there is no such file or folder")
    counter: Counter[str] = Counter() if mended is None else mended
    read = _read_folder if path.is_dir() else _read_lines
    seen: set[str] = set()
    is_empty = True
    for row in read(path, on, owner, counter):
        is_empty = False
        if isinstance(row, RejectedRow):
            yield row
        elif row.id in seen:
            yield RejectedRow(path.name, 0, f"the id {row.id!r} was there before: ids must differ")
        else:
            seen.add(row.id)
            yield row
    if is_empty:
        raise ArticleError(
            f"{path}: holds no articles: JSON Lines, or a folder of .md, .html or .htm files, is expected"
        )


def mend_body(body: str, count: Callable[[str], None], is_html: bool | None = None) -> str:
    """A body that the gate lets pass: HTML as Markdown, foreign pictures as links, tags that may not stand as text.

    `count` is told the kind of each change.

    Raises:
        ArticleError: no way was found to make it pass.
    """
    body = body.replace("\r\n", "\n").replace("\r", "\n")
    if is_html or (is_html is None and _HTML_START.match(body)):
        count("html")
        text = _mend_markdown(_to_markdown(body), count, has_tags=False)
    else:
        text = _mend_markdown(body, count)
    cleaned = clean(default_renderer().render(text))
    if cleaned.refusals:  # rare: what only rendering shows, such as attributes in braces
        count("rewritten")
        text = _mend_markdown(_to_markdown(cleaned.html), count, has_tags=False)
        cleaned = clean(default_renderer().render(text))
    if cleaned.refusals:
        raise ArticleError(cleaned.refusals[0].message)
    return text.strip("\n") + "\n"


def _read_lines(path: Path, on: date | None, owner: str, mended: Counter[str]) -> Iterator[Article | RejectedRow]:
    record = 0
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            record += 1
            try:
                facts = _parse_line(line)
                yield _make(facts, on, owner, mended)
            except (ArticleError, ValueError, RecursionError) as error:
                reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
                yield RejectedRow(path.name, number, reason, record, line[:20_000])


def _parse_line(line: str) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise ArticleError(f"the line has more than {MAX_LINE} characters")
    try:
        facts = json.loads(line, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise ArticleError(f"is not JSON: {error.msg} (column {error.colno})") from error
    if not isinstance(facts, dict):
        raise ArticleError("is not a JSON object")
    missing = sorted(key for key in _KEYS if not facts.get(key) and facts.get(key) != 0)
    if missing:
        raise ArticleError(f"has no {', '.join(missing)}")
    return facts


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    facts = dict(pairs)
    if len(facts) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ArticleError(f"has the key {twice!r} twice")
    return facts


def _read_folder(path: Path, on: date | None, owner: str, mended: Counter[str]) -> Iterator[Article | RejectedRow]:
    pages = [page for page in sorted(path.rglob("*")) if page.suffix.lower() in {".html", ".htm"}]
    files = sorted({*find_articles(path), *pages})
    for record, file in enumerate(files, start=1):
        name = file.relative_to(path)
        try:
            text = read_text(file)
            facts = _page_facts(text) if file in pages else _markdown_facts(text)
            facts.setdefault("id", name.with_suffix("").as_posix())
            facts.setdefault("title", name.stem.replace("-", " ").replace("_", " ").capitalize())
            facts.setdefault("category", name.parts[0] if len(name.parts) > 1 else "")
            yield _make(facts, on, owner, mended, is_html=file in pages)
        except ArticleError as error:
            yield RejectedRow(name.as_posix(), 1, str(error), record)


def _markdown_facts(text: str) -> dict[str, Any]:
    """What a Markdown file says of itself: what can be used of its front matter, and its text."""
    article, _ = parse_article(text)
    front = split(text)
    if front.findings:
        raise ArticleError(f"line {front.findings[0].line}: {front.findings[0].message}")
    keep = ("id", "title", "description", "category", "aliases", "locale", "owner", "backup", "redirect_from")
    facts = {key: front.values[key] for key in keep if front.values.get(key)}
    if article is not None:
        facts["answers"] = article.answers
    heading = re.match(r"\s*#[ \t]+(.+?)[ \t#]*(?:\n|$)", front.body)
    if heading and facts.setdefault("title", heading.group(1)) == heading.group(1):
        return facts | {"body": front.body[heading.end() :]}
    return facts | {"body": front.body}


def _page_facts(text: str) -> dict[str, Any]:
    """A web page's title and the part of it that is the article."""
    start, end = _find_element(text, "h1")
    facts: dict[str, Any] = {}
    heading = text[start:end] or text[slice(*_find_element(text, "title"))]
    if words := html.unescape(re.sub(r"<[^<>]*>", "", heading)).strip():
        facts["title"] = " ".join(words.split())
    main = next(
        (place for tag in ("main", "article", "body") if (place := _find_element(text, tag))[1]), (0, len(text))
    )
    body = text[slice(*main)]
    start, end = _find_element(body, "h1")
    facts["body"] = re.sub(r"<h1\b[^<>]*>\Z", "", body[:start]) + re.sub(r"\A</h1\s*>", "", body[end:])
    return facts


def _find_element(text: str, tag: str) -> tuple[int, int]:
    """Where the content of the first such element begins and ends; (0, 0) when there is none."""
    opening = re.search(rf"<{tag}\b[^<>]*>", text, re.IGNORECASE)
    closing = text.lower().find(f"</{tag}", opening.end()) if opening else -1
    return (opening.end(), closing) if opening and closing >= 0 else (0, 0)


def _make(
    facts: Mapping[str, Any], on: date | None, owner: str, mended: Counter[str], is_html: bool | None = None
) -> Article:
    """One approved article of what a source says.

    Raises:
        ArticleError: it cannot be one.
    """
    number_or_text = facts["id"]
    if isinstance(number_or_text, bool) or not isinstance(number_or_text, str | int):
        raise ArticleError("id must be text or a whole number")
    article_id = str(number_or_text).strip()
    if not ID_PATTERN.fullmatch(article_id):
        raise ArticleError(
            "id must begin with a letter or digit and hold letters, digits and . _ - : @ + ~ /, 128 at most"
        )
    title, body = facts.get("title", ""), facts.get("body", "")
    if not isinstance(title, str) or not isinstance(body, str) or not title.strip() or not body.strip():
        raise ArticleError("title and body must be texts that are not empty")
    aliases = _texts(facts, "aliases")
    if any(unsafe_characters(text) for text in (title, *aliases)):
        mended["title or alias"] += 1
    changes: Counter[str] = Counter()
    body = mend_body(body, lambda kind: changes.update([kind]), is_html)
    mended.update(changes)
    return Article(
        id=ArticleId(article_id),
        title=safe_value(title),
        body=body,
        review=ReviewState.APPROVED,
        answers=tuple(QuestionId(answer) for answer in facts.get("answers", ())),
        aliases=tuple(safe_value(alias) for alias in aliases),
        category=slug(_text(facts, "category")) if _text(facts, "category") else "",
        description=safe_value(_text(facts, "description")),
        locale=_locale(_text(facts, "locale")),
        owner=safe_value(_text(facts, "owner")) or owner,
        backup=safe_value(_text(facts, "backup")),
        reviewed_by=IMPORTED,
        reviewed_at=on,
        redirect_from=_texts(facts, "redirect_from"),
    )


def _text(facts: Mapping[str, Any], key: str) -> str:
    value = facts.get(key) or ""
    if not isinstance(value, str):
        raise ArticleError(f"{key} must be text")
    return value.strip()


def _texts(facts: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = facts.get(key) or ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ArticleError(f"{key} must be a list of texts")
    return tuple(item.strip() for item in value if item.strip())


def _locale(value: str) -> str:
    return value if re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", value) else ""


def _to_markdown(page: str) -> str:
    options = ConversionOptions(heading_style="atx", code_block_style="backticks", extract_metadata=False)
    try:
        result = convert(page, options)
    except (ConversionError, ValueError, RecursionError) as error:
        raise ArticleError(f"its HTML cannot be turned into Markdown: {error}") from error
    return str(result.content or "")


def _mend_markdown(text: str, count: Callable[[str], None], has_tags: bool = True) -> str:
    """Markdown whose tags, pictures and links may stand; what is code stays as it is.

    `has_tags` is False for Markdown made of HTML: every `<` outside code is meant to be read there.
    """
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", "\ufffd", text)
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match.group(0))
        return f"\x02{len(kept) - 1}\x03"

    def swap(pattern: re.Pattern[str], kind: str, give: Callable[[re.Match[str]], str]) -> None:
        nonlocal text
        text, number = pattern.subn(give, text)
        for _ in range(number):
            count(kind)

    for pattern in (_FENCE, _CODE, _AUTOLINK):
        text = pattern.sub(keep, text)
    if has_tags:
        swap(_SCRIPT, "script", lambda match: "")
        swap(_COMMENT, "comment", lambda match: "")
        text = _IMAGE_TAG.sub(lambda match: f"![]({match.group(1)})", text)
        text = _TAG.sub(lambda match: keep(match) if _may_stand(match) else match.group(0), text)
        swap(re.compile(r"<(?=[A-Za-z/!?])"), "tag", lambda match: "&lt;")
    else:
        text = text.replace("<", "&lt;")
    swap(_IMAGE, "image", _image_as_link)
    text = _LINK.sub(lambda match: _mend_link(match, count), text)
    swap(re.compile(r"\{(?=[{%])"), "template", lambda match: "&#123;")
    swap(re.compile(r"-(?=8<-)"), "snippet", lambda match: "&#45;")
    while _MARK.search(text):
        text = _MARK.sub(lambda match: kept[int(match.group(1))], text)
    return text


def _image_as_link(match: re.Match[str]) -> str:
    """A picture of another host becomes a link to it; one that was beside the article is not here: its text stays."""
    words, address = match.group(1).strip(), match.group(2)
    if re.match(r"https?://", address, re.IGNORECASE):
        return f"[{words or 'Picture'}]({address})"
    return f"*{words}*" if words else ""


def _mend_link(match: re.Match[str], count: Callable[[str], None]) -> str:
    """A link to a page of the old help centre, or one that may not stand, becomes its own words."""
    words, address = match.group(1), match.group(2)
    if re.match(r"https?://|mailto:|tel:", address, re.IGNORECASE) and find_url_mistake(address) is None:
        return match.group(0)
    count("link")
    return words


def _may_stand(match: re.Match[str]) -> bool:
    """Whether a tag is plain formatting without attributes; any other is shown as text."""
    name = match.group(2).lower()
    return name in TAGS - _NOT_PLAIN and not match.group(3).strip(" /")
