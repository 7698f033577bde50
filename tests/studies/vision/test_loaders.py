"""Data sets as published, and every way in which their files can be wrong."""

import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest
import torch

from codesign.studies.vision.cifar10 import load_cifar10
from codesign.studies.vision.datasets import load_images
from codesign.studies.vision.encoding import spike_times
from codesign.studies.vision.errors import ImageDataError
from codesign.studies.vision.fashion_mnist import load_fashion_mnist
from tests.studies.vision.idx_files import PARTS, idx

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"


def test_fashion_mnist_files(fashion_folder: Path) -> None:
    train, test = load_fashion_mnist(fashion_folder)
    assert train.pixels.shape[1:] == (1, 28, 28)
    assert [len(images.labels) for images in (train, test)] == list(PARTS.values())
    assert train.pixels.dtype == torch.uint8
    assert train.pixels.max() == 240
    assert train.labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]


def test_cifar_files_plain_and_compressed(cifar_folder: Path) -> None:
    plain = cifar_folder / "data_batch_3.bin"
    content = plain.read_bytes()
    expected, _ = load_cifar10(cifar_folder)
    plain.unlink()
    for end, compress in ((".xz", lzma.compress), (".gz", gzip.compress)):
        packed = cifar_folder / f"data_batch_3.bin{end}"
        packed.write_bytes(compress(content))
        assert torch.equal(load_cifar10(cifar_folder)[0].pixels, expected.pixels)
        packed.unlink()
    assert expected.pixels.shape == (50, 3, 32, 32)
    record = np.frombuffer(content, np.uint8)[:3073]
    # Green of the first row's second pixel.
    assert expected.pixels[20, 1, 0, 1] == record[1 + 1024 + 1]
    assert expected.labels[20] == record[0]


def test_only_some_images(fashion_folder: Path) -> None:
    data = load_images("fashion-mnist", fashion_folder, 50)
    assert (len(data.train.labels), len(data.test.labels)) == (50, 50)
    assert data.digest != load_images("fashion-mnist", fashion_folder).digest


def test_the_last_training_images_validate(fashion_folder: Path) -> None:
    whole, kept = load_images("fashion-mnist", fashion_folder), load_images("fashion-mnist", fashion_folder, None, 100)
    assert len(kept.validation.labels) == 100 and len(whole.validation.labels) == 0
    joined = torch.cat([kept.train.pixels, kept.validation.pixels])
    assert torch.equal(joined, whole.train.pixels)
    assert torch.equal(kept.test.pixels, whole.test.pixels)
    some = load_images("fashion-mnist", fashion_folder, 50, 100)
    assert len(some.train.labels) == 50 and torch.equal(some.validation.pixels, kept.validation.pixels)
    assert len({data.digest for data in (whole, kept, some)}) == 3


@pytest.mark.parametrize(("count", "validation"), [(None, 50), (None, 60), (20, 40)])
def test_too_few_images_for_a_validation(cifar_folder: Path, count: int | None, validation: int) -> None:
    with pytest.raises(
        ImageDataError, match=f"has 50 training images, too few to keep {validation} .* lower validation"
    ):
        load_images("cifar-10", cifar_folder, count, validation)


def test_bright_pixels_spike_early_and_black_ones_never() -> None:
    times = spike_times(torch.tensor([0, 51, 255], dtype=torch.uint8).view(3, 1, 1, 1))
    assert times.flatten().tolist() == pytest.approx([1.0, 0.8, 0.0])


def replace(path: Path, content: bytes) -> None:
    path.write_bytes(content)


WRONG_FASHION = {
    "missing": (lambda folder: (folder / TRAIN_IMAGES).unlink(), f"no {TRAIN_IMAGES} .*get it from https"),
    "truncated": (
        lambda folder: replace(folder / TRAIN_IMAGES, (folder / TRAIN_IMAGES).read_bytes()[:-1]),
        f"{TRAIN_IMAGES} should hold 300 x 28 x 28 bytes by its header but holds 235199",
    ),
    "too long": (
        lambda folder: replace(folder / TRAIN_IMAGES, (folder / TRAIN_IMAGES).read_bytes() + b"0"),
        "but holds 235201",
    ),
    "empty": (lambda folder: replace(folder / TRAIN_IMAGES, b""), "is no IDX file"),
    "no images": (
        lambda folder: replace(folder / TRAIN_IMAGES, idx(np.zeros((0, 28, 28)))),
        "should hold 0 x 28 x 28 bytes",
    ),
    "labels instead of images": (
        lambda folder: replace(folder / TRAIN_IMAGES, idx(np.zeros(300))),
        "magic number 2049 instead of 2051",
    ),
    "another size": (lambda folder: replace(folder / TRAIN_IMAGES, idx(np.zeros((300, 20, 20)))), "20 x 20 pixels"),
    "another count": (
        lambda folder: replace(folder / TRAIN_IMAGES, idx(np.zeros((299, 28, 28)))),
        "has 299 images but .* 300 labels",
    ),
    "label out of range": (
        lambda folder: replace(folder / TRAIN_LABELS, gzip.compress(idx(np.full(300, 10)))),
        f"{TRAIN_LABELS} has the label 10; labels are 0 to 9",
    ),
    "truncated archive": (
        lambda folder: replace(folder / TRAIN_LABELS, (folder / TRAIN_LABELS).read_bytes()[:-9]),
        f"{TRAIN_LABELS} is truncated or damaged",
    ),
    "damaged archive": (
        lambda folder: replace(folder / TRAIN_LABELS, (folder / TRAIN_LABELS).read_bytes()[:-8] + b"12345678"),
        f"{TRAIN_LABELS} is truncated or damaged",
    ),
    "no archive": (lambda folder: replace(folder / TRAIN_LABELS, b"labels"), "is truncated or damaged"),
}


@pytest.mark.parametrize("name", WRONG_FASHION)
def test_wrong_fashion_mnist(fashion_folder: Path, name: str) -> None:
    spoil, message = WRONG_FASHION[name]
    spoil(fashion_folder)
    with pytest.raises(ImageDataError, match=message) as caught:
        load_fashion_mnist(fashion_folder)
    assert "\n" not in str(caught.value)


WRONG_CIFAR = {
    "missing": (lambda path: path.unlink(), "no data_batch_2.bin .*get it from https"),
    "truncated": (lambda path: replace(path, path.read_bytes()[:-3073]), "holds 27657 bytes unpacked instead of 10"),
    "label out of range": (lambda path: replace(path, b"\x0a" + path.read_bytes()[1:]), "has the label 10"),
    "damaged archive": (
        lambda path: (path.unlink(), replace(path.with_name("data_batch_2.bin.xz"), b"\xfd7zXZ\0" + b"damage" * 9)),
        "data_batch_2.bin.xz is truncated or damaged",
    ),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "no data_batch_2.bin"),
}


@pytest.mark.parametrize("name", WRONG_CIFAR)
def test_wrong_cifar(cifar_folder: Path, name: str) -> None:
    spoil, message = WRONG_CIFAR[name]
    spoil(cifar_folder / "data_batch_2.bin")
    with pytest.raises(ImageDataError, match=message):
        load_cifar10(cifar_folder)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageDataError, match="does not exist; name the folder that holds"):
        load_fashion_mnist(tmp_path / "nowhere")


def test_a_file_that_unpacks_without_end(fashion_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codesign.studies.vision.packed_files._LARGEST", 1000)
    with pytest.raises(ImageDataError, match="unpacks to more than"):
        load_fashion_mnist(fashion_folder)
