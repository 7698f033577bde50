"""Lines of rows: as few corners as describe them, and rows that spike together as one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.circuits.spike_lines import (
    TOGETHER,
    SpikeLines,
    corners_of,
    merged_rows,
    observed_lines,
    silent_lines,
)
from codesign.spice import Waveforms


def lines_at(time: float) -> SpikeLines:
    corners = np.array([[time, 0.0], [time + 1e-10, 1.8]])
    return SpikeLines(time, corners, corners * [1.0, -1.0] + [0.0, 1.8])


def test_a_straight_signal_keeps_its_ends_alone() -> None:
    waveforms = Waveforms(np.linspace(0, 1e-6, 101), {"a": np.linspace(0, 1.0, 101)})
    assert corners_of(waveforms, "a", (1e-7, 9e-7), 1e-6) == pytest.approx(np.array([[1e-7, 0.1], [9e-7, 0.9]]))


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 0.5))
def test_no_point_lies_farther_from_the_corners_than_the_tolerance(seed: int, tolerance: float) -> None:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(1e-12, 1e-9, 60))
    waveforms = Waveforms(times, {"a": np.cumsum(random.normal(size=60))})
    corners = corners_of(waveforms, "a", (times[0], times[-1]), tolerance)
    assert np.abs(np.interp(times, *corners.T) - waveforms["a"]).max() <= tolerance * (1 + 1e-9)
    assert len(corners) <= len(times)


def test_lines_are_those_that_the_driver_moved() -> None:
    time = np.array([0.0, 1.0e-9, 1.2e-9, 5e-9])
    rise = np.array([0.0, 0.0, 1.8, 1.8])
    seen = Waveforms(time, {"s": rise, "b": 1.8 - rise})
    lines = observed_lines(seen, ("s", "b"), 1.8, (0.5e-9, 4e-9))
    assert lines.time == pytest.approx(1.1e-9)
    assert lines.spike[:, 1] == pytest.approx([0.0, 0.0, 1.8, 1.8])
    later = lines.moved(2e-9)
    assert (later.time, later.spike_b[0, 0]) == pytest.approx((3.1e-9, 2.5e-9))
    assert observed_lines(seen, ("s", "b"), 1.8, (2e-9, 4e-9)).time == np.inf


def test_rows_of_one_time_are_one_and_silent_ones_another() -> None:
    lines = [lines_at(1e-8), lines_at(5e-8), lines_at(1e-8 + TOGETHER / 2), silent_lines(1.8), silent_lines(1.8)]
    groups = merged_rows([3, 2, 1, 4, 1], lines)
    assert [group.rows for group in groups] == [(1, 3), (2,), (4, 5)]
    # In between, by their cells.
    assert groups[0].lines.time == pytest.approx(1e-8 + TOGETHER / 8)
    assert groups[2].lines.time == np.inf


def test_rows_without_cells_are_in_no_group() -> None:
    assert merged_rows([0, 0], [lines_at(1e-8), silent_lines(1.8)]) == []
