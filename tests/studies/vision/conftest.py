"""Small data sets in the published formats."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from codesign.studies.vision import cifar10
from tests.studies.vision.idx_files import PARTS, idx


@pytest.fixture
def fashion_folder(tmp_path: Path) -> Path:
    """Fashion-MNIST's four files, with scikit-learn's digits in them, 3 x 3 pixels for one and a dark frame."""
    digits = load_digits()
    images = np.kron(digits.images * 15, np.ones((3, 3)))
    images = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    folder, end = tmp_path / "fashion", 0
    folder.mkdir()
    for prefix, count in PARTS.items():
        part = slice(end, end := end + count)
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(idx(images[part]))
        (folder / f"{prefix}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(digits.target[part])))
    return folder


@pytest.fixture
def cifar_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """CIFAR-10's six files with 10 images each instead of 10000."""
    monkeypatch.setattr(cifar10, "RECORDS", 10)
    generator = np.random.default_rng(0)
    folder = tmp_path / "cifar"
    folder.mkdir()
    for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
        records = generator.integers(0, 256, (10, 3073), dtype=np.uint8)
        records[:, 0] = np.arange(10)
        (folder / f"{name}.bin").write_bytes(records.tobytes())
    return folder
