"""Records made from a known model, and the design and nominal model that they belong to."""

import numpy as np
from numpy.typing import NDArray

from codesign.design import Design
from codesign.extraction.extract import nominal_model
from codesign.extraction.records import LayerRecord
from codesign.extraction.testbenches import capacitance_start
from codesign.extraction.threshold import threshold_testbenches
from codesign.model.normalised import NormalisedModel
from codesign.model.response import layer_response
from codesign.spice import Waveforms

DESIGN = Design(name="synthetic")

NOMINAL = nominal_model(DESIGN)

OFFSET = -0.012

TRUTH = NOMINAL.model_copy(
    update={
        "e_pos": 3.2,
        "e_neg": -2.4,
        "kappa_pos": 0.03,
        "kappa_neg": 0.006,
        "gain_pos": NOMINAL.gain_pos * 1.04,
        "gain_neg": NOMINAL.gain_neg * 0.97,
        "load_pos": 0.0011,
        "load_neg": 0.0008,
        "delay_pos": 0.0006,
        "delay_neg": 0.0002,
        "threshold": NOMINAL.threshold - OFFSET,
        "ramp": 1.03,
        "fire_delay": 0.02,
        "fire_curvature": -0.004,
        "fire_lag": 0.03,
        "fire_hold": 0.02,
        "kick_pos": 4e-4,
        "kick_neg": -5e-4,
    }
)
"""The model that synthetic records come from, its membrane counted from the starting level."""

RESISTIVE = TRUTH.model_copy(
    update={
        "resistive": True,
        "on_load_pos": -0.0005,
        "on_load_neg": 0.0003,
        "start_pos": -3e-5,
        "start_neg": -4e-5,
        "off_delay_pos": 0.002,
        "off_delay_neg": 0.003,
    }
)
"""The same of cells with resistors, whose own capacitance holds charge."""


def true_values() -> dict[str, float]:
    """The truth by the names of the fitted parameters."""
    values = TRUTH.model_dump()
    return values | {"conductance_pos": 1 / TRUTH.e_pos, "conductance_neg": -1 / TRUTH.e_neg, "offset": OFFSET}


def records(count: int, seed: int, noise: float = 0.0, model: NormalisedModel = TRUTH) -> list[LayerRecord]:
    """Layers of five neurons with random weights and inputs, with white noise on membranes and spike times."""
    random = np.random.default_rng(seed)
    made: list[LayerRecord] = []
    for _ in range(count):
        spread = random.choice([3, 8, 15], size=(5, 1))
        lean = random.choice([-0.5, 0.1, 0.5], size=(5, 1))
        weights = np.rint(spread * np.clip(random.uniform(-1, 1, (5, 5)) + lean, -1, 1)).astype(np.int64)
        made.append(_record(model, weights, random.uniform(0, 1, 5), noise, random))
    return made


def near_threshold_records(seed: int, noise: float = 0.0, model: NormalisedModel = TRUTH) -> list[LayerRecord]:
    """The networks that an extraction aims at the threshold, with the same noise."""
    random = np.random.default_rng(seed)
    made: list[LayerRecord] = []
    for testbench in threshold_testbenches(DESIGN, model, seed):
        [spikes], [weights] = testbench.spike_times, testbench.network.weights
        made.append(_record(model, np.array(weights), np.array(spikes), noise, random))
    return made


def _record(
    model: NormalisedModel,
    weights: NDArray[np.int64],
    spikes: NDArray[np.float64],
    noise: float,
    random: np.random.Generator,
) -> LayerRecord:
    times = np.linspace(0, 1, 41)
    response = layer_response(model, weights, spikes[None], times)
    traces = response.traces[0] + OFFSET
    return LayerRecord(
        weights=weights,
        spike_times=spikes,
        times=times,
        traces=traces + noise * random.standard_normal(traces.shape),
        fired=response.spike_times[0] + noise * random.standard_normal(5),
    )


CURRENT, E_POS, E_NEG, CURVATURE = 130e-9, 1.5, -1.0, 0.1
"""Of the swept cells: A, V, V, and 1/V^2 of the positive one."""


def sweep() -> Waveforms:
    """DC sweep of a unit cell of each sign."""
    volts = np.linspace(0.35, 1.4, 61)
    v = volts - DESIGN.levels.reset
    currents = {
        "i(vpositive)": CURRENT * (1 - v / E_POS + CURVATURE * v**2),
        "i(vnegative)": CURRENT * (1 - v / E_NEG),
    }
    return Waveforms(volts, currents)


def charging(capacitance: float, works: bool = True) -> Waveforms:
    """Two membranes that four reference currents charge, from a little beside the reset level."""
    start = capacitance_start(DESIGN) + DESIGN.timing.edge
    time = np.linspace(0, start + 3e-6, 2001)
    moved = works * 520e-9 / capacitance * np.maximum(time - start, 0)
    return Waveforms(time, {"up": 0.801 + moved, "down": 0.799 - moved})
