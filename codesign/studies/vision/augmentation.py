"""Training images that differ a little from epoch to epoch."""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F


def augment(pixels: Tensor, *, shift: int, flip: bool, generator: Generator) -> Tensor:
    """Shift every image by up to `shift` pixels each way, and mirror every other one.

    Args:
        pixels: (samples, channels, height, width).
        shift: largest shift; what comes in from outside is black.
        flip: mirror left and right with probability 1/2.
        generator: source of the random numbers, on the CPU, so that every device draws the same.

    Returns:
        The shape of `pixels`.
    """
    device = pixels.device
    samples, _, height, width = pixels.shape
    columns = torch.arange(width).repeat(samples, 1)
    if flip:
        mirrored = torch.rand(samples, 1, generator=generator) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
    rows = torch.arange(height).repeat(samples, 1)
    if shift:
        columns += torch.randint(2 * shift + 1, (samples, 1), generator=generator)
        rows += torch.randint(2 * shift + 1, (samples, 1), generator=generator)
        pixels = F.pad(pixels, (shift,) * 4)
    sample = torch.arange(samples, device=device).view(-1, 1, 1)
    # Indexed so, the channels come last.
    moved = pixels.permute(0, 2, 3, 1)[sample, rows.to(device).unsqueeze(2), columns.to(device).unsqueeze(1)]
    return moved.permute(0, 3, 1, 2).contiguous()
