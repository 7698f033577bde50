"""Images and their classes, as they come out of a data set's files."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor


@dataclass(frozen=True)
class Images:
    """Some images.

    Attributes:
        pixels: (samples, channels, height, width), uint8.
        labels: (samples,), int64, the class of each.
    """

    pixels: Tensor
    labels: Tensor

    def first(self, count: int | None) -> "Images":
        """The first `count` of them, all if None."""
        return Images(self.pixels[:count], self.labels[:count])

    def after(self, start: int) -> "Images":
        """All but the first `start` of them."""
        return Images(self.pixels[start:], self.labels[start:])

    def to(self, device: str) -> "Images":
        """The same on a device."""
        return Images(self.pixels.to(device), self.labels.to(device))


@dataclass(frozen=True)
class ImageData:
    """A data set with its published test images."""

    train: Images
    test: Images
    validation: Images
    """Of the published training images, those that are kept out of the training; there may be none."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width."""
        channels, height, width = self.train.pixels.shape[1:]
        return channels, height, width

    @cached_property
    def digest(self) -> str:
        """SHA-256 of pixels and labels, hexadecimal."""
        total = hashlib.sha256()
        for images in (self.train, self.test, self.validation):
            for tensor in (images.pixels, images.labels):
                total.update(str(tuple(tensor.shape)).encode())
                total.update(tensor.numpy().tobytes())
        return total.hexdigest()
