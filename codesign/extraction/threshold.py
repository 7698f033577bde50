"""Fitting networks whose membranes end close to the firing threshold, where the comparator's lag is seen."""

import numpy as np
from numpy.typing import NDArray

from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench
from codesign.design import Design
from codesign.extraction.testbenches import FITTING_INPUTS, FITTING_NEURONS
from codesign.membrane import Floats
from codesign.neuron_model import NormalisedModel
from codesign.response import column_traces

NETWORKS = 5
_SLOPES = (-1.0, -0.25, 0.3, 1.0, 1.8)
"""Slope at the end of the window that the neurons of each network are to have, in swings per window."""
_DISTANCES = (-0.08, 0.04)
"""Where their membranes are to end from the threshold, in swings, from the first network to the last."""

_LAST_INPUT = 0.9
"""Latest input, in windows: the slope is to last for longer than the comparator's lag."""

_TRIALS = 20_000
"""Random columns from which each neuron is chosen."""

_MISS_DISTANCE, _MISS_SLOPE = 0.002, 0.1
"""Misses of the distance and of the slope that weigh the same in the choice."""


def threshold_testbenches(design: Design, model: NormalisedModel, seed: int) -> list[Testbench]:
    """One-layer networks whose membranes end near the threshold, on either side, with several slopes, by a first fit.

    Random networks hardly ever show how the neuron fires there.

    Args:
        design: cells, levels, timing and conditions; its layer sizes do not matter.
        model: from a first fit.
        seed: of inputs and columns; the same seed and model give the same networks.
    """
    small = design.model_copy(update={"layer_sizes": (FITTING_INPUTS, FITTING_NEURONS)})
    distances = np.linspace(*_DISTANCES, NETWORKS * FITTING_NEURONS).reshape(NETWORKS, FITTING_NEURONS)
    testbenches: list[Testbench] = []
    for index, wanted in enumerate(distances):
        random = np.random.default_rng([seed, index])
        times = random.uniform(0, _LAST_INPUT, FITTING_INPUTS)
        columns = _aimed_columns(model, times, wanted, random)
        network = Network(small, (tuple(tuple(int(units) for units in column) for column in columns),))
        testbenches.append(Testbench(network, (tuple(float(time) for time in times),)))
    return testbenches


def _aimed_columns(
    model: NormalisedModel, times: Floats, wanted: Floats, random: np.random.Generator
) -> NDArray[np.int64]:
    """Of many random columns those that come closest to the wanted distances and slopes, shape (neurons, inputs)."""
    spreads = random.uniform(0, model.max_units, (_TRIALS, 1))
    trials = np.rint(spreads * random.uniform(-1, 1, (_TRIALS, FITTING_INPUTS))).astype(np.int64)
    traces = column_traces(model, trials, np.tile(times, (_TRIALS, 1)), np.linspace(0, 1, 21))
    v = traces[:, -1]
    drive, leak, curve = (rates.sum(axis=1) for rates in model.synapse_rates(trials))
    slope = drive - leak * v + curve * v * v
    within = ((traces > model.v_min) & (traces < model.v_max)).all(axis=1)
    miss = np.hypot(
        (v - model.threshold - wanted[:, None]) / _MISS_DISTANCE, (slope - np.array(_SLOPES)[:, None]) / _MISS_SLOPE
    )
    return trials[np.where(within, miss, np.inf).argmin(axis=1)]
