"""vectors: the largest values of a row are found without sorting the row."""

from __future__ import annotations

import numpy as np
import pytest

from helploop.clustering.vectors import different_rows, largest, plain_sums, sums_by_label


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


@pytest.mark.parametrize("labels", [40, 20_000])
def test_plain_sums_are_the_sums_of_equal_weights(labels: int) -> None:
    """To the byte, whether or not the labels fit into one part."""
    generator = np.random.default_rng(5)
    of_row = generator.permutation(np.concatenate([np.arange(labels), generator.integers(0, labels, 40_000)]))
    rows = generator.standard_normal((len(of_row), 3)).astype(np.float32)
    wanted = sums_by_label(of_row, rows, np.ones(len(rows)))[0].astype(np.float32)
    assert plain_sums(of_row, rows).tobytes() == wanted.tobytes()
