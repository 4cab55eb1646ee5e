"""cells: neighbours among very many rows are nearly those of comparing all, and the same each time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.cells import _make_cells, _nearest_centre, nearest_in_cells
from helploop.clustering.vectors import largest, unit_rows


def _rows(count: int) -> NDArray[np.float32]:
    generator = np.random.default_rng(5)
    centres = generator.standard_normal((60, 24))
    near = centres[generator.integers(0, 60, count)] + 0.8 * generator.standard_normal((count, 24))
    return unit_rows(near.astype(np.float32))


def test_neighbours_are_nearly_all_found() -> None:
    """At least .95 of the six nearest of 3,000 rows are found, nearest first, never the row itself."""
    rows = _rows(3_000)
    found, values = nearest_in_cells(rows, 6, seed=7)
    similar = rows @ rows.T
    np.fill_diagonal(similar, -2.0)
    exact = largest(similar, 6)[0]
    shares = [len(set(mine) & set(theirs)) / 6 for mine, theirs in zip(found.tolist(), exact.tolist(), strict=True)]
    assert np.mean(shares) >= 0.95
    assert not (found == np.arange(3_000)[:, None]).any()
    assert (np.diff(values, axis=1) <= 0).all()
    assert np.allclose(values, np.take_along_axis(similar, found, axis=1), atol=1e-5)
    again = nearest_in_cells(rows, 6, seed=7)
    assert (again[0].tobytes(), again[1].tobytes()) == (found.tobytes(), values.tobytes())


def test_row_alone_in_its_cells_is_compared_with_all() -> None:
    """Twenty rows asked for nineteen neighbours: every other row is one."""
    found, _ = nearest_in_cells(_rows(20), 19, seed=7)
    assert [sorted(row) for row in found.tolist()] == [[i for i in range(20) if i != row] for row in range(20)]


def test_cells_stay_small_when_a_third_of_the_log_asks_nothing() -> None:
    """Rows that only share the log's direction are spread: no cell holds more than 36 of 1,000."""
    generator = np.random.default_rng(6)
    shared = generator.standard_normal(64)
    noise = unit_rows((shared + 1.5 * generator.standard_normal((1_000, 64))).astype(np.float32))
    centres = shared + 1.5 * generator.standard_normal((40, 64))
    asked = centres[generator.integers(0, 40, 2_000)] + 0.8 * generator.standard_normal((2_000, 64))
    rows = np.concatenate([noise, unit_rows(asked.astype(np.float32))])
    sizes = np.bincount(_nearest_centre(noise, *_make_cells(rows, 110, seed=7)))
    assert sizes.max() <= 36  # 24; cells by the rows themselves, not from their mean: 52
