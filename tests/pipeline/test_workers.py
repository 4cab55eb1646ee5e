"""More workers at the door: the same inquiries in the same order, whoever does the work, and whoever dies of it."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from helploop.config import Settings
from helploop.domain import Inquiry, RawInquiry
from helploop.pipeline import intake
from helploop.pipeline.workers import LetIn, WorkerPool
from helploop.store import Store
from tests.conftest import NOON, make_inquiry

RAWS = [RawInquiry("test", str(i), f"text {i}") for i in range(240)]


def let_in(raws: Sequence[RawInquiry]) -> list[Inquiry]:
    """A door that says in which kind of process it stands."""
    where = "here" if multiprocessing.parent_process() is None else "there"
    return [make_inquiry(raw.text, title=where) for raw in raws]


def die(raws: Sequence[RawInquiry]) -> list[Inquiry]:
    """A door that kills whoever else uses it."""
    if multiprocessing.parent_process() is not None:
        os._exit(9)
    return let_in(raws)


def make() -> LetIn:
    """The door of another process."""
    return let_in


def make_deadly() -> LetIn:
    """The same, deadly."""
    return die


def in_order(inquiries: list[Inquiry]) -> bool:
    """Whether all are there, in their order."""
    return [inquiry.text for inquiry in inquiries] == [raw.text for raw in RAWS]


def test_short_logs_are_done_here() -> None:
    """No process is started for a few inquiries."""
    with WorkerPool(let_in, make) as workers:
        found = workers.take(RAWS).done()
    assert in_order(found) and {inquiry.title for inquiry in found} == {"here"}


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2 if hasattr(os, "sched_getaffinity") else False, reason="one core")
def test_long_logs_are_shared() -> None:
    """Another process has its part, two batches are under way at once, and the order stays."""
    with WorkerPool(let_in, make, after=0, most=1) as workers:
        works = [workers.take(RAWS), workers.take(RAWS)]
        found = [work.done() for work in works]
    assert all(map(in_order, found))
    assert {inquiry.title for inquiry in found[0]} == {"here", "there"}


def test_a_process_that_is_killed_loses_nothing() -> None:
    """What it had in hand, and everything after, is done here."""
    with WorkerPool(die, make_deadly, after=0, most=1) as workers:
        found = [workers.take(RAWS).done() for _ in range(3)]
    assert all(map(in_order, found)) and {inquiry.title for inquiry in found[2]} == {"here"}


def test_intake_gives_the_same_with_more_hands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store holds the same inquiries, and the counts are the same, however many workers there were."""
    file = tmp_path / "log.csv"
    rows = (f"{i},Where is parcel {i}? I am ann{i}@mail.example,ann{i % 9}@mail.example\n" for i in range(600))
    file.write_text("id,text,customer\n" + "".join(rows))
    stored, reports = [], []
    for site, after in (("one", 10_000), ("two", 100)):
        monkeypatch.setattr("helploop.pipeline.workers._WORTH_IT", after)
        settings = Settings(root=tmp_path / site)
        (tmp_path / site / ".helploop").mkdir(parents=True)
        (tmp_path / site / ".helploop" / "key").write_bytes(b"k" * 32)
        reports.append(intake(settings, [file], now=NOON))
        with Store(settings.database) as store:
            stored.append(store.inquiries())
    assert reports[0].as_json() == reports[1].as_json() and reports[0].stored == 600
    assert stored[0] == stored[1]


def test_nobody_stays_when_the_first_process_is_killed() -> None:
    """kill -9 of the first process ends the others, too."""
    code = (
        "import sys\n"
        "from helploop.pipeline.workers import WorkerPool\n"
        "from tests.pipeline.test_workers import RAWS, let_in, make\n"
        "if __name__ == '__main__':\n"
        "    workers = WorkerPool(let_in, make, after=0, most=1)\n"
        "    workers.take(RAWS).done()\n"
        "    print(*workers.processes(), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    root = Path(__file__).resolve().parents[2]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, **pipes) as first:
        assert first.stdout is not None
        others = [int(pid) for pid in first.stdout.readline().split()]
        first.kill()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}/stat").exists() for pid in others) and time.monotonic() < deadline:
        os.sched_yield()
    assert not [pid for pid in others if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may end between the look and the reading
        return False
