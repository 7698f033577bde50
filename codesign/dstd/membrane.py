"""DSTD: the membrane at the end of the window in O(steps x in x out), differentiable.

Each spike time becomes times on in equal intervals, by way of `steps` numbers (see `bases`). With A and N the
weights, and the weights below 0, times these, every interval has the closed form of `interval`, with

    a = A,   b = A / E_pos + N (1 / E_neg - 1 / E_pos),   c = kappa_pos A + N (kappa_neg - kappa_pos).

So two products a step serve whatever E and the curvature are. The backward pass is written by hand: a dense
layer keeps the spike times and A, and rebuilds N and the membrane.
"""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from codesign.dstd.bases import Basis
from codesign.dstd.checks import check_input, check_steps
from codesign.dstd.current import CurrentLaw, current_law
from codesign.dstd.interval import solve
from codesign.dstd.locality import arranged, pieces
from codesign.dstd.products import Convolution, Discretisation, Products, plus


def membrane(
    weight: Tensor,
    spike_times: Tensor,
    e_pos: float | Tensor,
    e_neg: float | Tensor,
    kappa_pos: float | Tensor = 0.0,
    kappa_neg: float | Tensor = 0.0,
    *,
    steps: int = 10,
    basis: Basis = "dstd",
) -> Tensor:
    """The membrane v(1) of a dense layer, by spike-time discretisation.

    Differentiable in the weights, the spike times and, given as tensors, the reversal potentials and
    curvatures. Under autocast it runs in float32, since P and N cancel.

    Args:
        weight: (out, in), float32 or float64, same dtype as the spike times.
        spike_times: (batch, in), 0 or later; 1 or more means never.
        e_pos: reversal potential of the weights >= 0, above 0; math.inf is ideal. A number or a scalar
            tensor.
        e_neg: reversal potential of the weights < 0, below 0; -math.inf is ideal.
        kappa_pos: curvature of the current of the weights >= 0.
        kappa_neg: curvature of the current of the weights < 0.
        steps: the number M of intervals, even for "cf4".
        basis: "dstd" (equation 2), "cf4" or "legendre", which reach the same error with fewer steps; see
            `bases`.

    Returns:
        (batch, out); infinite or NaN where a curvature drives the membrane to infinity within the window.

    Raises:
        DstdError: a shape, a dtype or a value is wrong.
    """
    law = current_law(e_pos, e_neg, kappa_pos, kappa_neg, weight)
    return discretised_membrane(weight, spike_times, law, Discretisation(steps, basis))


def membrane_conv2d(
    weight: Tensor,
    spike_times: Tensor,
    e_pos: float | Tensor,
    e_neg: float | Tensor,
    kappa_pos: float | Tensor = 0.0,
    kappa_neg: float | Tensor = 0.0,
    *,
    steps: int = 10,
    basis: Basis = "dstd",
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
    dilation: tuple[int, int] = (1, 1),
    groups: int = 1,
) -> Tensor:
    """The membrane v(1) of a convolutional layer; the padding never spikes. Otherwise as `membrane`.

    Args:
        weight: (out, channels / groups, kernel height, kernel width).
        spike_times: (batch, channels, height, width).
        e_pos: as in `membrane`, and so e_neg, kappa_pos, kappa_neg, steps and basis.
        stride: rows and columns from one output to the next, as in `torch.nn.functional.conv2d`.
        padding: rows and columns of inputs that never spike, added at each edge.
        dilation: rows and columns from one kernel element to the next.
        groups: independent groups of channels.

    Returns:
        (batch, out, output height, output width).

    Raises:
        DstdError: a shape, a dtype or a value is wrong.
    """
    law = current_law(e_pos, e_neg, kappa_pos, kappa_neg, weight)
    convolution = Convolution(stride, padding, dilation, groups)
    return discretised_membrane(weight, spike_times, law, Discretisation(steps, basis, convolution))


def discretised_membrane(
    weight: Tensor, spike_times: Tensor, law: CurrentLaw, discretisation: Discretisation
) -> Tensor:
    """The membrane v(1) of a layer whose current law is already checked; see `membrane`."""
    check_steps(discretisation.steps, discretisation.basis)
    device = spike_times.device.type
    if torch.is_autocast_enabled(device):
        with torch.autocast(device, enabled=False):
            return discretised_membrane(weight.float(), spike_times.float(), law.single(), discretisation)
    check_input(weight, spike_times, discretisation.convolution)
    parts = (spike_times,) if discretisation.convolution is None else pieces(spike_times, len(weight))
    membranes = [cast(Tensor, _Membrane.apply(weight, part, *law, discretisation)) for part in parts]  # pyright: ignore
    return membranes[0] if len(membranes) == 1 else torch.cat(membranes)


class _Membrane(Function):
    @staticmethod
    def forward(
        ctx: Any,
        weight: Tensor,
        spike_times: Tensor,
        inverse_e_pos: Tensor,
        inverse_e_neg: Tensor,
        kappa_pos: Tensor | None,
        kappa_neg: Tensor | None,
        discretisation: Discretisation,
    ) -> Tensor:
        law = CurrentLaw(inverse_e_pos, inverse_e_neg, kappa_pos, kappa_neg)
        products = Products(arranged(spike_times), *discretisation)
        total, negative = products.of(weight), products.of(weight.clamp(max=0))
        # A dense layer rebuilds the negative sums, which halves its memory for a seventh of its time.
        kept = total if products.convolution is None else total + negative
        ctx.save_for_backward(weight, spike_times, *law, *kept)
        ctx.discretisation = discretisation
        v = torch.zeros_like(total[0])
        for sums in products.on_intervals(total, negative):
            v = solve(law.coefficients(*sums)).advance(v)
        # However it was arranged, so that `view` takes the result as it does that of other layers.
        return v.contiguous()

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grad_outputs: Tensor
    ) -> tuple[Tensor | None, ...]:
        weight, spike_times, *rest = ctx.saved_tensors
        law, kept = CurrentLaw(*rest[:4]), rest[4:]
        products = Products(arranged(spike_times), *ctx.discretisation)
        negative_weight = weight.clamp(max=0)
        total, negative = kept[: products.steps], kept[products.steps :] or products.of(negative_weight)
        by_intervals, by_law = _trajectory_backward(
            arranged(grad_outputs[0]), products.on_intervals(total, negative), law, ctx.needs_input_grad[2:6]
        )
        by_sums = products.on_intervals_backward(by_intervals)
        (by_weight, by_negative), by_times = products.backward(
            by_sums, (weight, negative_weight), ctx.needs_input_grad[:2]
        )
        if by_weight is not None and by_negative is not None:
            # The sign is -1 or 0 here; `torch.where` costs several times as much on a CPU.
            by_weight.addcmul_(by_negative, negative_weight.sign_(), value=-1)
        return by_weight, by_times, *by_law, None


def _trajectory_backward(
    gradient: Tensor, sums: list[tuple[Tensor, Tensor]], law: CurrentLaw, wanted: Sequence[bool]
) -> tuple[list[tuple[Tensor, Tensor]], list[Tensor | None]]:
    """Gradients by the two sums of every interval, and by each requested scalar of the law.

    Repeats the forward pass: integrating the membrane backwards in time would be unstable.
    """
    intervals = [solve(law.coefficients(*pair)) for pair in sums]
    nodes = [torch.zeros_like(gradient)]
    for interval in intervals:
        nodes.append(interval.advance(nodes[-1]))
    by_sums: list[tuple[Tensor, Tensor]] = []
    by_law: list[Tensor | None] = [None] * len(law)
    for pair in reversed(sums):
        after, interval = nodes.pop(), intervals.pop()
        gradient, by_coefficients = interval.backward(gradient, nodes[-1], after)
        by_sums.append(law.sums_backward(by_coefficients))
        if any(wanted):
            for k, term in enumerate(law.scalars_backward(by_coefficients, *pair)):
                if wanted[k] and term is not None:
                    by_law[k] = plus(by_law[k], term)
    return by_sums[::-1], by_law
