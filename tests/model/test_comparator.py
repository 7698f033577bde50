"""When the comparator decides, against an integration of its own equation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from codesign.model.comparator import decision_slope, decision_time

LAG, HOLD = 0.03, 0.02


def integrated_decision(arrival: float, lag: float, hold: float) -> float:
    """The state's first zero: a held comparator leaves its floor as soon as its rate is upward."""

    def rate(t: float, y: np.ndarray) -> list[float]:
        upward = (t - arrival - y[0]) / lag
        return [max(upward, 0.0) if y[0] <= -hold else upward]

    def decided(t: float, y: np.ndarray) -> float:
        return y[0]

    decided.terminal = True  # type: ignore[attr-defined]
    end = max(arrival, 0.0) + hold + 10 * lag
    solution = solve_ivp(rate, (0, end), [-hold], events=decided, rtol=1e-9, atol=1e-12, max_step=lag / 20)
    [[time]] = solution.t_events
    return float(time)


@settings(max_examples=40, deadline=None)
@given(
    arrival=st.floats(-0.3, 0.6),
    lag=st.sampled_from([0.004, 0.03, 0.2]),
    hold=st.sampled_from([0.002, 0.02, 0.1]),
)
def test_it_is_when_the_integrated_state_decides(arrival: float, lag: float, hold: float) -> None:
    [found] = decision_time(np.array([arrival]), lag, hold)
    assert found == pytest.approx(integrated_decision(arrival, lag, hold), abs=2e-6)


def test_a_comparator_without_lag_or_hold_decides_when_the_membrane_arrives() -> None:
    arrivals = np.array([-0.2, 0.0, 0.3])
    np.testing.assert_array_equal(decision_time(arrivals, 0.0, HOLD), [0.0, 0.0, 0.3])
    np.testing.assert_array_equal(decision_time(arrivals, LAG, 0.0), [0.0, 0.0, 0.3])
    np.testing.assert_array_equal(decision_slope(arrivals, np.maximum(arrivals, 0), 0.0, HOLD), [0.0, 0.0, 1.0])


def test_below_the_threshold_the_decision_comes_one_delay_after_the_arrival() -> None:
    arrivals = np.linspace(HOLD, 0.9, 20)
    delays = decision_time(arrivals, LAG, HOLD) - arrivals
    np.testing.assert_allclose(delays, delays[0], rtol=1e-12)
    # From its floor the state follows the ramp: y(s) = s - hold - lag (1 - exp(-s / lag)) from x = -hold on.
    s = delays[0] + HOLD
    assert s - HOLD - LAG * (1 - np.exp(-s / LAG)) == pytest.approx(0, abs=1e-12)


def test_far_above_the_threshold_the_decision_takes_the_time_that_a_step_takes() -> None:
    # y moves by hold at the rate (overdrive + hold) / lag, when both are far greater than what the ramp adds.
    overdrive = np.array([50.0, 500.0])
    np.testing.assert_allclose(decision_time(-overdrive, LAG, HOLD), LAG * HOLD / overdrive, rtol=2e-3)


@given(arrival=st.floats(-0.2, 0.5), lag=st.sampled_from([0.01, 0.03]), hold=st.sampled_from([0.005, 0.02]))
def test_the_slope_is_that_of_the_time(arrival: float, lag: float, hold: float) -> None:
    step = 1e-6
    if abs(arrival - hold) < 2 * step:  # the slope is continuous there, its own slope is not
        arrival = hold + 3 * step
    around = decision_time(np.array([arrival - step, arrival, arrival + step]), lag, hold)
    [slope] = decision_slope(np.array([arrival]), around[1:2], lag, hold)
    assert slope == pytest.approx((around[2] - around[0]) / (2 * step), abs=1e-4)
    assert 0 < slope <= 1


def test_a_higher_membrane_never_decides_later() -> None:
    times = decision_time(np.linspace(-1, 1, 4001), LAG, HOLD)
    assert (np.diff(times) > 0).all()
    assert (times > 0).all()


def test_scaling_all_times_scales_the_decision() -> None:
    arrivals = np.linspace(-0.1, 0.1, 31)
    once = decision_time(arrivals, LAG, HOLD)
    np.testing.assert_allclose(decision_time(7 * arrivals, 7 * LAG, 7 * HOLD), 7 * once, rtol=1e-9)


def test_a_membrane_that_has_run_away_has_no_time_and_spoils_no_other() -> None:
    times = decision_time(np.array([[np.nan, 0.1], [0.2, np.nan]]), LAG, HOLD)
    np.testing.assert_array_equal(np.isnan(times), [[True, False], [False, True]])
