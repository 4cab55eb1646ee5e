"""Hostile files, taken in as a user does: every record is accounted for, and nothing else happens."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from helploop.cli import main
from helploop.config import Settings
from helploop.domain import Inquiry
from helploop.intake import Quarantine, QuarantinedRow
from helploop.store import Store

SECONDS = 10.0  # of processor time for one hostile file: docs/measured.md's cap for one mail


@dataclass(frozen=True)
class Taken:
    """What became of a file."""

    exit_code: int
    said: str  # on stderr
    counts: dict[str, Any]
    inquiries: tuple[Inquiry, ...]  # in the store, by source id
    rows: tuple[QuarantinedRow, ...]

    @property
    def texts(self) -> list[str]:
        """The stored texts."""
        return [inquiry.text for inquiry in self.inquiries]

    @property
    def reasons(self) -> list[str]:
        """`file:line (record N): why` of each quarantined row."""
        return [f"{row.file}:{row.line} (record {row.record}): {row.reason}" for row in self.rows]


def take(folder: Path, name: str, content: bytes | str, *options: str) -> Taken:
    """A file with this content through `helploop intake`: what it says, stores and quarantines.

    Checks what must hold for every file: the counts add up and are what store and quarantine hold, exit code 0
    (with --strict 3 when a row was quarantined), a second time changes nothing, within seconds.
    """
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return take_path(folder, path, *options)


def take_path(folder: Path, path: Path, *options: str) -> Taken:
    """The same for a file or folder that is there."""
    site = folder / "site"
    site.mkdir(exist_ok=True)
    began = time.process_time()
    taken = _intake(site, path, *options)
    assert time.process_time() - began < SECONDS
    if taken.exit_code:
        assert taken.said.count("\n") == 1 and taken.said.startswith("helploop: "), taken.said
        assert taken.inquiries == () and taken.rows == ()
        return taken
    counts = taken.counts
    done = [
        counts["stored"],
        counts["updated"],
        counts["duplicates"],
        counts["quarantined"],
        *counts["ignored"].values(),
    ]
    assert counts["read"] == sum(done)
    assert counts["stored"] == len(taken.inquiries) and counts["quarantined"] == len(taken.rows)
    again = _intake(site, path, "--strict", *options)
    assert again.exit_code == (3 if taken.rows else 0)
    assert again.counts["stored"] == again.counts["updated"] == 0 and again.counts["read"] == counts["read"]
    assert (again.inquiries, again.rows) == (taken.inquiries, taken.rows)
    return taken


def _intake(site: Path, path: Path, *options: str) -> Taken:
    arguments = ["-C", str(site), "intake", str(path), "--json", *options]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    counts = json.loads(done.stdout) if done.stdout else {}
    with Store(Settings(root=site).database) as store:
        inquiries = tuple(sorted(store.inquiries(), key=lambda inquiry: inquiry.source_id))
    rows = tuple(Quarantine(site / ".helploop" / "quarantine").rows())
    return Taken(done.exit_code, done.stderr, counts, inquiries, rows)


def command(site: Path, *arguments: str) -> list[str]:
    """The command line of a helploop process of its own."""
    return [sys.executable, "-c", "from helploop.cli import main; main()", "-C", str(site), *arguments]


def peak_megabytes(site: Path, *arguments: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    """The largest resident size of a helploop process that ran alone, and how it ended."""
    # Children's maxrss is the largest of all so far: a process between them has had this one child only.
    code = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:])\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
        "sys.exit(done.returncode)"
    )
    line = [sys.executable, "-c", code, *command(site, *arguments)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    *said, size = done.stderr.splitlines()
    megabytes = float(size) / (1024 * 1024 if sys.platform == "darwin" else 1024)  # bytes there, kilobytes elsewhere
    return megabytes, subprocess.CompletedProcess(line, done.returncode, done.stdout, "\n".join(said))
