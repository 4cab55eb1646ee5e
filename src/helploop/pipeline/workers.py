"""Worker processes for the door: cleaning, redacting and triaging on every core, once a log is long enough.

What comes out is the same, in the same order, however many there are.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from types import TracebackType

from helploop.domain import Inquiry, RawInquiry

LetIn = Callable[[Sequence[RawInquiry]], list[Inquiry]]

_WORTH_IT = 2_000  # inquiries that come in before workers are started: a process takes about 2 s to start
_CHUNK = 50  # inquiries that a process gets at once
_OWN = 4  # chunks of a batch of 500 that are done here, to begin with
_MOST = 4  # processes besides this one; each holds about 120 MB


class WorkerPool:
    """Lets inquiries in, here and in processes of their own. Use as a context: the processes end with it.

    make_let_in: makes the function anew in each process; must be picklable, and so must what comes in and out.
    """

    def __init__(
        self, let_in: LetIn, make_let_in: Callable[[], LetIn], after: int | None = None, most: int = _MOST
    ) -> None:
        self._let_in = let_in
        self._make_let_in = make_let_in
        self._after = _WORTH_IT if after is None else after
        self._most = min(most, _cores() - 1)
        self._seen = 0
        self._own = _OWN
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> WorkerPool:
        """The pool itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Ends the workers; what they are at is dropped."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def take(self, raws: Sequence[RawInquiry]) -> PendingInquiries:
        """Begins to let these in; the result is asked for later, while the next ones are read."""
        self._seen += len(raws)
        if self._pool is None and self._seen > self._after and self._most > 0:
            self._pool = self._started()
        chunks = [raws[i : i + _CHUNK] for i in range(0, len(raws), _CHUNK)]
        given: list[Future[list[Inquiry]]] = []
        if self._pool is not None:
            try:
                given = [self._pool.submit(_let_in_all, chunk) for chunk in chunks[: len(chunks) - self._own]]
            except (BrokenProcessPool, RuntimeError):  # a process was killed: its share is done here
                self._most = 0
        return PendingInquiries(self, chunks, given)

    def here(self, raws: Sequence[RawInquiry]) -> list[Inquiry]:
        """Lets them in here and now."""
        return self._let_in(raws)

    def share(self, *, waited: bool) -> None:
        """This process takes more next time when it had to wait, else less: it reads and stores besides."""
        self._own = max(0, self._own + (1 if waited else -1))

    def processes(self) -> list[int]:
        """The workers' process ids."""
        return [child.pid for child in multiprocessing.active_children() if child.pid] if self._pool else []

    def _started(self) -> ProcessPoolExecutor | None:
        try:
            context = multiprocessing.get_context("spawn")  # forking would copy open databases and threads
            return ProcessPoolExecutor(self._most, context, _begin, (self._make_let_in,))
        except (OSError, ImportError, NotImplementedError):  # no semaphores here: one process will do
            self._most = 0
            return None


class PendingInquiries:
    """Inquiries on their way in: the first chunks in the other processes, the last ones here."""

    def __init__(
        self, workers: WorkerPool, chunks: Sequence[Sequence[RawInquiry]], given: Sequence[Future[list[Inquiry]]]
    ) -> None:
        self._pool, self._chunks, self._given = workers, chunks, given

    def done(self) -> list[Inquiry]:
        """The inquiries, in their order."""
        last = [self._pool.here(chunk) for chunk in self._chunks[len(self._given) :]]
        if self._given:
            self._pool.share(waited=not self._given[-1].done())
        first = []
        for chunk, future in zip(self._chunks, self._given, strict=False):
            try:
                first.append(future.result())
            except BrokenProcessPool:
                first.append(self._pool.here(chunk))
        return [inquiry for chunk in (*first, *last) for inquiry in chunk]


_here: dict[str, LetIn] = {}  # in a process of its own: what it was made for


def _begin(make_let_in: Callable[[], LetIn]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process: it ends the workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _here["let_in"] = make_let_in()


def _let_in_all(raws: Sequence[RawInquiry]) -> list[Inquiry]:
    return _here["let_in"](raws)


def _end_with_parent() -> None:
    """Whoever kills the first process (even with -9) leaves none behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
