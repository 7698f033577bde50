"""The exact solution: the spikes in order of time, and the closed form between one and the next."""

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from codesign.dstd.checks import check_input, check_spike_times
from codesign.dstd.current import current_law
from codesign.dstd.interval import Coefficients, solve


def exact_membrane(
    weight: Tensor,
    spike_times: Tensor,
    e_pos: float | Tensor,
    e_neg: float | Tensor,
    kappa_pos: float | Tensor = 0.0,
    kappa_neg: float | Tensor = 0.0,
) -> Tensor:
    """The membrane v(1) of equation (1), exact but for rounding, with exact gradients.

    The reference for every discretisation. Time is proportional to in x in x out per sample at
    worst in gradients, in x out without; gradients keep several (batch, out) tensors per input. Use it under
    `torch.no_grad` to judge a network, and `membrane` to train one.

    Args:
        weight: (out, in), float32 or float64, same dtype as the spike times.
        spike_times: (batch, in), 0 or later; 1 or more means never.
        e_pos: reversal potential of the weights >= 0, above 0; math.inf is ideal.
        e_neg: reversal potential of the weights < 0, below 0; -math.inf is ideal.
        kappa_pos: curvature of the current of the weights >= 0.
        kappa_neg: curvature of the current of the weights < 0.

    Returns:
        (batch, out); infinite or NaN where a curvature drives the membrane to infinity within the window.

    Raises:
        DstdError: a shape, a dtype or a value is wrong.
    """
    check_input(weight, spike_times)
    check_spike_times(spike_times)
    law = current_law(e_pos, e_neg, kappa_pos, kappa_neg, weight)
    times, order = spike_times.clamp(max=1).sort(dim=1)
    events = int((times < 1).sum(dim=1).max()) if times.numel() else 0
    ends = torch.cat((times[:, 1:], torch.ones_like(times[:, :1])), dim=1)
    # One row an input. `where` rather than `clamp`, so that a weight of 0 has the gradient of a positive one.
    total_rows, negative_rows = weight.t(), torch.where(weight < 0, weight, 0).t()
    total = negative = v = weight.new_zeros(len(spike_times), len(weight))
    for k in range(events):
        total = total + total_rows[order[:, k]]
        negative = negative + negative_rows[order[:, k]]
        duration = (ends[:, k] - times[:, k]).unsqueeze(1)
        coefficients = law.coefficients(total * duration, negative * duration)
        v = cast(Tensor, _Advance.apply(v, *coefficients))  # pyright: ignore
    return v


class _Advance(Function):
    """One interval, with the hand-written gradients, which hold where automatic ones are 0/0."""

    @staticmethod
    def forward(ctx: Any, before: Tensor, a: Tensor, b: Tensor, c: Tensor | None) -> Tensor:
        after = solve(Coefficients(a, b, c)).advance(before)
        ctx.save_for_backward(before, after, a, b, c)
        return after

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grad_outputs: Tensor
    ) -> tuple[Tensor | None, ...]:
        before, after, *coefficients = ctx.saved_tensors
        interval = solve(Coefficients(*coefficients))
        by_before, by_coefficients = interval.backward(grad_outputs[0], before, after)
        return by_before, *by_coefficients
