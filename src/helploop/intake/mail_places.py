"""Where mails lie: in an mbox, one a file (.eml), in a Maildir or a folder of those. Places only; nothing is held."""

from __future__ import annotations

import os
import re
import tempfile
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from helploop.errors import IntakeError
from helploop.intake.mail import LINE_CAP, MAIL_CAP
from helploop.intake.streams import head_bytes, mend, open_binary

# "From " begins a mail only with a date behind it: a sentence that begins with From does not.
_FROM = re.compile(rb"From \S+.{0,80}\d\d:\d\d.{0,40}\d{4}\s*\Z")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)  # mboxrd and mboxo write "From " in a text so
_HEADER = re.compile(rb"([!-9;-~]{1,60}):")
_FIELDS = frozenset(
    """
    from to cc bcc subject date message-id received return-path delivered-to reply-to sender in-reply-to references
    mime-version content-type content-transfer-encoding envelope-to x-original-to x-received x-mailer user-agent
    dkim-signature authentication-results arc-seal list-id resent-from x-spam-status x-mozilla-status status
    """.split()  # noqa: SIM905
)
_EMLX = re.compile(rb"(\d{1,9})\s*\n")  # Apple Mail: the mail's size in a line above it
_OPEN_FILES = 16
# Mailboxes by their usual names: what lies there is no inquiry.
_MAILBOXES = {
    **dict.fromkeys(("spam", "junk", "junk e-mail", "junk email", "bulk mail"), "spam"),
    **dict.fromkeys(("trash", "deleted", "deleted items", "deleted messages", "bin"), "deleted"),
    **dict.fromkeys(("drafts", "draft", "templates", "outbox", "unsent messages"), "draft"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail stands."""

    path: Path
    file: str  # as messages name it: "support.mbox", "Mails/cur/17.eml"
    number: int  # of the mail in what was named on the command line, from 1
    line: int  # of its first line
    start: int  # bytes
    end: int
    envelope_line: str = ""  # mbox: its "From " line
    problem: str = ""  # why it cannot be read
    ignored: str = ""  # why it is left out: draft, deleted, spam, no mail


class MailFiles:
    """Opens what places point to, a few files at a time. Use it in a with block."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, IO[bytes]] = OrderedDict()

    def __enter__(self) -> MailFiles:
        """The files themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes them."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def open(self, path: Path) -> IO[bytes]:
        """The file, seekable: a packed one is unpacked into a nameless temporary file. Raises IntakeError."""
        file = self._open.pop(path, None)
        if file is None:
            while len(self._open) >= _OPEN_FILES:
                self._open.popitem(last=False)[1].close()
            file = _seekable(path)
        self._open[path] = file
        return file

    def raw(self, place: Place, limit: int | None = None) -> bytes:
        """The mail's bytes, at most `limit`, as they stand in the file."""
        size = place.end - place.start
        wanted = size if limit is None else min(size, limit)
        return os.pread(self.open(place.path).fileno(), wanted, place.start)  # whoever reads on is not disturbed

    def mail(self, place: Place) -> bytes:
        """The mail's bytes as they were sent: without what an mbox adds to lines that begin with From."""
        raw = self.raw(place)
        return _ESCAPED.sub(rb"\1", raw) if place.envelope_line else raw


def looks_like_mail(head: bytes, fields: int = 2) -> bool:
    """Whether bytes begin with a mail's header: at least so many different fields that mails have, and nothing else."""
    seen = set()
    head = head.lstrip(b"\xef\xbb\xbf\r\n")
    counted = _EMLX.match(head)
    lines = head[counted.end() if counted else 0 :].split(b"\n")
    for at, line in enumerate(lines[:200]):
        if not line.strip():
            break
        if line.startswith((b" ", b"\t")) and at:
            continue
        named = _HEADER.match(line)
        if named is None:
            if at + 1 < len(lines):
                return False
            break  # the head ends inside a line
        name = named[1].decode("ascii").lower()
        if name in _FIELDS:
            seen.add(name)
    return len(seen) >= fields


def has_header(head: bytes) -> bool:
    """Whether any of the first lines is a mail's header: enough for a file that is called .eml."""
    named = (_HEADER.match(line) for line in head.split(b"\n")[:50])
    return any(match[1].decode("ascii").lower() in _FIELDS for match in named if match)


def looks_like_mbox(head: bytes) -> bool:
    """Whether bytes begin with an mbox's "From " line."""
    first = head.lstrip(b"\xef\xbb\xbf\r\n").split(b"\n", 1)[0][:300]
    return first.startswith(b"From ") and (b"@" in first or _FROM.match(first) is not None)


def places(path: Path, files: MailFiles) -> Iterator[Place]:
    """The mails of an mbox, a single mail or a folder, in the order of their names and lines. Raises IntakeError."""
    if path.is_dir():
        yield from _numbered(_folder(path, files))
    elif looks_like_mbox(head_bytes(path)):
        yield from _mbox(path, path.name, files.open(path))
    else:
        yield _single(path, path.name, files)


def is_maildir(path: Path) -> bool:
    """Whether a folder holds mails as Maildir does, itself or in its subfolders."""
    return next(_maildirs(path), None) is not None


def _numbered(found: Iterator[Place]) -> Iterator[Place]:
    for number, place in enumerate(found, 1):
        yield replace(place, number=number)


def _folder(root: Path, files: MailFiles) -> Iterator[Place]:
    maildirs = sorted(_maildirs(root))
    for box in maildirs:
        ignored = _MAILBOXES.get(box.name.rpartition(".")[2].lower(), "") if box != root else ""
        for path in sorted(p for part in ("cur", "new") if (box / part).is_dir() for p in (box / part).iterdir()):
            if path.is_file() and not path.name.startswith("."):
                place = _single(path, _name(root, path), files)
                yield replace(place, ignored=place.ignored or ignored or _flagged(path.name))
    if maildirs:
        return
    for path in sorted(root.rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
        try:
            head = head_bytes(path)
        except IntakeError as error:
            yield _unreadable(_name(root, path), path, error)
            continue
        if looks_like_mbox(head):
            ignored = _MAILBOXES.get(path.stem.lower(), "")
            for place in _mbox(path, _name(root, path), files.open(path)):
                yield replace(place, ignored=ignored)
        elif looks_like_mail(head) or path.suffix.lower() in (".eml", ".emlx"):
            yield _single(path, _name(root, path), files)
        else:
            yield Place(path, _name(root, path), 0, 0, 0, 0, ignored="no mail")


def _maildirs(root: Path) -> Iterator[Path]:
    for path in (root, *root.rglob("*")):
        if path.name not in ("cur", "new", "tmp") and (path / "cur").is_dir() and (path / "new").is_dir():
            yield path


def _flagged(name: str) -> str:
    """What a Maildir name's flags say ("1620000000.M1.host:2,ST"): D is a draft, T was thrown away."""
    flags = re.search(r"[:;!]2,([A-Za-z]{0,20})\Z", name)
    if flags is None:
        return ""
    return "draft" if "D" in flags[1] else "deleted" if "T" in flags[1] else ""


def _name(root: Path, path: Path) -> str:
    return mend(f"{root.name}/{path.relative_to(root).as_posix()}")


def _unreadable(name: str, path: Path, error: IntakeError) -> Place:
    reason = str(error).removeprefix(f"{path}: ")
    return Place(path, name, 1, 1, 0, 0, problem=reason)


def _single(path: Path, name: str, files: MailFiles) -> Place:
    """A file that is one mail, from its first header to its end."""
    try:
        file = files.open(path)
    except IntakeError as error:
        return _unreadable(name, path, error)
    end = file.seek(0, 2)
    file.seek(0)
    head = file.read(4_096)
    start = len(head) - len(head.lstrip(b"\xef\xbb\xbf\r\n"))
    if counted := _EMLX.match(head):
        start, end = counted.end(), min(end, counted.end() + int(counted[1]))
    problem = f"the mail is larger than {MAIL_CAP:,} bytes" if end - start > MAIL_CAP else ""
    return Place(path, name, 1, head.count(b"\n", 0, start) + 1, start, end, problem=problem)


def _mbox(path: Path, name: str, file: IO[bytes]) -> Iterator[Place]:
    """The mails of an mbox, one pass: a "From " line with a date, after an empty line, at the top or above a header.

    Content-Length is not believed: it is wrong in every mbox that a program has touched since.
    """
    open_place: Place | None = None
    candidate: Place | None = None  # a "From " line that needs a header under it to begin a mail
    position, number, line_number, problem = 0, 0, 0, ""
    is_after_blank = True
    file.seek(0)
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
        if candidate and looks_like_mail(line, 1):
            if open_place:
                yield _closed(open_place, candidate.end, problem)
            number, problem = number + 1, ""
            open_place = replace(candidate, number=number, end=0)
        candidate = None
        is_dated = _FROM.match(line[:300]) is not None
        if line.startswith(b"From ") and (is_after_blank or is_dated):
            envelope_line = line[:300].decode("ascii", "replace")
            begun = Place(path, name, number + 1, line_number, position, start, envelope_line)  # end: where it begins
            if line_number == 1 or (is_after_blank and is_dated):
                if open_place:
                    yield _closed(open_place, start, problem)
                number, problem = number + 1, ""
                open_place = replace(begun, end=0)
            else:
                candidate = begun
        is_after_blank = not line.strip()
    if open_place:
        yield _closed(open_place, position, problem)


def _closed(place: Place, end: int, problem: str) -> Place:
    if end - place.start > MAIL_CAP:
        problem = f"the mail is larger than {MAIL_CAP:,} bytes"
    return replace(place, end=end, problem=problem)


def _seekable(path: Path) -> IO[bytes]:
    file = open_binary(path)
    if file.seekable():
        return file
    with ExitStack() as stack:
        unpacked: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
        try:
            with file:
                while chunk := file.read(1 << 20):
                    unpacked.write(chunk)
        except (EOFError, zlib.error):
            pass  # cut off: what came so far is read, the last mail as far as it goes
        unpacked.seek(0)
        stack.pop_all()  # the caller closes it
        return unpacked
