"""How a spike time becomes a few numbers, and those numbers constant on-states on equal intervals.

All bases keep the integral of theta(t - t_j) over the window exact, and so are exact at E = infinity. With M
steps each takes M products with the weights.

- "dstd": the mean of the step over each of M intervals, which is the sum (2) of hat functions up to that
interval.
  Order 2.
- "cf4": the commutator-free fourth-order Magnus scheme on M/2 pairs of intervals, with the exact mean and
first
  moment of the step over each pair.
- "legendre": the projection of the step on the polynomials of degree below M. The sums over the synapses are
then
  polynomials in time, and are integrated by "cf4" on M pairs of intervals, which takes no product with the
  weights.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeVar

from torch import Tensor

Basis = Literal["dstd", "cf4", "legendre"]

Number = TypeVar("Number", float, Tensor)


def on_state(spike_times: Tensor, index: int, steps: int, basis: Basis) -> Tensor:
    """One of the numbers of every spike time: its time on in an interval, or its coefficient of a polynomial.

    Args:
        spike_times: any shape; 1 or more means that the input never spikes.
        index: 0 to steps - 1.
        steps: M, even for "cf4".
        basis: in intervals, "dstd" gives values in [0, 1] and "cf4" in [-0.125, 1.125]; "legendre" in [-1,
            1].

    Returns:
        The shape of `spike_times`; times on are in windows.
    """
    if basis == "dstd":
        return ((index + 1) / steps - spike_times).clamp_(0, 1 / steps)
    if basis == "cf4":
        x = _covered(spike_times, index // 2, steps // 2).clamp_(0, 1)
        slope = 3 - 2 * x if index % 2 else 2 * x - 1
        return slope.mul_(x).div_(steps)
    # (2 k + 1) / 2 times the integral of P_k from the spike to the end of the window.
    below, _, above = _legendre(_in_window(spike_times), index + 1)[-3:]
    return (below - above).div_(2)


def on_state_slope(spike_times: Tensor, index: int, steps: int, basis: Basis) -> Tensor:
    """Derivative of `on_state` with respect to the spike time, of the same shape.

    On a node it is that of the interval after it, so that a spike exactly on the grid is counted once.
    """
    if basis == "dstd":
        return _holds_spike(_covered(spike_times, index, steps)).neg_()
    if basis == "cf4":
        x = _covered(spike_times, index // 2, steps // 2)
        slope = 2 * x - 1.5 if index % 2 else 0.5 - 2 * x
        return slope.mul_(_holds_spike(x))
    spikes = (spike_times < 1).to(spike_times.dtype)
    return spikes.mul_(_legendre(_in_window(spike_times), index)[-1]).mul_(-(2 * index + 1))


def mixing(steps: int, basis: Basis) -> tuple[tuple[float, ...], ...] | None:
    """What makes times on in intervals out of the M numbers: a matrix (intervals, steps), None for the
    identity."""
    return _polynomial_mixing(steps) if basis == "legendre" else None


@lru_cache
def _polynomial_mixing(steps: int) -> tuple[tuple[float, ...], ...]:
    """Times on in "cf4" on `steps` pairs of intervals, out of the coefficients of Legendre polynomials."""
    edges = [2 * pair / steps - 1 for pair in range(steps + 1)]
    rows: list[tuple[float, ...]] = []
    for start, end in pairwise(edges):
        means, moments = _means_and_first_moments(start, end, steps)
        for side in (-4, 4):
            rows.append(
                tuple((mean + side * moment) / (2 * steps) for mean, moment in zip(means, moments, strict=True))
            )
    return tuple(rows)


def _covered(spike_times: Tensor, interval: int, intervals: int) -> Tensor:
    """Part of the interval that lies after the spike: above 1 for an earlier spike, below 0 for a later
    one."""
    # A spike at infinity is one at 2, which keeps the products above finite.
    return spike_times.clamp(max=2).mul_(-intervals).add_(interval + 1)


def _holds_spike(covered: Tensor) -> Tensor:
    return (covered.ceil() == 1).to(covered.dtype)


def _in_window(spike_times: Tensor) -> Tensor:
    """The window as [-1, 1], a spike that never comes at its end."""
    return spike_times.clamp(0, 1).mul_(2).sub_(1)


def _legendre(x: Number, degree: int) -> list[Number]:
    """Legendre polynomials of degree -1 (which is 1, as that of degree 0) to `degree`."""
    values: list[Number] = [x * 0 + 1, x * 0 + 1, x]
    for n in range(1, degree):
        values.append(((2 * n + 1) * x * values[-1] - n * values[-2]) / (n + 1))
    return values[: degree + 2]


def _means_and_first_moments(start: float, end: float, count: int) -> tuple[list[float], list[float]]:
    """Of the Legendre polynomials of degree below `count` on an interval, the moment about its middle, of
    length 1."""
    length, middle = end - start, (start + end) / 2
    at_start, at_end = _legendre(start, count + 1), _legendre(end, count + 1)
    # The antiderivative of P_n is (P_(n+1) - P_(n-1)) / (2 n + 1).
    integrals = [(at_end[n + 2] - at_end[n] - at_start[n + 2] + at_start[n]) / (2 * n + 1) for n in range(count + 1)]
    moments: list[float] = []
    for n in range(count):
        # x P_n = ((n + 1) P_(n+1) + n P_(n-1)) / (2 n + 1).
        below = n * integrals[n - 1] if n else 0.0
        first = ((n + 1) * integrals[n + 1] + below) / (2 * n + 1)
        moments.append((first - middle * integrals[n]) / length**2)
    return [integral / length for integral in integrals[:count]], moments
