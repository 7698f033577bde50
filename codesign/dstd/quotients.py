"""Two quotients that are 0/0 at the origin, with derivatives that are accurate everywhere.

The values need no care but at the origin itself, since `expm1`, `tanh` and `tan` are accurate beside it. The
derivatives follow from the values by each function's own differential equation, which cancels beside the
origin; there they are taken from the Taylor series. The two are chosen between by arithmetic on a mask of 0
and 1: on a CPU `torch.where` costs ten times as much as a product.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

POLE = -((math.pi / 2) ** 2)
"""The argument at which `HyperbolicQuotient` becomes infinite, and below which it stays so."""


class ExponentialQuotient:
    """phi(x) = (exp(x) - 1) / x, elementwise; phi(0) = 1."""

    _SERIES = (1 / 2, 1 / 3, 1 / 8, 1 / 30)

    def __init__(self, argument: Tensor) -> None:
        self.argument = argument + torch.finfo(argument.dtype).tiny
        self.value = torch.expm1(self.argument).div_(self.argument)

    def derivative(self) -> Tensor:
        """phi' = phi + (1 - phi) / x."""
        x, phi = self.argument, self.value
        away = _is_away(x, torch.finfo(x.dtype).eps ** 0.2)
        direct = (1 - phi).div_(_one_unless(away, x)).add_(phi)
        return _polynomial(x, self._SERIES).lerp_(direct, away)


class HyperbolicQuotient:
    """g(z) = tanh(sqrt z) / sqrt z for z >= 0, tan(sqrt -z) / sqrt -z for z < 0, elementwise; g(0) = 1."""

    _SERIES = (
        -1 / 3,
        2 * 2 / 15,
        -3 * 17 / 315,
        4 * 62 / 2835,
        -5 * 1382 / 155925,
        6 * 21844 / 6081075,
        -7 * 929569 / 638512875,
    )

    def __init__(self, argument: Tensor) -> None:
        self.argument = argument.clamp(min=POLE)
        smallest = torch.finfo(argument.dtype).tiny
        # Of the two factors one is 1.
        root, imaginary = (part.clamp(min=smallest).sqrt_() for part in (self.argument, -self.argument))
        finite = torch.tanh(root).div_(root).mul_(torch.tan(imaginary).div_(imaginary))
        self.value = finite.div_((self.argument - POLE).sign_())

    def derivative(self) -> Tensor:
        """g' = (1 - g - z g^2) / (2 z)."""
        z, g = self.argument, self.value
        away = _is_away(z, 0.03)
        direct = (1 - g).addcmul_(z * g, g, value=-1).div_(_one_unless(away, z)).div_(2)
        return _polynomial(z, self._SERIES).lerp_(direct, away)


def _is_away(x: Tensor, distance: float) -> Tensor:
    """1 where abs(x) >= distance, else 0."""
    return (x.abs() >= distance).to(x.dtype)


def _one_unless(away: Tensor, x: Tensor) -> Tensor:
    """x where it is away from 0; elsewhere something near 1, to divide by."""
    return (1 - away).add_(x)


def _polynomial(x: Tensor, coefficients: Sequence[float]) -> Tensor:
    """Sum of coefficients[k] x^k."""
    *lower, second, first = coefficients
    total = (x * first).add_(second)
    for coefficient in reversed(lower):
        total.mul_(x).add_(coefficient)
    return total
