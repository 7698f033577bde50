"""Writing the files of MNIST and its likes."""

import struct

import numpy as np

PARTS = {"train": 300, "t10k": 60}
"""Images in the files of the tests."""


def idx(array: np.ndarray) -> bytes:
    """An IDX file of unsigned bytes."""
    return struct.pack(f">{1 + array.ndim}I", 2048 + array.ndim, *array.shape) + array.astype(np.uint8).tobytes()
