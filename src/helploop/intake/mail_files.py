"""Mails: an mbox (plain or .gz), a Maildir, single mails (.eml), a folder of these; joined when named together."""

from __future__ import annotations

from pathlib import Path

from helploop.domain import Channel
from helploop.errors import IntakeError
from helploop.intake.interface import Reader
from helploop.intake.mail_places import has_header, is_maildir, looks_like_mail, looks_like_mbox
from helploop.intake.mail_threads import SOURCE, read_mails
from helploop.intake.sample import Sample
from helploop.intake.streams import head_bytes

_LOOKED_AT = 20  # files of a folder


def _is_mbox(sample: Sample) -> bool:
    return not sample.is_folder and looks_like_mbox(sample.head)


def _is_maildir(sample: Sample) -> bool:
    return sample.is_folder and is_maildir(sample.path)


def _is_eml(sample: Sample) -> bool:
    if not sample.is_folder:
        return looks_like_mail(sample.head) or (sample.name.endswith((".eml", ".emlx")) and has_header(sample.head))
    files = [name for name in sample.members if not name.rpartition("/")[2].startswith(".")]
    if any(name.lower().endswith((".eml", ".emlx", ".mbox")) for name in files):
        return True
    heads = [_head(sample.path / name) for name in files[:_LOOKED_AT]]
    return sum(looks_like_mbox(head) or looks_like_mail(head) for head in heads) * 2 > len(heads)


def _head(path: Path) -> bytes:
    try:
        return head_bytes(path)
    except IntakeError:
        return b""


MBOX = Reader("mbox", Channel.MAIL, '"From " and an address', _is_mbox, read_mails, joins_files=True, source=SOURCE)
MAILDIR = Reader(
    "maildir", Channel.MAIL, "folders called cur and new", _is_maildir, read_mails, joins_files=True, source=SOURCE
)
EML = Reader(
    "eml", Channel.MAIL, "header lines like From: and Subject:", _is_eml, read_mails, joins_files=True, source=SOURCE
)
