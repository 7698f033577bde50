"""When a comparator that lags behind its input fires."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TOLERANCE = 1e-12
"""Of the crossing, in lags."""

_SETTLED = 30.0
"""After so many lags a transient is gone to rounding."""


def lagged_crossing(far: Floats, steepness: Floats, lag: float, guard: float) -> Floats:
    """When a membrane, seen through two equal lags one after the other, crosses the threshold.

    The membrane rises (or falls) up to the window's end, rests for the guard time and then rides on the ramp, from
    t = 0. Each lag follows its input x by dy/dt = (x - y) / lag. What they see at t = u lag, in ramp slopes times lags,
    is the ramp, u - 2 + (u + 2) exp(-u), and what is left of the membrane's own slope, s (u + g + 2) exp(-u) below it,
    so that the crossing solves

        u + (u + 2) exp(-u) - s (u + g + 2) exp(-u) = far / lag, s = steepness exp(-g), g = guard / lag.

    Args:
        far: when it would cross if both transients were over, any shape; time from the start of the ramp.
        steepness: slope of the membrane at the window's end in slopes of the ramp; same shape.
        lag: time constant of each lag, above 0; unit as `far`.
        guard: from the end of the window to the start of the ramp; unit as `far`.

    Returns:
        Time from the start of the ramp, same shape; 0 where the crossing came before the ramp.
    """
    times = np.array(far, dtype=np.float64)
    rest = np.exp(-guard / lag) * np.broadcast_to(steepness, times.shape)
    # Without a transient the two sides are equal.
    near = times < lag * (_SETTLED + np.abs(rest))
    times[near] = lag * _crossing(times[near] / lag, rest[near], guard / lag)
    return times


def _crossing(a: Floats, s: Floats, g: float) -> Floats:
    """Newton's method, kept between bounds: where the seen membrane starts below the threshold it crosses it once."""

    def shortfall(u: Floats) -> Floats:
        return a - u - ((1 - s) * (u + 2) - s * g) * np.exp(-u)

    below = shortfall(np.zeros_like(a)) > 0
    low, high = np.zeros_like(a), np.maximum(a, 0) + np.maximum(s, 0) * (2 + g)
    u = np.maximum(a, 0)
    for _ in range(100):
        missing = shortfall(u)
        low, high = np.where(missing > 0, u, low), np.where(missing > 0, high, u)
        slope = 1 - ((1 - s) * (u + 1) - s * g) * np.exp(-u)
        step = np.divide(missing, slope, out=np.full_like(u, np.inf), where=slope > 0)
        following = np.where((u + step > low) & (u + step < high), u + step, (low + high) / 2)
        moved = np.abs(following - u)[below].max(initial=0.0)
        u = following
        if moved < _TOLERANCE:
            break
    return np.where(below, u, 0.0)
