"""One trim of a chip brings it back to the nominal circuit, where it can."""

import numpy as np
import pytest

from codesign.model.neuron_model import NeuronModel, Provenance
from codesign.model.quantity import Quantity
from codesign.model.response import network_response
from codesign.model.scale import Scale
from codesign.model.trim import find_trim, trimmed
from tests.models import FITTED

LAYERS = [np.array([[9, -2, 4], [5, 8, -1], [-3, 7, 6]]), np.array([[6, -4, 5], [-2, 8, 3]])]
INPUTS = np.random.default_rng(1).uniform(0, 0.8, (30, 3))

NOMINAL = NeuronModel.from_normalised(
    FITTED,
    scale=Scale(reset_level=0.8, swing=0.5, window=1e-6),
    offset=0.0,
    intervals={},
    capacitance=Quantity(value=2e-12, interval=0.0),
    rmse=0.0,
    firing_rmse=0.0,
    provenance=Provenance(tool="", design="", pdk="", ngspice="", source=""),
)


def faster(factor: float) -> NeuronModel:
    """A chip on which everything happens in less time: small resistors and capacitors, say."""
    times = (one for one in NeuronModel.model_fields if one.endswith(("delay_pos", "delay_neg", "delay")))
    scaled = {name: 1 / factor for name in times} | {
        name: factor for name in ("unit_current_pos", "unit_current_neg", "ramp")
    }
    old = {name: getattr(NOMINAL, name) for name in scaled}
    update = {name: Quantity(value=old[name].value * by, interval=0.0) for name, by in scaled.items()}
    return NOMINAL.model_copy(update=update)


def test_a_shorter_window_makes_a_faster_chip_the_nominal_one() -> None:
    chip = faster(1.1)
    layers = network_response(chip.normalised(), LAYERS, INPUTS, np.array([0.5]))
    wanted = network_response(FITTED, LAYERS, INPUTS, np.array([0.5]))
    assert np.abs(layers[-1].final - wanted[-1].final).max() > 0.05
    back = network_response(trimmed(chip, "window", 1 / 1.1, biased=False), LAYERS, INPUTS, np.array([0.5]))
    for one, other in zip(back, wanted, strict=True):
        np.testing.assert_allclose(one.traces, other.traces, atol=1e-12)
        np.testing.assert_allclose(one.spike_times, other.spike_times, atol=1e-12)
    found = find_trim(chip, "window", FITTED, LAYERS, INPUTS, biased=False)
    assert found == pytest.approx(1 / 1.1, abs=0.005)


def test_the_nominal_circuit_needs_no_trim() -> None:
    for trim in ("window", "reference"):
        assert find_trim(NOMINAL, trim, FITTED, LAYERS, INPUTS, biased=False) == pytest.approx(1.0)


def test_the_reference_makes_the_ramp_and_the_currents_of_biased_cells() -> None:
    resistors, transistors = (trimmed(NOMINAL, "reference", 1.2, biased=biased) for biased in (False, True))
    assert resistors.ramp == transistors.ramp == pytest.approx(1.2 * FITTED.ramp)
    assert resistors.gain_pos == pytest.approx(FITTED.gain_pos)
    assert transistors.gain_pos == pytest.approx(1.2 * FITTED.gain_pos)
    assert transistors.gain_neg == pytest.approx(1.2 * FITTED.gain_neg)
    # So a slow ramp is found and mended.
    slow = NOMINAL.model_copy(update={"ramp": Quantity(value=0.9 * NOMINAL.ramp.value, interval=0.0)})
    assert find_trim(slow, "reference", FITTED, LAYERS, INPUTS, biased=False) == pytest.approx(1 / 0.9, abs=0.005)
