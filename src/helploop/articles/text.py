"""Text on its way into a page: slugs, escaped text, values that may stand in front matter. Pure."""

from __future__ import annotations

import re
import string
import unicodedata

from helploop.domain import text_hash

SLUG_LENGTH = 62  # with ".md" and a folder it stays far below every file system's 255 bytes (docs/measured.md)
RESERVED_SLUGS = frozenset({"index", "readme"})  # MkDocs takes these files for a folder's own page

# Category Cc is C0, DEL and C1, Cs the lone surrogates; U+2028/9 break lines in JavaScript; the bidi marks reorder
# what stands beside them. None has a place in a line of text.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[\t\n\r\x0b\x0c\x85\u2028\u2029 ]+")
_ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in string.punctuation}
_ANGLES = {ord("<"): "‹", ord(">"): "›"}


def slug(title: str) -> str:
    """A file name for a title: `[a-z0-9-]{1,62}`, accents folded, cut between words.

    Not an identity: of 515 hostile titles 79 have nothing to make a slug of (docs/measured). Those, and the names that
    mean something to a site builder, get the hash of the title.
    """
    folded = unicodedata.normalize("NFKD", title.replace("ß", "ss").replace("'", "").replace("’", ""))
    words = re.findall(r"[a-z0-9]+", folded.encode("ascii", "ignore").decode().lower())
    name = "-".join(words)
    if len(name) > SLUG_LENGTH:
        name = name[: SLUG_LENGTH + 1].rpartition("-")[0] or name[:SLUG_LENGTH]
    if not name:
        return f"a-{text_hash(title)}"
    return f"{name}-{text_hash(title)[:6]}" if name in RESERVED_SLUGS else name


def escape(text: str) -> str:
    """Text that Markdown, HTML and templates show as it is, on one line: for customers' and agents' words in a page.

    Every ASCII punctuation mark becomes a numeric entity, a run of blanks and line breaks one space, any other
    control character and any lone surrogate U+FFFD. docs/measured: 0 failures over 579 hostile strings and 1,500
    generated
    ones, as long as the text is not the first line of a file.
    """
    return _UNSAFE.sub("\ufffd", _SPACES.sub(" ", text)).strip().translate(_ENTITIES)


def safe_value(text: str) -> str:
    """A line that may stand in front matter, where templates print values unescaped: no angle bracket, no template
    mark, no straight double quote, no control character. Told apart from the original only by such characters."""
    line = _UNSAFE.sub("\ufffd", _SPACES.sub(" ", text)).strip().translate(_ANGLES)
    while "{{" in line or "{%" in line:
        line = line.replace("{{", "{ {").replace("{%", "{ %")
    return re.sub(r'"([^"]*)"', r"“\1”", line).replace('"', "”")


def unsafe_characters(text: str) -> tuple[str, ...]:
    """What of a front matter value `safe_value` would not let stand, as a reader can see it, in order, once each."""
    found = dict.fromkeys(re.findall(r"[<>\"]|\{\{|\{%", text))
    found.update(dict.fromkeys(f"U+{ord(mark):04X}" for mark in _UNSAFE.findall(text)))
    return tuple(found)
