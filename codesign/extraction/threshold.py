"""Fitting networks whose membranes end where the firing shows: around the threshold, and all along the ramp."""

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.circuits.network import Network
from codesign.circuits.testbench import Testbench
from codesign.design import Design
from codesign.extraction.testbenches import FITTING_NEURONS, LATEST, fitting_inputs
from codesign.model.normalised import NormalisedModel
from codesign.model.response import column_traces

_AROUND = np.linspace(-0.06, 0.2, 25).reshape(5, FITTING_NEURONS)
_ALONG = np.linspace(-0.95, -0.1, 20).reshape(FITTING_NEURONS, 4).T
_DISTANCES = np.concatenate([_AROUND, _ALONG])
"""Targets for the final membranes of each network's neurons, swings from the threshold: around it, where the
comparator's lag shows, or one after the other along the ramp, where neurons that fire disturb the others."""

_TRIALS = 5_000
"""Random columns from which each neuron is chosen."""


def threshold_testbenches(design: Design, model: NormalisedModel, seed: int) -> list[Testbench]:
    """One-layer networks of large columns whose membranes end around the threshold and along the ramp by a first fit.

    Random networks hardly ever show how the neuron fires there.

    Args:
        design: cells, levels, timing and conditions; its layer sizes do not matter.
        model: from a first fit.
        seed: of inputs and columns; the same seed and model give the same networks.
    """
    inputs = fitting_inputs(design)
    small = design.model_copy(update={"layer_sizes": (inputs, FITTING_NEURONS)})
    testbenches: list[Testbench] = []
    for index, wanted in enumerate(_DISTANCES):
        random = np.random.default_rng([seed, index])
        times = random.uniform(0, LATEST, inputs)
        columns = aimed_columns(model, times, wanted, random)
        network = Network(small, (tuple(tuple(int(units) for units in column) for column in columns),))
        testbenches.append(Testbench(network, (tuple(float(time) for time in times),)))
    return testbenches


def aimed_columns(model: NormalisedModel, times: Floats, wanted: Floats, random: np.random.Generator) -> Integers:
    """Of many random columns those that come closest to the target distances, shape (neurons, inputs)."""
    spreads = random.uniform(0, model.max_units, (_TRIALS, 1))
    trials = np.rint(spreads * random.uniform(-1, 1, (_TRIALS, len(times)))).astype(np.int64)
    traces = column_traces(model, trials, np.tile(times, (_TRIALS, 1)), np.linspace(0, 1, 21))
    v = traces[:, -1]
    within = ((traces > model.v_min) & (traces < model.v_max)).all(axis=1)
    miss = np.abs(v - model.threshold - wanted[:, None])
    return trials[np.where(within, miss, np.inf).argmin(axis=1)]
