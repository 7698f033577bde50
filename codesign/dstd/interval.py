"""One interval of constant currents: the closed form that both the exact solver and DSTD are made of.

With constant a, b, c the membrane obeys dv/dt = a - b v + c v^2. Its solution after a duration d is a
fractional linear map of its value before (h = d/2, z = h^2 (b^2 - 4 a c), q = h tanh(sqrt z) / sqrt z):

    v' = (v + q (2 a - b v)) / (1 + q (b - 2 c v))

For c = 0 it is the exponential approach to a/b, for b = c = 0 the straight line v + a d.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from codesign.dstd.quotient import POLE, tanh_quotient, tanh_quotient_derivative


class Coefficients(NamedTuple):
    """dv/dt = constant - linear v + quadratic v^2 on one interval, each (..., batch, out) or broadcastable.

    `quadratic` is None where the current is not curved, which saves its arithmetic.
    """

    constant: Tensor
    linear: Tensor
    quadratic: Tensor | None


def advance(before: Tensor, coefficients: Coefficients, duration: float | Tensor) -> Tensor:
    """The membrane at the end of an interval, from the membrane at its start.

    NaN where a positive curvature has driven the membrane to infinity within the interval.
    """
    a, b, c = coefficients
    h = duration / 2
    z, quotient = _quotient(coefficients, h)
    q = quotient.mul_(h)
    slope = b if c is None else b - 2 * c * before
    numerator = torch.addcmul(before, q, 2 * a - b * before)
    denominator = q.mul_(slope).add_(1)
    after = numerator.div_(denominator)
    if c is None:
        return after
    return torch.where((denominator > 0) & (z > POLE), after, torch.nan)


class Gradients(NamedTuple):
    """Gradients of a loss with respect to the start value and the coefficients of one interval."""

    before: Tensor
    coefficients: Coefficients


def advance_backward(
    gradient: Tensor, before: Tensor, after: Tensor, coefficients: Coefficients, duration: float | Tensor
) -> Gradients:
    """Gradients of `advance`, given the gradient of its result and the membrane on both sides.

    With d the denominator of the map and S = 2 a - b (v + v') + 2 c v v', the derivatives of v' are S/d by q,
    2 q/d by a, -q (v + v')/d by b, 2 q v v'/d by c, and (1 - q (b - 2 c v'))/d by v.
    """
    a, b, c = coefficients
    h = duration / 2
    z, quotient = _quotient(coefficients, h)
    q = quotient * h
    both = before + after
    if c is None:
        scaled = gradient / (q * b).add_(1)
        through_z = 2 * a - b * both
        start = 1 - q * b
    else:
        scaled = gradient / (q * (b - 2 * c * before)).add_(1)
        through_z = 2 * a - b * both + 2 * c * before * after
        start = 1 - q * (b - 2 * c * after)
    # dL/dz times the 2 h^2 that the derivatives of z = h^2 (b^2 - 4 a c) share.
    through_z.mul_(scaled).mul_(tanh_quotient_derivative(z, quotient)).mul_(2 * h**3)
    through_q = q.mul_(scaled)
    linear = through_z * b - through_q * both
    if c is None:
        return Gradients(start.mul_(scaled), Coefficients(2 * through_q, linear, None))
    constant = 2 * (through_q - through_z * c)
    quadratic = 2 * (through_q * before * after - through_z * a)
    return Gradients(start.mul_(scaled), Coefficients(constant, linear, quadratic))


def _quotient(coefficients: Coefficients, h: float | Tensor) -> tuple[Tensor, Tensor]:
    """z and tanh(sqrt z) / sqrt z."""
    a, b, c = coefficients
    if c is None:
        z = (h * b).square_()
        return z, tanh_quotient(z, may_be_negative=False)
    z = h**2 * (b * b - 4 * a * c)
    return z, tanh_quotient(z)
