"""standing: why an inquiry is in no question, and the groups inside one."""

from __future__ import annotations

import numpy as np

from helploop.clustering import NoiseReason
from helploop.clustering.standing import Scale, explain_noise, measure_scale, subgroups
from helploop.clustering.vectors import unit_rows
from tests.clustering.helpers import near
from tests.conftest import make_inquiry


def test_noise_has_its_reason() -> None:
    """Two who ask alike are too few, one between two centres is between, one far off is alone, a blank is blank."""
    members = [np.array([near(axis, i) for i in range(8)]) for axis in range(3)]
    centres = unit_rows(np.stack([rows.mean(axis=0) for rows in members]))
    between = unit_rows((centres[0] + centres[1])[None, :])[0]
    rows = np.stack([near(9, 1, 0.2), near(9, 2, 0.2), between, near(20, 1), np.zeros(64)]).astype(np.float32)
    inquiries = [make_inquiry(f"n{i}", source_id=str(i), customer_key=f"c{i}") for i in range(5)]
    found = explain_noise(inquiries, rows, centres, measure_scale(members))
    assert [one.reason for one in found] == [
        NoiseReason.TOO_FEW,
        NoiseReason.TOO_FEW,
        NoiseReason.BETWEEN,
        NoiseReason.ALONE,
        NoiseReason.BLANK,
    ]
    assert [one.alike for one in found] == [2, 2, 1, 1, 1]
    assert found[0].group == found[1].group == min(inquiries[0].id, inquiries[1].id)
    assert found[2].question in (0, 1)


def test_noise_when_each_is_like_the_next_only() -> None:
    """Six in a row, 20 degrees from one to the next, do not all ask alike: two by two they do."""
    angles = np.radians(20.0 * np.arange(6))
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    inquiries = [make_inquiry(f"n{i}", source_id=str(i), customer_key=f"c{i}") for i in range(6)]
    found = explain_noise(inquiries, rows, np.zeros((0, 2), np.float32), Scale(background=0.0, near=0.93))
    assert [one.alike for one in found] == [2] * 6
    assert len({one.group for one in found}) == 3


def test_noise_when_there_is_no_question() -> None:
    """Nothing is near then, and nothing breaks."""
    [one] = explain_noise([make_inquiry("x")], near(0, 0)[None, :], np.zeros((0, 64), np.float32), measure_scale([]))
    assert (one.reason, one.question, one.similarity) == (NoiseReason.ALONE, -1, 0.0)


def test_subgroups_are_the_groups_inside() -> None:
    """Two directions are two groups, the larger first; one direction is one."""
    rows = np.array([near(0, i, 0.3) for i in range(5)] + [near(1, i, 0.3) for i in range(3)])
    assert [group.tolist() for group in subgroups(rows)] == [[0, 1, 2, 3, 4], [5, 6, 7]]
    assert [len(group) for group in subgroups(np.tile(near(0, 0), (4, 1)))] == [4]
