"""What a page may hold: one allow-list, used twice. The gate refuses what it does not name, the plugin takes it out.

docs/measured.md: with front matter escaped, this list held against page HTML stopped all of 64 hostile pages with every
Material feature kept. Tags, attributes and URLs are judged on the tree that html5ever builds (nh3), which is how a
browser reads them; a plain search for `<name` backs it up, because nh3 does not tell which tags it dropped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import nh3

URL_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

_BLOCKS = "address article aside blockquote dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr"
_LISTS = "li ol p pre section summary ul"
_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
_INLINE = "a abbr b bdi br cite code del dfn em i ins kbd mark q s samp small span strong sub sup time tt u var wbr"
_MEDIA = "img picture source video"
_WIDGETS = "input label"  # content tabs and task lists
_ICONS = "svg path"
TAGS = frozenset(" ".join((_BLOCKS, _LISTS, _TABLES, _INLINE, _MEDIA, _WIDGETS, _ICONS)).split())
_DROPPED_WITH_CONTENT = frozenset({"script", "style", "iframe", "object", "template", "noscript", "title", "textarea"})

# Material for MkDocs 9.8: admonition types with an icon of their own, and what its extensions put into pages.
_ADMONITIONS = (
    "note abstract summary tldr info todo tip hint important success check done question help faq warning caution "
    "attention failure fail missing danger error bug example quote cite"
)
_FEATURES = (
    "admonition admonition-title inline end annotate headerlink highlight highlighttable hll linenos linenodiv code "
    "filename codehilite footnote footnote-ref footnote-backref task-list task-list-item task-list-control "
    "task-list-indicator tabbed-set tabbed-alternate tabbed-labels tabbed-content tabbed-block twemoji keys grid cards "
    "card lg middle md-button md-button--primary toclink toc critic abbr linenos-table normal"
)
CLASSES = frozenset(f"{_ADMONITIONS} {_FEATURES}".split())
_CLASS_PATTERN = re.compile(r"language-[\w+#.-]{1,30}|key-[a-z0-9-]{1,30}|headerlink|linenos?")
_TOKEN_CLASS = re.compile(r"[a-z][a-z0-9]{0,2}")  # Pygments' short names, on span alone

# Ids that begin with two underscores are the theme's own (its search box, its dialogs): a page that takes one of
# them steers the theme's script. Those of content tabs and code blocks are made by extensions.
_MADE_ID = re.compile(r"__(?:tabbed_\d+(?:_\d+)?|code_\d+(?:_\w+)?|codelineno-[\d-]+|span-[\d-]+)")
_ID = re.compile(r"(?!__|helploop)[^\s<>\"'`]{1,200}", re.IGNORECASE)
_TEXT_ALIGN = r"text-align:\s*(?:left|right|center);?"
_NUMBER = re.compile(r"\d{1,5}%?")

_COMMENT = re.compile(r"<!--(?!-?>)(?:(?!--|[<>]).)*-->", re.DOTALL)
_TAG = re.compile(r"</?([a-zA-Z][^\s/>]*)|<([!?])")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,40}):")
_WHOLE_TAG = re.compile(r"<[a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_URL_ATTRIBUTE = re.compile(r"\s(?:href|src|poster)\s*=", re.IGNORECASE)


@dataclass(frozen=True)
class Refusal:
    """One thing that the policy does not let stand."""

    rule: str
    message: str
    probe: str  # what to look for in the source


@dataclass(frozen=True)
class Cleaned:
    """A page's HTML as it may be published, and what was found on the way."""

    html: str
    refusals: tuple[Refusal, ...] = ()
    links: tuple[str, ...] = ()  # href of each link, as written
    images: tuple[str, ...] = ()  # src of each picture and video
    ids: frozenset[str] = frozenset()


@dataclass
class _Reader:
    """Sees each attribute of each allowed tag, decides on it, and notes what pages link to."""

    refusals: list[Refusal] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    urls: int = 0

    def judge(self, tag: str, attribute: str, value: str) -> str | None:
        """The value that may stand, None for none: nh3's attribute filter."""
        if attribute == "class":
            return self._judge_classes(tag, value)
        if attribute in {"href", "src", "poster"}:
            self.urls += 1
            return self._judge_url(tag, attribute, value)
        rule = _ATTRIBUTES.get((tag, attribute)) or _ATTRIBUTES.get(("*", attribute))
        if rule is None:
            self._refuse("attribute", f"the attribute {attribute} of <{tag}> is not allowed: take it out", attribute)
            return None
        if not rule(value):
            self._refuse("attribute", f'{attribute}="{_shown(value)}" of <{tag}> is not allowed', value or attribute)
            return None
        if attribute == "id":
            self.ids.add(value)
        return value

    def _judge_classes(self, tag: str, value: str) -> str | None:
        kept = []
        for name in value.split():
            if name in CLASSES or _CLASS_PATTERN.fullmatch(name) or (tag == "span" and _TOKEN_CLASS.fullmatch(name)):
                kept.append(name)
            else:
                self._refuse("attribute", f"the class {_shown(name)!r} of <{tag}> is not allowed: take it out", name)
        return " ".join(kept) or None

    def _judge_url(self, tag: str, attribute: str, value: str) -> str | None:
        is_link = tag == "a" and attribute == "href"
        is_media = tag in {"img", "source", "video"} and attribute in {"src", "poster"}
        if not (is_link or is_media):
            self._refuse("attribute", f"the attribute {attribute} of <{tag}> is not allowed: take it out", value)
            return None
        if mistake := find_url_mistake(value, is_media=is_media):
            self._refuse("foreign-image" if is_media else "link", f"{mistake}: {_shown(value)}", value)
            return None
        (self.images if is_media else self.links).append(value)
        return value

    def _refuse(self, rule: str, message: str, probe: str) -> None:
        self.refusals.append(Refusal(rule, message, probe))


def clean(page: str) -> Cleaned:
    """A page's HTML held against the policy: what may stand, and a refusal for everything that may not."""
    reader = _Reader()
    bare = _COMMENT.sub("", page)
    for match in _TAG.finditer(bare):
        name = (match.group(1) or "").lower()
        if match.group(2):
            reader.refusals.append(Refusal("html", "`<!` and `<?` are not allowed: write `&lt;`", f"<{match.group(2)}"))
        elif name not in TAGS and not match.group(0).startswith("</"):
            message = f"the tag <{_shown(name)}> is not allowed: write `&lt;` if it is meant to be read"
            reader.refusals.append(Refusal("html", message, f"<{match.group(1)}"))
    cleaned = nh3.clean(
        page,
        tags=TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes={},
        generic_attribute_prefixes={""},  # every attribute reaches the filter, which knows the allowed ones
        attribute_filter=reader.judge,
        url_schemes=URL_SCHEMES | _find_schemes(page),  # so that the filter sees and names what it refuses
        link_rel=None,
    )
    if not reader.refusals and _count_urls(bare) > reader.urls:
        reader.refusals.append(Refusal("link", "an address in this page is not valid", "://"))
    return Cleaned(cleaned, tuple(reader.refusals), tuple(reader.links), tuple(reader.images), frozenset(reader.ids))


def find_url_mistake(value: str, is_media: bool = False) -> str | None:
    """Why an address may not stand in a page; None when it may."""
    bare = re.sub(r"[\x00-\x20]", "", value)
    if bare.startswith(("//", "/\\", "\\")):
        return "an address without its protocol leads to another host: write https://"
    try:
        scheme = urlsplit(bare).scheme
    except ValueError:
        return "this address is not valid"
    written = _SCHEME.match(bare)
    if is_media and (scheme or written):
        return "a picture or video of another host tells it who reads the page: put the file beside the article"
    if written and written.group(1).lower() not in URL_SCHEMES:
        return f"links may begin with {', '.join(sorted(URL_SCHEMES))}, not with {written.group(1).lower()}"
    return None


def _count_urls(page: str) -> int:
    """How many attributes with an address a page's tags have, as far as a plain search can tell."""
    tags = (_QUOTED.sub('""', match.group(0)) for match in _WHOLE_TAG.finditer(page))
    return sum(len(_URL_ATTRIBUTE.findall(tag)) for tag in tags)


def _find_schemes(page: str) -> set[str]:
    """All that could be a URL's protocol in a page, however it is written."""
    text = html.unescape(page)
    variants = (text, re.sub(r"[\t\n\r]", "", text))
    return {scheme.lower() for variant in variants for scheme in _SCHEME.findall(variant)}


def _shown(value: str) -> str:
    """A value short enough, and harmless enough, for a message."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", value)
    return text if len(text) <= 80 else text[:79] + "…"


def _is_any(value: str) -> bool:
    return True


def _is_id(value: str) -> bool:
    return bool(_MADE_ID.fullmatch(value) or _ID.fullmatch(value))


def _is_made_id(value: str) -> bool:
    return bool(_MADE_ID.fullmatch(value))


def _is_number(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value))


def _one_of(*values: str) -> Callable[[str], bool]:
    return frozenset(values).__contains__


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


_ATTRIBUTES: Mapping[tuple[str, str], Callable[[str], bool]] = {
    ("*", "id"): _is_id,
    ("*", "title"): _is_any,
    ("*", "lang"): _matches(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*"),
    ("*", "dir"): _one_of("ltr", "rtl", "auto"),
    ("*", "aria-hidden"): _one_of("true", "false"),
    ("*", "aria-label"): _is_any,
    ("a", "name"): _is_made_id,
    ("img", "alt"): _is_any,
    ("img", "width"): _is_number,
    ("img", "height"): _is_number,
    ("img", "loading"): _one_of("lazy", "eager"),
    ("video", "width"): _is_number,
    ("video", "height"): _is_number,
    ("video", "controls"): _is_any,
    ("video", "preload"): _one_of("none", "metadata", "auto", ""),
    ("video", "muted"): _is_any,
    ("video", "playsinline"): _is_any,
    ("source", "type"): _matches(r"(?:image|video)/[a-z0-9.+-]+"),
    ("td", "colspan"): _is_number,
    ("td", "rowspan"): _is_number,
    ("td", "style"): _matches(_TEXT_ALIGN),
    ("th", "colspan"): _is_number,
    ("th", "rowspan"): _is_number,
    ("th", "scope"): _one_of("row", "col", "rowgroup", "colgroup"),
    ("th", "style"): _matches(_TEXT_ALIGN),
    ("ol", "start"): _is_number,
    ("ol", "type"): _one_of("1", "a", "A", "i", "I"),
    ("ol", "reversed"): _is_any,
    ("li", "value"): _is_number,
    ("details", "open"): _is_any,
    ("time", "datetime"): _matches(r"[\dTZ:.+-]{1,40}"),
    ("div", "data-tabs"): _matches(r"\d+:\d+"),
    ("input", "type"): _one_of("checkbox", "radio"),
    ("input", "name"): _is_made_id,
    ("input", "checked"): _is_any,
    ("input", "disabled"): _is_any,
    ("label", "for"): _is_made_id,
    ("svg", "xmlns"): _one_of("http://www.w3.org/2000/svg"),
    ("svg", "viewBox"): _matches(r"[\d. -]{1,60}"),
    ("path", "d"): _matches(r"[\dA-Za-z.,\s-]*"),
}
