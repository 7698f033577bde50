"""How a spike time becomes constant on-states on M equal intervals.

Both bases keep the integral of theta(t - t_j) over the window exact, so that both are exact at E = infinity.
The sum (2) of hat functions over the intervals up to m is the mean of the step over interval m, coded as that
mean directly (basis "dstd", order 2). Basis "cf4" is the commutator-free fourth-order Magnus scheme with
exact first
moments: it keeps the integral and the first moment of the step exact on pairs of intervals.
"""

from typing import Literal

import torch
from torch import Tensor

Basis = Literal["dstd", "cf4"]


def on_states(spike_times: Tensor, steps: int, basis: Basis) -> Tensor:
    """On-state of every input on every interval.

    Args:
        spike_times: any shape; 1 or more means that the input never spikes.
        steps: the number M of intervals, even for "cf4".
        basis: "dstd" gives values in [0, 1]; "cf4" in [-0.125, 1.125].

    Returns:
        (steps, *spike_times.shape).
    """
    if basis == "dstd":
        return _covered(spike_times, steps).clamp_(0, 1)
    x = _covered(spike_times, steps // 2).clamp_(0, 1)
    return torch.stack((x * (2 * x - 1), x * (3 - 2 * x)), dim=1).flatten(0, 1)


def on_state_slopes(spike_times: Tensor, steps: int, basis: Basis) -> Tensor:
    """Derivatives of `on_states` by the spike times, of the same shape.

    On a node the derivative is that of the interval after it, so that a spike exactly on the grid is counted
    once.
    """
    if basis == "dstd":
        return _holds_spike(_covered(spike_times, steps)) * -float(steps)
    pairs = steps // 2
    x = _covered(spike_times, pairs)
    scale = _holds_spike(x) * -float(pairs)
    return torch.stack((scale * (4 * x - 1), scale * (3 - 4 * x)), dim=1).flatten(0, 1)


def _covered(spike_times: Tensor, intervals: int) -> Tensor:
    """Part of each interval that lies after the spike: above 1 before the interval, below 0 after it."""
    ends = torch.arange(1, intervals + 1, dtype=spike_times.dtype, device=spike_times.device)
    # A spike at infinity is a spike at 1, kept finite for the products of "cf4".
    times = spike_times.clamp(max=1)
    return ends.view(-1, *[1] * times.dim()) - intervals * times


def _holds_spike(covered: Tensor) -> Tensor:
    return ((covered > 0) & (covered <= 1)).to(covered.dtype)
