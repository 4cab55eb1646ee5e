"""mbox (plain or .gz): mails joined into conversations by In-Reply-To and References.

The first mail of a customer is the inquiry, later mails are its replies. Who is an agent is told by
IntakeOptions.agent_addresses; without any, everybody but the first writer of a conversation is.
"""

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow, text_hash
from helploop.intake.interface import KEPT_ROW, IntakeOptions, Reader, Record, one_by_one
from helploop.intake.mail import LINE_CAP, MAIL_CAP, Envelope, MailError, read_envelope, read_text
from helploop.intake.sample import Sample
from helploop.intake.streams import mend, open_binary

# "From " begins a mail only with a date behind it: a sentence that begins with From does not.
_FROM = re.compile(rb"From \S+.{0,80}\d\d:\d\d.{0,40}\d{4}\s*\Z")
_LAST = datetime.max.replace(tzinfo=UTC)  # mails without a date come after the others
_AUTOMATIC = "auto-reply"  # tag of mails that no person wrote; triage knows it


@dataclass(frozen=True)
class _Place:
    """Where a mail stands in the file."""

    number: int  # from 1
    line: int  # of its "From " line
    start: int  # byte after that line
    end: int
    envelope_line: str
    problem: str = ""


@dataclass(frozen=True)
class _Mail:
    """A mail of a conversation, without its text."""

    place: _Place
    envelope: Envelope


def _read(path: Path, options: IntakeOptions) -> Iterator[Record]:
    with _seekable(path) as file:
        mails: list[_Mail] = []
        for place in _places(file):
            if place.problem:
                yield _rejected(path, file, place, place.problem)
                continue
            try:
                mails.append(_Mail(place, read_envelope(_bytes(file, place, 300_000), place.envelope_line)))
            except MailError as error:
                yield _rejected(path, file, place, str(error))
        for conversation in _conversations(mails):
            yield from _records(path, file, conversation, options)


def _records(path: Path, file: IO[bytes], conversation: list[_Mail], options: IntakeOptions) -> Iterator[Record]:
    texts: list[tuple[_Mail, str]] = []
    for mail in conversation:
        try:
            texts.append((mail, read_text(_bytes(file, mail.place))))
        except MailError as error:
            yield _rejected(path, file, mail.place, str(error))
    is_known = bool(options.agent_addresses or (options.mapping and options.mapping.agents))
    first = next((i for i, (mail, _) in enumerate(texts) if not options.is_agent(mail.envelope.address)), None)
    if first is None:
        if texts:
            yield IgnoredRow(path.name, texts[0][0].place.line, "no mail of a customer in it")
        return
    inquiry, text = texts[first]
    if inquiry.envelope.is_spam:
        yield IgnoredRow(path.name, inquiry.place.line, "spam")
        return
    if not text.strip() and not inquiry.envelope.subject:
        yield IgnoredRow(path.name, inquiry.place.line, "blank")
        return
    customer = inquiry.envelope.address
    replies = [
        RawReply(
            at=mail.envelope.sent_at,
            by=mail.envelope.name or mail.envelope.address,  # agents share a mailbox; names are what other systems have
            is_agent=options.is_agent(mail.envelope.address) if is_known else mail.envelope.address != customer,
            text=body,
        )
        for mail, body in texts[first + 1 :]
        if body.strip()
    ]
    yield _inquiry(inquiry, text, tuple(replies), conversation[0], options)


def _inquiry(mail: _Mail, text: str, replies: tuple[RawReply, ...], root: _Mail, options: IntakeOptions) -> RawInquiry:
    envelope = mail.envelope
    subject = envelope.subject
    source_id = envelope.message_id or text_hash("\x00".join((subject, text, envelope.address, str(envelope.sent_at))))
    return RawInquiry(
        source=options.source_name("mbox"),
        source_id=source_id,
        text=text if text.strip() else subject,
        title=subject if text.strip() else "",
        replies=replies,
        channel=options.channel or (options.mapping.channel if options.mapping else None) or Channel.MAIL,
        received_at=envelope.sent_at,
        first_reply_at=min((reply.at for reply in replies if reply.is_agent and reply.at), default=None),
        customer=envelope.address,
        customer_names=tuple(name for name in (envelope.name, envelope.address) if name),
        tags=(_AUTOMATIC,) if envelope.is_automatic else (),
        thread=text_hash(root.envelope.message_id or source_id),
    )


def _conversations(mails: list[_Mail]) -> Iterator[list[_Mail]]:
    """Mails joined over their ids, each conversation by time, the conversations by their first place in the file."""
    heads: dict[str, str] = {}

    def head(name: str) -> str:
        while heads.setdefault(name, name) != name:
            heads[name] = name = heads[heads[name]]
        return name

    seen: set[str] = set()
    named: list[tuple[str, _Mail]] = []
    for mail in mails:
        own = mail.envelope.message_id or f"place {mail.place.number}"
        if own in seen:  # the same mail in two folders of one mbox
            continue
        seen.add(own)
        named.append((own, mail))
        for other in mail.envelope.references:
            heads[head(other)] = head(own)
    joined: dict[str, list[_Mail]] = {}
    for own, mail in named:
        joined.setdefault(head(own), []).append(mail)
    for conversation in joined.values():
        yield sorted(conversation, key=lambda m: (m.envelope.sent_at or _LAST, m.place.number))


def _places(file: IO[bytes]) -> Iterator[_Place]:
    """The mails of the file, one pass, nothing held: a "From " line with a date, after an empty line or at the top."""
    open_place: _Place | None = None
    position, number, line_number, problem = 0, 0, 0, ""
    is_after_blank = True
    while line := file.readline(LINE_CAP):
        line_number += 1
        start = position
        position += len(line)
        while len(line) >= LINE_CAP and not line.endswith(b"\n"):
            problem = f"a line is longer than {LINE_CAP:,} bytes"
            rest = file.readline(LINE_CAP)
            if not rest:
                break
            position += len(rest)
            line = rest if len(rest) >= LINE_CAP else b"x" + rest
        if is_after_blank and line.startswith(b"From ") and (line_number == 1 or _FROM.match(line[:300])):
            if open_place:
                yield _closed(open_place, start, problem)
            number, problem = number + 1, ""
            open_place = _Place(number, line_number, position, position, line[:300].decode("ascii", "replace"))
        is_after_blank = not line.strip()
    if open_place:
        yield _closed(open_place, position, problem)


def _closed(place: _Place, end: int, problem: str) -> _Place:
    if end - place.start > MAIL_CAP:
        problem = f"the mail is larger than {MAIL_CAP:,} bytes"
    return replace(place, end=end, problem=problem)


def _bytes(file: IO[bytes], place: _Place, limit: int | None = None) -> bytes:
    at = file.tell()
    file.seek(place.start)
    size = place.end - place.start
    raw = file.read(size if limit is None else min(size, limit))
    file.seek(at)
    return raw.replace(b"\n>From ", b"\nFrom ") if limit is None else raw


def _rejected(path: Path, file: IO[bytes], place: _Place, reason: str) -> RejectedRow:
    raw = _bytes(file, place, KEPT_ROW).decode("utf-8", "replace")
    return RejectedRow(path.name, place.line, reason, place.number, mend(place.envelope_line + raw))


def _seekable(path: Path) -> IO[bytes]:
    """The file; a packed one is unpacked into a nameless temporary file that vanishes when it is closed."""
    file = open_binary(path)
    if file.seekable():
        return file
    unpacked: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        while chunk := file.read(1 << 20):
            unpacked.write(chunk)
    except (EOFError, zlib.error):
        pass  # cut off: what came so far is read, the last mail as far as it goes
    unpacked.seek(0)
    return unpacked


def _recognises(sample: Sample) -> bool:
    first = sample.text.lstrip().split("\n", 1)[0]
    return first.startswith("From ") and ("@" in first or _FROM.match(first[:300].encode()) is not None)


READER = Reader("mbox", Channel.MAIL, '"From " and an address', _recognises, one_by_one(_read))
