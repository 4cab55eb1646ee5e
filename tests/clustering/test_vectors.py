"""vectors: the largest values of a row are found without sorting the row."""

from __future__ import annotations

import numpy as np
import pytest

from helploop.clustering.vectors import largest


@pytest.mark.parametrize(("width", "count"), [(3, 3), (40, 5), (900, 6), (5_003, 10)])
def test_largest_is_what_sorting_gives(width: int, count: int) -> None:
    """Values and columns are those of a full sort, the lower column first among equals."""
    values = np.random.default_rng(3).standard_normal((17, width)).astype(np.float32)
    columns, found = largest(values, count)
    wanted = np.lexsort((np.broadcast_to(np.arange(width), values.shape), -values), axis=1)[:, :count]
    assert np.array_equal(columns, wanted)
    assert np.array_equal(found, np.take_along_axis(values, wanted, axis=1))
