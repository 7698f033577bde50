"""The response of layers and networks against the trainer's columns and solver, and against hand calculation."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from codesign.arrays import Integers
from codesign.dstd import exact_membrane
from codesign.model.normalised import NormalisedModel
from codesign.model.response import layer_response, network_response
from codesign.training.network import columns, current_onsets, firing_times
from tests.models import FITTED

IDEAL = NormalisedModel(e_pos=math.inf, e_neg=-math.inf, gain_pos=0.1, gain_neg=0.1)


def by_the_trainer(
    model: NormalisedModel, layers: list[Integers], spikes: np.ndarray, times: tuple[float, ...]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Membranes (batch, neurons, samples) and spike times of each layer by the trainer's columns and solver."""
    responses: list[tuple[np.ndarray, np.ndarray]] = []
    arriving = torch.as_tensor(spikes)
    physics = (model.e_pos, model.e_neg, model.kappa_pos, model.kappa_neg)
    for units in layers:
        layer = columns(torch.as_tensor(units, dtype=torch.float64), model)
        onsets = current_onsets(arriving, model)
        # v(T) is v(1) of the same column with its weights times T and its spike times over T.
        membranes = [exact_membrane(time * layer.weights, onsets / time, *physics) for time in (*times, 1.0)]
        arriving = firing_times(membranes[-1], arriving, layer, model)
        responses.append((torch.stack(membranes[:-1], dim=2).numpy(), arriving.numpy()))
    return responses


LAGGING = FITTED.model_copy(update={"fire_delay": 0.03, "fire_lag": 0.03, "fire_hold": 0.02, "delay_neg": -0.0005})
"""With a comparator that takes time, and a fitted turn-on delay that came out negative."""

LEAKING = FITTED.model_copy(update={"leak_pos": 0.002, "leak_neg": 0.004, "leak": 0.01})
"""Hot: cells that are off leak, and so does the neuron."""


@pytest.mark.parametrize(
    "model", [FITTED, FITTED.ideal(), LAGGING, LEAKING], ids=["fitted", "ideal", "lagging", "leaking"]
)
def test_agrees_with_the_trainers_exact_solver(model: NormalisedModel) -> None:
    random = np.random.default_rng(3)
    layers = [random.integers(-6, 10, (4, 5)), random.integers(-6, 10, (3, 4)), random.integers(-6, 10, (2, 3))]
    # Some inputs never spike; the trainer writes that as 1.
    spikes = np.minimum(random.uniform(0, 1.3, (40, 5)), 1.0)
    spikes[:5, 0] = 0.0
    times = (0.25, 0.5, 1.0)
    mine = network_response(model, layers, spikes, np.array(times))
    for own, (membranes, fired) in zip(mine, by_the_trainer(model, layers, spikes, times), strict=True):
        np.testing.assert_allclose(own.traces, membranes, atol=1e-12)
        np.testing.assert_allclose(np.minimum(own.spike_times, 1.0), fired, atol=1e-12)


def test_a_membrane_that_runs_away_does_not_fire() -> None:
    model = FITTED.model_copy(update={"kappa_pos": 1.0, "gain_pos": 0.5})
    response = layer_response(model, np.array([[15, 15], [1, 0]]), np.array([[0.0, 0.0]]), np.empty(0))
    assert math.isnan(response.final[0, 0]) and response.spike_times[0, 0] == math.inf
    assert math.isfinite(response.final[0, 1])


def test_an_ideal_layer_by_hand() -> None:
    weights = np.array([[5, -2], [-3, 0], [15, 15]])
    response = layer_response(IDEAL, weights, np.array([[0.2, 0.5]]), np.array([0.5]))
    # v(1) = 0.1 (5 0.8 - 2 0.5), 0.1 (-3 0.8), 0.1 (15 0.8 + 15 0.5); t = 1 - v, never above 1, at least 0.
    np.testing.assert_allclose(response.final[0], [0.3, -0.24, 1.95])
    np.testing.assert_allclose(response.traces[0, :, 0], [0.15, -0.09, 0.45])
    np.testing.assert_allclose(response.spike_times[0], [0.7, np.inf, 0.0], atol=1e-15)


def test_firing_by_hand() -> None:
    model = NormalisedModel(
        e_pos=math.inf,
        e_neg=-math.inf,
        gain_pos=0.1,
        gain_neg=0.1,
        load_pos=0.01,
        threshold=1.02,
        ramp=2.0,
        fire_delay=0.03,
        kick_pos=0.001,
        kick_neg=-0.002,
    )
    # Units 4 (on), -1 (on) and 6 (off): load 0.1, so v(1) = (0.4 0.5 - 0.1 0.5) / 1.1.
    response = layer_response(model, np.array([[4, -1, 6]]), np.array([[0.5, 0.5, 1.0]]), np.empty(0))
    v = 0.15 / 1.1
    assert response.final[0, 0] == pytest.approx(v, rel=1e-12)
    expected = 0.03 + ((1.02 - v) * 1.1 - (0.004 - 0.002)) / 2.0
    assert response.spike_times[0, 0] == pytest.approx(expected, rel=1e-12)


@given(st.lists(st.integers(-15, 15), min_size=4, max_size=4), st.lists(st.floats(0, 1.5), min_size=4, max_size=4))
def test_spike_times_are_between_the_earliest_and_the_windows_end_or_never(
    units: list[int], spikes: list[float]
) -> None:
    response = layer_response(FITTED, np.array([units]), np.array([spikes]), np.empty(0))
    fired = response.spike_times[0, 0]
    assert FITTED.fire_delay <= fired < 1 or fired == math.inf


def test_an_input_after_the_window_counts_as_never() -> None:
    weights = np.array([[3, 4]])
    late, never = (layer_response(FITTED, weights, np.array([[0.3, t]]), np.array([0.7])) for t in (1.0, np.inf))
    np.testing.assert_array_equal(late.traces, never.traces)
    np.testing.assert_array_equal(late.spike_times, never.spike_times)


def test_a_stream_of_inputs_is_each_input_alone() -> None:
    random = np.random.default_rng(5)
    layers = [random.integers(-5, 9, (3, 4)), random.integers(-5, 9, (2, 3))]
    spikes = random.uniform(0, 1.2, (6, 4))
    together = network_response(FITTED, layers, spikes, np.array([0.5, 1.0]))
    for sample in range(6):
        alone = network_response(FITTED, layers, spikes[sample : sample + 1], np.array([0.5, 1.0]))
        for one, all_of_them in zip(alone, together, strict=True):
            np.testing.assert_allclose(one.traces[0], all_of_them.traces[sample], atol=1e-14)


def test_wires_that_double_the_capacitance_halve_the_weights_and_the_ramp() -> None:
    weights, spikes, times = np.array([[4, -3], [2, 5]]), np.array([[0.1, 0.4], [0.6, 0.2]]), np.linspace(0, 1, 7)
    model = FITTED.model_copy(update={"load_pos": 0.0, "load_neg": 0.0})
    half = model.model_copy(update={"gain_pos": model.gain_pos / 2, "gain_neg": model.gain_neg / 2})
    loaded = layer_response(model, weights, spikes, times, wire_load=np.array([1.0, 0.0]))
    np.testing.assert_allclose(loaded.traces[:, 0], layer_response(half, weights, spikes, times).traces[:, 0])
    np.testing.assert_allclose(loaded.traces[:, 1], layer_response(model, weights, spikes, times).traces[:, 1])
    on = np.zeros(1)
    plain = model.firing_distance(loaded.final[:, :1], 0.0, on, on)
    np.testing.assert_allclose(model.firing_distance(loaded.final[:, :1], 1.0, on, on), 2 * plain)


def test_each_layer_of_a_network_has_its_own_wires() -> None:
    layers = [np.array([[4, 3], [2, 5]]), np.array([[3, 6]])]
    spikes, times = np.array([[0.1, 0.3]]), np.linspace(0, 1, 5)
    plain = network_response(FITTED, layers, spikes, times)
    first = network_response(FITTED, layers, spikes, times, [0.1, 0.0])
    last = network_response(FITTED, layers, spikes, times, [0.0, 0.1])
    assert np.all(first[0].final < plain[0].final)
    np.testing.assert_array_equal(last[0].final, plain[0].final)
    assert np.all(last[1].final < plain[1].final)
