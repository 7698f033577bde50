"""Fitting networks whose membranes end around the firing threshold, where the comparator's lag shows."""

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench
from codesign.design import Design
from codesign.extraction.testbenches import FITTING_INPUTS, FITTING_NEURONS
from codesign.model.neuron_model import NormalisedModel
from codesign.model.response import column_traces

NETWORKS = 5
_DISTANCES = (-0.06, 0.2)
"""Targets for the final membranes of all their neurons, swings from the threshold, evenly from first to last."""

_TRIALS = 5_000
"""Random columns from which each neuron is chosen."""


def threshold_testbenches(design: Design, model: NormalisedModel, seed: int) -> list[Testbench]:
    """One-layer networks whose membranes end around the threshold by a first fit.

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
        times = random.uniform(0, 1, FITTING_INPUTS)
        columns = _aimed_columns(model, times, wanted, random)
        network = Network(small, (tuple(tuple(int(units) for units in column) for column in columns),))
        testbenches.append(Testbench(network, (tuple(float(time) for time in times),)))
    return testbenches


def _aimed_columns(model: NormalisedModel, times: Floats, wanted: Floats, random: np.random.Generator) -> Integers:
    """Of many random columns those that come closest to the target distances, shape (neurons, inputs)."""
    spreads = random.uniform(0, model.max_units, (_TRIALS, 1))
    trials = np.rint(spreads * random.uniform(-1, 1, (_TRIALS, FITTING_INPUTS))).astype(np.int64)
    traces = column_traces(model, trials, np.tile(times, (_TRIALS, 1)), np.linspace(0, 1, 21))
    v = traces[:, -1]
    within = ((traces > model.v_min) & (traces < model.v_max)).all(axis=1)
    miss = np.abs(v - model.threshold - wanted[:, None])
    return trials[np.where(within, miss, np.inf).argmin(axis=1)]
