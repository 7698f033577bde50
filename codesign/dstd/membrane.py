"""DSTD: the membrane at the end of the window in O(steps x in x out), differentiable.

Each spike time becomes constant on-states on `steps` equal intervals (see `bases`). With P and N the sums of
the weights >= 0 and < 0 that are on, every interval has the closed form of `interval`, with

    a = P + N,   b = P / E_pos + N / E_neg,   c = kappa_pos P + kappa_neg N.

So two products give an interval whatever E and the curvature are. The backward pass is written by hand: it
keeps the spike times and P, and rebuilds the on-states, N and the membrane, which costs one product in seven.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from codesign.dstd.bases import Basis, on_state_slopes, on_states
from codesign.dstd.checks import check_input, check_steps
from codesign.dstd.current import CurrentLaw, current_law
from codesign.dstd.interval import advance, advance_backward
from codesign.dstd.products import Convolution, product, product_backward


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
        basis: "dstd" (equation 2, order 2) or "cf4" (the same cost, fourth-order Magnus).

    Returns:
        (batch, out); NaN where a curvature drives the membrane to infinity within the window.

    Raises:
        DstdError: a shape, a dtype or a value is wrong.
    """
    return discretised_membrane(
        weight, spike_times, current_law(e_pos, e_neg, kappa_pos, kappa_neg, weight), steps=steps, basis=basis
    )


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
    return discretised_membrane(weight, spike_times, law, steps=steps, basis=basis, convolution=convolution)


def discretised_membrane(
    weight: Tensor,
    spike_times: Tensor,
    law: CurrentLaw,
    *,
    steps: int,
    basis: Basis,
    convolution: Convolution | None = None,
) -> Tensor:
    """The membrane v(1) of a layer whose current law is already checked; see `membrane`."""
    check_steps(steps, basis)
    device = spike_times.device.type
    if torch.is_autocast_enabled(device):
        with torch.autocast(device, enabled=False):
            single = CurrentLaw(*(None if value is None else value.float() for value in law))
            return discretised_membrane(
                weight.float(), spike_times.float(), single, steps=steps, basis=basis, convolution=convolution
            )
    check_input(weight, spike_times, dimensions=2 if convolution is None else 4)
    return _Membrane.apply(weight, spike_times, *law, steps, basis, convolution)


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
        steps: int,
        basis: Basis,
        convolution: Convolution | None,
    ) -> Tensor:
        law = CurrentLaw(inverse_e_pos, inverse_e_neg, kappa_pos, kappa_neg)
        states = on_states(spike_times, steps, basis).flatten(0, 1)
        positive = product(states, weight.clamp(min=0), convolution)
        negative = product(states, weight.clamp(max=0), convolution)
        ctx.save_for_backward(weight, spike_times, positive, *law)
        ctx.steps, ctx.basis, ctx.convolution = steps, basis, convolution
        return _trajectory(positive, negative, law, steps)[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        weight, spike_times, positive, *scalars = ctx.saved_tensors
        law = CurrentLaw(*scalars)
        steps, basis, convolution = ctx.steps, ctx.basis, ctx.convolution
        positive_weight, negative_weight = weight.clamp(min=0), weight.clamp(max=0)
        states = on_states(spike_times, steps, basis).flatten(0, 1)
        negative = product(states, negative_weight, convolution)
        by_positive, by_negative, by_law = _trajectory_backward(
            gradient, positive, negative, law, steps, ctx.needs_input_grad[2:6]
        )
        wanted = (ctx.needs_input_grad[1], ctx.needs_input_grad[0])
        states_pos, weight_pos = product_backward(by_positive, states, positive_weight, convolution, wanted)
        states_neg, weight_neg = product_backward(by_negative, states, negative_weight, convolution, wanted)
        by_weight = by_times = None
        if weight_pos is not None and weight_neg is not None:
            by_weight = torch.where(weight >= 0, weight_pos, weight_neg)
        if states_pos is not None and states_neg is not None:
            slopes = on_state_slopes(spike_times, steps, basis)
            by_times = states_pos.add_(states_neg).view_as(slopes).mul_(slopes).sum(dim=0)
        return by_weight, by_times, *by_law, None, None, None


def _trajectory(positive: Tensor, negative: Tensor, law: CurrentLaw, steps: int) -> list[Tensor]:
    """The membrane at the steps + 1 nodes, from the sums P and N of all intervals, stacked along the
    batch."""
    nodes = [torch.zeros_like(positive[: len(positive) // steps])]
    for on_positive, on_negative in zip(positive.chunk(steps), negative.chunk(steps), strict=True):
        nodes.append(advance(nodes[-1], law.coefficients(on_positive, on_negative), 1 / steps))
    return nodes


def _trajectory_backward(
    gradient: Tensor,
    positive: Tensor,
    negative: Tensor,
    law: CurrentLaw,
    steps: int,
    wanted: tuple[bool, ...],
) -> tuple[Tensor, Tensor, list[Tensor | None]]:
    """Gradients by P and N, both as stacked as they are, and by each scalar of the law that is wanted."""
    nodes = _trajectory(positive, negative, law, steps)
    by_positive, by_negative = torch.empty_like(positive), torch.empty_like(negative)
    by_law = [torch.zeros_like(scalar) if want else None for scalar, want in zip(law, wanted, strict=True)]
    intervals = [tensor.chunk(steps) for tensor in (positive, negative, by_positive, by_negative)]
    for m, (on_positive, on_negative, to_positive, to_negative) in reversed(
        list(enumerate(zip(*intervals, strict=True)))
    ):
        coefficients = law.coefficients(on_positive, on_negative)
        gradient, (by_constant, by_linear, by_quadratic) = advance_backward(
            gradient, nodes[m], nodes[m + 1], coefficients, 1 / steps
        )
        torch.addcmul(by_constant, law.inverse_e_pos, by_linear, out=to_positive)
        torch.addcmul(by_constant, law.inverse_e_neg, by_linear, out=to_negative)
        if by_quadratic is not None:
            to_positive.addcmul_(law.kappa_pos, by_quadratic)
            to_negative.addcmul_(law.kappa_neg, by_quadratic)
        pairs = (
            (by_linear, on_positive),
            (by_linear, on_negative),
            (by_quadratic, on_positive),
            (by_quadratic, on_negative),
        )
        for total, (by_coefficient, on) in zip(by_law, pairs, strict=True):
            if total is not None:
                total.add_((by_coefficient * on).sum())
    return by_positive, by_negative, by_law
