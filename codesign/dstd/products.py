"""The two linear maps that DSTD is built from: a dense product and a convolution, with their gradients."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F


class Convolution(NamedTuple):
    """Geometry of a two-dimensional convolution, as in `torch.nn.functional.conv2d`."""

    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    groups: int


def product(inputs: Tensor, weight: Tensor, convolution: Convolution | None) -> Tensor:
    """The dense product (n, in) x (out, in) -> (n, out), or the convolution of (n, channels, height,
    width)."""
    if convolution is None:
        return F.linear(inputs, weight)
    return F.conv2d(inputs, weight, None, *convolution)


def product_backward(
    gradient: Tensor,
    inputs: Tensor,
    weight: Tensor,
    convolution: Convolution | None,
    wanted: tuple[bool, bool],
) -> tuple[Tensor | None, Tensor | None]:
    """Gradients of `product` by its inputs and by its weight, each only if it is `wanted`."""
    by_inputs, by_weight = wanted
    if convolution is None:
        return gradient @ weight if by_inputs else None, gradient.t() @ inputs if by_weight else None
    stride, padding, dilation, groups = convolution
    gradients = torch.ops.aten.convolution_backward(
        gradient, inputs, weight, None, stride, padding, dilation, False, (0, 0), groups, (*wanted, False)
    )
    return gradients[0], gradients[1]
