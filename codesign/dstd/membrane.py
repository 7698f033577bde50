"""DSTD: the membrane at the end of the window in O(steps x in x out), differentiable.

Each spike time becomes constant on-states on equal intervals, by way of `steps` numbers (see `bases`). With P
and N the sums of the weights >= 0 and < 0 that are on, every interval has the closed form of `interval`, with

    a = P + N,   b = P / E_pos + N / E_neg,   c = kappa_pos P + kappa_neg N.

So two products a step serve whatever E and the curvature are. The backward pass is written by hand: it
keeps the spike times and P, and rebuilds the on-states, N and the membrane, which costs one product in seven.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from codesign.dstd.bases import Basis
from codesign.dstd.checks import check_input, check_steps
from codesign.dstd.current import CurrentLaw, current_law
from codesign.dstd.interval import Interval, solve
from codesign.dstd.products import Convolution, Products


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
            return discretised_membrane(
                weight.float(),
                spike_times.float(),
                law.single(),
                steps=steps,
                basis=basis,
                convolution=convolution,
            )
    check_input(weight, spike_times, convolution)
    v = _Membrane.apply(weight, spike_times, *law, steps, basis, convolution)  # pyright: ignore
    return cast(Tensor, v)


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
        *discretisation: Any,
    ) -> Tensor:
        law = CurrentLaw(inverse_e_pos, inverse_e_neg, kappa_pos, kappa_neg)
        products = Products(spike_times, *discretisation)
        positive, negative = products.of(weight.clamp(min=0)), products.of(weight.clamp(max=0))
        # A dense layer rebuilds N, which halves its memory for a seventh of its time.
        kept = positive if products.convolution is None else positive + negative
        ctx.save_for_backward(weight, spike_times, *law, *kept)
        ctx.discretisation = discretisation
        intervals = _solve(products.on_intervals(positive), products.on_intervals(negative), law)
        v = torch.zeros_like(positive[0])
        for interval in intervals:
            v = interval.advance(v)
        return v

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grad_outputs: Tensor
    ) -> tuple[Tensor | None, ...]:
        weight, spike_times, *rest = ctx.saved_tensors
        products = Products(spike_times, *ctx.discretisation)
        weights = weight.clamp(min=0), weight.clamp(max=0)
        law, sums = CurrentLaw(*rest[:4]), rest[4:]
        positive, negative = sums[: products.steps], sums[products.steps :] or products.of(weights[1])
        by_positive, by_negative, by_law = _trajectory_backward(
            grad_outputs[0],
            products.on_intervals(positive),
            products.on_intervals(negative),
            law,
            ctx.needs_input_grad[2:6],
        )
        by_sums = products.on_intervals_backward(by_positive), products.on_intervals_backward(by_negative)
        (weight_pos, weight_neg), by_times = products.backward(by_sums, weights, ctx.needs_input_grad[:2])
        by_weight = None
        if weight_pos is not None and weight_neg is not None:
            # 1 where the weight is >= 0: `torch.where` costs several times as much on a CPU.
            by_weight = weight_neg.lerp_(weight_pos, weight.sign().add_(1).clamp_(max=1))
        return by_weight, by_times, *by_law, *[None] * len(ctx.discretisation)


def _solve(positive: Sequence[Tensor], negative: Sequence[Tensor], law: CurrentLaw) -> Iterator[Interval]:
    """The closed form on each of the equal intervals, from P and N there."""
    for sums in zip(positive, negative, strict=True):
        yield solve(law.coefficients(*sums), 1 / len(positive))


def _trajectory_backward(
    gradient: Tensor,
    positive: Sequence[Tensor],
    negative: Sequence[Tensor],
    law: CurrentLaw,
    wanted: Sequence[bool],
) -> tuple[list[Tensor], list[Tensor], list[Tensor | None]]:
    """Gradients by P and N of every interval, and by each scalar of the law that is wanted.

    The way forward is taken again: the membrane cannot be had backwards in time, which is unstable.
    """
    intervals = list(_solve(positive, negative, law))
    nodes = [torch.zeros_like(gradient)]
    for interval in intervals:
        nodes.append(interval.advance(nodes[-1]))
    by_positive: list[Tensor] = []
    by_negative: list[Tensor] = []
    by_law = [
        torch.zeros_like(scalar) if want and scalar is not None else None
        for scalar, want in zip(law, wanted, strict=True)
    ]
    for m in reversed(range(len(positive))):
        after, interval = nodes.pop(), intervals.pop()
        gradient, by_coefficients = interval.backward(gradient, nodes[-1], after)
        to_positive, to_negative = law.sums_backward(by_coefficients)
        by_positive.append(to_positive)
        by_negative.append(to_negative)
        by_linear, by_quadratic = by_coefficients.linear, by_coefficients.quadratic
        factors = (by_linear, by_linear, by_quadratic, by_quadratic)
        sums = (positive[m], negative[m], positive[m], negative[m])
        for total, factor, on in zip(by_law, factors, sums, strict=True):
            if total is not None and factor is not None:
                total.add_((factor * on).sum())
    return by_positive[::-1], by_negative[::-1], by_law
