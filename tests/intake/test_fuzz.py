"""Whatever bytes a file holds, intake ends in records or in an IntakeError of one line: nothing else is ever raised."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helploop.config import Settings
from helploop.domain import IgnoredRow, RawInquiry, RejectedRow, SearchEvent
from helploop.errors import IntakeError
from helploop.intake import FORMATS, IntakeOptions, describe, read_file
from helploop.intake.mail_text import header_text, unflowed
from helploop.pipeline.door import Door

ROOT = Path(__file__).resolve().parents[2]
MAIL = (
    b"From a@m.example Mon Jul  6 12:00:00 2026\nFrom: =?utf-8?q?Caf=C3=A9?= <a@m.example>\nTo: b@shop.example\n"
    b"Subject: =?iso-8859-1?b?6Q==?=\nDate: Mon, 6 Jul 2026 12:00:00 +0000\nMessage-ID: <1@m.example>\n"
    b'References: <0@m.example>\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; '
    b"charset=utf-8; format=flowed\nContent-Transfer-Encoding: quoted-printable\n\nWhere is =C3=A9 \nmy box?\n--b\n"
    b"Content-Type: text/html; charset=shift_jis\nContent-Transfer-Encoding: base64\n\nPHA+SGk8L3A+\n--b\n"
    b"Content-Type: image/png; name*0*=utf-8''a%C3%A9; name*1=.png\n\nx\n--b--\n\n"
    b"From b@m.example Mon Jul  6 12:00:00 2026\n\n"
)
CSV = 'id;text;received_at;replies\n1;"two\nlines";2026-07-06;"[{""text"": ""so"", ""by"": ""b""}]"\n2;"é";;\n'.encode()
FIXTURES = {
    path.name: path.read_bytes() for path in sorted((ROOT / "tests" / "data" / "intake").iterdir()) if path.is_file()
}
SEEDS = {"in.mbox": MAIL, "in.eml": MAIL.split(b"\n", 1)[1], "in.csv": CSV, **FIXTURES}

quick = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A fixture with pieces cut out, doubled, swapped or overwritten."""
    name = draw(st.sampled_from(sorted(SEEDS)))
    content = SEEDS[name]
    for _ in range(draw(st.integers(1, 6))):
        at, size = draw(st.integers(0, len(content))), draw(st.integers(0, 200))
        piece = content[at : at + size]
        new = draw(
            st.one_of(
                st.just(b""),
                st.just(piece * 3),
                st.just(piece[::-1]),
                st.binary(max_size=20),
                st.sampled_from(
                    [b"\x00", b"\n", b'"', b"\r", b"\xff\xfe", b"--b\n", b"{", b"[", b"=?utf-8?q?", b"<", b"\xc3"]
                ),
            )
        )
        content = content[:at] + new + content[at + size :]
    return name, content


def take(name: str, content: bytes, wanted: str | None = None) -> None:
    """Reads a file of this content, and lets in what it holds; fails on anything that a user should not see."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        options = IntakeOptions(format=wanted, agent_addresses=("@shop.example",))
        door = Door(Settings(root=Path(folder) / "site"))
        try:
            describe(path, options)
            for record in read_file(path, options):
                assert isinstance(record, RawInquiry | SearchEvent | RejectedRow | IgnoredRow)
                if isinstance(record, RawInquiry):
                    door.let_in(record).text.encode()  # no lone surrogate
                    record.source_id.encode()
                elif isinstance(record, RejectedRow | IgnoredRow):
                    record.reason.encode()
                    assert "\n" not in record.reason
        except IntakeError as error:
            assert "\n" not in str(error)


@quick
@given(
    st.binary(max_size=2_000), st.sampled_from(["a", "a.csv", "a.json", "a.eml", "a.mbox", "a.gz", "a.xlsx", "a.zip"])
)
def test_any_bytes(content: bytes, name: str) -> None:
    """Bytes of no format at all."""
    take(name, content)


@quick
@given(mutated())
def test_mutated_files(file: tuple[str, bytes]) -> None:
    """Files of every format, damaged."""
    take(*file)


@quick
@given(mutated(), st.sampled_from(FORMATS))
def test_mutated_files_under_another_name(file: tuple[str, bytes], wanted: str) -> None:
    """--from says what the file is not."""
    take(*file, wanted)


@quick
@given(st.text(max_size=300), st.booleans())
def test_texts_of_mails(text: str, is_delsp: bool) -> None:
    """Headers and flowed texts of any characters."""
    assert "\n" not in header_text(text)
    unflowed(text, is_delsp)


@pytest.mark.slow
@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_many_mutated_files(file: tuple[str, bytes]) -> None:
    """The same at length, other files each time."""
    take(*file)
