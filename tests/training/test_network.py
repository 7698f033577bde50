"""Networks in unit cells: rounding, column load, delays, kicks, firing, gradients, and the exact solution."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from codesign.model.normalised import NormalisedModel
from codesign.model.response import network_response
from codesign.training.network import CircuitNetwork, columns, firing_times, round_to_units
from codesign.training.objective import judge, loss
from codesign.training.spike_data import Split

UNITS = np.array([[5, -3, 8], [-2, 0, 15]])
TIMES = np.array([[0.1, 0.4, 0.75], [0.9, 0.2, 1.0]])


def _reference_membrane(units: np.ndarray, times: np.ndarray, model: NormalisedModel, end: float) -> float:
    """dv/dt of one column written out, integrated by SciPy from onset to onset."""
    load = model.load_pos * units[units > 0].sum() - model.load_neg * units[units < 0].sum()
    delays = np.where(units >= 0, model.delay_pos, model.delay_neg)
    gains = np.where(units >= 0, model.gain_pos, model.gain_neg)
    potentials = np.where(units >= 0, model.e_pos, model.e_neg)
    curvatures = np.where(units >= 0, model.kappa_pos, model.kappa_neg)
    onsets = times + delays

    def slope(t: float, v: np.ndarray) -> np.ndarray:
        on = onsets <= t
        current = units * gains / (1 + load) * (1 - v[0] / potentials + curvatures * v[0] ** 2)
        return np.array([current[on].sum()])

    v = np.array([0.0])
    edges = sorted({0.0, end, *(onset for onset in onsets if onset < end)})
    for start, stop in pairwise(edges):
        middle = (start + stop) / 2
        v = solve_ivp(lambda _, y, t=middle: slope(t, y), (start, stop), v, rtol=1e-11, atol=1e-12).y[:, -1]
    return float(v[0])


@pytest.mark.parametrize("end", [0.3, 0.5, 1.0])
def test_exact_membranes_agree_with_an_ode_solver(model: NormalisedModel, end: float) -> None:
    [response] = network_response(model, [UNITS], TIMES, np.array([end]))
    for sample, times in enumerate(TIMES):
        for neuron, units in enumerate(UNITS):
            expected = _reference_membrane(units, times, model, end)
            assert response.traces[sample, neuron, 0] == pytest.approx(expected, abs=1e-9)


def test_firing_written_out_by_hand(model: NormalisedModel) -> None:
    [response] = network_response(model, [UNITS], TIMES, np.empty(0))
    v = response.final[1, 1]  # second sample: inputs 0 and 1 on, input 2 never; second neuron: units -2, 0
    load = 15 * model.load_pos + 2 * model.load_neg
    expected = model.fire_delay + ((model.threshold - v) * (1 + load) - 2 * model.kick_neg) / model.ramp
    assert v < 0
    assert expected > 1
    assert response.spike_times[1, 1] == math.inf
    v = response.final[0, 0]
    load = 13 * model.load_pos + 3 * model.load_neg
    kick = 13 * model.kick_pos + 3 * model.kick_neg
    expected = model.fire_delay + ((model.threshold - v) * (1 + load) - kick) / model.ramp
    assert expected < 1
    assert response.spike_times[0, 0] == pytest.approx(expected, abs=1e-12)


def test_a_membrane_above_the_threshold_fires_after_the_delay(model: NormalisedModel) -> None:
    layer = columns(torch.tensor(UNITS, dtype=torch.float64), model)
    final = torch.tensor([[1.3, -0.2], [1.3, -0.2]], dtype=torch.float64)
    times = firing_times(final, torch.as_tensor(TIMES), layer, model)
    assert times[:, 0].tolist() == [model.fire_delay] * 2
    assert times[:, 1].tolist() == [1.0] * 2


def test_ideal_model_is_a_multiply_accumulate(model: NormalisedModel) -> None:
    ideal = model.ideal()
    [response] = network_response(ideal, [UNITS], TIMES, np.empty(0))
    gains = np.where(UNITS >= 0, ideal.gain_pos, ideal.gain_neg)
    expected = (1 - TIMES) @ (UNITS * gains).T
    np.testing.assert_allclose(response.final, expected, atol=1e-12)
    np.testing.assert_allclose(np.minimum(response.spike_times, 1), np.clip(1 - expected, 0, 1), atol=1e-12)


@given(st.lists(st.floats(-40, 40), min_size=1, max_size=8))
def test_rounding_is_exact_and_within_range(values: list[float]) -> None:
    shadow = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    units = round_to_units(shadow, 15)
    expected = np.clip(np.round(values), -15, 15)
    np.testing.assert_array_equal(units.detach().numpy(), expected)
    units.sum().backward()
    assert shadow.grad is not None
    inside = np.abs(values) <= 15
    np.testing.assert_array_equal(shadow.grad.numpy(), inside.astype(float))


@pytest.mark.parametrize("candidates", [1, 3])
def test_dstd_network_approaches_the_exact_one(model: NormalisedModel, candidates: int) -> None:
    generator = torch.Generator().manual_seed(2)
    network = CircuitNetwork((3, 4, 2), model, candidates, intervals=256, generator=generator)
    times = torch.rand(10, 3, generator=generator, dtype=torch.float64)
    states = network(times)
    for candidate in range(candidates):
        layers = [units[candidate].detach().numpy().astype(np.int64) for units in network.units()]
        responses = network_response(model, layers, times.numpy(), np.array([0.5]))
        for state, response in zip(states, responses, strict=True):
            exact = (response.traces[:, :, 0], response.final, np.minimum(response.spike_times, 1))
            for watched, expected in zip(state, exact, strict=True):
                np.testing.assert_allclose(watched[:, candidate].detach().numpy(), expected, atol=2e-5)


def test_candidates_do_not_influence_each_other(model: NormalisedModel) -> None:
    network = CircuitNetwork((3, 4, 2), model, 2, 4, torch.Generator().manual_seed(0))
    times = torch.rand(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    loss(network(times), torch.tensor([0, 1, 0, 1, 1]), model, 0.1)[0].backward()
    for shadow in network.shadows:
        assert shadow.grad is not None
        assert shadow.grad[0].abs().sum() > 0
        assert shadow.grad[1].abs().sum() == 0


def test_gradient_of_the_loss_by_differences(model: NormalisedModel) -> None:
    """The gradient by the numbers of units, without the rounding, against central differences."""
    times = torch.rand(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    labels = torch.tensor([0, 1, 0, 1, 1, 0])
    network = CircuitNetwork((3, 3, 2), model, 1, 10, torch.Generator().manual_seed(4))
    with torch.no_grad():
        for shadow in network.shadows:
            shadow.copy_(shadow.round() + 0.0)
    loss(network(times), labels, model, 0.2).sum().backward()
    gradients = [shadow.grad for shadow in network.shadows]

    def value(layer: int, index: tuple[int, ...], step: float) -> float:
        units = [units.detach().clone() for units in network.units()]
        units[layer][index] += step
        network.units = lambda: units  # pyright: ignore[reportAttributeAccessIssue]
        result = loss(network(times), labels, model, 0.2).sum().item()
        del network.units
        return result

    for layer, gradient in enumerate(gradients):
        assert gradient is not None
        for index in np.ndindex(*gradient.shape):
            if network.units()[layer][index] == 0:
                continue  # the sign decides the reversal potential: there is a kink at zero
            slope = (value(layer, index, 1e-6) - value(layer, index, -1e-6)) / 2e-6
            assert gradient[index].item() == pytest.approx(slope, abs=1e-5, rel=1e-4)


@pytest.mark.parametrize(("inputs", "gain"), [(5, 0.08), (5, 0.2), (64, 0.15)])
def test_hidden_neurons_fire_at_the_start(model: NormalisedModel, inputs: int, gain: float) -> None:
    model = model.model_copy(update={"gain_pos": gain, "gain_neg": gain})
    generator = torch.Generator().manual_seed(0)
    network = CircuitNetwork((inputs, 10, 5), model, 8, 4, generator)
    states = network(torch.rand(50, inputs, generator=generator, dtype=torch.float64))
    firing = (states[0].spike_times > model.fire_delay) & (states[0].spike_times < 1)
    assert firing.double().mean() > 0.6


def test_loss_counts_membranes_out_of_range(model: NormalisedModel) -> None:
    network = CircuitNetwork((3, 4, 2), model, 1, 4, torch.Generator().manual_seed(0))
    times, labels = torch.full((4, 3), 0.02, dtype=torch.float64), torch.tensor([0, 1, 0, 1])
    with torch.no_grad():
        for shadow in network.shadows:
            shadow.fill_(15.0)
    tight = loss(network(times), labels, model, 0.1)
    wide = loss(network(times), labels, model.model_copy(update={"v_max": math.inf, "v_min": -math.inf}), 0.1)
    assert tight.item() > wide.item() + 1
    assert math.isfinite(wide.item())


def test_a_membrane_that_runs_away_is_out_of_range(model: NormalisedModel) -> None:
    model = model.model_copy(update={"kappa_pos": 1.0, "v_min": -math.inf, "v_max": math.inf})
    split = Split(np.array([[0.0, 0.0], [0.9, 0.9]]), np.array([0, 0]))
    assert judge([np.array([[15, 15], [1, 1]])], model, split).out_of_range == 0.5


def test_judge_counts_correct_and_out_of_range(model: NormalisedModel) -> None:
    units = np.array([[10, 0], [0, 10]])
    split = Split(np.array([[0.1, 0.9], [0.9, 0.1], [0.5, 0.6], [0.1, 0.9]]), np.array([0, 1, 1, 1]))
    judgement = judge([units], model, split)
    assert judgement.accuracy == 0.5
    v = network_response(model, [units], split.times, np.empty(0))[0].final
    tight = model.model_copy(update={"v_max": float(np.sort(v.max(axis=1))[1])})
    assert judge([units], tight, split).out_of_range == pytest.approx((v.max(axis=1) > tight.v_max).mean())
