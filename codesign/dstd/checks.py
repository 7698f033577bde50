"""What a layer checks of its input.

Shapes and dtypes cost nothing and are always checked. The values of the spike times are checked on the CPU
(one pass over the inputs, about a thousandth of the layer's time). They are not checked on an accelerator, where
the program would have to wait for the device at every layer, nor inside torch.compile: there a negative
time acts as 0 and a NaN makes the membrane NaN. Check such a batch once, before it is sent, with
`check_spike_times`.
"""

from typing import get_args

import torch
from torch import Tensor

from codesign.dstd.bases import Basis
from codesign.dstd.errors import DstdError
from codesign.dstd.products import Convolution

_DTYPES = (torch.float32, torch.float64)


def check_spike_times(spike_times: Tensor) -> None:
    """Raise unless every spike time is a number and at least 0.

    Raises:
        DstdError: a spike time is NaN or negative.
    """
    # NaN compares false, so that one pass finds both.
    if not bool((spike_times >= 0).all()):
        wrong = spike_times[~(spike_times >= 0)]
        raise DstdError(
            f"{wrong.numel()} spike times are NaN or below 0, the first {wrong[0].item():g}; "
            "times run from 0, and 1 or more means never"
        )


def check_input(weight: Tensor, spike_times: Tensor, convolution: Convolution | None = None) -> None:
    """Raise unless the tensors fit each other and, on the CPU, the spike times are valid.

    Args:
        weight: (out, in), or (out, in / groups, height, width).
        spike_times: (batch, in), or (batch, channels, height, width).
        convolution: None for a dense layer.

    Raises:
        DstdError: dtype, number of dimensions, device or value is wrong.
    """
    dimensions = 2 if convolution is None else 4
    for name, tensor in (("weight", weight), ("spike_times", spike_times)):
        if tensor.dtype not in _DTYPES:
            raise DstdError(f"{name} must be float32 or float64, got {tensor.dtype}; convert it, or use autocast")
        if tensor.dim() != dimensions:
            raise DstdError(f"{name} must have {dimensions} dimensions, got shape {tuple(tensor.shape)}")
    if weight.dtype != spike_times.dtype:
        raise DstdError(f"weight is {weight.dtype} but spike_times is {spike_times.dtype}; make them the same")
    if weight.device != spike_times.device:
        raise DstdError(f"weight is on {weight.device} but spike_times is on {spike_times.device}")
    if convolution is None:
        if weight.shape[1] != spike_times.shape[1]:
            raise DstdError(f"weight takes {weight.shape[1]} inputs, spike_times has {spike_times.shape[1]}")
    else:
        _check_convolution_fits(weight, spike_times, convolution)
    if spike_times.device.type == "cpu" and not torch.compiler.is_compiling():
        check_spike_times(spike_times)


def check_convolution(convolution: Convolution, in_channels: int, out_channels: int) -> None:
    """Raise unless the geometry exists for these channels.

    Raises:
        DstdError: a count below 1, a padding below 0, or groups that do not divide the channels.
    """
    stride, padding, dilation, groups = convolution
    check_counts(out_channels=out_channels, stride=min(stride), dilation=min(dilation), groups=groups)
    if min(padding) < 0:
        raise DstdError(f"padding must be at least 0, got {padding}")
    if in_channels % groups or out_channels % groups:
        raise DstdError(f"groups = {groups} must divide in_channels = {in_channels} and out_channels = {out_channels}")


def check_counts(**counts: int) -> None:
    """Raise unless every count is at least 1.

    Raises:
        DstdError: naming the count that is not.
    """
    for name, count in counts.items():
        if count < 1:
            raise DstdError(f"{name} must be at least 1, got {count}")


def check_steps(steps: int, basis: str) -> None:
    """Raise unless the discretisation exists.

    Raises:
        DstdError: an unknown basis, fewer than one interval, or an odd number of them for "cf4".
    """
    if basis not in get_args(Basis):
        raise DstdError(f"basis must be 'dstd', 'cf4' or 'legendre', got {basis!r}")
    if steps < 1:
        raise DstdError(f"steps must be at least 1, got {steps}")
    if basis == "cf4" and steps % 2:
        raise DstdError(f"basis 'cf4' pairs its intervals: steps must be even, got {steps}")


def _check_convolution_fits(weight: Tensor, spike_times: Tensor, convolution: Convolution) -> None:
    out_channels, channels_per_group, *kernel = weight.shape
    in_channels = channels_per_group * convolution.groups
    check_convolution(convolution, in_channels, out_channels)
    if spike_times.shape[1] != in_channels:
        raise DstdError(f"weight takes {in_channels} channels, spike_times has {spike_times.shape[1]}")
    for axis, (size, extent) in enumerate(zip(spike_times.shape[2:], kernel, strict=True)):
        padded = size + 2 * convolution.padding[axis]
        reach = convolution.dilation[axis] * (extent - 1) + 1
        if padded < reach:
            raise DstdError(
                f"spike_times of shape {tuple(spike_times.shape)} is, padded, smaller than the kernel's reach {reach}"
            )
