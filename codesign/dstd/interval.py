"""One interval of constant currents: the closed form that both the exact solver and DSTD are made of.

With constant coefficients, here multiplied by the length of the interval, the membrane obeys dv/ds = a - b v
+ c v^2 for 0 <= s <= 1, and its value at s = 1 is known. `FlatInterval` holds for c = 0, `CurvedInterval` for
any c. What depends on the coefficients alone is worked out once and serves both the way forward and the way
back.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from codesign.dstd.quotients import ExponentialQuotient, HyperbolicQuotient


class Coefficients(NamedTuple):
    """dv/ds = constant - linear v + quadratic v^2 on one interval, each (batch, out) or of the convolution's
    shape.

    `quadratic` is None where the current is not curved.
    """

    constant: Tensor
    linear: Tensor
    quadratic: Tensor | None


class Interval(Protocol):
    """The solution over one interval, and its derivatives."""

    def advance(self, before: Tensor) -> Tensor:
        """The membrane at the end of the interval, from the membrane at its start."""
        ...

    def backward(self, gradient: Tensor, before: Tensor, after: Tensor) -> tuple[Tensor, Coefficients]:
        """Gradients by the membrane at the start and by the coefficients, from that by the membrane at the
        end."""
        ...


def solve(coefficients: Coefficients) -> Interval:
    """The solution for these coefficients."""
    a, b, c = coefficients
    if c is None:
        return FlatInterval(a, b, ExponentialQuotient(-b))
    return CurvedInterval(a, b, c, HyperbolicQuotient((b * b).addcmul_(a, c, value=-4).div_(4)))


@dataclass(frozen=True)
class FlatInterval:
    """dv/ds = a - b v: v' = v + (a - b v) phi, with phi = (1 - exp(-b)) / b."""

    a: Tensor
    b: Tensor
    phi: ExponentialQuotient

    def advance(self, before: Tensor) -> Tensor:
        return torch.addcmul(before, self._speed(before), self.phi.value)

    def backward(self, gradient: Tensor, before: Tensor, after: Tensor) -> tuple[Tensor, Coefficients]:
        by_constant = gradient * self.phi.value
        by_linear = self.phi.derivative().mul_(self._speed(before)).mul_(gradient)
        by_linear.addcmul_(by_constant, before).neg_()
        by_before = torch.addcmul(gradient, by_constant, self.b, value=-1)
        return by_before, Coefficients(by_constant, by_linear, None)

    def _speed(self, before: Tensor) -> Tensor:
        return torch.addcmul(self.a, self.b, before, value=-1)


@dataclass(frozen=True)
class CurvedInterval:
    """dv/ds = a - b v + c v^2, a fractional linear map of the start value.

    With z = (b^2 - 4 a c) / 4 and q = tanh(sqrt z) / sqrt z / 2,

        v' = (v + q (2 a - b v)) / n,   n = 1 + q (b - 2 c v).

    n falls to 0 as a curvature drives the membrane to infinity; beyond that the result is infinite or NaN.
    """

    a: Tensor
    b: Tensor
    c: Tensor
    tanh: HyperbolicQuotient

    def advance(self, before: Tensor) -> Tensor:
        q = self.tanh.value / 2
        numerator = torch.addcmul(before, q, 2 * self.a - self.b * before)
        return numerator.div_((self.b - 2 * self.c * before).mul_(q).add_(1).clamp_(min=0))

    def backward(self, gradient: Tensor, before: Tensor, after: Tensor) -> tuple[Tensor, Coefficients]:
        # Derivatives of v': S/n by q with S = 2 a - b (v + v') + 2 c v v', then at fixed q: 2 q/n by a,
        # -q (v + v')/n by b, 2 q v v'/n by c, (1 - q (b - 2 c v'))/n by v. And q depends on z, z on a, b, c.
        a, b, c = self.a, self.b, self.c
        q = self.tanh.value / 2
        both, product = before + after, before * after
        scaled = gradient / (b - 2 * c * before).mul_(q).add_(1)
        by_before = (2 * c * after).sub_(b).mul_(q).add_(1).mul_(scaled)
        by_z = (2 * a - b * both).add_(2 * c * product).mul_(scaled).mul_(self.tanh.derivative()).div_(4)
        by_q = q.mul_(scaled)
        by_constant = 2 * (by_q - by_z * c)
        by_linear = by_z * b - by_q * both
        by_quadratic = 2 * (by_q * product - by_z * a)
        return by_before, Coefficients(by_constant, by_linear, by_quadratic)
