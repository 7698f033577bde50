"""One interval of constant currents: the closed form that both the exact solver and DSTD are made of.

With constant coefficients the membrane obeys dv/dt = a - b v + c v^2, and its value after a duration d is
known. `FlatInterval` holds for c = 0, `CurvedInterval` for any c. What depends on the coefficients alone is
worked out once and serves both the way forward and the way back.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from codesign.dstd.quotients import ExponentialQuotient, HyperbolicQuotient


class Coefficients(NamedTuple):
    """dv/dt = constant - linear v + quadratic v^2 on one interval, each (..., batch, out) or broadcastable.

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


def solve(coefficients: Coefficients, duration: float | Tensor) -> Interval:
    """The solution for these coefficients over this duration (a number, or a tensor that broadcasts with
    them)."""
    a, b, c = coefficients
    if c is None:
        return FlatInterval(a, b, duration, ExponentialQuotient(b * duration))
    h = duration / 2
    return CurvedInterval(a, b, c, h, HyperbolicQuotient(h**2 * (b * b - 4 * a * c)))


@dataclass(frozen=True)
class FlatInterval:
    """dv/dt = a - b v: v' = v + (a - b v) g, with g = d phi(b d) and phi(x) = (1 - exp(-x)) / x."""

    a: Tensor
    b: Tensor
    duration: float | Tensor
    phi: ExponentialQuotient

    def advance(self, before: Tensor) -> Tensor:
        speed = torch.addcmul(self.a, self.b, before, value=-1)
        return torch.addcmul(before, speed, self.phi.value * self.duration)

    def backward(self, gradient: Tensor, before: Tensor, after: Tensor) -> tuple[Tensor, Coefficients]:
        speed = torch.addcmul(self.a, self.b, before, value=-1)
        by_constant = (self.phi.value * self.duration).mul_(gradient)
        by_linear = self.phi.derivative().mul_(self.duration**2).mul_(speed).mul_(gradient)
        by_linear.addcmul_(by_constant, before, value=-1)
        by_before = torch.addcmul(gradient, by_constant, self.b, value=-1)
        return by_before, Coefficients(by_constant, by_linear, None)


@dataclass(frozen=True)
class CurvedInterval:
    """dv/dt = a - b v + c v^2, a fractional linear map of the start value.

    With h = d/2, z = h^2 (b^2 - 4 a c) and q = h tanh(sqrt z) / sqrt z,

        v' = (v + q (2 a - b v)) / n,   n = 1 + q (b - 2 c v).

    n falls to 0 as a curvature drives the membrane to infinity; beyond that the result is infinite or NaN.
    """

    a: Tensor
    b: Tensor
    c: Tensor
    h: float | Tensor
    tanh: HyperbolicQuotient

    def advance(self, before: Tensor) -> Tensor:
        q = self.tanh.value * self.h
        numerator = torch.addcmul(before, q, 2 * self.a - self.b * before)
        return numerator.div_((self.b - 2 * self.c * before).mul_(q).add_(1).clamp_(min=0))

    def backward(self, gradient: Tensor, before: Tensor, after: Tensor) -> tuple[Tensor, Coefficients]:
        # Derivatives of v': S/n by q with S = 2 a - b (v + v') + 2 c v v', then at fixed q: 2 q/n by a,
        # -q (v + v')/n by b, 2 q v v'/n by c, (1 - q (b - 2 c v'))/n by v. And q depends on z, z on a, b, c.
        a, b, c = self.a, self.b, self.c
        q = self.tanh.value * self.h
        both, product = before + after, before * after
        scaled = gradient / (b - 2 * c * before).mul_(q).add_(1)
        by_before = (2 * c * after).sub_(b).mul_(q).add_(1).mul_(scaled)
        by_z = (2 * a - b * both).add_(2 * c * product).mul_(scaled)
        by_z = by_z.mul_(self.tanh.derivative()).mul_(2 * self.h**3)
        by_q = q.mul_(scaled)
        by_constant = 2 * (by_q - by_z * c)
        by_linear = by_z * b - by_q * both
        by_quadratic = 2 * (by_q * product - by_z * a)
        return by_before, Coefficients(by_constant, by_linear, by_quadratic)
