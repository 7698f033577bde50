"""DSTD: the membrane at the end of the window in O(steps x in x out), differentiable.

Each spike time becomes times on in equal intervals, by way of `steps` numbers (see `bases`). Every interval has the
closed form of `interval`, whose coefficients are products with these,

    a of w_ij,   b of w_ij / E_ij,   c of kappa_ij w_ij,

so that two products a step serve any E, and a third any curvature. The backward pass is written by hand: a dense layer
keeps the spike times and a, and rebuilds the rest.
"""

from itertools import chain
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from codesign.dstd.bases import Basis
from codesign.dstd.checks import check_input, check_steps
from codesign.dstd.current import CurrentLaw, current_law
from codesign.dstd.interval import Coefficients, solve
from codesign.dstd.locality import arranged, laid_out_like, pieces
from codesign.dstd.products import Convolution, Discretisation, Products


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
        sums = [products.of(part) for part in law.weights(weight)]
        # A dense layer rebuilds all but the first, which halves its memory for a seventh of its time.
        kept = sums[:1] if products.convolution is None else sums
        ctx.save_for_backward(weight, spike_times, *law, *chain.from_iterable(kept))
        ctx.discretisation = discretisation
        v = weight.new_zeros(())
        for coefficients in _coefficients(products, sums):
            v = solve(coefficients).advance(v)
        return laid_out_like(spike_times, v)

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grad_outputs: Tensor
    ) -> tuple[Tensor | None, ...]:
        weight, spike_times, *rest = ctx.saved_tensors
        law, kept = CurrentLaw(*rest[:4]), rest[4:]
        products = Products(arranged(spike_times), *ctx.discretisation)
        weights = law.weights(weight)
        sums = [list(kept[k : k + products.steps]) for k in range(0, len(kept), products.steps)]
        sums += [products.of(part) for part in weights[len(sums) :]]
        by_intervals = _trajectory_backward(arranged(grad_outputs[0]), _coefficients(products, sums))
        by_sums = [products.on_intervals_backward(by_sum) for by_sum in by_intervals]
        weight_wanted, times_wanted, *law_wanted = ctx.needs_input_grad[:6]
        by_weights, by_times = products.backward(by_sums, weights, (weight_wanted or any(law_wanted), times_wanted))
        if by_weights is None:
            return None, by_times, None, None, None, None, None
        gradients = Coefficients(*by_weights, *[None] * (3 - len(by_weights)))
        by_law = law.scalars_backward(gradients, weight) if any(law_wanted) else (None,) * 4
        return law.weight_backward(gradients, weight), by_times, *by_law, None


def _coefficients(products: Products, sums: list[list[Tensor]]) -> list[Coefficients]:
    """The coefficients of every interval, from the products of each of `CurrentLaw.weights`."""
    on_intervals = [products.on_intervals(each) for each in sums]
    quadratic = on_intervals[2] if len(sums) == 3 else [None] * len(on_intervals[0])
    return [Coefficients(*parts) for parts in zip(*on_intervals[:2], quadratic, strict=True)]


def _trajectory_backward(gradient: Tensor, coefficients: list[Coefficients]) -> list[list[Tensor]]:
    """Gradients by each of the coefficients, on every interval.

    Repeats the forward pass: integrating the membrane backwards in time would be unstable.
    """
    intervals = [solve(each) for each in coefficients]
    nodes = [gradient.new_zeros(())]
    for interval in intervals:
        nodes.append(interval.advance(nodes[-1]))
    by_intervals: list[list[Tensor]] = []
    while intervals:
        after, interval = nodes.pop(), intervals.pop()
        gradient, by_coefficients = interval.backward(gradient, nodes[-1], after)
        by_intervals.append([part for part in by_coefficients if part is not None])
    return [list(by_sum) for by_sum in zip(*reversed(by_intervals), strict=True)]
