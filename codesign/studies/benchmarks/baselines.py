"""The alternatives to DSTD, as good as plain PyTorch allows: all give v(1) and leave gradients to
autograd.

Each takes (weight (out, in), spike_times (batch, in), e_pos, e_neg) and returns (batch, out). None knows
curvature.
"""

import importlib.util
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

Layer = Callable[[Tensor, Tensor, float, float], Tensor]

TORCHDIFFEQ_INSTALLED = importlib.util.find_spec("torchdiffeq") is not None


def linear_relu(weight: Tensor, spike_times: Tensor, e_pos: float, e_neg: float) -> Tensor:
    """The floor: an ideal dense layer and its nonlinearity."""
    return F.relu(F.linear(spike_times, weight))


def event_loop(weight: Tensor, spike_times: Tensor, e_pos: float, e_neg: float) -> Tensor:
    """The exact solution, one spike after another, as one writes it: each spike looks up its weights."""
    times, order = spike_times.sort(dim=1)
    columns = weight.t()
    return _one_after_another(times, (columns[event] for event in order.unbind(1)), e_pos, e_neg)


def gathered_event_loop(weight: Tensor, spike_times: Tensor, e_pos: float, e_neg: float) -> Tensor:
    """The same with all weights looked up beforehand, which spares autograd a weight-sized gradient for every
    spike."""
    times, rows = _sorted_rows(weight, spike_times)
    return _one_after_another(times, rows.unbind(1), e_pos, e_neg)


def sorted_sums(weight: Tensor, spike_times: Tensor, e_pos: float, e_neg: float) -> Tensor:
    """The exact solution, all intervals at once by cumulative sums over the sorted spikes."""
    times, rows = _sorted_rows(weight, spike_times)
    on_positive, on_negative = rows.clamp(min=0).cumsum(1), rows.clamp(max=0).cumsum(1)
    rate = on_positive / e_pos + on_negative / e_neg
    exponent = rate * _durations(times).unsqueeze(2)
    gain = (on_positive + on_negative) * -torch.expm1(-exponent) / rate
    later = exponent.sum(1, keepdim=True) - exponent.cumsum(1)
    return (gain * torch.exp(-later)).sum(1)


def dopri5(weight: Tensor, spike_times: Tensor, e_pos: float, e_neg: float) -> Tensor:
    """torchdiffeq's adaptive solver, relative tolerance 1e-3; gives no gradient of the spike times."""
    return _integrate(weight, spike_times, e_pos, e_neg, method="dopri5", rtol=1e-3, atol=1e-3)


def rk4(weight: Tensor, spike_times: Tensor, e_pos: float, e_neg: float) -> Tensor:
    """torchdiffeq's fixed grid of ten steps; gives no gradient of the spike times."""
    return _integrate(weight, spike_times, e_pos, e_neg, method="rk4", options={"step_size": 0.1})


def _sorted_rows(weight: Tensor, spike_times: Tensor) -> tuple[Tensor, Tensor]:
    """Sorted times (batch, in) and the weights in that order (batch, in, out)."""
    times, order = spike_times.sort(dim=1)
    return times, weight.t()[order]


def _durations(times: Tensor) -> Tensor:
    """From each spike to the next, the last to the end of the window, (batch, in)."""
    return torch.diff(times, dim=1, append=torch.ones_like(times[:, :1]))


def _one_after_another(times: Tensor, rows: Iterable[Tensor], e_pos: float, e_neg: float) -> Tensor:
    on_positive = on_negative = v = torch.zeros(())
    for duration, row in zip(_durations(times).unbind(1), rows, strict=True):
        on_positive, on_negative = on_positive + row.clamp(min=0), on_negative + row.clamp(max=0)
        rate = on_positive / e_pos + on_negative / e_neg
        decay = torch.exp(-rate * duration.unsqueeze(1))
        v = v * decay + (on_positive + on_negative) * (1 - decay) / rate
    return v


def _integrate(weight: Tensor, spike_times: Tensor, e_pos: float, e_neg: float, **solver: Any) -> Tensor:
    from torchdiffeq import odeint  # pyright: ignore

    positive, negative = weight.clamp(min=0), weight.clamp(max=0)

    def slope(time: Tensor, v: Tensor) -> Tensor:
        on = (spike_times <= time).to(v.dtype)
        on_positive, on_negative = F.linear(on, positive), F.linear(on, negative)
        return on_positive + on_negative - (on_positive / e_pos + on_negative / e_neg) * v

    start = spike_times.new_zeros(len(spike_times), len(weight))
    window = torch.tensor([0.0, 1.0], dtype=start.dtype, device=start.device)
    return odeint(slope, start, window, **solver)[-1]  # pyright: ignore
