"""Mails: threads joined, agents told apart, and hostile ones rejected without harm."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry
from helploop.intake import IntakeOptions
from tests.intake.test_csv_file import rows, texts

FROM = "From x@y.example Mon Jul  6 12:00:00 2026\n"
AGENTS = IntakeOptions(agent_addresses=("@shop.example",))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An mbox to be."""
    return tmp_path / "mails.mbox"


def mail(number: int, sender: str, text: str, **headers: str) -> str:
    """A mail as it stands in an mbox."""
    lines = [f"From: {sender}", f"Message-ID: <{number}@x.example>", f"Date: Mon, 6 Jul 2026 12:{number:02d}:00 +0000"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return FROM + "\n".join(lines) + f"\n\n{text}\n\n"


def test_threads_become_one_inquiry(file: Path) -> None:
    """The first mail of a customer is the inquiry; later mails are replies, by the clock."""
    answer = mail(2, "Help <support@shop.example>", "Press skip.", In_Reply_To="<1@x.example>")
    later = mail(3, "ines@m.example", "Thanks", References="<1@x.example> <2@x.example>")
    first = mail(1, "Ines Okafor <Ines@m.example>", "How do I skip?", Subject="=?utf-8?q?Caf=C3=A9?=")
    other = mail(4, "bo@m.example", "Other")
    one, two = rows(file, later + answer + first + other, AGENTS)
    assert isinstance(one, RawInquiry) and isinstance(two, RawInquiry)
    assert (one.text.strip(), one.title, one.customer, one.channel) == (
        "How do I skip?",
        "Café",
        "ines@m.example",
        Channel.MAIL,
    )
    assert one.customer_names == ("Ines Okafor", "ines@m.example")
    assert [(reply.is_agent, reply.text.strip()) for reply in one.replies] == [(True, "Press skip."), (False, "Thanks")]
    assert one.first_reply_at == one.replies[0].at and (one.source_id, two.source_id) == ("1@x.example", "4@x.example")


def test_without_agents_the_first_writer_is_the_customer(file: Path) -> None:
    """Where nobody said who the agents are, everybody else of the thread is."""
    content = mail(1, "a@m.example", "q") + mail(2, "b@n.example", "r", In_Reply_To="<1@x.example>")
    (one,) = rows(file, content)
    assert isinstance(one, RawInquiry) and [reply.is_agent for reply in one.replies] == [True]


def test_agents_own_mails_and_spam_are_ignored(file: Path) -> None:
    """A thread no customer wrote in, and what the server marked as spam, are counted as ignored."""
    content = mail(1, "support@shop.example", "News") + mail(2, "a@m.example", "Buy", X_Spam_Flag="YES")
    assert rows(file, content, AGENTS) == [
        IgnoredRow("mails.mbox", 8, "spam"),
        IgnoredRow("mails.mbox", 1, "no mail of a customer in it"),
    ]


def test_automatic_mails_are_tagged(file: Path) -> None:
    """An out-of-office notice says so in its headers."""
    (one,) = rows(file, mail(1, "a@m.example", "I am away", Auto_Submitted="auto-replied"))
    assert isinstance(one, RawInquiry) and one.tags == ("auto-reply",)


@pytest.mark.parametrize(
    ("subject", "is_automatic"),
    [
        ("Automatic reply: Your order 5521", True),
        ("Auto-Reply: away until Monday", True),
        ("Out of Office: Re: parcel", True),
        ("Undelivered Mail Returned to Sender", True),
        ("Delivery Status Notification (Failure)", True),
        ("Abwesenheitsnotiz: Ihre Bestellung", True),
        ("Respuesta automática: pedido", True),
        ("Re: Automatic reply: Your order 5521", False),
        ("Out of office message is sent twice", False),
        ("Automatic reply does not work: what now?", False),
        ("My mail comes back: undeliverable", False),
    ],
)
def test_a_servers_subject(file: Path, subject: str, is_automatic: bool) -> None:
    """An export without headers keeps the subject: it counts where it begins as servers begin theirs."""
    (one,) = rows(file, mail(1, "a@m.example", "I am away", Subject=subject))
    assert isinstance(one, RawInquiry) and ("auto-reply" in one.tags) is is_automatic


def test_a_sentence_that_begins_with_from(file: Path) -> None:
    """Only "From " with a date begins a mail."""
    assert texts(rows(file, mail(1, "a@m.example", "Hello\n\nFrom here on it fails, from 12:00 to 13:00"))) == [
        "Hello\n\nFrom here on it fails, from 12:00 to 13:00\n\n"
    ]


def test_escaped_from_lines_are_restored(file: Path) -> None:
    """mboxrd and mboxo put a > before a line that begins with From; Content-Length is not believed."""
    (one, two) = rows(
        file, mail(1, "a@m.example", ">From here\n>>From there", Content_Length="3") + mail(2, "b@m.example", "x")
    )
    assert isinstance(one, RawInquiry) and one.text.strip() == "From here\n>From there"
    assert isinstance(two, RawInquiry)


@pytest.mark.parametrize(
    "second",
    [
        "From \nFrom: b@m.example\nSubject: two\n\nsecond\n",
        "From b@m.example\nFrom: b@m.example\n\nsecond\n",
        "From - Mon Jul 06 12:00:00 2026\nFrom: b@m.example\n\nsecond\n",
        "From 17@xxx Mon Jul 06 12:00:00 +0000 2026\nX-GM-THRID: 17\n\nsecond\n",
    ],
    ids=["bare", "without a date", "Thunderbird", "Takeout"],
)
def test_separators_as_programs_write_them(file: Path, second: str) -> None:
    """A mail begins at any "From " line after an empty one that has a date in it or a header under it."""
    found = rows(file, mail(1, "a@m.example", "first") + second)
    assert [text.strip() for text in texts(found)] == ["first", "second"]


def test_a_mail_cut_off_does_not_swallow_the_next(file: Path) -> None:
    """Where a mail ends without an empty line, a dated "From " line above a header begins the next one."""
    cut = mail(1, "a@m.example", "first").rstrip() + " and th\n"
    assert [text.strip() for text in texts(rows(file, cut + mail(2, "b@m.example", "second")))] == [
        "first and th",
        "second",
    ]


def test_html_and_attachments(file: Path) -> None:
    """The plain part is taken, else the HTML; attachments are never read."""
    message = EmailMessage()
    message["From"] = "a@m.example"
    message.set_content("plain words")
    message.add_alternative("<p>html words</p>", subtype="html")
    message.add_attachment(b"PK\x03\x04" * 100, maintype="application", subtype="zip", filename="bomb.zip")
    assert [text.strip() for text in texts(rows(file, FROM.encode() + bytes(message) + b"\n"))] == ["plain words"]
