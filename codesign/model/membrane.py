"""Exact solution of the membrane ODE in NumPy: piecewise closed form between sorted events."""

import numpy as np

from codesign.arrays import Floats

_SERIES_BELOW = 1e-4
"""Below this |x| the tangent's power series is exact to rounding: x^6 is under 1e-24."""


def membrane_trace(
    times: Floats,
    onsets: Floats,
    drive: Floats,
    fall: Floats,
    curve: Floats,
    load: Floats | None = None,
    leak: tuple[Floats, Floats, Floats] | None = None,
    start: Floats | float = 0.0,
) -> Floats:
    """Solve dv/dt = sum_j (drive_j - fall_j v + curve_j v^2) theta(t - onset_j), v(0) = start, for many neurons.

    Between events the coefficients A, B, C are constant and the solution is closed: with f = A - B v + C v^2,
    s^2 = B^2 - 4 A C and q = tanh(s d / 2) / s, v(t + d) = v + 2 f q / (1 + (B - 2 C v) q); s imaginary gives
    the tangent, C = 0 the exponential of equation (1).

    Args:
        times: of the trace, shape (samples,), any order, not negative; units as the onsets.
        onsets: when each input's current starts, shape (neurons, inputs); infinity means never. Onsets before 0
            count as 0.
        drive: A of each input, shape (neurons, inputs).
        fall: B of each input, same shape.
        curve: C of each input, same shape.
        load: what each input adds to the capacitance once its current flows, as a share of it before any does, same
            shape: A, B and C of an interval are divided by 1 plus the sum of what has started. None adds nothing.
        leak: A, B and C of what flows from the start, each of shape (neurons,). None: nothing does.
        start: where each starts, shape (neurons,) or one for all.

    Returns:
        v at `times`, shape (neurons, samples), float64; NaN once a curvature has driven v to infinity.
    """
    order = np.argsort(onsets, axis=1)
    starts = np.maximum(np.take_along_axis(onsets, order, axis=1), 0.0)
    neurons = onsets.shape[0]
    zero = np.zeros((neurons, 1))

    def running(rates: Floats) -> Floats:
        return np.concatenate([zero, np.cumsum(np.take_along_axis(rates, order, axis=1), axis=1)], axis=1)

    a, b, c = running(drive), running(fall), running(curve)
    if leak is not None:
        a, b, c = (sums + steady[:, None] for sums, steady in zip((a, b, c), leak, strict=True))
    if load is not None:
        capacitance = 1 + running(load)
        a, b, c = a / capacitance, b / capacitance, c / capacitance
    # What starts after the last time changes nothing: ending every interval there keeps infinity out.
    edges = np.minimum(np.concatenate([zero, starts], axis=1), times.max(initial=0.0))
    v = np.zeros((neurons, edges.shape[1]))
    v[:, 0] = start
    for event in range(1, edges.shape[1]):
        before = event - 1
        duration = edges[:, event] - edges[:, before]
        v[:, event] = advance(v[:, before], duration, a[:, before], b[:, before], c[:, before])
    interval = np.sum(edges[:, None, :] <= times[None, :, None], axis=2) - 1

    def at_interval(values: Floats) -> Floats:
        return np.take_along_axis(values, interval, axis=1)

    return advance(at_interval(v), times[None, :] - at_interval(edges), at_interval(a), at_interval(b), at_interval(c))


def advance(v: Floats, duration: Floats, a: Floats, b: Floats, c: Floats) -> Floats:
    """v after `duration` of dv/dt = a - b v + c v^2; arrays of one shape. NaN beyond infinity."""
    half = duration / 2
    square = b * b - 4 * a * c
    s = np.sqrt(np.abs(square))
    x = s * half
    safe = np.where(x < _SERIES_BELOW, 1.0, x)
    ratio = np.where(square >= 0, np.tanh(safe) / safe, np.tan(safe) / safe)
    signed = np.sign(square) * x * x
    series = 1 - signed / 3 + 2 * signed * signed / 15
    q = half * np.where(x < _SERIES_BELOW, series, ratio)
    rate = a - b * v + c * v * v
    falling = b - 2 * c * v
    denominator = 1 + falling * q
    # The denominator's first root is where v becomes infinite; with a tangent it may also jump in sign before that.
    beyond = np.where(square < 0, x >= np.arctan2(s, -falling), denominator <= 0)
    return np.where(beyond, np.nan, v + 2 * rate * q / denominator)
