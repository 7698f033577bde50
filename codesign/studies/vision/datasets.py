"""The data sets by name."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Literal

from codesign.studies.vision.cifar10 import load_cifar10
from codesign.studies.vision.fashion_mnist import load_fashion_mnist
from codesign.studies.vision.images import ImageData

DataSet = Literal["fashion-mnist", "cifar-10"]

_LOADERS: dict[DataSet, Callable[[Path], ImageData]] = {
    "fashion-mnist": load_fashion_mnist,
    "cifar-10": load_cifar10,
}


@lru_cache(maxsize=1)
def load_images(data_set: DataSet, folder: Path, count: int | None = None) -> ImageData:
    """Read a data set from a folder of the user's; nothing is ever downloaded.

    Args:
        data_set: its name.
        folder: where its published files are, plain or compressed.
        count: use only so many of the training images, and as many of the test images; None uses all.

    Raises:
        ImageDataError: a file is missing, damaged, truncated or not what its name says.
    """
    data = _LOADERS[data_set](folder)
    return data if count is None else ImageData(data.train.first(count), data.test.first(count))
