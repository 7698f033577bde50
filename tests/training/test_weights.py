"""Weight files: what is read, in which order, with which error; and every bad file."""

import io
import json
import pickle
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import save_file

from codesign.weights import WeightsError, natural_key, read_weights
from tests.damage import damaged

FIRST = np.array([[1, -2, 3], [0, 15, -15]])
SECOND = np.array([[4, -5], [6, 7], [0, 1]])


def test_integers_from_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", layer_1=FIRST, layer_2=SECOND.astype(float))
    weights = read_weights(tmp_path / "w.npz", max_units=15)
    np.testing.assert_array_equal(weights.layers[0], FIRST)
    np.testing.assert_array_equal(weights.layers[1], SECOND)
    assert weights.layers[1].dtype == np.int64
    assert weights.layer_sizes == (3, 2, 3)
    assert weights.quantisation == ()


def test_integers_from_safetensors(tmp_path: Path) -> None:
    save_file({"layer_2": SECOND, "layer_1": FIRST}, tmp_path / "w.safetensors")
    weights = read_weights(tmp_path / "w.safetensors", max_units=15)
    assert weights.names == ("layer_1", "layer_2")
    assert weights.layer_sizes == (3, 2, 3)


def test_state_dict_of_a_torch_model(tmp_path: Path) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(4, 3, bias=False), torch.nn.ReLU(), torch.nn.Linear(3, 2, bias=False))
    torch.save(network.state_dict(), tmp_path / "w.pt")
    weights = read_weights(tmp_path / "w.pt", max_units=15, unit_weight="fit")
    assert weights.names == ("0.weight", "2.weight")
    assert weights.layer_sizes == (4, 3, 2)
    for layer, quantisation, module in zip(weights.layers, weights.quantisation, (network[0], network[2]), strict=True):
        assert abs(layer).max() == 15
        np.testing.assert_allclose(
            layer * quantisation.unit_weight,
            module.weight.detach().numpy(),
            atol=quantisation.unit_weight / 2,
        )


def test_order_without_numbers_is_the_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", output=FIRST, hidden=SECOND)
    assert read_weights(tmp_path / "w.npz", max_units=15).names == ("output", "hidden")
    save_file({"output": FIRST, "hidden": SECOND}, tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match=r"order is unclear.*number them"):
        read_weights(tmp_path / "w.safetensors", max_units=15)


def test_numbers_in_names_compare_as_numbers() -> None:
    names = ["layer_10.weight", "layer_2.weight", "layer_1.weight"]
    assert sorted(names, key=natural_key) == ["layer_1.weight", "layer_2.weight", "layer_10.weight"]


def test_numbers_in_names_may_have_any_number_of_digits() -> None:
    names = ["layer_" + "9" * 5000, "layer_10", "layer_09", "layer_1"]
    assert sorted(names, key=natural_key) == names[::-1]


@given(
    matrix=arrays(np.float64, (3, 4), elements=st.floats(-2.0, 2.0)),
    unit=st.floats(0.15, 10.0),
)
def test_quantisation_reports_its_error(tmp_path_factory: pytest.TempPathFactory, matrix, unit) -> None:
    assume(not matrix.any() or np.abs(matrix).max() > unit / 2)
    path = tmp_path_factory.mktemp("weights") / "w.npz"
    np.savez(path, matrix)
    weights = read_weights(path, max_units=15, unit_weight=unit)
    difference = weights.layers[0] - matrix / unit
    assert np.abs(difference).max() <= 0.5
    assert weights.quantisation[0].largest == pytest.approx(np.abs(difference).max())
    assert weights.quantisation[0].rms == pytest.approx(np.sqrt((difference**2).mean()))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"layer_1": np.array([[1.0, np.nan]])}, r"layer_1 holds nan at \[0, 1\]"),
        ({"layer_1": np.array([[np.inf, 0.0]])}, r"layer_1 holds inf at \[0, 0\]"),
        ({"layer_1": np.array([[1.0, 2.5]])}, r"layer_1 holds 2.5 at \[0, 1\].*no whole number"),
        ({"layer_1": np.array([[1, -16]])}, "needs -16 unit cells.*at most 15"),
        ({"layer_1": FIRST, "layer_2": FIRST}, "layer_2 has 3 inputs .* layer_1 has 2 neurons"),
        ({"layer_1": np.array([1, 2])}, r"shape \(2,\)"),
        ({"layer_1.bias": np.array([1, 2])}, "no bias"),
        ({"layer_1": np.empty((0, 3))}, r"shape \(0, 3\)"),
        ({"layer_1": np.array([["a", "b"]])}, "must be real numbers"),
        ({"layer_1": np.array([[1j, 2]])}, "must be real numbers"),
        ({}, "holds no arrays"),
    ],
)
def test_bad_content(tmp_path: Path, content: dict[str, np.ndarray], message: str) -> None:
    np.savez(tmp_path / "w.npz", **content)
    with pytest.raises(WeightsError, match=message) as error:
        read_weights(tmp_path / "w.npz", max_units=15)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".pt"])
def test_missing_empty_truncated(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    with pytest.raises(WeightsError, match="cannot read"):
        read_weights(path, max_units=15)
    path.write_bytes(b"")
    with pytest.raises(WeightsError, match="is empty"):
        read_weights(path, max_units=15)
    if suffix == ".npz":
        np.savez(path, layer_1=np.ones((50, 50)))
    elif suffix == ".pt":
        torch.save({"layer_1": torch.ones(50, 50)}, path)
    else:
        save_file({"layer_1": np.ones((50, 50))}, path)
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(WeightsError, match="truncated"):
        read_weights(path, max_units=15)


class _Evil:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.target,))


def test_pickled_objects_are_refused_and_not_executed(tmp_path: Path) -> None:
    target = tmp_path / "executed"
    (tmp_path / "w.pt").write_bytes(pickle.dumps({"layer_1": _Evil(target)}, protocol=2))
    np.savez(tmp_path / "w.npz", layer_1=np.array([_Evil(target)], dtype=object))
    for name in ("w.pt", "w.npz"):
        with pytest.raises(WeightsError, match="plain"):
            read_weights(tmp_path / name, max_units=15)
    assert not target.exists()


def test_unknown_kind_and_bad_unit(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="unknown kind"):
        read_weights(tmp_path / "w.h5", max_units=15)
    np.savez(tmp_path / "w.npz", np.zeros((2, 2)))
    with pytest.raises(WeightsError, match="positive"):
        read_weights(tmp_path / "w.npz", max_units=15, unit_weight=-1.0)
    with pytest.raises(WeightsError, match="all zero"):
        read_weights(tmp_path / "w.npz", max_units=15, unit_weight="fit")


def _npy(shape: tuple[int, ...]) -> bytes:
    """The header of an .npy file, and no data."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def _archive(content: bytes, name: str = "layer_1.npy") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def _encrypted(archive: bytes) -> bytes:
    """The same archive, its member marked as encrypted in both headers."""
    marked = bytearray(archive)
    marked[marked.index(b"PK\3\4") + 6] |= 1
    marked[marked.index(b"PK\1\2") + 8] |= 1
    return bytes(marked)


_METADATA = {"layer_1": {"dtype": "F32", "shape": (2, 2), "data_offsets": [0, 16]}}


def _safetensors(header: dict[str, Any], length: int | None = None) -> bytes:
    """A header that says that it is so long, and no data."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text


def _saved(tensor: torch.Tensor) -> bytes:
    buffer = io.BytesIO()
    torch.save({"layer_1": tensor}, buffer)
    return buffer.getvalue()


TERABYTES = (1 << 20, 1 << 18)
ODD_FILES = {
    "npy-named.npz": (_npy((2, 2)) + bytes(32), "is one array, not an archive"),
    "text-member.npz": (_archive(b"hello", "notes.txt"), "notes.txt is no array"),
    "pickled-member.npz": (_archive(pickle.dumps(1)), "layer_1 is no array"),
    "encrypted.npz": (_encrypted(_archive(_npy((2, 2)) + bytes(32))), "is encrypted"),
    "no-data.npz": (_archive(_npy(TERABYTES)), "no archive of plain arrays"),
    "no-number.npz": (_archive(_npy((10**30, 2))), "no archive of plain arrays"),
    "no-data.safetensors": (
        _safetensors({"layer_1": {"dtype": "F32", "shape": TERABYTES, "data_offsets": [0, 1 << 40]}}),
        "is truncated, not a .safetensors file",
    ),
    "no-header.safetensors": (_safetensors({}, 1 << 42), "is truncated, not a .safetensors file"),
    "expanded.pt": (_saved(torch.ones(1).expand(TERABYTES)), "more than any layer"),
    "sparse.pt": (_saved(torch.sparse_coo_tensor(size=TERABYTES, check_invariants=True)), "more than any layer"),
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_archives_that_are_not_what_they_say(tmp_path: Path, name: str) -> None:
    content, about = ODD_FILES[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match=about) as caught:
        read_weights(tmp_path / name, max_units=15, unit_weight="fit")
    assert str(caught.value).startswith(str(tmp_path / name)) and "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".pt"])
def test_a_file_larger_than_any_network_is_not_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(WeightsError, match=r"holds 1\.1e\+12 bytes, more than the weights of any network"):
        read_weights(path, max_units=15)


@given(
    content=damaged(_archive(_npy((2, 2)) + bytes(32)), _safetensors(_METADATA) + bytes(16), _saved(torch.ones(2, 2)))
)
@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".pt"])
def test_fuzz_weight_files(tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / f"damaged{suffix}"
    path.write_bytes(content)
    try:
        layers = read_weights(path, max_units=15).layers
    except WeightsError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert all(np.abs(layer).max() <= 15 for layer in layers)


@pytest.mark.parametrize("suffix", [".npz", ".pt"])
def test_an_archive_that_unpacks_to_more_is_not_unpacked(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"w{suffix}"
    path.write_bytes(_archive(_npy((512, 512)) + bytes(2**21)))
    monkeypatch.setattr("codesign.npz.LARGEST_UNPACKED", 2**20)
    with pytest.raises(WeightsError, match=r"holds 2\.1e\+06 bytes, more than"):
        read_weights(path, max_units=15)


def test_a_unit_weight_of_which_every_weight_is_a_small_part(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", layer_1=FIRST * 0.01, layer_2=SECOND * 0.001)
    with pytest.raises(
        WeightsError, match=r"layer_2: every weight .* of 0\.02; the largest is 0\.007, .* 0\.000467"
    ) as caught:
        read_weights(tmp_path / "w.npz", max_units=15, unit_weight=0.02)
    # The advice holds.
    advised = float(re.search(r"about (\S+),", str(caught.value))[1])  # type: ignore[index]
    assert np.abs(read_weights({"layer_2": SECOND * 0.001}, 15, advised).layers[0]).max() == 15


def test_state_dict_with_something_else(tmp_path: Path) -> None:
    torch.save({"layer_1": torch.ones(2, 2), "epoch": 3}, tmp_path / "w.pt")
    with pytest.raises(WeightsError, match="epoch is not a tensor"):
        read_weights(tmp_path / "w.pt", max_units=15)
    torch.save([torch.ones(2, 2)], tmp_path / "w.pt")
    with pytest.raises(WeightsError, match="no state dict"):
        read_weights(tmp_path / "w.pt", max_units=15)


@pytest.mark.filterwarnings("ignore::UserWarning:torch", "ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: torch.eye(2, dtype=torch.complex64), "must be real numbers"),
        (lambda: torch.empty(2, 2, device="meta"), "without plain numbers"),
        (lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]), "without plain numbers"),
        (lambda: torch.quantize_per_tensor(torch.eye(2), 0.1, 0, torch.qint8), "without plain numbers"),
    ],
    ids=["complex", "meta", "nested", "quantised"],
)
def test_tensors_without_plain_numbers(
    tmp_path: Path, recwarn: pytest.WarningsRecorder, make: Callable[[], torch.Tensor], message: str
) -> None:
    torch.save({"layer_1": make()}, tmp_path / "w.pt")
    recwarn.clear()
    with pytest.raises(WeightsError, match=f"layer_1 .*{message}"):
        read_weights(tmp_path / "w.pt", max_units=15)
    assert not recwarn.list


def test_half_precision_and_sparse_weights_are_read(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    eye = torch.eye(2)
    stored = {
        "layer_1": eye.bfloat16(),
        "layer_2": eye.to_sparse(),
        "layer_3": eye.to_sparse_csr(),
        "layer_4": eye.int(),
    }
    torch.save(stored, tmp_path / "w.pt")
    recwarn.clear()
    for layer in read_weights(tmp_path / "w.pt", max_units=15).layers:
        np.testing.assert_array_equal(layer, np.eye(2))
    assert not recwarn.list


def test_reading_needs_no_torch(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", layer_1=FIRST)
    code = (
        "import sys; from pathlib import Path; from codesign.weights import read_weights; "
        f"read_weights(Path({str(tmp_path / 'w.npz')!r}), 15); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
