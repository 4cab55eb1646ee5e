"""The build: gate, a new site beside the old one, a look at what came out, and one step that puts it in place.

`mkdocs build` into a served folder is not crash-safe: kill -9 left 0 of 116 files in 7 of 8 runs (docs/measured). Here
the
old site is whole until the new one is, whatever happens in between.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import html
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helploop.domain import Problem
from helploop.errors import BuildError, GateError
from helploop.helpsite.check import Inspection, inspect
from helploop.helpsite.rendering import CONFIG_FILE

_LOADED = re.compile(
    r"<(script|link|img|iframe|source|video|audio|embed|object|track)\b((?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>", re.I
)
_ADDRESS = re.compile(r"\b(src|href|srcset|data|poster)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_NOT_FETCHED = re.compile(r"\brel\s*=\s*[\"']?(?:canonical|alternate|next|prev|author|license)\b", re.IGNORECASE)
_FOREIGN_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?\s*((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)
_PAGE_IN_LOG = re.compile(r"(?:Error (?:building|reading) page|page) '([^']+\.md)'")
_NOTE = re.compile(r"^INFO +- +helploop: (.+)$", re.MULTILINE)  # as get_plugin_logger writes
_AT_FDCWD, _EXCHANGE, _MAC_SWAP = -100, 2, 2  # linux/fcntl.h, linux/fs.h; RENAME_SWAP of macOS' sys/stdio.h


class GateRefusedError(GateError):
    """The gate's problems keep the site from being built; `problems` has them all."""

    def __init__(self, problems: tuple[Problem, ...]):
        self.problems = problems
        lines = (f"{found.file}:{found.line}: {found.message} [{found.rule}]" for found in problems)
        super().__init__("\n".join((f"{len(problems)} problems keep this site from being published", *lines)))


@dataclass(frozen=True)
class BuildResult:
    """What was built."""

    pages: int  # pages and articles
    articles: int
    seconds: float
    files: int
    out: Path
    notes: tuple[str, ...] = ()  # what the plugin had to say, and what does not keep the site from being published


def build(site_root: Path, out: Path | None = None) -> BuildResult:
    """Checks and builds the site in a folder into `out` (by default the `site` folder in it), in one step at the end.

    Raises:
        ConfigError: there is no site in the folder.
        GateRefusedError: the gate's problems, in `.problems`.
        BuildError: another build is running, MkDocs failed (the article is named), or what came out is not whole.
            The old site stands as it was.
    """
    started = time.monotonic()
    site_root = site_root.resolve()
    target = (out or site_root / "site").resolve()
    _check_target(target, site_root)
    with _lock(site_root):
        inspection = inspect(site_root)
        if inspection.problems:
            raise GateRefusedError(inspection.problems)
        for left in target.parent.glob(f".{target.name}.new-*"):  # of builds that were killed: we hold the lock
            shutil.rmtree(left, ignore_errors=True)
        new = target.with_name(f".{target.name}.new-{os.getpid()}")
        try:
            notes = _run_mkdocs(inspection, new)
            mistakes = find_site_mistakes(new)
            if mistakes:
                raise BuildError(f"the new site is not fit to be published: {'; '.join(mistakes[:5])}")
            files = sum(1 for path in new.rglob("*") if path.is_file())
            swap(new, target)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    seconds = time.monotonic() - started
    return BuildResult(len(inspection.sources), len(inspection.articles), seconds, files, target, notes)


def find_site_mistakes(site: Path) -> list[str]:
    """What is wrong with a built site: no home page, no search index, a page that asks another host for anything."""
    mistakes = []
    if not (site / "index.html").is_file():
        mistakes.append("it has no home page")
    indexes = sorted(site.glob("assets/helploop/index.*.json"))
    if len(indexes) != 1:
        mistakes.append("it has no search index: is the plugin helploop in mkdocs.yml, and the theme material?")
    for path in indexes:
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            mistakes.append(f"its search index {path.name} cannot be read")
    for path in sorted(site.rglob("*")):
        if path.suffix in {".html", ".css"}:
            text = path.read_text(encoding="utf-8", errors="replace")
            found = find_foreign_requests(text) if path.suffix == ".html" else _FOREIGN_STYLE.findall(text)
            mistakes += [f"{path.relative_to(site).as_posix()} asks another host: {address}" for address in found]
    return mistakes


def find_foreign_requests(page: str) -> list[str]:
    """The addresses on other hosts that a browser fetches with a page; links that wait for a click are none."""
    found = []
    for tag in _LOADED.finditer(page):
        if tag.group(1).lower() == "link" and _NOT_FETCHED.search(tag.group(2)):
            continue
        for match in _ADDRESS.finditer(tag.group(2)):
            address = html.unescape(match.group(2) or match.group(3) or match.group(4) or "").strip()
            if re.match(r"(?:https?:)?//", address, re.IGNORECASE):
                found.append(address)
    return found + _FOREIGN_STYLE.findall("".join(re.findall(r"<style\b[^>]*>(.*?)</style>", page, re.DOTALL)))


def swap(new: Path, target: Path) -> None:
    """Puts a folder into another's place in one step; what stood there stands in `new` then.

    Linux (renameat2) and macOS (renamex_np) exchange two folders at once. On a file system that cannot, two renames
    follow one another: for that moment there is no site, and if the second fails the first is taken back.

    Raises:
        BuildError: neither was possible; the old folder is in its place.
    """
    try:
        if not target.exists():
            new.rename(target)
        elif not _exchange(new, target):
            aside = new.with_name(f"{new.name}.old")
            target.rename(aside)
            try:
                new.rename(target)
            except OSError:
                aside.rename(target)
                raise
            aside.rename(new)
    except OSError as error:
        raise BuildError(f"{target}: the new site cannot be put here: {error.strerror}; the old one stands") from error


def _exchange(one: Path, other: Path) -> bool:
    """Whether the system could exchange two paths in one step."""
    library = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(one), os.fsencode(other)
    if hasattr(library, "renameat2"):
        code = library.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], ctypes.c_uint(_EXCHANGE))
    elif hasattr(library, "renamex_np"):
        code = library.renamex_np(*paths, ctypes.c_uint(_MAC_SWAP))
    else:
        return False
    if code == 0:
        return True
    number = ctypes.get_errno()
    if number in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}:  # the file system cannot
        return False
    raise OSError(number, os.strerror(number), str(other))


def _check_target(target: Path, site_root: Path) -> None:
    """A build replaces the whole folder: it must be a site, or nothing."""
    if target == site_root or target in site_root.parents or (site_root / "kb") in (target, *target.parents):
        raise BuildError(f"{target}: the site cannot be built here: it would replace what it is made of")
    if target.is_file():
        raise BuildError(f"{target}: is a file; name a folder")
    is_site = (target / "index.html").is_file() and (target / "assets").is_dir()
    if target.is_dir() and any(target.iterdir()) and not is_site:
        raise BuildError(f"{target}: holds something that is not a built site; empty it or name another folder")


@contextlib.contextmanager
def _lock(site_root: Path) -> Iterator[None]:
    """One build of a site at a time. The system lets go of the lock when its process dies, however it dies."""
    path = site_root / ".helploop" / "build.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise BuildError(f"{path}: cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "r+", encoding="ascii", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = file.read(20).strip() or "unknown"
            raise BuildError(
                f"another build of this site is running (process {pid}): wait for it, then try again"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _run_mkdocs(inspection: Inspection, new: Path) -> tuple[str, ...]:
    """What the plugin noted. MkDocs has a process of its own: whatever it does there, we can still tell the article."""
    root = inspection.site.root
    command = [sys.executable, "-P", "-m", "mkdocs", "build", "--strict", "-f", str(root / CONFIG_FILE), "-d", str(new)]
    environment = {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "315532800", **os.environ}
    try:
        new.parent.mkdir(parents=True, exist_ok=True)
        run = subprocess.run(  # noqa: S603 - our own interpreter, no shell
            command, cwd=root, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise BuildError(f"MkDocs cannot be started: {error.strerror}") from error
    if run.returncode:
        raise BuildError(_explain(run.stderr or run.stdout, inspection))
    return tuple(_NOTE.findall(run.stderr))


def _explain(log: str, inspection: Inspection) -> str:
    """MkDocs' log as one line that names the article."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    docs = inspection.site.docs.relative_to(inspection.site.root).as_posix()
    page = next((match.group(1) for line in lines if (match := _PAGE_IN_LOG.search(line))), "")
    told = [line for line in lines if re.match(r"(?:ERROR|WARNING|Error)\b", line)]
    reason = re.sub(r"^(?:ERROR|WARNING)\s*-\s*", "", told[0] if told else (lines[-1] if lines else "no reason given"))
    last = lines[-1] if lines and told and lines[-1] not in told and not lines[-1].startswith("Aborted") else ""
    where = f"{docs}/{page}: " if page else ""
    return f"{where}MkDocs could not build the site: {reason}{': ' + last if last else ''}; the old site stands"
