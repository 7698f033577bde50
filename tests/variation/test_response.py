"""Chips on the model: against the differential equation, and many in PyTorch against one after the other in NumPy."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from codesign.model.deviations import Deviations
from codesign.model.normalised import NormalisedModel
from codesign.model.response import layer_response, network_response
from codesign.variation.response import chips_response
from tests.models import FITTED

RESISTIVE = FITTED.model_copy(
    update={
        "leak": 0.002,
        "leak_pos": 1e-4,
        "leak_neg": 2e-4,
        "start_pos": 1e-4,
        "on_load_pos": -0.003,
        "on_load_neg": -0.002,
        "delay_pos": 0.001,
        "fire_lag": 0.03,
        "fire_hold": 0.02,
    }
)


def drawn(random: np.random.Generator, chips: int, neurons: int, inputs: int) -> Deviations:
    synapses = random.normal(0, 0.1, (3, chips, neurons, inputs))
    columns = random.normal(0, 0.01, (2, chips, neurons))
    return Deviations(*synapses, *columns, random.normal(0, 0.02, (chips, 1)))


def test_a_column_on_a_chip_obeys_the_differential_equation() -> None:
    random = np.random.default_rng(1)
    weights, spikes = np.array([[5, -3, 8]]), np.array([0.1, 0.35, 0.6])
    own = drawn(random, 1, 1, 3)[0]
    rates = FITTED.synapse_rates(weights)
    gain = np.abs(rates[0][0]) * np.exp(own.gain[0])
    e_inverse = np.where(weights[0] > 0, 1 / FITTED.e_pos, -1 / FITTED.e_neg) + own.conductance[0]
    kappa = np.where(weights[0] > 0, FITTED.kappa_pos, FITTED.kappa_neg) + own.kappa[0]
    sign = np.sign(weights[0])
    onsets = spikes + np.where(weights[0] > 0, FITTED.delay_pos, FITTED.delay_neg)

    def slope(t: float, v: np.ndarray) -> np.ndarray:
        return np.sum(sign * gain * (1 - sign * v * e_inverse + kappa * v**2) * (t >= onsets), keepdims=True)

    times = np.linspace(0, 1, 21)
    solution = solve_ivp(slope, (0, 1), own.start, t_eval=times, max_step=1e-3, rtol=1e-9, atol=1e-12)
    response = layer_response(FITTED, weights, spikes[None], times, deviations=own)
    np.testing.assert_allclose(response.traces[0, 0], solution.y[0], atol=2e-5)


def test_start_delay_and_ramp_move_the_spike() -> None:
    weights, spikes = np.array([[5, 4]]), np.array([[0.1, 0.3]])
    none = Deviations.none(1, 2)
    nominal = layer_response(FITTED, weights, spikes, np.empty(0), deviations=none)
    assert nominal.spike_times == pytest.approx(layer_response(FITTED, weights, spikes, np.empty(0)).spike_times)
    late = Deviations(none.gain, none.conductance, none.kappa, none.start, np.array([0.01]), np.log(np.array([2.0])))
    moved = layer_response(FITTED, weights, spikes, np.empty(0), deviations=late).spike_times
    # The ramp runs from the end of the window, twice as fast, and the spike leaves a hundredth later.
    expected = FITTED.fire_delay + (nominal.spike_times - FITTED.fire_delay) / 2 + 0.01
    assert moved == pytest.approx(expected)


@pytest.mark.parametrize("model", [FITTED, RESISTIVE], ids=["fitted", "resistive"])
def test_many_chips_are_each_chip(model: NormalisedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codesign.variation.response._AT_ONCE", 300)
    random = np.random.default_rng(2)
    weights = [random.integers(-4, 9, (4, 5)), random.integers(-4, 9, (3, 4))]
    spikes = random.uniform(0, 1.2, (6, 5))
    chips = [drawn(random, 7, *layer.shape) for layer in weights]
    many = chips_response(model, weights, chips, spikes)
    for chip in range(7):
        alone = network_response(model, weights, spikes, np.empty(0), deviations=[layer[chip] for layer in chips])
        for together, one in zip(many, alone, strict=True):
            np.testing.assert_allclose(together.final[chip], one.final, atol=1e-12)
            np.testing.assert_allclose(together.spike_times[chip], one.spike_times, atol=1e-12)
