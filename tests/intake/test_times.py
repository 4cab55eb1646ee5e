"""Times of all spellings come out as aware UTC, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helploop.intake.times import day_order, parse_time

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
        "06.07.2026 12:00",
        "6.7.26, 12:00 Uhr".removesuffix(" Uhr"),
        "2026/07/06 12:00:00",
        "Jul 6, 2026 12:00 PM",
        "July 6, 2026 at 12:00pm",
        "6 July 2026 14:00 +02:00",
        "06-Jul-2026 12:00:00.000",
        "Monday, July 6, 2026 12:00",
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


@pytest.mark.parametrize(
    ("written", "order", "month_day"),
    [
        ("13/04/2026", "", (4, 13)),
        ("04/13/2026 1:05 PM", "", (4, 13)),
        ("03/04/2026", "dmy", (4, 3)),
        ("03/04/2026", "mdy", (3, 4)),
        ("3-4-26", "dmy", (4, 3)),
        ("4/4/2026", "", (4, 4)),
        ("13/04/2026", "mdy", (4, 13)),
    ],
)
def test_slashed_dates_are_read_in_their_order(written: str, order: str, month_day: tuple[int, int]) -> None:
    """A number above 12 is the day; else the order is what the column or the mapping says."""
    at = parse_time(written, order)
    assert at is not None and (at.month, at.day) == month_day


def test_a_date_that_could_be_either_is_refused() -> None:
    """It is said how to decide it."""
    with pytest.raises(ValueError, match='date_order = "dmy" or "mdy"'):
        parse_time("03/04/2026 12:00")


def test_a_column_shows_its_order() -> None:
    """One date with a number above 12 tells for all."""
    assert day_order(["03/04/2026", None, "31/04/2026"]) == "dmy"
    assert day_order(["3/4/26 1:00 PM", "3/24/26"]) == "mdy"
    assert day_order(["03/04/2026", "2026-07-06", 7]) == ""


@pytest.mark.parametrize("probe", ["1" * 60, "1/" * 30, "a" * 60, "Mon, " * 12, "1 jan 2026 " * 5, " " * 59 + "1"])
def test_probes_end_at_once(probe: str) -> None:
    """No pattern is slow on what is no time."""
    with pytest.raises(ValueError, match="time"):
        parse_time(probe)
