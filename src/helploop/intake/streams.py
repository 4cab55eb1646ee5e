"""Files as capped lines of text: compression, encoding and hostile lengths are dealt with here, for all readers."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from helploop.errors import IntakeError

HEAD = 65_536  # bytes looked at to tell format and encoding
RECORD_CAP = 4_000_000  # characters of one line: in JSON Lines a line is a whole conversation
_UNPACKED_CAP = 1_000_000_000  # bytes a .gz may unpack to when that is more than _RATIO times its size
_RATIO = 200  # text packs 3 to 20 times, seldom 100; a bomb 1,000 times
_GZIP = b"\x1f\x8b"
_BINARY = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"\x7fELF": "a program",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
}
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Line:
    """A line of a file; `problem` says why its text cannot be used (too long, end of a damaged file)."""

    number: int  # from 1
    text: str
    problem: str = ""


def read_head(path: Path) -> str:
    """The file's first 64 kB as text. Raises IntakeError when the file is missing, empty, a folder or binary."""
    return decode_head(_text_head(path))


def decode_head(head: bytes) -> str:
    """A text file's first bytes as text, in the encoding that they show."""
    return head.decode(_encoding_of_head(head), "replace").lstrip("\ufeff")


def head_bytes(path: Path) -> bytes:
    """The file's first 64 kB, unpacked when it is gzip. Raises IntakeError when it is missing, empty or a folder."""
    with open_binary(path) as file:
        head = b""
        try:
            while len(head) < HEAD and (piece := file.read1(HEAD - len(head))):  # type: ignore[attr-defined]
                head += piece
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            if not head:
                raise IntakeError(f"{path}: the compressed file is damaged ({error})") from error
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise IntakeError(f"{path}: the file is empty")
    return head


def binary_kind(head: bytes) -> str:
    """What a file with these first bytes is, when it is no text: "a PDF", "a binary file"; "" for text."""
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            return what
    if _encoding_of_head(head) == "utf-8":
        control = sum(head.count(bytes([b])) for b in (*range(1, 9), *range(14, 27), 28, 29, 30, 31))
        if head.count(0) * 20 > len(head) or (control + head.count(0)) * 10 > len(head):
            return "a binary file"
    return ""


def read_lines(path: Path, cap: int = RECORD_CAP) -> Iterator[Line]:
    """The file's lines with their ends, longer ones cut to 20 kB with a problem and skipped without being held.

    Plain or gzip; UTF-8, UTF-16 or cp1252, told by content; what cannot be decoded becomes U+FFFD.
    """
    encoding = detect_encoding(path)
    number = 0
    with open_binary(path) as raw, io.TextIOWrapper(raw, encoding, "replace", newline="") as text:
        try:
            while line := text.readline(cap + 1):
                number += 1
                if number == 1:
                    line = line.lstrip("\ufeff")
                if len(line) <= cap:
                    yield Line(number, line)
                    continue
                kept = line[:20_000]
                while line and not line.endswith(("\n", "\r")):
                    line = text.readline(1 << 20)
                yield Line(number, kept, f"the line is longer than {cap:,} characters")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield Line(number + 1, "", f"the compressed file is damaged or cut off here ({error})")


def read_chunks(path: Path) -> Iterator[str]:
    """The file's text in pieces of 64 kB, for formats without lines. A damaged archive ends early, without a word."""
    with open_binary(path) as raw, io.TextIOWrapper(raw, detect_encoding(path), "replace") as text:
        try:
            while chunk := text.read(HEAD):
                yield chunk.lstrip("\ufeff")
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return


def open_binary(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked when it is gzip. Raises IntakeError for what cannot be opened."""
    try:
        if path.is_dir():
            raise IntakeError(f"{path}: this is a folder; name the files in it")
        with path.open("rb") as file:
            is_packed = file.read(2) == _GZIP
        if not is_packed:
            return path.open("rb")
        return io.BufferedReader(_Unpacked(path), 1 << 18)
    except FileNotFoundError:
        raise IntakeError(f"{path}: there is no such file") from None
    except OSError as error:
        raise IntakeError(f"{path}: the file cannot be read ({error.strerror or error})") from error


def detect_encoding(path: Path) -> str:
    """The name of the codec that fits the whole file: utf-8, utf-16 variants, else cp1252. Reads up to the first
    byte that is not UTF-8; one broken character in a file that otherwise is UTF-8 does not make it cp1252."""
    named = _encoding_of_head(_text_head(path))
    if named != "utf-8":
        return named
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_binary(path) as file:
        try:
            while chunk := file.read(1 << 20):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    text = chunk.decode("utf-8", "replace")
                    broken = text.count("\ufffd")
                    whole = sum(1 for c in text if c > "\x7f" and c != "\ufffd")
                    return "cp1252" if broken > whole else "utf-8"
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return "utf-8"  # read_lines meets the damage again and reports it with its line
    return "utf-8"


def is_blank(text: str) -> bool:
    """Whether nothing in a text can be seen: spaces, control, direction and zero-width characters."""
    return not any(c.isprintable() and not c.isspace() for c in text)


def mend(text: str) -> str:
    """The text without what no store or browser takes: NUL goes, lone surrogates become U+FFFD."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    return _SURROGATE.sub("\ufffd", text) if not text.isascii() else text


def _text_head(path: Path) -> bytes:
    head = head_bytes(path)
    if what := binary_kind(head):
        raise IntakeError(not_text(path, what))
    return head


def not_text(path: Path, what: str) -> str:
    """The message for a binary file that no reader takes."""
    how = "unpack it first, or export it" if "ZIP" in what or "archive" in what else "export it"
    return f"{path}: this is {what}, not a log that can be read; {how} as CSV or JSON Lines"


def _encoding_of_head(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:2000]
    if len(sample) >= 4:
        zeros_even, zeros_odd = sample[::2].count(0) * 2, sample[1::2].count(0) * 2
        if zeros_odd * 10 > len(sample) * 7 and zeros_even * 20 < len(sample):
            return "utf-16-le"
        if zeros_even * 10 > len(sample) * 7 and zeros_odd * 20 < len(sample):
            return "utf-16-be"
    return "utf-8"


class _Unpacked(io.RawIOBase):
    """A gzip file's content that refuses to unpack a bomb."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = gzip.open(path, "rb")  # noqa: SIM115  closed in close()
        self._cap = max(_UNPACKED_CAP, path.stat().st_size * _RATIO)
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed says WriteableBuffer
        chunk = self._file.read1(len(buffer))
        self._read += len(chunk)
        if self._read > self._cap:
            raise IntakeError(f"{self._path}: unpacks to more than {self._cap:,} bytes; this looks like a zip bomb")
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
