"""When a comparator that is held until the ramp starts, and lags behind its input, decides."""

from typing import cast

import numpy as np
from scipy.special import lambertw, wrightomega  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from codesign.arrays import Floats


def decision_time(arrival: Floats, lag: float, hold: float) -> Floats:
    """When the comparator decides that the membrane has passed the threshold.

    In units of time of the ramp, the membrane is x = t - arrival from the threshold. The comparator's state y follows
    it by dy/dt = (x - y) / lag, starts at -hold when the ramp does, never falls below -hold, and decides at y = 0. So
    it leaves -hold at t = max(0, arrival - hold), and with x_0 = -min(arrival, hold) decides u lags later, where

        u + x_0 / lag - 1 = ((hold + x_0) / lag - 1) exp(-u),

    which Lambert's function W solves: u = W(b exp(c)) - c with b = (hold + x_0) / lag - 1 and c = x_0 / lag - 1.

    Args:
        arrival: when the ramp brings the membrane to the threshold, below 0 where it is above already; any shape, time
            from the start of the ramp.
        lag: time constant of the comparator, not below 0; unit as `arrival`.
        hold: how far below its decision the comparator is held, not below 0; unit as `arrival`.

    Returns:
        Time from the start of the ramp, same shape, not below 0 and not below `arrival`.
    """
    if lag == 0 or hold == 0:
        return np.maximum(arrival, 0.0)
    wait = np.maximum(arrival - hold, 0.0)
    start = -np.minimum(arrival, hold) / lag
    b, c = start + hold / lag - 1, start - 1
    # Far above the threshold exp(c) would overflow; W(exp(z)) is Wright's function.
    above = b > 0
    from_above = cast(Floats, wrightomega(c + np.log(np.where(above, b, 1.0))))
    from_below = cast(Floats, np.real(lambertw(np.where(above, 0.0, b) * np.exp(np.minimum(c, 0.0)))))
    lambert = np.where(above, from_above, from_below)
    return wait + lag * np.maximum(lambert - c, 0.0)


def decision_slope(arrival: Floats, decided: Floats, lag: float, hold: float) -> Floats:
    """The derivative of `decision_time` with respect to `arrival`: near 1 below the threshold, to 0 far above it.

    Args:
        arrival: as for `decision_time`.
        decided: what it returned.
        lag: time constant.
        hold: depth of the hold.
    """
    if lag == 0 or hold == 0:
        return (arrival > 0).astype(np.float64)
    left = np.exp(-decided / lag)
    moving = (1 - left) / (1 + ((hold - arrival) / lag - 1) * left)
    return np.where(arrival < hold, moving, 1.0)
