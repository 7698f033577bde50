"""From pixels to spike times."""

from torch import Tensor


def spike_times(pixels: Tensor) -> Tensor:
    """Spike time 1 - pixel / 255: a white pixel spikes as the window opens, a black one never.

    Args:
        pixels: uint8, any shape.

    Returns:
        Times in [0, 1] of the same shape, in windows, float32.
    """
    return 1 - pixels.float() / 255
