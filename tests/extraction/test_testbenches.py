"""Fitting networks: repeatable, within range, and never those that a comparison judges."""

import numpy as np

from codesign.extraction.testbenches import fitting_testbenches
from codesign.extraction.threshold import threshold_testbenches
from codesign.model.response import layer_response
from tests.extraction.synthetic import DESIGN, TRUTH


def test_the_same_seed_gives_the_same_networks_and_more_of_them() -> None:
    few, many = fitting_testbenches(DESIGN, 3, seed=5), fitting_testbenches(DESIGN, 6, seed=5)
    assert many[:3] == few
    assert fitting_testbenches(DESIGN, 3, seed=6) != few


def test_columns_are_varied_and_their_ideal_membranes_stay_near_the_range() -> None:
    testbenches = fitting_testbenches(DESIGN, 12, seed=1)
    levels = DESIGN.levels
    lowest, highest = ((edge - levels.reset) / levels.swing for edge in (levels.lowest, levels.highest))
    finals: list[float] = []
    for testbench in testbenches:
        [times], [layer] = testbench.spike_times, testbench.network.weights
        assert len(layer) == 5 and all(len(column) == 5 for column in layer)
        for column in layer:
            trace = [
                DESIGN.nominal_gain * sum(w * max(t - s, 0) for w, s in zip(column, times, strict=True))
                for t in np.linspace(0, 1, 50)
            ]
            assert lowest - 0.5 < min(trace) <= max(trace) < highest + 0.5
            finals.append(trace[-1])
    # Membranes end below the reset level, on the ramp and above the threshold.
    assert min(finals) < -0.3 and max(finals) > 1.0
    assert sum(0 < final < 1 for final in finals) > 12


def test_a_small_unit_range_is_kept() -> None:
    design = DESIGN.model_copy(update={"synapse": DESIGN.synapse.model_copy(update={"max_units": 3})})
    columns = [column for one in fitting_testbenches(design, 4, seed=1) for column in one.network.weights[0]]
    assert max(abs(units) for column in columns for units in column) <= 3


def test_threshold_networks_end_around_the_threshold_and_along_the_ramp() -> None:
    testbenches = threshold_testbenches(DESIGN, TRUTH, seed=3)
    assert threshold_testbenches(DESIGN, TRUTH, seed=3) == testbenches
    distances: list[float] = []
    for testbench in testbenches:
        [times], [layer] = testbench.spike_times, testbench.network.weights
        final = layer_response(TRUTH, np.array(layer), np.array([times]), np.empty(0)).final[0]
        distances += list(final - TRUTH.threshold)
    # Evenly from below to above, each within half a step of where it was wanted.
    np.testing.assert_allclose(distances[:25], np.linspace(-0.06, 0.2, 25), atol=5.4e-3, rtol=0)
    np.testing.assert_allclose(sorted(distances[25:]), np.linspace(-0.95, -0.1, 20), atol=2e-2, rtol=0)
    # Those of one network come one after the other.
    assert min(np.diff(distances[25:30])) > 0.1
