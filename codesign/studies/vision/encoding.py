"""From pixels to spike times."""

import torch
from torch import Tensor


def spike_times(pixels: Tensor) -> Tensor:
    """Spike time 1 - pixel / 255: a white pixel spikes as the window opens, a black one never.

    Args:
        pixels: (samples, channels, height, width), uint8.

    Returns:
        Times in [0, 1] of the same shape, in windows, float32, the channels last in memory: convolutions on a CPU
        then need no copy from layer to layer.
    """
    return (1 - pixels.float() / 255).contiguous(memory_format=torch.channels_last)
