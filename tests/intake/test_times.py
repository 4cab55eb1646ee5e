"""Times of all spellings come out as aware UTC, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helploop.intake.times import parse_time

NOON = datetime(2026, 7, 6, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-07-06T12:00:00Z",
        "2026-07-06 12:00",
        "2026-07-06T14:00:00+02:00",
        "2026-07-06 12:00:00 UTC",
        1783339200,
        "1783339200",
        1783339200000,
        "1783339200.0",
        "Mon, 06 Jul 2026 14:00:00 +0200",
    ],
)
def test_times_are_read(written: object) -> None:
    """ISO, epoch in seconds and milliseconds, RFC 2822; a naive one is UTC."""
    assert parse_time(written) == NOON


@pytest.mark.parametrize("written", ["", None, "  "])
def test_no_time_is_none(written: object) -> None:
    """An empty cell is an unknown time."""
    assert parse_time(written) is None


@pytest.mark.parametrize("written", ["yesterday", "0001-01-01", True, [1], "9" * 16, "x" * 100, float("inf")])
def test_other_things_are_refused(written: object) -> None:
    """What cannot be a time of a support log is an error, not a guess."""
    with pytest.raises(ValueError, match="time"):
        parse_time(written)
