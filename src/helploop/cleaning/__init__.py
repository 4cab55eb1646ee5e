"""Cleaning: what a customer wrote, without markup, quoted mails, footers, greetings and signatures; and what they ask.

Pure, and linear in the length of the text. Reading order: clean() below, then forms, html, quotes, footers, signatures,
politeness, asking.
"""

from __future__ import annotations

import re
from dataclasses import replace

from helploop.cleaning.asking import question_text
from helploop.cleaning.footers import above_marker, strip_footers
from helploop.cleaning.forms import read_form
from helploop.cleaning.html import html_to_text, looks_like_html
from helploop.cleaning.language import language_of
from helploop.cleaning.politeness import strip_politeness
from helploop.cleaning.quotes import new_parts
from helploop.cleaning.signatures import strip_contacts, strip_signature
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
_REPLY_PREFIX = re.compile(
    r"(?:\s*(?:re|fwd?|aw|wg|antw|sv|vs|ref|tr|rv|enc|res|doorst|pd|odp|vb)\s*(?:\[\d{1,3}\])?\s*:)+\s*", re.IGNORECASE
)
_FORWARD_PREFIX = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|i|doorst|pd|vb)\s*(?:\[\d{1,3}\])?\s*:", re.IGNORECASE)
_MAY_QUOTE = re.compile(
    r"\n\s?>|wrote\s?:|schrieb|a écrit|escri(?:bió|veu)|scritto|schreef|skrev|napisał|\n[-_]{5}|\n\W?(?:From|Von|De"
    r"|Da|Van|Od|Från) ?:"
)
_TICKET_MARK = re.compile(
    r"\s?[\[(](?:#|(?:ticket|case|ref)\b[ :#.]{0,3}(?=[\w-]{0,20}\d))[^\])]{0,40}[\])]\s?", re.IGNORECASE
)
_NO_SUBJECT = re.compile(
    r"[(\[<]?\s*(?:no subject|kein betreff|sans objet|sin asunto|none|null|n/a|-+)\s*[)\]>]?\Z", re.IGNORECASE
)


def clean(raw: RawInquiry) -> RawInquiry:
    """The inquiry with its texts cleaned, question_text and language filled. No text becomes empty that was not.

    Of a contact form the message is what is said; its other fields stay below it, names and addresses in it are masked.
    """
    is_mail = raw.channel is Channel.MAIL
    title, is_forward = _clean_title(raw.title)
    form = read_form(_plain(raw.text))
    names = raw.customer_names + (form.people if form else ())
    text = clean_text(form.message if form else raw.text, names, is_mail=is_mail, is_forward=is_forward)
    title = title or (form.subject if form else "")
    return replace(
        raw,
        text="\n\n".join((text, *form.others)) if form else text,
        title=title,
        customer_names=names,
        question_text=question_text(text, title),
        language=raw.language or language_of(f"{title} {text}"),
        replies=tuple(_clean_reply(reply, names, is_mail) for reply in raw.replies),
    )


def clean_text(text: str, names: tuple[str, ...] = (), is_mail: bool = False, is_forward: bool | None = None) -> str:
    """One text cleaned; `names` are its possible writers, whose name as the last line is a signature.

    is_forward: what the subject of a mail says, None when it says nothing.
    """
    plain = above_marker(_plain(text))
    parts = [plain]
    if is_mail:
        parts = new_parts(plain, is_forward=is_forward)
    elif _MAY_QUOTE.search(plain):  # a post about quoting may only look like a mail
        parts = _unless_question_lost(plain, new_parts(plain, is_forward=is_forward))
    said = (_stripped(part, names) for part in parts)
    return "\n\n".join(part for part in said if part) or plain


def strip_quotes(text: str) -> str:
    """What is new in a mail: no earlier mails, nothing forwarded, no signature. Empty only when the text is."""
    return "\n\n".join(strip_signature(part) for part in new_parts(text, keep_forwarded=False)).strip()


def _plain(text: str) -> str:
    plain = normalise(text)
    if looks_like_html(text):
        return _unless_question_lost(plain, [normalise(html_to_text(text))])[0]
    return plain


def _stripped(part: str, names: tuple[str, ...]) -> str:
    """One part without footers, signature, greeting and thanks; "" when it is politeness alone."""
    above = strip_footers(part)
    said = strip_signature(above)
    if said != above:  # footers stand below a signature and above one
        said = strip_footers(said)
    return strip_politeness(strip_contacts(said), names)


def _unless_question_lost(before: str, after: list[str]) -> list[str]:
    asked = _NO_WORDS.sub(" ", "\n".join(line for line in before.split("\n") if not line.startswith(">")))
    return after if any(after) and ("?" not in asked or any("?" in part for part in after)) else [before]


def normalise(text: str) -> str:
    """The text with plain line ends and single spaces, without control, direction and zero-width characters."""
    text = text[:TEXT_CAP].replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _ZALGO.sub(r"\1", text)
    if not text.isprintable():  # a line end is not, either
        text = _INVISIBLE.sub("", text.replace("\x0c", "\n").replace("\x0b", "\n"))
    if "  " in text or "\t" in text or not text.isascii():
        text = _SPACES.sub(" ", text)
    lines = [line.rstrip() for line in text.split("\n")]
    joined = "\n".join(lines)
    return (_BLANK_LINES.sub("\n\n", joined) if "\n\n\n" in joined else joined).strip("\n ")


def _clean_title(title: str) -> tuple[str, bool | None]:
    """The subject without its marks, and whether it says that a mail was forwarded (None: it says nothing)."""
    plain = " ".join(normalise(html_to_text(title) if looks_like_html(title) else title).split())
    prefix = _REPLY_PREFIX.match(plain[:100])
    is_forward = bool(_FORWARD_PREFIX.match(prefix[0])) if prefix else None
    plain = _TICKET_MARK.sub(" ", plain[prefix.end() if prefix else 0 :]).strip()
    return "" if _NO_SUBJECT.match(plain) else plain, is_forward


def _clean_reply(reply: RawReply, names: tuple[str, ...], is_mail: bool) -> RawReply:
    writer = (reply.by,) if reply.is_agent else names
    return replace(reply, text=clean_text(reply.text, writer, is_mail))
