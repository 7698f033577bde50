"""The crossing seen through two lags, against an integration of the lags themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from codesign.firing_lag import lagged_crossing

LAG = 0.012


def seen(distance: float, slope: float, guard: float, times: np.ndarray) -> np.ndarray:
    """What two lags see of a membrane that ends its window `distance` below 0 with a slope, and rides on a ramp of 1.

    Times count from the start of the ramp.
    """

    def membrane(t: float) -> float:
        return -distance + slope * min(t + guard, 0.0) + max(t, 0.0)

    def rates(t: float, y: np.ndarray) -> list[float]:
        return [(membrane(t) - y[0]) / LAG, (y[0] - y[1]) / LAG]

    # Long before, the lags have settled on the slope.
    start = -guard - 20 * LAG
    state = np.array([membrane(start) - slope * LAG, membrane(start) - 2 * slope * LAG])
    for begin, end in ((start, -guard), (-guard, 0.0)):
        if end > begin:
            state = solve_ivp(rates, (begin, end), state, rtol=1e-10, atol=1e-12).y[:, -1]
    return solve_ivp(rates, (0.0, times[-1]), state, t_eval=times, rtol=1e-10, atol=1e-12).y[1]


@settings(max_examples=60, deadline=None)
@given(st.floats(-0.1, 0.2), st.floats(-3, 3), st.sampled_from([0.0, 0.01, 0.03]))
def test_it_is_where_the_integrated_lags_cross(distance: float, slope: float, guard: float) -> None:
    [found] = lagged_crossing(np.array([distance + 2 * LAG]), np.array([slope]), LAG, guard)
    times = np.linspace(0, 0.5, 2001)
    y = seen(distance, slope, guard, times)
    if y[0] >= 1e-6:
        assert found == 0
    elif y[0] < -1e-6:
        first = int(np.argmax(y > 0))
        assert times[first - 1] - 1e-7 <= found <= times[first] + 1e-7
        assert np.interp(found, times, y) == pytest.approx(0, abs=1e-6)


def test_far_from_the_threshold_nothing_is_left_of_the_lags() -> None:
    far = np.array([[0.5, 0.9], [np.nan, 0.7]])
    times = lagged_crossing(far, np.array([[2.0, -2.0], [1.0, np.nan]]), LAG, 0.01)
    np.testing.assert_allclose(times, far, atol=1e-12)


def test_a_steeper_membrane_fires_later() -> None:
    slopes = np.linspace(-2, 2, 41)
    times = lagged_crossing(np.full(41, 1.8 * LAG), slopes, LAG, 0.01)
    assert (np.diff(times) >= 0).all()
    assert times[0] == 0
    assert times[-1] > LAG


def test_scaling_all_times_scales_the_crossing() -> None:
    far, slopes = np.linspace(0, 0.1, 31), np.linspace(-1, 2, 31)
    once = lagged_crossing(far, slopes, LAG, 0.01)
    np.testing.assert_allclose(lagged_crossing(7 * far, slopes, 7 * LAG, 0.07), 7 * once, rtol=1e-9)
