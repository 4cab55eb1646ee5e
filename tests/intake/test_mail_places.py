"""Maildirs, single mails and folders of mails are found, recognised by content and read as an mbox is."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from helploop.domain import IgnoredRow, RawInquiry, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_file, read_files, recognise
from tests.intake.test_csv_file import reasons, texts
from tests.intake.test_mail_files import AGENTS, FROM, mail


def eml(number: int, sender: str, text: str, **headers: str) -> str:
    """A mail as a file of its own."""
    return mail(number, sender, text, **headers).removeprefix(FROM)


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """A Maildir with an inbox, a sent and a spam folder."""
    root = tmp_path / "Maildir"
    for box in (root, root / ".Sent", root / ".Junk"):
        for part in ("cur", "new", "tmp"):
            (box / part).mkdir(parents=True)
    question = eml(1, "ines@m.example", "How?", To="support@shop.example")
    (root / "cur" / "1.host:2,S").write_text(question)
    (root / "cur" / "2.host:2,DS").write_text(eml(2, "support@shop.example", "unsent"))
    (root / "cur" / "3.host:2,ST").write_text(eml(3, "bo@m.example", "thrown away"))
    (root / "new" / "4.host").write_text(eml(4, "bo@m.example", "When?"))
    (root / "tmp" / "5.host").write_text("From: x")
    answer = eml(6, "support@shop.example", "So.", To="ines@m.example", In_Reply_To="<1@x.example>")
    (root / ".Sent" / "cur" / "6.host:2,S").write_text(answer)
    (root / ".Junk" / "cur" / "7.host:2,").write_text(eml(7, "s@m.example", "Buy"))
    return root


def test_maildir(maildir: Path) -> None:
    """Sub-folders are joined; drafts, thrown away mails and the spam folder are counted as ignored."""
    assert recognise(maildir) == "maildir"
    found = list(read_file(maildir, AGENTS))
    assert texts(found) == ["How?\n\n", "When?\n\n"]
    first = next(record for record in found if isinstance(record, RawInquiry))
    assert [reply.text.strip() for reply in first.replies] == ["So."] and first.source == "mail"
    assert sorted((r.source, r.reason) for r in found if isinstance(r, IgnoredRow)) == [
        ("Maildir/.Junk/cur/7.host:2,", "spam"),
        ("Maildir/cur/2.host:2,DS", "draft"),
        ("Maildir/cur/3.host:2,ST", "deleted"),
    ]


def test_the_same_mail_in_any_container_is_one(tmp_path: Path, maildir: Path) -> None:
    """mbox, Maildir and .eml named together are joined, and each mail has the same id in all of them."""
    box, single = tmp_path / "in.mbox", tmp_path / "a.eml"
    box.write_text(mail(1, "ines@m.example", "How?", To="support@shop.example"))
    single.write_text(eml(1, "ines@m.example", "How?", To="support@shop.example"))
    together = [r for r in read_files([box, single, maildir], AGENTS) if isinstance(r, RawInquiry)]
    assert [r.text.strip() for r in together] == ["How?", "When?"]
    alone = [next(r for r in read_file(path, AGENTS) if isinstance(r, RawInquiry)) for path in (box, single, maildir)]
    assert len({(r.source, r.source_id, r.thread) for r in alone}) == 1


@pytest.mark.parametrize("name", ["a.eml", "mail.txt", "a.eml.gz"])
def test_a_single_mail_is_recognised_by_its_header(tmp_path: Path, name: str) -> None:
    """Whatever it is called, packed or not, with blank lines or a BOM above it."""
    path = tmp_path / name
    content = ("\ufeff\n" + eml(1, "a@m.example", "How; or, what?", Subject="a, b; c")).encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert recognise(path) == "eml"
    assert [text.strip() for text in texts(list(read_file(path)))] == ["How; or, what?"]


def test_a_file_called_eml_may_have_a_broken_header(tmp_path: Path) -> None:
    """One line that is no header does not make it something else."""
    (tmp_path / "a.eml").write_text("no header; at all\n" + eml(1, "a@m.example", "How?"))
    assert recognise(tmp_path / "a.eml") == "eml"


def test_apple_mail_counts_the_bytes_above_a_mail(tmp_path: Path) -> None:
    """.emlx: a number, the mail, and a property list that is no part of it."""
    content = eml(1, "a@m.example", "How?")
    (tmp_path / "1.emlx").write_text(f"{len(content)}\n{content}<?xml version='1.0'?><plist></plist>\n")
    assert texts(list(read_file(tmp_path / "1.emlx"))) == ["How?\n\n"]


def test_folder_of_mails_and_mailboxes(tmp_path: Path) -> None:
    """Every file is a record: read, rejected with its reason, or ignored as no mail."""
    folder = tmp_path / "export"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.eml").write_text(eml(1, "a@m.example", "one"))
    (folder / "b.eml").write_bytes(b"")
    (folder / "c.eml").write_text(eml(3, "a@m.example", "x").replace("Mon, 6 Jul 2026", "gestern"))
    (folder / "notes.txt").write_text("no mail at all")
    (folder / "sub" / "Inbox").write_text(mail(4, "d@m.example", "two") + mail(5, "e@m.example", "three"))
    assert recognise(folder) == "eml"
    found = list(read_file(folder))
    assert [text.strip() for text in texts(found)] == ["one", "two", "three"]
    assert [(r.source, r.line, r.record) for r in found if isinstance(r, RejectedRow)] == [
        ("export/b.eml", 1, 2),
        ("export/c.eml", 1, 3),
    ]
    assert reasons(found)[0] == "the file is empty" and "the date cannot be read" in reasons(found)[1]
    assert IgnoredRow("export/notes.txt", 0, "no mail") in found


def test_wrong_format_for_a_folder(maildir: Path) -> None:
    """A Maildir is no mbox, and the message says what it looks like."""
    with pytest.raises(IntakeError, match=r"--from mbox does not fit.*it looks like maildir"):
        list(read_file(maildir, IntakeOptions(format="mbox")))
