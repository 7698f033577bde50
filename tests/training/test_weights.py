"""Weight files: what is read, in which order, with which error; and every bad file."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import save_file

from codesign.weights import WeightsError, natural_key, read_weights

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


@given(
    matrix=arrays(np.float64, (3, 4), elements=st.floats(-2.0, 2.0)),
    unit=st.floats(0.15, 10.0),
)
def test_quantisation_reports_its_error(tmp_path_factory: pytest.TempPathFactory, matrix, unit) -> None:
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
