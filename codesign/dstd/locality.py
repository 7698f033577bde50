"""Keeps a convolution in a CPU's caches: a few samples at a time, channels last.

Between two products come some thirty passes over all membranes. Where these are more than fit into the caches, the
passes take longer than the products. An accelerator wants the whole batch at once, and so does a dense layer, whose
weights are large and whose membranes are few.
"""

import torch
from torch import Tensor

_MEMBRANES_AT_ONCE = 2**19
"""Or inputs, where these are more. Measured on 2 cores: with 2**17 the products of few samples are slow, and with
128 samples of 64 channels of 32 x 32 at once a layer takes twice as long."""


def pieces(spike_times: Tensor, out_channels: int) -> tuple[Tensor, ...]:
    """The batch (batch, channels, height, width) in pieces that a convolution should take one after another.

    Inside `torch.compile`, which would unroll them, it is one piece.
    """
    if spike_times.device.type != "cpu" or torch.compiler.is_compiling():
        return (spike_times,)
    _, channels, height, width = spike_times.shape
    membranes = max(channels, out_channels) * max(height * width, 1)
    return torch.split(spike_times, max(_MEMBRANES_AT_ONCE // membranes, 1))


def arranged(tensor: Tensor) -> Tensor:
    """A convolution's tensor (batch, channels, height, width) as a CPU takes it fastest; a dense layer's as it is."""
    convolved_on_cpu = tensor.dim() == 4 and tensor.device.type == "cpu"
    return tensor.contiguous(memory_format=torch.channels_last) if convolved_on_cpu else tensor


def laid_out_like(spike_times: Tensor, membranes: Tensor) -> Tensor:
    """The membranes in the memory format of the layer's input, as `torch.nn.Conv2d` has it.

    A network whose input has its channels last then keeps them last from layer to layer, without a copy.
    """
    last = spike_times.dim() == 4 and spike_times.is_contiguous(memory_format=torch.channels_last)
    return membranes.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)
