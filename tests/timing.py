"""Checks that work grows no faster than its text, on a machine of any speed."""

from __future__ import annotations

import time
from collections.abc import Callable

_GROWTH = 9.0  # of four times the text: 4 when linear, 16 when square
_SLOWEST = 20.0  # times slower than the machine the limits were written on
_TRIES = 3


def assert_linear(work: Callable[[str], object], text: str, seconds: float) -> None:
    """Fails when `work(text)` takes long: more than `seconds` of processor time, and the machine is not to blame.

    A slow or busy machine is told by the quarter of the text: four times as much may cost up to nine times as much.
    """
    if (took := _cpu_seconds(work, text)) < seconds:
        return
    assert took < seconds * _SLOWEST, f"{took:.2f} s for {text[:40]!r}"
    whole = min(took, *(_cpu_seconds(work, text) for _ in range(_TRIES)))
    quarter = min(_cpu_seconds(work, text[: len(text) // 4]) for _ in range(_TRIES))
    assert whole < max(seconds, _GROWTH * quarter), f"{whole:.2f} s, a quarter {quarter:.3f} s: {text[:40]!r}"


def _cpu_seconds(work: Callable[[str], object], text: str) -> float:
    """Of this process."""
    began = time.process_time()
    work(text)
    return time.process_time() - began
