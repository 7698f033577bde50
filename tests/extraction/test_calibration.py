"""Calibration of chips that are drawn from the prior, judged on inputs that it has not seen."""

import numpy as np
import pytest

from codesign.arrays import Floats, Integers
from codesign.extraction.calibration import calibrated_deviations
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.records import LayerRecord
from codesign.model.deviations import Deviations
from codesign.model.neuron_model import NeuronModel
from codesign.model.response import network_response
from codesign.variation.chip_model import Seen
from codesign.variation.draws import draw_chips
from codesign.variation.variation_model import CELL
from tests.variation.example import MODEL, SCALE, VARIATION, spread

TIMES = np.linspace(0, 1, 21)
NORMALISED = MODEL.normalised()

MIDDLE = 2
"""A neuron of the first layer that fires on the ramp."""


def network(random: np.random.Generator) -> list[Integers]:
    return [random.integers(-2, 6, (4, 5)), random.integers(-2, 6, (3, 4))]


def shown(
    weights: list[Integers], chip: list[Deviations] | None, inputs: Floats, model: NeuronModel = MODEL
) -> list[list[LayerRecord]]:
    """What a chip shows of some inputs."""
    layers = network_response(model.normalised(), weights, inputs, TIMES, deviations=chip)
    offset = model.reset_offset.value / model.scale.swing
    inferences: list[list[LayerRecord]] = []
    for sample, arriving in enumerate(inputs):
        records: list[LayerRecord] = []
        for layer, response in zip(weights, layers, strict=True):
            traces = response.traces[sample] + offset
            records.append(LayerRecord(layer, arriving, TIMES, traces, response.spike_times[sample]))
            arriving = response.spike_times[sample]
        inferences.append(records)
    return inferences


@pytest.mark.parametrize(("seen", "inputs", "better"), [("membranes", 6, 30.0), ("spike_times", 40, 8.0)])
def test_a_calibrated_chip_is_known_on_other_inputs(seen: Seen, inputs: int, better: float) -> None:
    random = np.random.default_rng(5)
    weights = network(random)
    chip = [layer[0] for layer in draw_chips(VARIATION, SCALE, weights, random, 1)]
    found = calibrated_deviations(MODEL, VARIATION, shown(weights, chip, random.uniform(0, 1, (inputs, 5))), seen)
    others = random.uniform(0, 1, (50, 5))

    def membranes(deviations: list[Deviations] | None) -> Floats:
        """From their own level, which spike times do not tell."""
        traces = network_response(NORMALISED, weights, others, TIMES, deviations=deviations)[0].traces
        return traces - traces[:, :, :1]

    truth = membranes(chip)
    unknown, known = (np.std(membranes(one) - truth) for one in (None, found))
    assert unknown > better * known


@pytest.mark.parametrize("seed", [2, 10])
def test_chips_far_from_the_matched_circuit_are_found(seed: int) -> None:
    """Cells whose currents differ by a factor, as those of minimum size do."""
    cells = {"cell_pos": spread(CELL, (0.4, 0, 0)), "cell_neg": spread(CELL, (1.3, 0, 0))}
    wide = VARIATION.model_copy(update=cells)
    fine = MODEL.model_copy(update={"rmse": 4e-5, "firing_rmse": 1e-9})
    random = np.random.default_rng(seed)
    weights = network(random)
    chip = [layer[0] for layer in draw_chips(wide, SCALE, weights, random, 1)]
    found = calibrated_deviations(fine, wide, shown(weights, chip, random.uniform(0, 1, (12, 5))), "membranes")
    for layer, truth, units in zip(found, chip, weights, strict=True):
        on = units != 0
        assert np.std((layer.gain - truth.gain)[on]) < 0.01 * np.std(truth.gain[on])


def test_without_data_that_differ_the_prior_stays() -> None:
    """The chip that is the matched circuit has no deviations, whatever the prior allows."""
    random = np.random.default_rng(6)
    weights = network(random)
    none = [Deviations.none(*layer.shape) for layer in weights]
    for layer in calibrated_deviations(
        MODEL, VARIATION, shown(weights, none, random.uniform(0, 1, (3, 5))), "membranes"
    ):
        assert np.abs(layer.gain).max() < 1e-6
        assert np.abs(layer.start).max() < 1e-6


def test_what_the_data_do_not_tell_is_an_error() -> None:
    random = np.random.default_rng(7)
    weights = network(random)
    chip = [layer[0] for layer in draw_chips(VARIATION, SCALE, weights, random, 1)]
    inferences = shown(weights, chip, random.uniform(0, 1, (6, 5)))
    with pytest.raises(ExtractionFailed, match="0 inputs do not determine a chip by its membranes; give at least 1"):
        calibrated_deviations(MODEL, VARIATION, [], "membranes")
    with pytest.raises(ExtractionFailed, match=f"neuron {MIDDLE} of layer 1 never fires in 6 inputs, where"):
        calibrated_deviations(MODEL, VARIATION, with_spikes(inferences, np.inf), "spike_times")
    with pytest.raises(ExtractionFailed, match=rf"neuron {MIDDLE} of layer 1 is stuck: it fires at 0.3"):
        calibrated_deviations(MODEL, VARIATION, with_spikes(inferences, 0.3), "spike_times")
    with pytest.raises(ExtractionFailed, match="2 inputs do not determine a chip by its spike times; give at least 3"):
        calibrated_deviations(MODEL, VARIATION, inferences[:2], "spike_times")


def with_spikes(inferences: list[list[LayerRecord]], time: float) -> list[list[LayerRecord]]:
    """One neuron of the first layer fires at this time."""
    changed: list[list[LayerRecord]] = []
    for first, *rest in inferences:
        fired = first.fired.copy()
        fired[MIDDLE - 1] = time
        changed.append([LayerRecord(first.weights, first.spike_times, first.times, first.traces, fired), *rest])
    return changed
