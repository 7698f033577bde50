"""How a spike time becomes constant on-states on M equal intervals.

Both bases keep the integral of theta(t - t_j) over the window exact, so that both are exact at E = infinity.
The sum (2) of hat functions over the intervals up to m is the mean of the step over interval m, coded as that
mean directly (basis "dstd", order 2). Basis "cf4" is the commutator-free fourth-order Magnus scheme with
exact first
moments: it keeps the integral and the first moment of the step exact on pairs of intervals.
"""

from typing import Literal

from torch import Tensor

Basis = Literal["dstd", "cf4"]


def on_state(spike_times: Tensor, interval: int, steps: int, basis: Basis) -> Tensor:
    """On-state of every input on one interval.

    Args:
        spike_times: any shape; 1 or more means that the input never spikes.
        interval: 0 to steps - 1.
        steps: the number M of intervals, even for "cf4".
        basis: "dstd" gives values in [0, 1]; "cf4" in [-0.125, 1.125].

    Returns:
        The shape of `spike_times`.
    """
    if basis == "dstd":
        return _covered(spike_times, interval, steps).clamp_(0, 1)
    x = _covered(spike_times, interval // 2, steps // 2).clamp_(0, 1)
    return x * (3 - 2 * x) if interval % 2 else x * (2 * x - 1)


def on_state_slope(spike_times: Tensor, interval: int, steps: int, basis: Basis) -> Tensor:
    """Derivative of `on_state` by the spike time, of the same shape.

    On a node it is that of the interval after it, so that a spike exactly on the grid is counted once.
    """
    if basis == "dstd":
        return _holds_spike(_covered(spike_times, interval, steps)).mul_(-steps)
    pairs = steps // 2
    x = _covered(spike_times, interval // 2, pairs)
    slope = 3 - 4 * x if interval % 2 else 4 * x - 1
    return slope.mul_(_holds_spike(x)).mul_(-pairs)


def _covered(spike_times: Tensor, interval: int, intervals: int) -> Tensor:
    """Part of the interval that lies after the spike: above 1 for an earlier spike, below 0 for a later
    one."""
    # A spike at infinity is one at 2, which keeps the products above finite.
    return spike_times.clamp(max=2).mul_(-intervals).add_(interval + 1)


def _holds_spike(covered: Tensor) -> Tensor:
    return (covered.ceil() == 1).to(covered.dtype)
