"""Cleaning: what a customer wrote, without markup, quoted mails, greetings and signatures; and what they ask.

Pure, and linear in the length of the text. Reading order: clean() below, then html, quotes, politeness, asking.
"""

from __future__ import annotations

import re
from dataclasses import replace

from helploop.cleaning.asking import question_text
from helploop.cleaning.html import html_to_text, looks_like_html
from helploop.cleaning.language import language_of
from helploop.cleaning.politeness import strip_politeness
from helploop.cleaning.quotes import strip_quotes
from helploop.domain import Channel, RawInquiry, RawReply

__all__ = ["clean", "clean_text", "html_to_text", "language_of", "question_text", "strip_politeness", "strip_quotes"]

TEXT_CAP = 20_000  # characters of a text that are looked at (docs/measured.md, caps)

_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufffc\x00-\x08\x0b-\x1f\x7f]"
)
_ZALGO = re.compile(
    "([\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})[\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_SPACES = re.compile(r"[^\S\n]{2,100000}|[\t\u00a0\u2000-\u200a\u3000]")
_NO_WORDS = re.compile(r"<[^<>]{0,2000}>|https?://\S+")  # their question marks ask nothing
_BLANK_LINES = re.compile(r"\n{3,}")
_REPLY_PREFIX = re.compile(r"(?:\s*(?:re|fwd?|aw|wg|antw|sv|vs|ref|tr)\s*(?:\[\d{1,3}\])?\s*:)+\s*", re.IGNORECASE)
_TICKET_MARK = re.compile(
    r"\s?[\[(](?:#|(?:ticket|case|ref)\b[ :#.]{0,3}(?=[\w-]{0,20}\d))[^\])]{0,40}[\])]\s?", re.IGNORECASE
)
_NO_SUBJECT = re.compile(
    r"[(\[<]?\s*(?:no subject|kein betreff|sans objet|sin asunto|none|null|n/a|-+)\s*[)\]>]?\Z", re.IGNORECASE
)


def clean(raw: RawInquiry) -> RawInquiry:
    """The inquiry with its texts cleaned, question_text and language filled. No text becomes empty that was not."""
    names = raw.customer_names
    text = clean_text(raw.text, names, is_mail=raw.channel is Channel.MAIL)
    title = _clean_title(raw.title)
    return replace(
        raw,
        text=text,
        title=title,
        question_text=question_text(text, title),
        language=raw.language or language_of(f"{title} {text}"),
        replies=tuple(_clean_reply(reply, names, raw.channel is Channel.MAIL) for reply in raw.replies),
    )


def clean_text(text: str, names: tuple[str, ...] = (), is_mail: bool = False) -> str:
    """One text cleaned; `names` are its possible writers, whose name as the last line is a signature."""
    plain = normalise(text)
    if looks_like_html(text):
        plain = _unless_question_lost(plain, normalise(html_to_text(text)))
    new = plain
    if is_mail:
        new = strip_quotes(plain)
    elif "\n>" in plain or "wrote:" in plain:  # a post about quoting may only look like a mail
        new = _unless_question_lost(plain, strip_quotes(plain))
    return strip_politeness(new, names) or new or plain


def _unless_question_lost(before: str, after: str) -> str:
    asked = _NO_WORDS.sub(" ", "\n".join(line for line in before.split("\n") if not line.startswith(">")))
    return after if after and ("?" in after or "?" not in asked) else before


def normalise(text: str) -> str:
    """The text with plain line ends and single spaces, without control, direction and zero-width characters."""
    text = text[:TEXT_CAP].replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _ZALGO.sub(r"\1", text)
    text = _INVISIBLE.sub("", text.replace("\x0c", "\n").replace("\x0b", "\n"))
    lines = [line.rstrip() for line in _SPACES.sub(" ", text).split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n ")


def _clean_title(title: str) -> str:
    plain = " ".join(normalise(html_to_text(title) if looks_like_html(title) else title).split())
    prefix = _REPLY_PREFIX.match(plain[:100])
    plain = _TICKET_MARK.sub(" ", plain[prefix.end() if prefix else 0 :]).strip()
    return "" if _NO_SUBJECT.match(plain) else plain


def _clean_reply(reply: RawReply, names: tuple[str, ...], is_mail: bool) -> RawReply:
    writer = (reply.by,) if reply.is_agent else names
    return replace(reply, text=clean_text(reply.text, writer, is_mail))
