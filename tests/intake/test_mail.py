"""One mail: its text from the parts that hold it, charsets as they are met, names of what is attached."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from helploop.intake.mail import read_envelope, read_mail
from helploop.intake.mail_text import unflowed

HEAD = b"From: a@m.example\nDate: Mon, 6 Jul 2026 12:00:00 +0000\n"


def multipart(kind: str, *parts: str) -> bytes:
    """A mail of these parts, each with its own headers."""
    body = "".join(f"--b\n{part}\n" for part in parts)
    return HEAD + f'Content-Type: multipart/{kind}; boundary="b"\n\n{body}--b--\n'.encode()


def test_html_stands_in_where_the_plain_part_is_empty() -> None:
    """The customer's words come out as text, without markup and style sheets, however long those are."""
    style = f"<style>{'p {color: red} ' * 5_000}</style>"
    raw = multipart(
        "alternative", "Content-Type: text/plain\n\n \n", f"Content-Type: text/html\n\n{style}<p>Hi<br>you</p>"
    )
    assert read_mail(raw).text == "Hi\nyou"


def test_parts_of_a_mixture_are_read_in_their_order() -> None:
    """Apple Mail cuts a text where a picture stands; text files attached are not read."""
    picture = 'Content-Type: image/png; name="x.png"\nContent-Transfer-Encoding: base64\n\niVBORw0K\n'
    log = 'Content-Type: text/plain\nContent-Disposition: attachment; filename="my log.txt"\n\nsecret\n'
    raw = multipart(
        "mixed", "Content-Type: text/plain\n\nabove\n", picture, "Content-Type: text/html\n\n<p>below</p>", log
    )
    found = read_mail(raw)
    assert (found.text.split(), found.attachments) == (["above", "below"], ("x.png", "my log.txt"))


def test_attachments_of_all_spellings_keep_their_names() -> None:
    """RFC 2231, encoded-words and raw bytes; folders in a name are dropped."""
    mail = EmailMessage()
    mail.set_content("x")
    mail.add_attachment(b"1", maintype="application", subtype="pdf", filename="Rechnung März.pdf")
    raw = bytes(mail).replace(b"\n\n", b"\nDate: Mon, 6 Jul 2026 12:00:00 +0000\n\n", 1)
    assert read_mail(raw).attachments == ("Rechnung März.pdf",)
    names = ['"=?utf-8?q?M=C3=A4rz.pdf?="', '"C:\\\\Users\\\\a\\\\b.pdf"', '"../../etc/passwd"', '"März.pdf"']
    parts = [f"Content-Type: image/gif; name={name}\n\nx" for name in names]
    assert read_mail(multipart("mixed", *parts)).attachments == ("März.pdf", "b.pdf", "passwd", "März.pdf")


def test_flowed_text_is_one_line_a_paragraph() -> None:
    """RFC 3676: a space at the end goes on, quotes and the signature's mark stay lines of their own."""
    flowed = "Where is \nmy box?\n\n> you \n> said\n from \n-- \nInes"
    assert unflowed(flowed) == "Where is my box?\n\n> you said\nfrom \n-- \nInes"
    assert unflowed("Liefer \nschein", is_delsp=True) == "Lieferschein"
    raw = HEAD + b"Content-Type: text/plain; format=flowed\n\nWhere is \nmy box?\n"
    assert read_mail(raw).text == "Where is my box?\n"


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("us-ascii", "où".encode(), "où"),
        ("us-ascii", "où".encode("cp1252"), "où"),
        ("iso-8859-1", "“où”".encode("cp1252"), "“où”"),
        ("gb2312", "朱镕基".encode("gb18030"), "朱镕基"),
        ("ks_c_5601-1987", "똠방각하".encode("cp949"), "똠방각하"),
        ("Windows-1252", "où".encode(), "où"),
        ("iso-2022-jp", "すみません".encode("euc_jp"), "すみません"),
        ("utf-8", "où".encode("cp1252"), "où"),
        ("idna", b"where", "where"),
        ("unicode_escape", rb"\d", r"\d"),
    ],
)
def test_charsets_as_senders_use_them(charset: str, content: bytes, text: str) -> None:
    """Declared narrow and written wide, declared wrong, or no charset at all."""
    raw = HEAD + f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n".encode() + content
    assert read_mail(raw).text == text


def test_names_and_subjects_as_senders_write_them() -> None:
    """Encoded-words, a comma inside one, and bytes that nobody encoded."""
    envelope = read_envelope(b"From: =?utf-8?q?Smith=2C_J=C3=B6rg?= <J@m.example>\nSubject: Fr\xfchst\xfcck\n\n")
    assert (envelope.name, envelope.address, envelope.subject) == ("Smith, Jörg", "j@m.example", "Frühstück")
    split = "=?utf-8?q?caf=C3?= =?utf-8?q?=A9?= =?x-odd?q?here?= =?utf-8?b?!?="
    assert read_envelope(f"Subject: {split}\n\n".encode()).subject.startswith("café")


def test_bytes_of_headers_are_of_the_mails_charset() -> None:
    """Nobody encoded them, but the body says what they are; where they are UTF-8, they are."""
    head = "From: 朱镕基 <a@m.example>\nSubject: 您好\nContent-Type: text/plain; charset=gb2312\n\n"
    for raw in (head.encode("gb18030"), head.encode()):
        envelope = read_envelope(raw)
        assert (envelope.name, envelope.subject) == ("朱镕基", "您好")


def test_a_boundary_that_the_header_does_not_name() -> None:
    """The parts are cut at the one that stands in the mail."""
    for header in ("multipart/mixed", "multipart/mixed; boundary=other", "multipart/alternative; boundary"):
        raw = multipart("mixed", "Content-Type: text/plain\n\nhere\n", "Content-Type: image/gif; name=a.gif\n\nx")
        found = read_mail(raw.replace(b'multipart/mixed; boundary="b"', header.encode()))
        assert (found.text.strip(), found.attachments) == ("here", ("a.gif",))


def test_html_says_its_charset_itself() -> None:
    """Where the part's header does not; a page with nothing on it is no text."""
    html = '<html><meta http-equiv=Content-Type content="text/html; charset=shift_jis"><p>すみません</p></html>'
    raw = HEAD + b"Content-Type: text/html\n\n" + html.encode("shift_jis")
    assert read_mail(raw).text == "すみません"
    assert read_mail(HEAD + b"Content-Type: text/html\n\n<html><body><div>&nbsp;</div></body></html>").text == ""


@pytest.mark.parametrize("depth", [10, 300, 10_000])
def test_deeply_nested_html_keeps_its_text(depth: int) -> None:
    """Quotes of quotes go deeper than the parser does."""
    raw = HEAD + b"Content-Type: text/html\n\n" + b"<div>" * depth + b"Where is it &amp; why?" + b"</div>" * depth
    assert read_mail(raw).text == "Where is it & why?"


def test_a_mail_without_a_usable_date_takes_its_servers() -> None:
    """The last server's time stands in for a date that is missing or cannot be read."""
    received = b"Received: from a by b;\n Mon, 6 Jul 2026 12:00:00 +0000\n"
    for date in (b"", b"Date: gestern\n"):
        sent_at = read_envelope(received + date + b"\nx").sent_at
        assert sent_at is not None and sent_at.isoformat() == "2026-07-06T12:00:00+00:00"
