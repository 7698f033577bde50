"""Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747), and other data sets in the files of MNIST.

An IDX file begins with a magic number, 2051 for images and 2049 for labels, and the sizes, each a big-endian
unsigned number of 32 bits. The content follows, a byte a pixel or label.
"""

import struct
from pathlib import Path

import torch
from torch import Tensor

from codesign.studies.vision.errors import ImageDataError
from codesign.studies.vision.images import Images
from codesign.studies.vision.packed_files import read_packed

SOURCE = "https://github.com/zalandoresearch/fashion-mnist"
CLASSES = 10
SIDE = 28
"""Pixels along each edge."""
_IMAGES, _LABELS = 2051, 2049


def load_fashion_mnist(folder: Path) -> tuple[Images, Images]:
    """Read the training images and the test images, two files each, from a folder.

    Raises:
        ImageDataError: a file is missing, damaged, truncated or not what its name says.
    """
    return _split(folder, "train"), _split(folder, "t10k")


def _split(folder: Path, prefix: str) -> Images:
    pixels_path, pixels = _read_idx(folder, f"{prefix}-images-idx3-ubyte", _IMAGES)
    labels_path, labels = _read_idx(folder, f"{prefix}-labels-idx1-ubyte", _LABELS)
    if pixels.shape[1:] != (SIDE, SIDE):
        height, width = pixels.shape[1:]
        raise ImageDataError(
            f"{pixels_path} has images of {height} x {width} pixels instead of {SIDE} x {SIDE}; "
            f"get it again from {SOURCE}"
        )
    if len(pixels) != len(labels):
        raise ImageDataError(
            f"{pixels_path} has {len(pixels)} images but {labels_path} {len(labels)} labels; "
            f"get both again from {SOURCE}"
        )
    if int(labels.max()) >= CLASSES:
        raise ImageDataError(
            f"{labels_path} has the label {int(labels.max())}; labels are 0 to {CLASSES - 1}, "
            f"get it again from {SOURCE}"
        )
    return Images(pixels.unsqueeze(1), labels.long())


def _read_idx(folder: Path, name: str, magic: int) -> tuple[Path, Tensor]:
    path, content = read_packed(folder, name, SOURCE)
    dimensions = magic % 256
    header = 4 * (1 + dimensions)
    if len(content) < header or (found := struct.unpack_from(">I", content)[0]) != magic:
        found = struct.unpack_from(">I", content.ljust(4, b"\0"))[0]
        raise ImageDataError(
            f"{path} is no IDX file of {dimensions} dimensions (magic number {found} instead of {magic}); "
            f"get it again from {SOURCE}"
        )
    sizes = struct.unpack_from(f">{dimensions}I", content, 4)
    expected = 1
    for size in sizes:
        expected *= size
    if expected == 0 or len(content) != header + expected:
        raise ImageDataError(
            f"{path} should hold {' x '.join(map(str, sizes))} bytes by its header but holds {len(content) - header}; "
            f"get it again from {SOURCE}"
        )
    return path, torch.frombuffer(bytearray(content[header:]), dtype=torch.uint8).view(sizes)
