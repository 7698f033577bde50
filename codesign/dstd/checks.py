"""What a layer checks of its input.

Shapes and dtypes cost nothing and are always checked. The values of the spike times are checked on the CPU
(one pass over the inputs, about a thousandth of the layer's time). On an accelerator they are not, since the
answer would make the program wait for the device at every layer, nor inside torch.compile: there a negative
time acts as 0 and a NaN makes the membrane NaN. Check such a batch once, before it is sent, with
`check_spike_times`.
"""

import torch
from torch import Tensor

from codesign.dstd.errors import DstdError

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


def check_input(weight: Tensor, spike_times: Tensor, dimensions: int) -> None:
    """Raise unless the tensors fit each other and, on the CPU, the spike times are valid.

    Args:
        weight: (out, in), or (out, in / groups, height, width).
        spike_times: as many dimensions as `dimensions`, inputs or channels second.
        dimensions: 2 for a dense layer, 4 for a convolution.

    Raises:
        DstdError: dtype, number of dimensions, device or value is wrong.
    """
    for name, tensor in (("weight", weight), ("spike_times", spike_times)):
        if tensor.dtype not in _DTYPES:
            raise DstdError(f"{name} must be float32 or float64, got {tensor.dtype}; convert it, or use autocast")
        if tensor.dim() != dimensions:
            raise DstdError(f"{name} must have {dimensions} dimensions, got shape {tuple(tensor.shape)}")
    if weight.dtype != spike_times.dtype:
        raise DstdError(f"weight is {weight.dtype} but spike_times is {spike_times.dtype}; make them the same")
    if weight.device != spike_times.device:
        raise DstdError(f"weight is on {weight.device} but spike_times is on {spike_times.device}")
    if dimensions == 2 and weight.shape[1] != spike_times.shape[1]:
        raise DstdError(f"weight takes {weight.shape[1]} inputs, spike_times has {spike_times.shape[1]}")
    if spike_times.device.type == "cpu" and not torch.compiler.is_compiling():
        check_spike_times(spike_times)


def check_steps(steps: int, basis: str) -> None:
    """Raise unless the discretisation exists.

    Raises:
        DstdError: an unknown basis, fewer than one interval, or an odd number of them for "cf4".
    """
    if basis not in ("dstd", "cf4"):
        raise DstdError(f"basis must be 'dstd' or 'cf4', got {basis!r}")
    if steps < 1:
        raise DstdError(f"steps must be at least 1, got {steps}")
    if basis == "cf4" and steps % 2:
        raise DstdError(f"basis 'cf4' pairs its intervals: steps must be even, got {steps}")
