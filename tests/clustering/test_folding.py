"""folding: what a wording weighs is the customers behind it, however they are counted."""

from __future__ import annotations

import numpy as np

from helploop.clustering.folding import count_customers, fold_identical
from helploop.domain import Channel
from tests.conftest import make_inquiry


def test_wordings_count_distinct_customers() -> None:
    """A node's copies are what count_customers says of its inquiries: named once, unknown each, searches by weight."""
    log = [
        make_inquiry("Where is my box?", source_id="0", customer_key="ann"),
        make_inquiry("where is my box", source_id="1", customer_key="ann"),
        make_inquiry("Where is my box", source_id="2", customer_key="bob"),
        make_inquiry("where is my box?!", source_id="3", customer_key=""),
        make_inquiry("skip", source_id="4", customer_key="ann"),
        make_inquiry("skip", source_id="5", channel=Channel.SEARCH, weight=3.0, customer_key=""),
        make_inquiry("", source_id="6"),
    ]
    vectors = np.eye(7, dtype=np.float32)
    nodes = fold_identical(log, vectors, np.zeros((7, 0), dtype=np.float32))
    assert nodes.of_row.tolist() == [0, 0, 0, 0, 1, 1, -1]
    assert nodes.copies.tolist() == [3.0, 4.0] == [count_customers(log[:4]), count_customers(log[4:6])]
