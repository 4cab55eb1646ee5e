"""Bytes and headers of mails as text: charsets as they are met, encoded-words, format=flowed. Never raises."""

from __future__ import annotations

import codecs
import contextlib
import re
from email.errors import HeaderParseError
from email.header import decode_header

from helploop.intake.streams import mend

HEADER_CAP = 16_000  # bytes of one header
WORDS_CAP = 200  # encoded-words in one header: 50,000 cost the standard library 85 s
# Declared as the narrow one, written as the wide one (WHATWG's Encoding Standard names the same pairs).
_WIDER = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
}
_ELSE = {"iso-2022-jp": ("euc_jp", "cp932")}  # converted on the way, the header left as it was
# Python also calls rot13, idna or unicode_escape encodings: no mail is written in those.
_TEXTUAL = re.compile(
    r"(?:utf|cp\d|iso|koi|gb|big5|euc|shift|mac|latin|johab|hz|tis|ptcp|kz|windows-|charmap)", re.IGNORECASE
)


def decoded(content: bytes, charset: str = "") -> str:
    """Bytes as text: in the declared charset, else UTF-8, else cp1252; what fits nowhere becomes U+FFFD."""
    name = charset.strip().strip("\"'").lower()
    name = _WIDER.get(name.replace("_", "-"), _WIDER.get(name, name))
    known = bool(_TEXTUAL.match(name)) and _is_codec(name)
    declared = (name, *_ELSE.get(name, ())) if known else ()
    # a form that declares Latin 1 and writes UTF-8 is common, Latin 1 that happens to be valid UTF-8 is not
    for encoding in ("utf-8", *declared) if name in ("cp1252", "") else (*declared, "utf-8"):
        try:
            return content.decode(encoding)
        except (UnicodeError, ValueError):
            continue
    wide = known and name != "utf-8"
    try:
        return content.decode(name if wide else "cp1252", "replace")
    except (UnicodeError, ValueError):
        return content.decode("utf-8", "replace")


def header_text(value: object, charset: str = "") -> str:
    """A header as one line of text; with more encoded-words than the cap, or broken ones, as it stands.

    charset: of bytes that nobody encoded and that are no UTF-8.
    """
    text = unescaped(str(value)[:HEADER_CAP], charset)
    if 0 < text.count("=?") <= WORDS_CAP:
        with contextlib.suppress(HeaderParseError, ValueError):
            text = "".join(_chunk(*chunk) for chunk in decode_header(text))
    return mend(" ".join(text.split()))


def unescaped(text: str, charset: str = "") -> str:
    """A header whose bytes beyond ASCII, kept as surrogates by the parser, are read: as UTF-8, charset or cp1252."""
    if text.isascii():
        return text
    try:
        raw = text.encode("ascii", "surrogateescape")
        return decoded(raw, charset if charset and not _is_utf8(raw) else "")
    except UnicodeEncodeError:
        return text


def unflowed(text: str, is_delsp: bool = False) -> str:
    """A text of format=flowed with its paragraphs in one line each (RFC 3676: a space at the end goes on)."""
    out: list[str] = []
    open_depth = -1  # quote depth of a line that goes on
    for line in text.replace("\r\n", "\n").split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")  # stuffed
        is_soft = bare.endswith(" ") and bare != "-- "
        body = bare[:-1] if is_soft and is_delsp else bare
        if open_depth == depth and bare != "-- ":
            out[-1] += body
        else:
            out.append(">" * depth + (" " if depth else "") + body)
        open_depth = depth if is_soft else -1
    return "\n".join(out)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_codec(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _chunk(content: bytes | str, charset: str | None) -> str:
    if isinstance(content, str):
        return content
    return content.decode("raw-unicode-escape") if charset is None else decoded(content, charset)
