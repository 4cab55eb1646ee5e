"""One mail, from bytes to its text, behind docs/measured.md's caps. The standard library does the parsing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser, Parser
from email.policy import compat32
from email.utils import parseaddr
from html import unescape

from helploop.cleaning.html import html_to_text, looks_like_html
from helploop.intake.interface import KEPT_TEXT
from helploop.intake.mail_text import HEADER_CAP, decoded, header_text, unescaped, unflowed
from helploop.intake.streams import mend
from helploop.intake.times import parse_time
from helploop.intake.values import cut

MAIL_CAP = 25_000_000  # bytes of a mail
HEADERS_CAP = 256_000  # bytes of its header block
LINE_CAP = 1_000_000  # bytes of a line
_LINES_CAP = 500_000  # lines of a mail: 25 MB of base64 have 330,000
_RECIPIENTS_CAP = 500
_PARTS_CAP = 200
_DEPTH_CAP = 20
_WORK_CAP = 5_000_000  # parts that hold parts times lines: the parser holds each line against each open boundary
_IDS_CAP = 100  # references followed
_PEOPLE_CAP = 50  # addresses of one mail that can join it to others
_NAMES_CAP = 50  # attachments named
_HTML_CAP = 200_000  # characters of HTML turned into text
_CONTENT_TYPE = re.compile(rb"^content-(?:type|disposition):[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_MAILS = re.compile(rb"^content-type:[ \t]*message/", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,300})>")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:@\x00-\x1f]{1,64}@[^\s<>\"'(),;:@\x00-\x1f]{1,255}")
_ROBOTS = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon)@|[^@]{0,40}bounces?[+@]", re.IGNORECASE)
_NO_REPLY = re.compile(r"(?:no|do-?not|donot|dont)[-_.]?reply", re.IGNORECASE)
_AUTOMATIC = ("x-autoreply", "x-autorespond", "x-autoresponder")
# How servers begin the subject, for exports that kept no such header; a colon or the end must follow: a customer may
# well ask about an "Out of office message"
_AUTOMATIC_SUBJECT = re.compile(
    r"(?:auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office(?: (?:auto-?)?reply)?"
    r"|undeliver(?:able|ed)(?: mail)?(?: returned to sender)?|returned mail"
    r"|delivery status notification(?: \((?:failure|delay)\))?|mail delivery (?:failed|failure|system)"
    r"|automatische antwort|abwesenheitsnotiz|unzustellbar"
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina|no se puede entregar"
    r"|r[ée]ponse automatique|absence du bureau|non remis)\s*(?::|$)",
    re.IGNORECASE,
)
_EXPUNGED = 0x0008  # of X-Mozilla-Status: deleted, but still in the mbox until it is compacted


_BOUNDARY = re.compile(r"^--([^\s\"][^\r\n\"]{0,68}?)[ \t]*\r?\nContent-", re.IGNORECASE | re.MULTILINE)
_HTML_CHARSET = re.compile(rb"<meta[^<>]{1,200}?charset=[\"']?([\w-]{2,40})", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_LOOKED_AT = 20_000  # of a part, for its boundary or charset


class MailError(ValueError):
    """A mail breaks a cap or cannot be parsed; the message is the reason of its RejectedRow."""


@dataclass(frozen=True)
class Envelope:
    """What the headers say: enough to join threads."""

    message_id: str
    references: tuple[str, ...]  # the thread's first mail first
    address: str  # of the sender, lower case
    name: str  # of the sender
    reply_to: str  # address for answers, lower case; "" when there is none
    reply_name: str
    people: tuple[str, ...]  # addresses of From, Reply-To, To and Cc, lower case
    subject: str
    sent_at: datetime | None
    ignored: str = ""  # why it is left out: spam, deleted
    is_automatic: bool = False  # no person wrote it: an auto-reply, a bounce, bulk mail


@dataclass(frozen=True)
class Mail:
    """A mail, read."""

    envelope: Envelope
    text: str = field(repr=False)
    attachments: tuple[str, ...] = field(repr=False)  # their names; what they hold is never looked at


def read_envelope(raw: bytes, envelope_line: str = "") -> Envelope:
    """The headers of a mail. Raises MailError where they break a cap or the date cannot be read."""
    block = _header_block(raw)
    try:
        headers = BytesHeaderParser(policy=compat32).parsebytes(block)
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise MailError(f"the headers cannot be parsed: {error}") from error
    return _envelope(headers, envelope_line)


def read_mail(raw: bytes, envelope_line: str = "") -> Mail:
    """The mail with its text: the plain parts, else the HTML ones as text. Raises MailError."""
    _header_block(raw)
    _check_before_parsing(raw)
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        found = _Parts(message)
    except (MessageError, LookupError, ValueError, RecursionError, AttributeError, TypeError) as error:
        if isinstance(error, MailError):
            raise
        raise MailError(f"the mail cannot be parsed: {error}") from error
    text = mend(found.text)
    return Mail(_envelope(message, envelope_line), cut(text), tuple(found.names[:_NAMES_CAP]))


def _envelope(headers: Message, envelope_line: str) -> Envelope:
    values: dict[str, str] = {}
    for name, value in headers.raw_items():
        if len(str(value)) > HEADER_CAP:
            raise MailError(f"the header {mend(name[:40])} is longer than {HEADER_CAP:,} bytes")
        values.setdefault(name.lower(), str(value))
    recipients = sum(values.get(name, "").count("@") for name in ("to", "cc", "bcc"))
    if recipients > _RECIPIENTS_CAP:
        raise MailError(f"{recipients} recipients, more than {_RECIPIENTS_CAP}")
    charset = str(headers.get_content_charset() or "")
    name, address = _person(values.get("from") or values.get("sender", ""), charset)
    reply_name, reply_to = _person(values.get("reply-to", ""), charset)
    ids = [found for key in ("references", "in-reply-to") for found in _MESSAGE_ID.findall(values.get(key, ""))]
    own = _MESSAGE_ID.search(values.get("message-id", ""))
    listed = [found.lower() for key in ("to", "cc") for found in _ADDRESS.findall(mend(values.get(key, "")))]
    subject = header_text(values.get("subject", ""), charset)[:1_000]
    return Envelope(
        message_id=mend(own[1]) if own else "",
        references=tuple(dict.fromkeys(map(mend, [*ids[:1], *ids[1:][-_IDS_CAP:]]))),
        address=address,
        name=name,
        reply_to=reply_to,
        reply_name=reply_name,
        people=tuple(dict.fromkeys(who for who in (address, reply_to, *listed[:_PEOPLE_CAP]) if who)),
        subject=subject,
        sent_at=_sent_at(headers, values, envelope_line),
        ignored=_ignored(values),
        is_automatic=_is_automatic(values, headers.get_content_type(), address, subject),
    )


def is_no_reply(address: str) -> bool:
    """Whether an address says of itself that nobody reads it: a form's or a shop system's."""
    return _NO_REPLY.match(address) is not None


def _person(value: str, charset: str) -> tuple[str, str]:
    """Name and address (lower case) of a From or Reply-To header."""
    name, address = parseaddr(value)
    if "@" not in address:
        found = _ADDRESS.search(value)
        name, address = (value[: found.start()], found[0]) if found else (name, address)
    return header_text(name.strip(" \"'<"), charset).strip("\"' ")[:200], mend(address.strip().lower())[:320]


def _ignored(values: dict[str, str]) -> str:
    labels = {label.strip().lower() for label in values.get("x-gmail-labels", "").split(",")}
    is_marked = any(values.get(h, "").strip().lower().startswith("yes") for h in ("x-spam-flag", "x-spam-status"))
    if is_marked or "spam" in labels:
        return "spam"
    try:
        is_expunged = bool(int(values.get("x-mozilla-status", "0")[:8], 16) & _EXPUNGED)
    except ValueError:
        is_expunged = False
    if is_expunged or "trash" in labels:
        return "deleted"
    return "draft" if "drafts" in labels else ""


def _is_automatic(values: dict[str, str], content_type: str, address: str, subject: str) -> bool:
    """RFC 3834's Auto-Submitted and what mail systems wrote before it; bounces (RFC 3464) and bulk mail."""
    submitted = values.get("auto-submitted", "no").strip().lower()
    precedence = values.get("precedence", "").strip().lower()
    return (
        not submitted.startswith("no")
        or precedence in ("bulk", "junk", "auto_reply", "auto-reply")
        or any(values.get(name, "no").strip().lower() != "no" for name in _AUTOMATIC)
        or content_type == "multipart/report"
        or values.get("return-path", "").strip() == "<>"
        or _ROBOTS.match(address) is not None
        or _AUTOMATIC_SUBJECT.match(subject.strip()) is not None
    )


def _sent_at(headers: Message, values: dict[str, str], envelope_line: str) -> datetime | None:
    """The Date header, else when the last server received it, else what the mbox line says."""
    date = header_text(values.get("date", ""))[:60]
    parts = envelope_line.split(maxsplit=2)  # From someone Tue Jul 07 12:00:00 2026
    written = " ".join(parts[2].split()) if len(parts) == 3 else ""
    received = str(headers.get("received", ""))[:2_000].rpartition(";")[2]
    for spelt in (date, " ".join(received.split())[:60]):
        try:
            if at := parse_time(spelt):
                return at
        except ValueError:
            continue
    for form in ("%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %z %Y"):
        try:
            return parse_time(datetime.strptime(written[:30], form))  # noqa: DTZ007  naive is UTC, parse_time says so
        except ValueError:
            continue
    if date:
        raise MailError(f"the date cannot be read: {date!r}")
    return None


def _header_block(raw: bytes) -> bytes:
    ends = [end for end in (raw.find(b"\n\n", 0, HEADERS_CAP), raw.find(b"\n\r\n", 0, HEADERS_CAP)) if end >= 0]
    if not ends and len(raw) > HEADERS_CAP:
        raise MailError(f"the header block is longer than {HEADERS_CAP:,} bytes")
    return raw[: min(ends)] if ends else raw


def _check_before_parsing(raw: bytes) -> None:
    if len(raw) > MAIL_CAP:
        raise MailError(f"the mail is larger than {MAIL_CAP:,} bytes")
    lines = _count_lines(raw)
    if len(_MAILS.findall(raw)) > _DEPTH_CAP:
        raise MailError(f"more than {_DEPTH_CAP} mails inside the mail")
    boundaries = 0
    for header in _CONTENT_TYPE.finditer(raw):
        if header.end() - header.start() > HEADER_CAP:
            raise MailError(f"a part's header is longer than {HEADER_CAP:,} bytes")
        boundaries += b"boundary" in header[0].lower()
    if boundaries > _PARTS_CAP:
        raise MailError(f"more than {_PARTS_CAP} parts with parts")
    if boundaries * lines > _WORK_CAP:
        raise MailError(f"{boundaries} parts with parts are too many for so many lines")
    if boundaries and raw.count(b"\n--") > 10_000:
        raise MailError(f"more than {_PARTS_CAP} parts")


def _count_lines(raw: bytes) -> int:
    at, lines = 0, 0
    while at < len(raw):
        end = raw.find(b"\n", at)
        end = len(raw) if end < 0 else end
        lines += 1
        if end - at > LINE_CAP:
            raise MailError(f"a line is longer than {LINE_CAP:,} bytes")
        at = end + 1
    if lines > _LINES_CAP:
        raise MailError(f"more than {_LINES_CAP:,} lines")
    return lines


class _Parts:
    """A parsed mail's text and the names of what is attached."""

    def __init__(self, mail: Message) -> None:
        self.names: list[str] = []
        self._seen = 0
        self._inline: list[str] = []  # text parts with a file name, not attached: the text when there is no other
        self.text = self._text(mail, 0) or "\n\n".join(self._inline)

    def _text(self, part: Message, depth: int) -> str:
        """The part's text: of alternatives the plain one, else the first; of a mixture all in their order."""
        self._seen += 1
        if self._seen > _PARTS_CAP:
            raise MailError(f"more than {_PARTS_CAP} parts")
        if depth > _DEPTH_CAP:
            raise MailError(f"parts nested deeper than {_DEPTH_CAP}")
        content = part.get_payload()
        kind = part.get_content_type()
        if kind.startswith("message/"):
            self._name(part)  # a forwarded mail as an attachment is not what this customer wrote
            return ""
        if not isinstance(content, list):
            inner = _with_its_boundary(content) if kind.startswith("multipart/") else None
            return self._text(inner, depth + 1) if inner else self._leaf(part, kind)
        subs = [sub for sub in content if isinstance(sub, Message)]
        if kind != "multipart/alternative":
            return "\n\n".join(text for sub in subs if (text := self._text(sub, depth + 1)).strip())
        plain_first = sorted(subs, key=lambda sub: sub.get_content_type() != "text/plain")
        return next((text for sub in plain_first if (text := self._text(sub, depth + 1)).strip()), "")

    def _leaf(self, part: Message, kind: str) -> str:
        is_broken = kind.startswith("multipart/")  # its boundary is missing: all of it is text
        kind = "text/plain" if is_broken else kind
        is_named = self._name(part)
        if kind not in ("text/plain", "text/html") or part.get_content_disposition() == "attachment":
            return ""
        text = _part_text(part, kind, is_broken)
        if is_named:
            self._inline.append(text)
            return ""
        return text

    def _name(self, part: Message) -> bool:
        for header, value in part.raw_items():
            if not str(value).isascii():
                part.replace_header(header, unescaped(str(value)))
        name = header_text(part.get_filename("")).replace("\\", "/").rpartition("/")[2][:200].strip()
        if name:
            self.names.append(name)
        return bool(name)


def _page_text(page: str) -> str:
    """What an HTML page shows. An empty one, or one nested deeper than the parser goes, comes back as it is: the text
    between its tags, then."""
    shown = html_to_text(page)
    if shown.split() != page.split() or not looks_like_html(page):
        return shown
    for unseen in ("head", "style", "script"):
        page = _without(page, unseen)
    return " ".join(unescape(_TAGS.sub(" ", page)).split())


def _without(page: str, element: str) -> str:
    lowered, kept, at = page.lower(), "", 0
    while (start := lowered.find(f"<{element}", at)) >= 0 and (end := lowered.find(f"</{element}", start)) >= 0:
        kept += page[at:start]
        at = end
    return kept + page[at:]


def _with_its_boundary(content: object) -> Message | None:
    """The content of a multipart whose header names no boundary, or a wrong one, cut at the one that stands in it."""
    found = _BOUNDARY.search(content[:_LOOKED_AT]) if isinstance(content, str) else None
    if found is None or not isinstance(content, str) or content.count(f"--{found[1]}") > _PARTS_CAP:
        return None
    return Parser(policy=compat32).parsestr(f'Content-Type: multipart/mixed; boundary="{found[1]}"\n\n{content}')


def _part_text(part: Message, kind: str, is_broken: bool) -> str:
    content = part.get_payload() if is_broken else part.get_payload(decode=True)
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogateescape")
    if not isinstance(content, bytes):
        return ""
    cap = _HTML_CAP if kind == "text/html" else KEPT_TEXT + 1
    content, charset = content[: cap * 8], str(part.get_content_charset() or "")
    if kind == "text/html" and not charset and (named := _HTML_CHARSET.search(content[:_LOOKED_AT])):
        charset = named[1].decode("ascii")
    text = decoded(content, charset)
    if kind == "text/html":
        return _page_text(text[:_HTML_CAP])
    if str(part.get_param("format", "")).lower() == "flowed":
        text = unflowed(text, str(part.get_param("delsp", "")).lower() == "yes")
    return text
