"""Intake killed, stopped, starved or shut out: one line, an exit code, and a rerun ends as if nothing had happened."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import pytest

from helploop.config import Settings
from helploop.intake import Quarantine
from helploop.store import Store
from tests.intake.hostile import command

RECORDS = 2_000


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 2,000 records, every hundredth broken."""
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    with path.open("w") as out:
        for number in range(RECORDS):
            text = f"Where is parcel {number} that I ordered for my sister?"
            out.write(json.dumps({"id": number, "text": text})[: 30 if number % 100 == 0 else None] + "\n")
    return path


@pytest.fixture(scope="module")
def undisturbed(log: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    """What an intake that nothing happens to leaves behind."""
    site = tmp_path_factory.mktemp("undisturbed")
    assert run(site, log).returncode == 0
    return state(site)


def run(site: Path, log: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """An intake in a process of its own, to its end."""
    line = command(site, "intake", str(log))
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120, **options)


def halted(site: Path, log: Path, stored: int) -> subprocess.Popen[str]:
    """An intake in a process of its own, halted when it has stored so many inquiries and not yet all.

    A busy machine may look too late: then it is begun anew.
    """
    for _ in range(20):
        line = command(site, "intake", str(log))
        process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
        while process.poll() is None and counted(site) < stored:
            pass
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)
        if process.poll() is None and counted(site) < RECORDS - RECORDS // 100:
            return process
        process.kill()
        process.communicate()
        shutil.rmtree(site / ".helploop")
    raise AssertionError("twenty intakes in a row ended before they could be halted")


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """Tests that a shell put into the background would pass on to their processes that it is to be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def counted(site: Path) -> int:
    """How many inquiries are stored, seen from outside."""
    path = site / ".helploop" / "helploop.db"
    if not path.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            return int(connection.execute("SELECT count(*) FROM inquiries").fetchone()[0])
    except sqlite3.Error:
        return 0


def state(site: Path) -> object:
    """All that intake leaves: inquiries and quarantined rows, without the key's hashes and the clock's time."""
    with Store(Settings(root=site).database) as store:
        inquiries = [astuple(replace(inquiry, customer_key="")) for inquiry in store.inquiries()]
    rows = Quarantine(site / ".helploop" / "quarantine").rows()
    return inquiries, [replace(row, at="") for row in rows]


def one_line(said: str) -> bool:
    """Whether the message is a line of ours and no traceback."""
    return said.startswith("helploop") and said.count("\n") == 1


@pytest.mark.parametrize("stored", [1, 800, 1_400])
def test_kill_9(log: Path, undisturbed: object, tmp_path: Path, stored: int) -> None:
    """Whatever was under way is done again, nothing twice."""
    process = halted(tmp_path, log, stored)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL and 0 < counted(tmp_path) < RECORDS - RECORDS // 100
    assert run(tmp_path, log).returncode == 0
    assert state(tmp_path) == undisturbed


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped(log: Path, undisturbed: object, tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Ctrl-C and a service manager's stop: one line says that the same command goes on."""
    process = halted(tmp_path, log, 500)
    process.send_signal(number)
    process.send_signal(signal.SIGCONT)
    _, said = process.communicate()
    assert process.returncode == code and one_line(said) and said.startswith("helploop intake: stopped")
    assert run(tmp_path, log).returncode == 0
    assert state(tmp_path) == undisturbed


def test_two_at_once(log: Path, undisturbed: object, tmp_path: Path) -> None:
    """Both end well; together they store what one would."""
    both = [subprocess.Popen(command(tmp_path, "intake", str(log), "--json"), stdout=subprocess.PIPE) for _ in "ab"]
    counts = [json.loads(process.communicate()[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(count["stored"] for count in counts) == RECORDS - RECORDS // 100
    assert all(c["read"] == c["stored"] + c["updated"] + c["duplicates"] + c["quarantined"] == RECORDS for c in counts)
    assert state(tmp_path) == undisturbed


@pytest.mark.parametrize("kilobytes", [1, 200, 600])
def test_disk_full(log: Path, undisturbed: object, tmp_path: Path, kilobytes: int) -> None:
    """No file can grow beyond so much: the file that could not is named, and with room the rerun ends well."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, resource.RLIM_INFINITY))

    done = run(tmp_path, log, preexec_fn=limited)
    assert done.returncode == 1 and one_line(done.stderr) and ".helploop/" in done.stderr, done.stderr
    assert run(tmp_path, log).returncode == 0
    assert state(tmp_path) == undisturbed


def _obey_permissions() -> None:
    """For root: gives up CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, so that modes hold for it, too (prctl(2))."""
    if os.geteuid() == 0:
        for capability in (1, 2):
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform != "linux", reason="root may write everywhere here")
@pytest.mark.parametrize("kind", ["site", "state", "database", "quarantine", "log"])
def test_read_only(log: Path, tmp_path: Path, kind: str) -> None:
    """What may not be written (or read) is named; nothing else happened."""
    site, own = tmp_path / "site", tmp_path / "log.jsonl"
    own.write_bytes(log.read_bytes())
    state_folder = site / ".helploop"
    state_folder.mkdir(parents=True)
    shut = {"site": site, "state": state_folder, "database": state_folder / "helploop.db",
            "quarantine": state_folder / "quarantine" / "log.jsonl.jsonl", "log": own}[kind]  # fmt: skip
    if kind == "site":
        state_folder.rmdir()
    elif kind in ("database", "quarantine"):
        assert run(site, own).returncode == 0
        own.write_text('{"text": \n{"text": "Where is it?"}\n')
    mode = shut.stat().st_mode
    shut.chmod(0o555 if shut.is_dir() else 0o000 if kind == "log" else 0o444)
    done = run(site, own, preexec_fn=_obey_permissions)
    shut.chmod(mode)
    assert done.returncode == 1 and one_line(done.stderr) and str(shut) in done.stderr, done.stderr


@pytest.mark.parametrize("damage", ["garbage", "cut"])
def test_damaged_database(log: Path, undisturbed: object, tmp_path: Path, damage: str) -> None:
    """It is named with what to do; deleted, the log comes in again."""
    assert run(tmp_path, log).returncode == 0
    path = tmp_path / ".helploop" / "helploop.db"
    content = path.read_bytes()
    path.write_bytes(b"no database at all" * 1_000 if damage == "garbage" else content[: len(content) // 2])
    for name in ("helploop.db-wal", "helploop.db-shm"):
        path.with_name(name).unlink(missing_ok=True)
    done = run(tmp_path, log)
    assert done.returncode == 1 and one_line(done.stderr) and str(path) in done.stderr
    if damage == "garbage":
        path.unlink()
        assert run(tmp_path, log).returncode == 0
        assert state(tmp_path) == undisturbed
