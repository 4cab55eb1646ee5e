"""Mails made to harm a parser (docs/measured.md, bad inputs: mail 20): the mail behind them always comes through."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.intake.hostile import Taken, take

FROM = "From ines@m.example Mon Jul  6 12:00:00 2026\n"
HEAD = "From: Ines <ines@m.example>\nMessage-ID: <1@m.example>\nDate: Mon, 6 Jul 2026 12:00:00 +0000\n"
FINE = FROM + "From: bo@m.example\nMessage-ID: <2@m.example>\nDate: Mon, 6 Jul 2026 13:00:00 +0000\n\nThat is fine?\n"
PLAIN = "Content-Type: text/plain; charset=utf-8\n\nWhere is it?\n"


def taken(folder: Path, headers: str, body: str | bytes = "Where is it?\n") -> Taken:
    """An mbox of the hostile mail and a fine one behind it, and the hostile mail as an .eml: both end alike."""
    content = (HEAD + headers).encode("utf-8", "surrogateescape") + b"\n"
    content += body.encode("utf-8", "surrogateescape") if isinstance(body, str) else body
    (folder / "eml").mkdir()
    alone = take(folder / "eml", "in.eml", content)
    found = take(folder, "in.mbox", FROM.encode() + content + b"\n" + FINE.encode())
    assert found.texts[-1] == "That is fine?"
    assert alone.texts == found.texts[:-1]
    assert [row.reason for row in alone.rows] == [row.reason for row in found.rows]
    assert all(row.row.startswith(FROM + HEAD[:20]) for row in found.rows)
    return found


def is_read(found: Taken, text: str = "Where is it?") -> bool:
    """Whether the hostile mail was read, and says this."""
    return found.texts == [text, "That is fine?"] and not found.rows


def test_unknown_charset(tmp_path: Path) -> None:
    """A charset nobody knows: the bytes are read as they look."""
    found = taken(tmp_path, "Content-Type: text/plain; charset=x-martian\n", "Où est ma boîte ?\n")
    assert is_read(found, "Où est ma boîte ?")


@pytest.mark.parametrize("charset", ["rot13", "undefined", "idna", "unicode_escape", "zlib_codec", "\x00", "../../x"])
def test_charsets_that_are_codecs_of_python(tmp_path: Path, charset: str) -> None:
    """No codec but a text's is ever run."""
    assert is_read(taken(tmp_path, f"Content-Type: text/plain; charset={charset}\n"))


def test_bad_base64(tmp_path: Path) -> None:
    """What cannot be decoded is left as it stands; the subject still asks."""
    headers = "Subject: Where is it?\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n"
    assert not taken(tmp_path, headers, "!!! no base64 ???\n").rows


def test_no_boundary(tmp_path: Path) -> None:
    """A multipart that names no boundary is text."""
    assert is_read(taken(tmp_path, "Content-Type: multipart/mixed\n"))


def test_unclosed_boundary(tmp_path: Path) -> None:
    """A last part that never ends ends with the mail."""
    assert is_read(taken(tmp_path, "Content-Type: multipart/mixed; boundary=b\n", f"--b\n{PLAIN}"))


def test_2000_nested_multiparts(tmp_path: Path) -> None:
    """Counted before anything is parsed."""
    body = "".join(f'--b{i}\nContent-Type: multipart/mixed; boundary="b{i + 1}"\n\n' for i in range(2_000))
    found = taken(tmp_path, 'Content-Type: multipart/mixed; boundary="b0"\n', body)
    assert found.reasons == ["in.mbox:1 (record 1): more than 200 parts with parts"]


def test_150_nested_multiparts_over_many_lines(tmp_path: Path) -> None:
    """Below the cap of parts, each line would still be held against each open boundary: 45 million times."""
    body = "".join(f'--b{i}\nContent-Type: multipart/mixed; boundary="b{i + 1}"\n\n' for i in range(150))
    found = taken(tmp_path, 'Content-Type: multipart/mixed; boundary="b0"\n', body + "x\n" * 300_000)
    assert "parts with parts are too many" in found.reasons[0]


def test_1000_nested_rfc822(tmp_path: Path) -> None:
    """A mail in a mail in a mail."""
    found = taken(tmp_path, "Content-Type: message/rfc822\n", "Content-Type: message/rfc822\n\n" * 1_000)
    assert found.reasons == ["in.mbox:1 (record 1): more than 20 mails inside the mail"]


def test_10000_headers(tmp_path: Path) -> None:
    """The header block has a cap."""
    found = taken(tmp_path, "".join(f"X-{i}: {'y' * 20}\n" for i in range(10_000)))
    assert found.reasons == ["in.mbox:1 (record 1): the header block is longer than 256,000 bytes"]


def test_1_mb_subject(tmp_path: Path) -> None:
    """So has a header; folded over lines or not."""
    reason = "in.mbox:1 (record 1): the header block is longer than 256,000 bytes"
    assert taken(tmp_path, f"Subject: {'x' * 999_000}\n").reasons == [reason]
    (tmp_path / "folded").mkdir()
    found = taken(tmp_path / "folded", f"Subject: {('x' * 70 + chr(10) + ' ') * 1_000}x\n")
    assert found.reasons == ["in.mbox:1 (record 1): the header Subject is longer than 16,000 bytes"]


def test_50000_encoded_words(tmp_path: Path) -> None:
    """They cost the standard library 85 s; what fits into a header is left as it stands beyond 200."""
    words = "\n ".join(["=?utf-8?q?x?="] * 50_000)
    assert "header" in taken(tmp_path, f"Subject: {words}\n").reasons[0]
    (tmp_path / "fewer").mkdir()
    words = "\n ".join(["=?utf-8?q?x?="] * 900)
    assert is_read(taken(tmp_path / "fewer", f"Subject: {words}\nFrom: {words}\nTo: {words}\n"))


def test_20000_rfc2231_parameters(tmp_path: Path) -> None:
    """They cost the standard library 41 s, in the mail's header and in a part's."""
    parameters = "".join(f"\n a*{i}=x;" for i in range(20_000))
    assert "header" in taken(tmp_path, f"Content-Type: text/plain;{parameters}\n").reasons[0]
    (tmp_path / "part").mkdir()
    body = f"--b\nContent-Type: text/plain\nContent-Disposition: attachment;{parameters}\n\nx\n--b--\n"
    found = taken(tmp_path / "part", "Content-Type: multipart/mixed; boundary=b\n", body)
    assert found.reasons == ["in.mbox:1 (record 1): a part's header is longer than 16,000 bytes"]
    (tmp_path / "fewer").mkdir()
    parameters = "".join(f"\n a*{i}=x;" for i in range(1_000))
    assert is_read(taken(tmp_path / "fewer", f"Content-Type: text/plain;{parameters}\n"))


def test_20000_recipients(tmp_path: Path) -> None:
    """Nobody's question goes to so many."""
    people = ", ".join(f"a{i}@b.example" for i in range(20_000))
    assert "header" in taken(tmp_path, f"To: {people}\n").reasons[0]
    (tmp_path / "fewer").mkdir()
    people = ", ".join(f"a{i}@b" for i in range(600))
    assert taken(tmp_path / "fewer", f"To: {people}\nCc: {people}\n").reasons == [
        "in.mbox:1 (record 1): 1200 recipients, more than 500"
    ]


def test_20_mb_line(tmp_path: Path) -> None:
    """A line has a cap."""
    found = taken(tmp_path, "", "x" * 20_000_000 + "\n")
    assert found.reasons == ["in.mbox:1 (record 1): a line is longer than 1,000,000 bytes"]
    assert len(found.rows[0].row) < 1_100_000


def test_larger_than_25_mb(tmp_path: Path) -> None:
    """And so has a mail."""
    found = taken(tmp_path, "", ("x" * 76 + "\n") * 350_000)
    assert found.reasons == ["in.mbox:1 (record 1): the mail is larger than 25,000,000 bytes"]


def test_nul(tmp_path: Path) -> None:
    """NUL in headers, texts and names of attachments is dropped."""
    assert is_read(taken(tmp_path, "Subject: a\x00b\nX-Mailer: y\x00\n", "Where\x00 is it?\n"))


def test_bad_date(tmp_path: Path) -> None:
    """The server's time, or the mbox line's, stands in; where there is none, the date is asked for."""
    content = (HEAD + "\nWhere is it?\n").replace("Mon, 6 Jul 2026 12:00:00 +0000", "Caturday, 45 Nov 20226")
    assert take(tmp_path, "in.mbox", FROM + content).texts == ["Where is it?"]
    (tmp_path / "eml").mkdir()
    found = take(tmp_path / "eml", "in.eml", content)
    assert found.reasons == ["in.eml:1 (record 1): the date cannot be read: 'Caturday, 45 Nov 20226'"]


def test_utf7(tmp_path: Path) -> None:
    """UTF-7 is read, and what it hides is text like any other."""
    found = taken(tmp_path, "Content-Type: text/plain; charset=utf-7\n", "+AGEAYg- where is it?\n")
    assert is_read(found, "ab where is it?")


def test_folded_header_injection(tmp_path: Path) -> None:
    """A folded or encoded line end in a header begins no header and no mail."""
    headers = "Subject: Box\n Bcc: eve@x.example\n X-Spam-Flag: YES\n"
    headers += "From: =?utf-8?q?a=0AFrom=3A_eve=40x.example?= <a@m.example>\n"
    found = taken(tmp_path, headers)
    assert is_read(found) and "\n" not in found.inquiries[0].title


def test_empty(tmp_path: Path) -> None:
    """A mail that says nothing is counted as blank; a file without one is refused."""
    found = taken(tmp_path, "Subject:\n", "")
    assert found.texts == ["That is fine?"] and found.counts["ignored"] == {"blank": 1}
    (tmp_path / "none").mkdir()
    assert take(tmp_path / "none", "in.eml", b"\n\n").exit_code == 1


@pytest.mark.parametrize("kind", ["zip", "gzip"])
def test_bomb_attached(tmp_path: Path, kind: str) -> None:
    """An attachment is never unpacked: its name is all that is kept."""
    bomb = gzip.compress(b"\x00" * 50_000_000)
    if kind == "zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", b"\x00" * 50_000_000)
        bomb = out.getvalue()
    mail = EmailMessage()
    mail.set_content("Where is it?")
    mail.add_attachment(bomb, maintype="application", subtype=kind, filename=f"bomb.{kind}")
    headers, body = mail.as_string().split("\n\n", 1)
    found = taken(tmp_path, headers + "\n", body)
    assert is_read(found) and found.inquiries[0].attachments == (f"bomb.{kind}",)


def test_gzip_bomb_of_mails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A packed mailbox that unpacks to more than any mailbox is refused while it is unpacked."""
    monkeypatch.setattr("helploop.intake.streams._UNPACKED_CAP", 10_000_000)
    packed = gzip.compress((FROM + HEAD + "\n").encode() + b"\n" * 20_000_000)
    found = take(tmp_path, "in.mbox.gz", packed)
    assert found.exit_code == 1 and "zip bomb" in found.said


def test_bare_from_lines(tmp_path: Path) -> None:
    """A "From " line with nothing behind it begins a mail where a header follows, and is text where none does."""
    content = FROM + HEAD + "\nWhere is it?\n\nFrom \n" + FINE.split("\n", 1)[1] + "\nFrom here on all is well.\n"
    assert take(tmp_path, "in.mbox", content).texts == ["Where is it?", "That is fine?\n\nFrom here on all is well."]


@pytest.mark.parametrize("cut", ["in a header", "in a part", "in base64"])
def test_truncated_mbox(tmp_path: Path, cut: str) -> None:
    """The last mail is read as far as it goes; the same export, whole, updates it."""
    part = "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
    text = base64.encodebytes(b"Where is it? I ordered a blue kettle last week.").decode()
    whole = FINE + "\n" + FROM + HEAD + f"Content-Type: multipart/mixed; boundary=b\n\n--b\n{part}{text}--b--\n"
    end = {"in a header": whole.index("boundary=b"), "in a part": whole.index("Content-Transfer"), "in base64": -20}
    found = take(tmp_path, "in.mbox", whole[: end[cut]])
    assert found.texts[-1] == "That is fine?" and found.counts["read"] == 2 and not found.rows
