"""Front matter: parsed strictly, checked against an allow-list of keys, every finding with its line.

MkDocs' templates print front matter unescaped on every page (docs/measured: the worst hole of a stock help site), and
MkDocs reads it more loosely than it looks: `...` ends a block, a first line `description: ...` of a page without
one is taken for metadata. So what counts here is one form only: `---`, YAML, `---`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from frontmatter.default_handlers import BaseHandler
from rapidfuzz import fuzz, process
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from helploop.domain import Article, ArticleId, QuestionId, ReviewState

MAX_FRONT_MATTER = 64_000  # characters; the longest real block of 193 imported articles has under 2,000
MAX_DEPTH = 20  # nested brackets: the deepest legal value is a list of texts
ID_PATTERN = re.compile(r"[^\W_][\w.:@+~/-]{0,127}")

_TEXTS = ("id", "title", "description", "category", "locale", "translation_of", "owner", "backup", "reviewed_by")
_LISTS = ("answers", "aliases", "redirect_from")
_DATES = ("reviewed_at", "review_due")
# In the order in which they are written.
ARTICLE_KEYS = (
    *("id", "title", "description", "review", "category", "answers", "aliases", "owner", "backup"),
    *("reviewed_by", "reviewed_at", "review_due", "redirect_from", "locale", "translation_of"),
)
DRAFT_KEYS = ("round", "customers", "inquiries", "brief")  # what a draft carries besides; gone when it is approved
PAGE_KEYS = ("title", "description", "hide", "order")
HIDEABLE = ("navigation", "toc", "footer", "path", "feedback")


@dataclass(frozen=True)
class Finding:
    """What is wrong with one line of a file."""

    line: int  # 1-based
    rule: str  # kebab-case, as the gate prints it
    message: str


@dataclass(frozen=True)
class Page:
    """A page that is no article: the home page, a category's own page."""

    title: str
    body: str
    description: str = ""
    hide: tuple[str, ...] = ()
    order: int | None = None  # place among its siblings in the navigation, lowest first


@dataclass(frozen=True)
class FrontMatter:
    """A parsed block, before its values are checked."""

    values: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)  # key -> 1-based line in the file
    body: str = ""
    body_line: int = 1  # 1-based line where the body starts
    findings: tuple[Finding, ...] = ()  # when not empty, values are worthless


class StrictHandler(BaseHandler):
    """python-frontmatter's handler over ruamel.yaml's round-trip loader: YAML 1.2, no objects, no key twice."""

    FM_BOUNDARY = re.compile(r"^---[ \t]*$", re.MULTILINE)
    START_DELIMITER = END_DELIMITER = "---"

    def load(self, fm: str, **kwargs: Any) -> Any:
        """The block as ruamel.yaml's map, which knows the line of each key."""
        return _yaml().load(fm)

    def export(self, metadata: dict[str, Any], **kwargs: Any) -> str:
        """Not used: articles are rendered by files.render_article, in a fixed order of keys."""
        raise NotImplementedError


def parse_article(text: str, path: str = "", extra_keys: tuple[str, ...] = ()) -> tuple[Article | None, list[Finding]]:
    """The article that a file's text holds, and all that is wrong with its front matter.

    `path` is the file's place below kb/articles. The article is None where there is a finding.
    """
    return make_article(split(text), path, extra_keys)


def make_article(
    front: FrontMatter, path: str = "", extra_keys: tuple[str, ...] = ()
) -> tuple[Article | None, list[Finding]]:
    """What `parse_article` gives, of a text that is split already."""
    if front.findings:
        return None, list(front.findings)
    if not front.values:
        message = "has no front matter: begin with a line `---`; `helploop check --fix` writes it"
        return None, [Finding(1, "front-matter", message)]
    findings = _check_keys(front, ARTICLE_KEYS + extra_keys)
    facts: dict[str, Any] = {}
    for kinds, parse in ((_TEXTS, _text), (_LISTS, _texts), (_DATES, _date), (("review",), _review)):
        for key in kinds:
            if front.values.get(key) is not None and (value := parse(front, key, findings)) is not None:
                facts[key] = value
    findings += _check_required(front, facts)
    if findings:
        return None, sorted(findings, key=lambda finding: (finding.line, finding.rule, finding.message))
    facts["id"] = ArticleId(facts["id"])
    facts["answers"] = tuple(QuestionId(answer) for answer in facts.get("answers", ()))
    if "translation_of" in facts:
        facts["translation_of"] = ArticleId(facts["translation_of"])
    return Article(body=front.body, path=path, **facts), []


def parse_page(text: str) -> tuple[Page | None, list[Finding]]:
    """A page that is no article (index.md), and all that is wrong with its front matter."""
    return make_page(split(text))


def make_page(front: FrontMatter) -> tuple[Page | None, list[Finding]]:
    """What `parse_page` gives, of a text that is split already."""
    if front.findings:
        return None, list(front.findings)
    if not front.values:
        return None, [Finding(1, "front-matter", "has no front matter: begin with `---`, `title: ...`, `---`")]
    findings = _check_keys(front, PAGE_KEYS)
    title, description = (
        _text(front, key, findings) or "" if front.values.get(key) is not None else ""
        for key in ("title", "description")
    )
    hide = _texts(front, "hide", findings) or () if front.values.get("hide") is not None else ()
    for value in hide:
        if value not in HIDEABLE:
            findings.append(Finding(front.lines["hide"], "front-matter", f"hide: {value!r} is none of {HIDEABLE}"))
    order = front.values.get("order")
    if order is not None and (isinstance(order, bool) or not isinstance(order, int)):
        findings.append(Finding(front.lines["order"], "front-matter", "order must be a whole number"))
    if not front.values.get("title"):
        findings.append(Finding(front.lines.get("title", 1), "title", "title is missing"))
    if findings:
        return None, findings
    return Page(title=title, body=front.body, description=description, hide=hide, order=order), []


def split(text: str) -> FrontMatter:
    """A file's text as front matter and body. A text without front matter has no values and is all body."""
    handler = StrictHandler()
    if not handler.detect(text):
        return FrontMatter({}, body=text)
    parts = StrictHandler.FM_BOUNDARY.split(text, maxsplit=2)
    if len(parts) < 3:
        return _broken(1, "the front matter is never closed: end it with a line `---`")
    block, body = parts[1], parts[2]
    if mistake := _find_block_mistake(block):
        return mistake
    values = _load(handler, block)
    if isinstance(values, FrontMatter):
        return values
    if values is None:
        values = CommentedMap()
    if not isinstance(values, CommentedMap):
        return _broken(2, "must be a list of `key: value` lines")
    lines = {str(key): values.lc.key(key)[0] + 1 for key in values if key in values.lc.data}
    stripped = body.lstrip("\n")
    body_line = 1 + block.count("\n") + len(body) - len(stripped)
    return FrontMatter(values, {str(key): lines.get(str(key), 2) for key in values}, stripped, body_line)


def _load(handler: StrictHandler, block: str) -> Any:
    """What the YAML says; a FrontMatter with the finding where it says nothing valid."""
    try:
        return handler.load(block)
    except DuplicateKeyError as error:
        key = re.search(r'duplicate key "(.*?)"', str(error))
        return _broken(_line_of(error), f"the key {key.group(1) if key else ''!r} stands there twice: keep one")
    except MarkedYAMLError as error:
        return _broken(_line_of(error), f"is not valid YAML: {(error.problem or str(error)).splitlines()[0]}")
    except (YAMLError, ValueError, RecursionError) as error:
        return _broken(2, f"is not valid YAML: {str(error).splitlines()[0] if str(error) else type(error).__name__}")


def _find_block_mistake(block: str) -> FrontMatter | None:
    if len(block) > MAX_FRONT_MATTER:
        return _broken(1, f"the front matter has {len(block)} characters, {MAX_FRONT_MATTER} are the most")
    if block.strip("\n") and re.search(r"^(\.\.\.|---)", block, re.MULTILINE):
        line = 1 + block[: re.search(r"^(\.\.\.|---)", block, re.MULTILINE).start()].count("\n")  # type: ignore[union-attr]
        return _broken(line, "a line that begins with `...` or `---` ends the block for some builders: take it out")
    depth = 0
    for mark in re.findall(r"[\[\]{}]", block):
        depth += 1 if mark in "[{" else -1
        if depth > MAX_DEPTH:
            return _broken(2, f"is nested deeper than {MAX_DEPTH} brackets")
    return None


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = False
    yaml.preserve_quotes = True  # a file that is written again keeps them: other readers take a bare `no` for false
    return yaml


def _line_of(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 2


def _broken(line: int, message: str) -> FrontMatter:
    return FrontMatter({}, findings=(Finding(line, "front-matter", message),))


def _check_keys(front: FrontMatter, allowed: tuple[str, ...]) -> list[Finding]:
    findings = []
    for key in map(str, front.values):
        if key in allowed:
            continue
        near = process.extractOne(key, allowed, scorer=fuzz.ratio, score_cutoff=60)
        hint = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(allowed)}"
        findings.append(Finding(front.lines[key], "unknown-key", f"unknown key {key!r}: {hint}"))
    return findings


def _check_required(front: FrontMatter, facts: Mapping[str, Any]) -> list[Finding]:
    findings = []
    if "id" not in front.values:
        findings.append(Finding(1, "id", "id is missing: `helploop check --fix` gives it one"))
    elif not ID_PATTERN.fullmatch(facts.get("id", "given")):
        message = f"id {facts['id']!r} must begin with a letter or digit and hold letters, digits and . _ - : @ + ~ /"
        findings.append(Finding(front.lines["id"], "id", message))
    if "title" not in front.values or facts.get("title") == "":
        findings.append(Finding(front.lines.get("title", 1), "title", "title is missing"))
    if facts.get("reviewed_at") and facts.get("review_due") and facts["review_due"] < facts["reviewed_at"]:
        message = "review_due lies before reviewed_at"
        findings.append(Finding(front.lines["review_due"], "front-matter", message))
    return findings


def _text(front: FrontMatter, key: str, findings: list[Finding]) -> str | None:
    value = front.values[key]
    if isinstance(value, str):
        return str(value).strip()
    findings.append(Finding(front.lines[key], "front-matter", f"{key} must be text: write it in quotes"))
    return None


def _texts(front: FrontMatter, key: str, findings: list[Finding]) -> tuple[str, ...] | None:
    value = front.values[key]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(str(item).strip() for item in value)
    message = f"{key} must be a list of texts: one `- text` a line, in quotes where it looks like a number"
    findings.append(Finding(front.lines[key], "front-matter", message))
    return None


def _date(front: FrontMatter, key: str, findings: list[Finding]) -> date | None:
    value = front.values[key]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    findings.append(Finding(front.lines[key], "front-matter", f"{key} must be a date like 2026-06-22"))
    return None


def _review(front: FrontMatter, key: str, findings: list[Finding]) -> ReviewState | None:
    value = front.values[key]
    if value in {state.value for state in ReviewState}:
        return ReviewState(str(value))
    states = ", ".join(ReviewState)
    near = process.extractOne(str(value), [state.value for state in ReviewState], scorer=fuzz.ratio, score_cutoff=60)
    hint = f"did you mean {near[0]!r}?" if near else f"it is one of {states}"
    findings.append(Finding(front.lines[key], "front-matter", f"review: {str(value)!r}: {hint}"))
    return None
