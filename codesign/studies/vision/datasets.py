"""The data sets by name."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Literal

from codesign.studies.vision.cifar10 import load_cifar10
from codesign.studies.vision.errors import ImageDataError
from codesign.studies.vision.fashion_mnist import load_fashion_mnist
from codesign.studies.vision.images import ImageData, Images

DataSet = Literal["fashion-mnist", "cifar-10"]

_LOADERS: dict[DataSet, Callable[[Path], tuple[Images, Images]]] = {
    "fashion-mnist": load_fashion_mnist,
    "cifar-10": load_cifar10,
}

IMAGE_SHAPES: dict[DataSet, tuple[int, int, int]] = {"fashion-mnist": (1, 28, 28), "cifar-10": (3, 32, 32)}
"""Channels, height and width."""

TRAINING_IMAGES: dict[DataSet, int] = {"fashion-mnist": 60_000, "cifar-10": 50_000}
"""As published."""


@lru_cache(maxsize=1)
def load_images(data_set: DataSet, folder: Path, count: int | None = None, validation: int = 0) -> ImageData:
    """Read a data set from a folder of the user's; nothing is ever downloaded.

    Args:
        data_set: its name.
        folder: where its published files are, plain or compressed.
        count: train with only so many of the training images, and test with as many of the test images; None
            uses all.
        validation: training images, the last ones, that are kept out of the training.

    Raises:
        ImageDataError: a file is missing, damaged, truncated or not what its name says, or there are too few
            training images.
    """
    published, test = _LOADERS[data_set](folder)
    remaining = len(published.labels) - validation
    if validation and remaining < (count or 1):
        raise ImageDataError(
            f"{folder} has {len(published.labels)} training images, too few to keep {validation} for the validation "
            f"and train with {count or 'the rest'}; lower validation or images in the flow file"
        )
    return ImageData(published.first(remaining).first(count), test.first(count), published.after(remaining))
