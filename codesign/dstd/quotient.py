"""The function tanh(sqrt z) / sqrt z, which carries the closed form of one interval.

It is analytic down to z = -(pi/2)^2, where it reads tan(sqrt -z) / sqrt -z. Value and derivative here are
free of 0/0 at z = 0.
"""

import math

import torch
from torch import Tensor

POLE = -((math.pi / 2) ** 2)
"""The closed form ends here: the membrane has run away to infinity within the interval."""

_SERIES_BELOW = 0.03
_DERIVATIVE_SERIES = (
    -1 / 3,
    2 * 2 / 15,
    -3 * 17 / 315,
    4 * 62 / 2835,
    -5 * 1382 / 155925,
    6 * 21844 / 6081075,
    -7 * 929569 / 638512875,
)


def tanh_quotient(z: Tensor, *, may_be_negative: bool = True) -> Tensor:
    """tanh(sqrt z) / sqrt z, elementwise; tan(sqrt -z) / sqrt -z for z < 0.

    Args:
        z: any shape, floating point.
        may_be_negative: False saves the tangent where z is a square.
    """
    # tanh and tan are accurate next to 0, so that only 0/0 itself needs care.
    root = z.abs().sqrt_().clamp_(min=torch.finfo(z.dtype).tiny)
    if not may_be_negative:
        return torch.tanh(root).div_(root)
    return torch.where(z < 0, torch.tan(root), torch.tanh(root)).div_(root)


def tanh_quotient_derivative(z: Tensor, value: Tensor) -> Tensor:
    """Derivative of `tanh_quotient` at z, where `value` is its value there.

    The quotient g obeys 2 z g' = 1 - g - z g^2; next to 0, where that cancels, its Taylor series is used.
    """
    small = z.abs() < _SERIES_BELOW
    safe = torch.where(small, 1.0, z)
    away = (1 - value - safe * value * value) / (2 * safe)
    near = torch.full_like(z, _DERIVATIVE_SERIES[-1])
    for coefficient in reversed(_DERIVATIVE_SERIES[:-1]):
        near.mul_(z).add_(coefficient)
    return torch.where(small, near, away)
