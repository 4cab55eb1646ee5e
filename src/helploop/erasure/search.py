"""The byte search: every file, compressed ones too, and every version of kb/ that git still has."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

from helploop.erasure.files import files_below
from helploop.erasure.needles import Needles, What
from helploop.errors import StoreError

CHUNK = 16_000_000  # bytes looked at together
_NEAR = 64  # bytes: finds as near as this are one
_GIT_SECONDS = 600
_BLOBS = 200  # versions of files asked of git at once


@dataclass(frozen=True)
class Found:
    """Something that is there, and where."""

    file: str  # its path in the site's folder, or the database's table
    offset: int  # of its first byte; in a compressed file, of what is in it
    what: What
    bytes: int = 0


@dataclass(frozen=True)
class FoundInCommit:
    """Something that a commit brought into kb/: it stays in the repository until its history is rewritten."""

    commit: str  # "index" for what is staged
    file: str
    what: What


@dataclass(frozen=True)
class Searched:
    """What was found in files, and how much was looked at."""

    found: tuple[Found, ...]
    files: int
    bytes: int


def search_files(root: Path, folders: Iterable[Path], needles: Needles, besides: Iterable[Path] = ()) -> Searched:
    """Looks into every file of the folders but those `besides`. Raises StoreError for a file that cannot be read."""
    found: list[Found] = []
    left_out = {path.resolve() for path in besides}
    files = read = 0
    for path in sorted({path for folder in folders for path in _files(folder)}):
        if path.resolve() in left_out:
            continue
        files += 1
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        try:
            read += path.stat().st_size
            found += _search_file(path, name, needles)
        except FileNotFoundError:
            continue  # another process took it away meanwhile
        except OSError as error:
            raise StoreError(f"{path}: cannot be read ({error.strerror}); nothing can be said about it") from error
    return Searched(tuple(found), files, read)


def search_bytes(data: bytes, name: str, needles: Needles, *, offset: int = 0, is_text: bool = True) -> list[Found]:
    """The finds in one piece of data, near ones of a kind joined, by offset."""
    runs: dict[What, list[tuple[int, int]]] = {}
    for hit in needles.find(data, is_text=is_text):
        spans = runs.setdefault(hit.needle.what, [])
        if spans and hit.start - spans[-1][1] <= _NEAR:
            spans[-1] = min(spans[-1][0], hit.start), max(spans[-1][1], hit.end)
        else:
            spans.append((hit.start, hit.end))
    found = [Found(name, offset + start, what, end - start) for what, spans in runs.items() for start, end in spans]
    return sorted(found, key=lambda one: (one.offset, one.what))


def search_history(root: Path, needles: Needles) -> tuple[FoundInCommit, ...] | None:
    """What is in any version of kb/ that git has: all branches, stashes, the reflog and what is staged.

    None where kb/ is in no git repository, or git is not installed.
    """
    git = shutil.which("git")
    if git is None or _run(git, root, "rev-parse", "--git-dir", may_fail=True) is None:
        return None
    brought = _blobs_of_commits(git, root)
    names = sorted(brought)
    found: dict[FoundInCommit, None] = {}
    for start in range(0, len(names), _BLOBS):
        for name, data in _read_blobs(git, root, names[start : start + _BLOBS]):
            whats = {hit.needle.what for hit in needles.find(data)}
            found.update((FoundInCommit(*place, what), None) for place in brought[name] for what in sorted(whats))
    return tuple(sorted(found, key=lambda one: (one.file, one.commit, one.what)))


def _files(folder: Path) -> Iterator[Path]:
    return files_below(folder) if folder.is_dir() else iter([folder] if folder.is_file() else [])


def _search_file(path: Path, name: str, needles: Needles) -> list[Found]:
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        found = _search_stream(file, name, needles)
    if is_gzip:
        try:
            with gzip.open(path) as unpacked:
                found += _search_stream(unpacked, name, needles)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            pass  # what is damaged was looked at as it is
    return found


def _search_stream(file: BufferedIOBase, name: str, needles: Needles) -> list[Found]:
    found: dict[tuple[int, What], Found] = {}
    before, offset, is_text = b"", 0, True
    overlap = needles.longest + _NEAR
    while chunk := file.read(CHUNK):
        is_text = is_text and b"\0" not in chunk
        data = before + chunk
        for one in search_bytes(data, name, needles, offset=offset - len(before), is_text=is_text):
            found.setdefault((one.offset, one.what), one)
        offset += len(chunk)
        before = data[-overlap:]
    return list(found.values())


def _blobs_of_commits(git: str, root: Path) -> dict[str, list[tuple[str, str]]]:
    """Of each version of a file, the commits that brought it and its path there."""
    brought: dict[str, list[tuple[str, str]]] = {}
    commit = ""
    options = ("--all", "--reflog", "-m", "--root", "--raw", "--no-abbrev", "--no-renames", "-z", "--format=%x01%H")
    log = _run(git, root, "log", *options, "--", "kb", may_fail=True) or b""  # a repository without commits has none
    parts = log.decode("utf-8", "surrogateescape").split("\0")
    blob = ""
    for part in parts:
        text = part.strip("\n")
        if text.startswith("\x01"):
            commit, _, text = text[1:].partition("\n")
            text = text.strip("\n")
        if text.startswith(":"):
            blob = text.split(" ")[3]
        elif text and blob:
            if blob.strip("0"):
                brought.setdefault(blob, []).append((commit, text))
            blob = ""
    staged = _run(git, root, "ls-files", "-s", "-z", "--", "kb", may_fail=True) or b""
    for line in staged.decode("utf-8", "surrogateescape").split("\0"):
        facts, _, path = line.partition("\t")
        if path and (name := facts.split(" ")[1]) not in brought:
            brought[name] = [("index", path)]
    return brought


def _read_blobs(git: str, root: Path, names: list[str]) -> Iterator[tuple[str, bytes]]:
    data = _run(git, root, "cat-file", "--batch", given="".join(name + "\n" for name in names).encode()) or b""
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        facts = data[at:end].split(b" ")
        at = end + 1
        if len(facts) == 3:  # else: missing, in a shallow clone
            size = int(facts[2])
            yield facts[0].decode(), data[at : at + size]
            at += size + 1


def _run(git: str, root: Path, *arguments: str, given: bytes = b"", may_fail: bool = False) -> bytes | None:
    command = [git, "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=_GIT_SECONDS)  # noqa: S603 (git, fixed arguments)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StoreError(f"git {arguments[0]} did not end in {root}: {error}") from error
    if done.returncode == 0:
        return done.stdout
    if may_fail:
        return None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    raise StoreError(f"git {arguments[0]} failed in {root}: {said[-1] if said else done.returncode}")
