"""vectors: the largest values of a row are found without sorting the row."""

from __future__ import annotations

import numpy as np
import pytest

from helploop.clustering.vectors import different_rows, largest, plain_sums, products, sums_by_label, unit_rows


@pytest.mark.parametrize(("width", "count"), [(3, 3), (40, 5), (900, 6), (5_003, 10)])
def test_largest_is_what_sorting_gives(width: int, count: int) -> None:
    """Values and columns are those of a full sort, the lower column first among equals."""
    values = np.random.default_rng(3).standard_normal((17, width)).astype(np.float32)
    columns, found = largest(values, count)
    wanted = np.lexsort((np.broadcast_to(np.arange(width), values.shape), -values), axis=1)[:, :count]
    assert np.array_equal(columns, wanted)
    assert np.array_equal(found, np.take_along_axis(values, wanted, axis=1))


@pytest.mark.parametrize("is_tied", [False, True])
def test_different_rows_are_those_of_unique(is_tied: bool) -> None:
    """The same rows in the same order, doubles left out, whether or not the first column tells all of them apart."""
    rows = np.random.default_rng(4).standard_normal((60, 5)).astype(np.float32)
    rows[20:30] = rows[:10]
    if is_tied:
        rows[40:50, 0] = rows[39, 0]
    assert different_rows(rows).tobytes() == np.unique(rows, axis=0).tobytes()
    assert len(different_rows(rows)) == 50
    assert different_rows(rows[:0]).shape == (0, 5)


@pytest.mark.parametrize("labels", [1, 40, 20_000])
def test_sums_are_those_of_all_rows_at_once(labels: int) -> None:
    """To the byte, whether a label is longer than a part or a part has many; `plain_sums` leaves out rows below 0."""
    generator = np.random.default_rng(5)
    of_row = generator.permutation(np.concatenate([np.arange(labels), generator.integers(0, labels, 40_000)]))
    rows = generator.standard_normal((len(of_row), 3)).astype(np.float32)
    weights = generator.random(len(rows)) + 1.0
    order = np.argsort(of_row, kind="stable")
    starts = np.searchsorted(of_row[order], np.arange(labels))
    sums, totals = sums_by_label(of_row, rows, weights)
    weighed = np.add.reduceat(rows[order] * weights[order, None].astype(np.float32), starts, axis=0)
    assert sums.tobytes() == weighed.astype(np.float64).tobytes()
    assert totals.tobytes() == np.add.reduceat(weights[order], starts).tobytes()
    with_others = np.insert(of_row, [0, 9], -1), np.insert(rows, [0, 9], 7.0, axis=0)
    assert plain_sums(*with_others).tobytes() == np.add.reduceat(rows[order], starts, axis=0).tobytes()


def test_unit_rows_are_the_same_in_place() -> None:
    """Each row divided by its length, a row of zeros left as it is, in more than one part."""
    rows = np.random.default_rng(6).standard_normal((17_000, 3)).astype(np.float32)
    rows[16_999] = 0.0
    units = unit_rows(rows)
    assert np.allclose(np.linalg.norm(units[:-1], axis=1), 1.0)
    assert not units[-1].any()
    assert unit_rows(rows, out=rows) is rows
    assert rows.tobytes() == units.tobytes()


def test_products_are_those_of_each_row_with_its_chosen_ones() -> None:
    """In more than one part as well, and none where none are chosen."""
    rows = np.random.default_rng(8).standard_normal((17_000, 3)).astype(np.float32)
    chosen = np.random.default_rng(9).integers(0, len(rows), (len(rows), 2))
    assert np.allclose(products(rows, chosen), (rows[:, None] * rows[chosen]).sum(axis=2), atol=1e-5)
    assert products(rows, chosen[:, :0]).shape == (17_000, 0)
