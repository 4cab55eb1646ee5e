"""Mails joined into conversations, whichever files they lie in: the first mail of a customer, and what was answered.

Joined by In-Reply-To and References; a reply without them by its subject and the two people, within two weeks. Who is
an agent is told by IntakeOptions.agent_addresses; without any, everybody but a conversation's first writer is one.
Held in memory are some 500 bytes a mail; texts are read one conversation at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow, text_hash
from helploop.intake.interface import KEPT_ROW, IntakeOptions, Record
from helploop.intake.mail import HEADERS_CAP, Envelope, Mail, MailError, is_no_reply, read_envelope, read_mail
from helploop.intake.mail_places import MailFiles, Place, places
from helploop.intake.streams import mend

SOURCE = "mail"  # of all mails, whatever they were kept in: the same mail is known again
_DAYS = 14  # between a mail and an answer that names no ids: a later one is more likely another matter
_TURNS_CAP = 500  # mails of one conversation that are read: more is a mailing list, or an attack
_AUTOMATIC = "auto-reply"  # tag of mails that no person wrote; triage knows it
_REPLY = re.compile(
    r"(?:\s*(?:re|fwd?|aw|wg|antw|antwort|sv|vs|ref|tr|rif|odp|vá|res|回复|答复)\s*(?:\[\d{1,3}\]|\d{0,2})\s*[:：])+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A mail as it is remembered while all are looked at."""

    place: Place
    own: int  # hash of its message id, else of the mail
    sent: float  # s since 1970, inf when unknown
    author: int  # hash of who wrote it
    is_agents: bool
    people: frozenset[int]  # hashes of those who wrote and got it; without the agents, where they are known
    subject: int  # hash of the subject without Re:, 0 when there is none
    is_reply: bool  # says so in its subject and names no ids
    is_start: bool  # names no mail before it
    is_second: bool  # another mail has the same message id
    body: int  # hash of what stands below the header


def read_mails(paths: Sequence[Path], options: IntakeOptions) -> Iterator[Record]:
    """The conversations in mbox files, single mails and folders of both. Raises IntakeError for what is unreadable."""
    with MailFiles() as files:
        threads = _Threads(_Desk(options))
        for path in paths:
            for place in places(path, files):
                if place.ignored:
                    yield IgnoredRow(place.file, place.line, place.ignored)
                    continue
                if not place.problem:
                    yield from threads.take(files, place)
                else:
                    yield _rejected(files, place, place.problem)
        for conversation in threads.conversations():
            yield from _records(files, conversation, threads.desk)


class _Desk:
    """Who answers mails here."""

    def __init__(self, options: IntakeOptions) -> None:
        self.options = options
        self.is_known = bool(options.agent_addresses or (options.mapping and options.mapping.agents))

    def author(self, envelope: Envelope) -> tuple[str, str]:
        """Address and name of who wrote a mail: a contact form writes for the one it names in Reply-To."""
        writes_for = envelope.reply_to and envelope.reply_to != envelope.address
        is_form = self.options.is_agent(envelope.address) or is_no_reply(envelope.address)
        if writes_for and is_form and not self.options.is_agent(envelope.reply_to):
            return envelope.reply_to, envelope.reply_name
        return envelope.address, envelope.name

    def is_automatic(self, envelope: Envelope) -> bool:
        """No person wrote it. A form's mail is sent by a program, too, but its author is a person."""
        return envelope.is_automatic and self.author(envelope)[0] == envelope.address


class _Threads:
    """All mails of one call, and which belong together."""

    def __init__(self, desk: _Desk) -> None:
        self.desk = desk
        self._heads: dict[int, int] = {}  # hash of an id -> another one of the same conversation
        self._entries: dict[int, _Entry] = {}

    def take(self, files: MailFiles, place: Place) -> Iterator[IgnoredRow | RejectedRow]:
        """Remembers the mail at a place, or says why not."""
        raw = files.raw(place, HEADERS_CAP + 1)
        try:
            envelope = read_envelope(raw, place.envelope_line)
        except MailError as error:
            yield _rejected(files, place, str(error))
            return
        if envelope.ignored:
            yield IgnoredRow(place.file, place.line, envelope.ignored)
        elif not self._add(place, envelope, raw):
            yield IgnoredRow(place.file, place.line, "copy of a mail")

    def _add(self, place: Place, envelope: Envelope, raw: bytes) -> bool:
        """Remembers a mail; False for the same one again (from another folder)."""
        author = self.desk.author(envelope)[0]
        sent = envelope.sent_at.timestamp() if envelope.sent_at else float("inf")
        own = _hash(envelope.message_id) if envelope.message_id else _hash_bytes(raw)
        body = _hash_bytes(raw.replace(b"\r", b"").partition(b"\n\n")[2].strip())
        first = self._entries.get(own)
        if first is not None:
            if (first.author, first.sent, first.body) == (_hash(author), sent, body):
                return False
            own = _hash(f"{envelope.message_id} {author} {sent} {body}")  # two mails with one id: both are kept
            if own in self._entries:
                return False
            if (first.author, first.sent) == (_hash(author), sent):  # written differently by a server, or a footer
                self._join(first.own, own)
        is_agent = self.desk.options.is_agent
        people = [who for who in (author, *envelope.people) if not is_agent(who)]
        subject, is_reply = _plain_subject(envelope.subject)
        self._entries[own] = _Entry(
            place=place,
            own=own,
            sent=sent,
            author=_hash(author),
            is_agents=is_agent(author),
            people=frozenset(map(_hash, people)),
            subject=_hash(subject) if subject else 0,
            is_reply=is_reply and not envelope.references,
            is_start=not envelope.references,
            is_second=first is not None,
            body=body,
        )
        for other in envelope.references:
            self._join(_hash(other), own)
        return True

    def conversations(self) -> Iterator[list[_Entry]]:
        """Conversations in the order of their first places, each by time."""
        self._join_by_subject()
        joined: dict[int, list[_Entry]] = {}
        for entry in self._entries.values():
            joined.setdefault(self._head(entry.own), []).append(entry)
        for mails in joined.values():
            mails.sort(key=lambda entry: entry.sent)  # stable: else as they stand
            yield from self._by_customer(mails) if self.desk.is_known else (mails,)

    def _head(self, name: int) -> int:
        heads = self._heads
        while (above := heads.setdefault(name, name)) != name:
            heads[name] = name = heads[above]
        return name

    def _join(self, one: int, other: int) -> None:
        self._heads[self._head(one)] = self._head(other)

    def _join_by_subject(self) -> None:
        """Replies that name no ids, to the last mail before them of that subject between these people."""
        by_time = sorted((e for e in self._entries.values() if e.subject and e.sent < float("inf")), key=_sent)
        wanted = {entry.subject for entry in by_time if entry.is_reply}
        earlier: dict[int, list[_Entry]] = {}
        for entry in by_time:
            if entry.subject not in wanted:
                continue
            before = earlier.setdefault(entry.subject, [])
            if entry.is_reply:
                fitting = (e for e in reversed(before[-100:]) if self._is_answer(e, entry))
                if (found := next(fitting, None)) is not None:
                    self._join(found.own, entry.own)
            before.append(entry)

    def _is_answer(self, before: _Entry, entry: _Entry) -> bool:
        if entry.sent - before.sent > _DAYS * 86_400:
            return False
        # Where agents are unknown people holds them, too: one address in common may be the company's own.
        return len(before.people & entry.people) >= (1 if self.desk.is_known else 2)

    def _by_customer(self, mails: list[_Entry]) -> Iterator[list[_Entry]]:
        """One conversation for each customer: many answer one newsletter, and are strangers to each other.

        Customers who stand together in a mail that one of them wrote belong together; and where a customer's own mail
        began it all, everybody who answers does.
        """
        if mails[0].is_start and not mails[0].is_agents:
            yield mails
            return
        heads: dict[int, int] = {}

        def head(who: int) -> int:
            while heads.setdefault(who, who) != who:
                who = heads[who]
            return who

        for mail in mails:
            if not mail.is_agents:
                for who in mail.people:
                    heads[head(who)] = head(mail.author)
        sides = list(dict.fromkeys(head(mail.author) for mail in mails if not mail.is_agents))
        if len(sides) < 2:
            yield mails
            return
        for side in sides:
            yield [
                mail
                for mail in mails
                if (any(head(who) == side for who in mail.people) if mail.is_agents else head(mail.author) == side)
            ]


def _records(files: MailFiles, conversation: list[_Entry], desk: _Desk) -> Iterator[Record]:
    mails: list[tuple[_Entry, Mail]] = []
    for entry in conversation[:_TURNS_CAP]:
        try:
            mails.append((entry, read_mail(files.mail(entry.place), entry.place.envelope_line)))
        except MailError as error:
            yield _rejected(files, entry.place, str(error))
    if not mails:
        return
    at = _first_of_customer(mails, desk)
    if at is None:
        place = mails[0][0].place
        yield IgnoredRow(place.file, place.line, "no mail of a customer in it")
        return
    entry, mail = mails[at]
    if not (mail.text.strip() or mail.envelope.subject):
        yield IgnoredRow(entry.place.file, entry.place.line, "blank")
        return
    customer = desk.author(mail.envelope)[0]
    later = [m for _, m in mails[at + 1 :] if m.text.strip() and not desk.is_automatic(m.envelope)]
    told = {_words(m): m for m in (mail, *later)}  # a server may have written a copy differently
    del told[_words(mail)]
    replies = tuple(_reply(m, customer, desk) for m in told.values())
    yield _inquiry(mail, replies, mails[0][1].envelope, desk, entry.is_second)


def _first_of_customer(mails: list[tuple[_Entry, Mail]], desk: _Desk) -> int | None:
    """Which mail is the inquiry: the first that a customer wrote, rather than a program of theirs."""
    theirs = [at for at, (_, mail) in enumerate(mails) if not desk.options.is_agent(desk.author(mail.envelope)[0])]
    written = (at for at in theirs if not desk.is_automatic(mails[at][1].envelope))
    return next(written, theirs[0] if theirs else None)


def _reply(mail: Mail, customer: str, desk: _Desk) -> RawReply:
    address, name = desk.author(mail.envelope)
    is_agent = desk.options.is_agent(address) if desk.is_known else address != customer
    # agents share a mailbox; names are what other systems have
    return RawReply(at=mail.envelope.sent_at, by=name or address, is_agent=is_agent, text=mail.text)


def _inquiry(mail: Mail, replies: tuple[RawReply, ...], root: Envelope, desk: _Desk, is_second: bool) -> RawInquiry:
    envelope, text, options = mail.envelope, mail.text, desk.options
    address, name = desk.author(envelope)
    content = text_hash("\x00".join((envelope.subject, text, address, str(envelope.sent_at))))
    source_id = f"{envelope.message_id} {content}".strip() if is_second else envelope.message_id or content
    begun_with = root.references[0] if root.references else root.message_id  # its first mail may be in no file
    answered: list[datetime] = [reply.at for reply in replies if reply.is_agent and reply.at]
    return RawInquiry(
        source=options.source_name(SOURCE),
        source_id=source_id,
        text=text if text.strip() else envelope.subject,
        title=envelope.subject if text.strip() else "",
        replies=replies,
        channel=options.channel or (options.mapping.channel if options.mapping else None) or Channel.MAIL,
        received_at=envelope.sent_at,
        first_reply_at=min(answered, default=None),
        customer=address,
        customer_names=tuple(known for known in (name, address) if known),
        tags=(_AUTOMATIC,) if desk.is_automatic(envelope) else (),
        thread=text_hash(begun_with or source_id),
        attachments=mail.attachments,
    )


def _rejected(files: MailFiles, place: Place, reason: str) -> RejectedRow:
    raw = files.raw(place, KEPT_ROW).decode("utf-8", "surrogateescape") if place.end else ""
    return RejectedRow(place.file, place.line, mend(reason), place.number, place.envelope_line + raw)


def _words(mail: Mail) -> tuple[str, datetime | None, str]:
    return mail.envelope.address, mail.envelope.sent_at, " ".join(mail.text.split())


def _plain_subject(subject: str) -> tuple[str, bool]:
    """The subject as it is compared, and whether it says that it answers one."""
    prefix = _REPLY.match(subject[:200])
    plain = " ".join(subject[prefix.end() if prefix else 0 :].lower().split())
    return plain, prefix is not None


def _sent(entry: _Entry) -> float:
    return entry.sent


def _hash(text: str) -> int:
    return _hash_bytes(text.encode("utf-8", "replace"))


def _hash_bytes(raw: bytes) -> int:
    return int.from_bytes(blake2b(raw, digest_size=8).digest(), "big")
