"""CIFAR-10 (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009), the binary version.

A file holds 10000 records of 3073 bytes: the label, then 32 x 32 pixels row by row, all red ones first, then
green, then blue.
"""

from pathlib import Path

import torch

from codesign.studies.vision.errors import ImageDataError
from codesign.studies.vision.images import Images
from codesign.studies.vision.packed_files import read_packed

SOURCE = "https://www.cs.toronto.edu/~kriz/cifar.html"
CLASSES = 10
RECORDS = 10_000
"""Images in each file."""
_SHAPE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32


def load_cifar10(folder: Path) -> tuple[Images, Images]:
    """Read the training images, five files, and the test images, one, from a folder.

    Raises:
        ImageDataError: a file is missing, damaged, truncated or not what its name says.
    """
    batches = [_read_batch(folder, f"data_batch_{number}.bin") for number in range(1, 6)]
    train = Images(torch.cat([batch.pixels for batch in batches]), torch.cat([batch.labels for batch in batches]))
    return train, _read_batch(folder, "test_batch.bin")


def _read_batch(folder: Path, name: str) -> Images:
    path, content = read_packed(folder, name, SOURCE)
    if len(content) != RECORDS * _RECORD:
        raise ImageDataError(
            f"{path} holds {len(content)} bytes unpacked instead of {RECORDS} records of {_RECORD}; "
            f"get the binary version again from {SOURCE}"
        )
    records = torch.frombuffer(bytearray(content), dtype=torch.uint8).view(RECORDS, _RECORD)
    labels = records[:, 0].long()
    if int(labels.max()) >= CLASSES:
        raise ImageDataError(
            f"{path} has the label {int(labels.max())}; labels are 0 to {CLASSES - 1}, "
            f"get the binary version again from {SOURCE}"
        )
    return Images(records[:, 1:].reshape(-1, *_SHAPE), labels)
