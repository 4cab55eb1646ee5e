"""The 300 broken mails of public test suites: none crashes intake, none is lost, and what is stored can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helploop.domain import IgnoredRow, RawInquiry, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import read_file
from tests.intake.hostile import Taken, take, take_path
from tests.intake.test_hostile_mail import FINE, FROM

# What a reader of the log should not see: MIME's own lines, markup, characters that were lost.
GARBLED = re.compile(r"\ufffd|=\?[\w-]+\?[bq]\?|^content-\w+:|<(?:div|p|br|html|td|font)\b|&nbsp;|=3D", re.I | re.M)


@pytest.fixture
def mails(data_dir: Path) -> list[Path]:
    """The files of the public corpora, pictures and all."""
    return [path for path in sorted((data_dir / "hostile").rglob("*")) if path.is_file()]


def garbled(taken: Taken) -> list[str]:
    """The source ids of inquiries with something garbled in them."""
    return [i.source_id for i in taken.inquiries if GARBLED.search("\n".join((i.title, i.text)))]


def test_as_a_folder(tmp_path: Path, data_dir: Path, mails: list[Path]) -> None:
    """Every file is counted; mails are stored, other files are no mails, and hardly one cannot be read."""
    taken = take_path(tmp_path, data_dir / "hostile")
    counts = taken.counts
    assert counts["stored"] >= 170 and counts["quarantined"] <= 10 and counts["ignored"]["no mail"] <= 70
    assert counts["read"] >= len(mails) - 45  # some belong to one conversation
    assert len(garbled(taken)) <= 6  # broken beyond what a person could read, too


def test_as_one_mbox(tmp_path: Path, mails: list[Path]) -> None:
    """One behind the other, with all their boundaries open: the mail at the end comes through."""
    content = b"".join(FROM.encode() + path.read_bytes() + b"\n\n" for path in mails)
    taken = take(tmp_path, "in.mbox", content + FINE.encode())
    assert "That is fine?" in taken.texts and taken.counts["stored"] >= 200


def test_each_alone(tmp_path: Path, mails: list[Path]) -> None:
    """As a file of its own, and as an mbox of its own: read, ignored, rejected, or refused in one line."""
    for path in mails:
        for name, start in (("one.eml", b""), ("one.mbox", FROM.encode())):
            (tmp_path / name).write_bytes(start + path.read_bytes())
            try:
                found = list(read_file(tmp_path / name))
            except IntakeError as error:
                assert "\n" not in str(error)
                continue
            assert found, path
            assert all(isinstance(record, RawInquiry | RejectedRow | IgnoredRow) for record in found), path
