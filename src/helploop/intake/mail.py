"""One mail, from bytes to its text, behind docs/measured.md's caps. The standard library does the parsing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from email.utils import parseaddr

from helploop.intake.interface import KEPT_TEXT
from helploop.intake.streams import mend
from helploop.intake.times import parse_time

MAIL_CAP = 25_000_000  # bytes of a mail
HEADERS_CAP = 256_000  # bytes of its header block
HEADER_CAP = 16_000  # bytes of one header
LINE_CAP = 1_000_000  # bytes of a line
_WORDS_CAP = 200  # encoded-words in one header: 50,000 cost the standard library 85 s
_RECIPIENTS_CAP = 500
_PARTS_CAP = 200
_DEPTH_CAP = 20
_IDS_CAP = 100  # references followed
_CONTENT_TYPE = re.compile(rb"^content-(?:type|disposition):[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,300})>")
_MAILS = re.compile(rb"^content-type:[ \t]*message/", re.IGNORECASE | re.MULTILINE)


class MailError(ValueError):
    """A mail breaks a cap or cannot be parsed; the message is the reason of its RejectedRow."""


@dataclass(frozen=True)
class Envelope:
    """What the headers say: enough to join threads."""

    message_id: str
    references: tuple[str, ...]
    address: str  # of the sender, lower case
    name: str  # of the sender
    subject: str
    sent_at: datetime | None
    is_spam: bool
    is_automatic: bool


def read_envelope(raw: bytes, envelope_line: str = "") -> Envelope:
    """The headers of a mail. Raises MailError where they break a cap or the date cannot be read."""
    block = _header_block(raw)
    try:
        headers = BytesHeaderParser(policy=compat32).parsebytes(block)
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise MailError(f"the headers cannot be parsed: {error}") from error
    long = next((name for name, value in headers.raw_items() if len(str(value)) > HEADER_CAP), None)
    if long is not None:
        raise MailError(f"the header {long[:40]} is longer than {HEADER_CAP:,} bytes")
    recipients = sum(str(headers.get(name, "")).count("@") for name in ("to", "cc", "bcc"))
    if recipients > _RECIPIENTS_CAP:
        raise MailError(f"{recipients} recipients, more than {_RECIPIENTS_CAP}")
    name, address = parseaddr(decoded(headers.get("from", "")))
    ids = [found for key in ("references", "in-reply-to") for found in _MESSAGE_ID.findall(str(headers.get(key, "")))]
    own = _MESSAGE_ID.search(str(headers.get("message-id", "")))
    automatic = str(headers.get("auto-submitted", "no")).lower()
    return Envelope(
        message_id=own[1] if own else "",
        references=tuple(dict.fromkeys(ids[-_IDS_CAP:])),
        address=address.lower()[:320],
        name=name[:200],
        subject=decoded(headers.get("subject", ""))[:1_000],
        sent_at=_sent_at(headers, envelope_line),
        is_spam=str(headers.get("x-spam-flag", "")).strip().lower() == "yes",
        is_automatic=not automatic.startswith("no") or "x-autoreply" in headers,
    )


def read_text(raw: bytes) -> str:
    """The text of a mail: its plain part, else its HTML as it is; attachments are never opened. Raises MailError."""
    _check_before_parsing(raw)
    try:
        mail = BytesParser(policy=compat32).parsebytes(raw)
        plain, html = [], []
        for part in _leaves(mail):
            if part.get_content_type() == "text/plain":
                plain.append(_decoded_part(part))
            elif part.get_content_type() == "text/html":
                html.append(_decoded_part(part))
    except (MessageError, LookupError, ValueError, RecursionError, AttributeError, TypeError) as error:
        if isinstance(error, MailError):
            raise
        raise MailError(f"the mail cannot be parsed: {error}") from error
    text = "\n\n".join(text for text in plain if text.strip()) or "\n".join(html)
    return mend(text[:KEPT_TEXT] if len(text) > KEPT_TEXT else text)


def decoded(value: object) -> str:
    """A header as one line of text; encoded-words beyond the cap, or broken ones, stay as they are."""
    text = str(value)[:HEADER_CAP]
    if 0 < text.count("=?") <= _WORDS_CAP:
        try:
            text = str(make_header(decode_header(text)))
        except (HeaderParseError, LookupError, ValueError):
            text = str(value)[:HEADER_CAP]
    return mend(" ".join(text.split()))


def _header_block(raw: bytes) -> bytes:
    ends = [end for end in (raw.find(b"\n\n", 0, HEADERS_CAP), raw.find(b"\n\r\n", 0, HEADERS_CAP)) if end >= 0]
    if not ends and len(raw) > HEADERS_CAP:
        raise MailError(f"the header block is longer than {HEADERS_CAP:,} bytes")
    return raw[: min(ends)] if ends else raw


def _sent_at(headers: Message, envelope_line: str) -> datetime | None:
    """The Date header, else what the mbox line says."""
    date = decoded(headers.get("date", ""))[:60]
    parts = envelope_line.split(maxsplit=2)  # From someone Tue Jul 07 12:00:00 2026
    written = " ".join(parts[2].split()) if len(parts) == 3 else ""
    try:
        return parse_time(date)
    except ValueError:
        pass
    try:
        at = datetime.strptime(written[:24], "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007  naive is UTC, parse_time says so
        return parse_time(at)
    except ValueError:
        raise MailError(f"the date cannot be read: {date!r}") from None


def _check_before_parsing(raw: bytes) -> None:
    if len(raw) > MAIL_CAP:
        raise MailError(f"the mail is larger than {MAIL_CAP:,} bytes")
    if len(_MAILS.findall(raw)) > _DEPTH_CAP:
        raise MailError(f"more than {_DEPTH_CAP} mails inside the mail")
    boundaries = 0
    for header in _CONTENT_TYPE.finditer(raw):
        if header.end() - header.start() > HEADER_CAP:
            raise MailError(f"a part's header is longer than {HEADER_CAP:,} bytes")
        boundaries += b"boundary" in header[0].lower()
    if boundaries > _PARTS_CAP:
        raise MailError(f"more than {_PARTS_CAP} parts with parts")


def _leaves(mail: Message) -> Iterator[Message]:
    waiting = [(mail, 0)]
    seen = 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > _PARTS_CAP:
            raise MailError(f"more than {_PARTS_CAP} parts")
        if depth > _DEPTH_CAP:
            raise MailError(f"parts nested deeper than {_DEPTH_CAP}")
        content = part.get_payload()
        if part.get_content_maintype() == "message":
            continue  # a forwarded mail as an attachment is not what this customer wrote
        if isinstance(content, list):
            waiting.extend((sub, depth + 1) for sub in reversed(content) if isinstance(sub, Message))
        elif part.get_content_disposition() != "attachment":
            yield part


def _decoded_part(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    content = content[: KEPT_TEXT * 8]
    charset = str(part.get_content_charset() or "utf-8")
    for name in (charset, "utf-8"):
        try:
            return content.decode(name)
        except (LookupError, ValueError):  # an unknown charset, rot13, "undefined", or bytes that do not fit
            continue
    try:
        return content.decode(charset, "replace") if "utf" in charset else content.decode("cp1252", "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")
