"""The closed-form membrane against an ODE solver, hand calculation, and what must hold for any input."""

import math
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from codesign.arrays import Floats
from codesign.model.membrane import advance, membrane_trace

TIMES = np.linspace(0, 1, 23)

synapses = st.lists(
    st.tuples(
        st.floats(-2, 2),  # weight
        st.one_of(st.floats(0, 1.2), st.just(math.inf)),  # onset
    ),
    min_size=1,
    max_size=6,
)


def rates(weights: Floats, e_pos: float, e_neg: float, kappa: float) -> tuple[Floats, Floats, Floats]:
    reversal = np.where(weights >= 0, e_pos, e_neg)
    return weights, weights / reversal, weights * kappa


def solved_numerically(times: Floats, onsets: Floats, drive: Floats, leak: Floats, curve: Floats) -> Floats:
    """One neuron by an adaptive ODE solver that is restarted at every onset."""
    edges = np.unique(np.concatenate([[0.0], onsets[(onsets > 0) & (onsets < times.max())], [times.max()]]))
    trace = np.empty_like(times)
    v = 0.0
    for start, stop in pairwise(edges):
        on = onsets <= start
        a, b, c = drive[on].sum(), leak[on].sum(), curve[on].sum()
        within = (times >= start) & (times <= stop)
        solution = solve_ivp(
            lambda _, v, a=a, b=b, c=c: a - b * v + c * v * v,
            (start, stop),
            [v],
            method="DOP853",
            rtol=1e-12,
            atol=1e-13,
            dense_output=True,
        )
        if within.any():
            trace[within] = solution.sol(times[within])[0]
        v = solution.y[0, -1]
    return trace


@pytest.mark.parametrize("kappa", [0.0, 0.05, -0.3])
def test_agrees_with_an_ode_solver(kappa: float) -> None:
    random = np.random.default_rng(1)
    weights = random.uniform(-1.5, 1.5, (8, 5))
    onsets = random.uniform(0, 1.1, (8, 5))
    a, b, c = rates(weights, 2.5, -1.5, kappa)
    traces = membrane_trace(TIMES, onsets, a, b, c)
    for neuron in range(8):
        expected = solved_numerically(TIMES, onsets[neuron], a[neuron], b[neuron], c[neuron])
        np.testing.assert_allclose(traces[neuron], expected, atol=1e-10)


def test_a_load_that_comes_with_the_current_slows_all_that_flows() -> None:
    random = np.random.default_rng(2)
    weights, onsets = random.uniform(-1.5, 1.5, (4, 5)), random.uniform(0, 1.1, (4, 5))
    load = random.uniform(-0.05, 0.1, (4, 5))
    a, b, c = rates(weights, 2.5, -1.5, 0.02)
    traces = membrane_trace(TIMES, onsets, a, b, c, load)
    for neuron in range(4):
        order = np.argsort(onsets[neuron])
        edges = [*onsets[neuron][order], 2.0]
        v = 0.0
        for number in range(5):
            on = order[: number + 1]
            capacitance = 1 + load[neuron, on].sum()
            sums = [rate[neuron, on].sum() / capacitance for rate in (a, b, c)]
            within = (edges[number] <= TIMES) & (edges[number + 1] > TIMES)
            solution = solve_ivp(
                lambda _t, v, sums=sums: sums[0] - sums[1] * v + sums[2] * v * v,
                (edges[number], edges[number + 1]),
                [v],
                rtol=1e-11,
                atol=1e-13,
                dense_output=True,
            )
            if within.any():
                np.testing.assert_allclose(traces[neuron, within], solution.sol(TIMES[within])[0], atol=1e-9)
            v = solution.y[0, -1]


def test_what_leaks_flows_from_the_start() -> None:
    random = np.random.default_rng(3)
    weights, onsets = random.uniform(-1.5, 1.5, (4, 5)), random.uniform(0.1, 1.1, (4, 5))
    a, b, c = rates(weights, 2.5, -1.5, 0.02)
    leak = tuple(random.uniform(-0.2, 0.2, (3, 4)))
    traces = membrane_trace(TIMES, onsets, a, b, c, None, leak)
    for neuron in range(4):
        # One more input, whose current starts before the window.
        with_leak = [np.append(rate[neuron], steady[neuron]) for rate, steady in zip((a, b, c), leak, strict=True)]
        expected = solved_numerically(TIMES, np.append(onsets[neuron], -1.0), *with_leak)
        np.testing.assert_allclose(traces[neuron], expected, atol=1e-10)


def test_a_membrane_starts_where_it_is() -> None:
    # dv/dt = 0.8 (1 - v / 2) from 0.25, v = 0.3 until then: v = 2 - 1.7 exp(-0.4 (t - 0.25)).
    rates_of_one = (np.array([[x]]) for x in (0.25, 0.8, 0.4, 0.0))
    [trace] = membrane_trace(np.array([0.1, 1.0]), *rates_of_one, start=np.array([0.3]))
    np.testing.assert_allclose(trace, [0.3, 2 - 1.7 * math.exp(-0.3)], atol=1e-15)


def test_one_synapse_by_hand() -> None:
    # dv/dt = 0.8 (1 - v / 2) from 0.25: v = 2 (1 - exp(-0.4 (t - 0.25))).
    [trace] = membrane_trace(np.array([0.1, 0.25, 1.0]), *(np.array([[x]]) for x in (0.25, 0.8, 0.4, 0.0)))
    np.testing.assert_allclose(trace, [0, 0, 2 * (1 - math.exp(-0.3))], atol=1e-15)


def test_curvature_by_hand() -> None:
    # dv/dt = 1 + v^2 is the tangent, dv/dt = 1 - v^2 its hyperbolic brother.
    one, none = np.ones(1), np.zeros(1)
    np.testing.assert_allclose(advance(none, one, one, none, one), math.tan(1), rtol=1e-14)
    np.testing.assert_allclose(advance(none, one, one, none, -one), math.tanh(1), rtol=1e-14)


@given(synapses)
def test_without_reversal_potential_it_is_the_weighted_sum_of_elapsed_times(
    synapses: list[tuple[float, float]],
) -> None:
    weights, onsets = (np.array([column]) for column in zip(*synapses, strict=True))
    none = np.zeros_like(weights)
    [trace] = membrane_trace(TIMES, onsets, weights, none, none)
    elapsed = np.maximum(TIMES[:, None] - onsets, 0)
    np.testing.assert_allclose(trace, elapsed @ weights[0], atol=1e-12)


@given(synapses, st.randoms(use_true_random=False))
def test_the_order_of_the_inputs_does_not_matter(synapses: list[tuple[float, float]], random: object) -> None:
    shuffled = list(synapses)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    results = []
    for order in (synapses, shuffled):
        weights, onsets = (np.array([column]) for column in zip(*order, strict=True))
        results.append(membrane_trace(TIMES, onsets, *rates(weights, 3.0, -2.0, 0.02)))
    np.testing.assert_allclose(results[0], results[1], atol=1e-12)


@given(st.floats(0.1, 5), st.floats(0.5, 5), st.floats(0, 0.9))
def test_one_weight_rises_towards_its_reversal_potential(weight: float, e: float, onset: float) -> None:
    times = np.linspace(0, 60 * max(1.0, e / weight), 200)
    [trace] = membrane_trace(times, *(np.array([[x]]) for x in (onset, weight, weight / e, 0.0)))
    assert np.all(np.diff(trace) >= -1e-12)
    assert np.all(trace <= e * (1 + 1e-12))
    assert trace[-1] == pytest.approx(e, rel=1e-9)


def test_inputs_that_never_spike_change_nothing_and_warn_of_nothing() -> None:
    weights = np.array([[0.5, -0.4, 0.3, 0.2], [0.0, 0.0, 1.0, -1.0]])
    onsets = np.array([[0.2, np.inf, 0.6, np.inf], [np.inf, np.inf, np.inf, np.inf]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trace = membrane_trace(TIMES, onsets, *rates(weights, 3.0, -2.0, 0.01))
        few = membrane_trace(TIMES, onsets[:1, ::2], *rates(weights[:1, ::2], 3.0, -2.0, 0.01))
    np.testing.assert_allclose(trace[0], few[0], atol=1e-14)
    np.testing.assert_array_equal(trace[1], 0)


def test_onsets_before_the_window_count_as_its_start() -> None:
    early, zero = (membrane_trace(TIMES, np.array([[x]]), *(np.array([[y]]) for y in (1, 0.5, 0))) for x in (-0.3, 0.0))
    np.testing.assert_array_equal(early, zero)


def test_no_times_give_an_empty_trace() -> None:
    one = np.ones((3, 2))
    assert membrane_trace(np.empty(0), one, one, one, one).shape == (3, 0)


def test_a_membrane_that_runs_away_is_nan_from_then_on() -> None:
    # dv/dt = 2 (1 + v^2): v = tan 2t, infinite at pi / 4. The second input comes after that.
    times = np.array([0.7, 0.78, 0.79, 0.9, 1.0])
    onsets, drive, curve = np.array([[0.0, 0.8]]), np.array([[2.0, -1.0]]), np.array([[2.0, 0.0]])
    [trace] = membrane_trace(times, onsets, drive, np.zeros((1, 2)), curve)
    np.testing.assert_allclose(trace, [*np.tan(2 * times[:2]), *[np.nan] * 3], rtol=1e-11)


def test_a_membrane_from_far_below_is_followed_until_it_runs_away() -> None:
    # dv/dt = 1 + v^2 from -5: v = tan(t - atan 5), infinite at pi / 2 + atan 5 = 2.94.
    durations = np.array([0.5, 1.5, 1.6, 2.0, 2.9, 3.0])
    one = np.ones_like(durations)
    after = advance(-5 * one, durations, one, 0 * one, one)
    np.testing.assert_allclose(after, [*np.tan(durations[:-1] - math.atan(5)), np.nan], rtol=1e-10)
    # dv/dt = (v - 1) (v - 2) from 3: (v - 2) / (v - 1) = exp(t) / 2, infinite at log 2.
    after = advance(3 * one[:2], np.array([0.6, 0.7]), 2 * one[:2], 3 * one[:2], one[:2])
    ratio = math.exp(0.6) / 2
    np.testing.assert_allclose(after, [(2 - ratio) / (1 - ratio), np.nan], rtol=1e-12)
