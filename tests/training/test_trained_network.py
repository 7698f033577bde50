"""Trained networks on disk."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from codesign.training.errors import TrainingError
from codesign.training.settings import TrainingSettings
from codesign.training.trained_network import TrainedNetwork, TrainingRecord
from codesign.weights import read_weights

RECORD = TrainingRecord(
    kind="fitted",
    seed=3,
    settings=TrainingSettings(),
    max_units=15,
    model_digest="00",
    data_source="made up",
    data_digest="11",
    tool_version="0",
    torch_version="0",
    train_accuracy=0.9,
    validation_accuracy=0.8,
    test_accuracy=0.7,
    out_of_range=0.0,
)


@pytest.fixture
def network() -> TrainedNetwork:
    layers = [np.full((3, 3), index) for index in range(12)]
    return TrainedNetwork(tuple(layers), RECORD)


def test_round_trip_keeps_layers_in_order(network: TrainedNetwork, tmp_path: Path) -> None:
    path = tmp_path / "n.safetensors"
    network.save(path)
    loaded = TrainedNetwork.load(path)
    assert loaded.record == network.record
    assert [layer[0, 0] for layer in loaded.layers] == list(range(12))
    assert loaded.layer_sizes == (3,) * 13


def test_is_a_weight_file_too(network: TrainedNetwork, tmp_path: Path) -> None:
    network.save(tmp_path / "n.safetensors")
    weights = read_weights(tmp_path / "n.safetensors", max_units=15)
    assert all(np.array_equal(a, b) for a, b in zip(weights.layers, network.layers, strict=True))


def test_bad_files(network: TrainedNetwork, tmp_path: Path) -> None:
    path = tmp_path / "n.safetensors"
    with pytest.raises(TrainingError, match="cannot read"):
        TrainedNetwork.load(path)
    save_file({"layer_1": np.ones((2, 2))}, path)
    with pytest.raises(TrainingError, match="no training record"):
        TrainedNetwork.load(path)
    save_file({"layer_1": np.ones((2, 2))}, path, metadata={"codesign_training": "{}"})
    with pytest.raises(TrainingError, match="no trained network of this version"):
        TrainedNetwork.load(path)
    network.save(path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(TrainingError, match="train again"):
        TrainedNetwork.load(path)


def test_loading_needs_no_torch(network: TrainedNetwork, tmp_path: Path) -> None:
    network.save(tmp_path / "n.safetensors")
    code = (
        "import sys; from pathlib import Path; from codesign.training.trained_network import TrainedNetwork; "
        f"TrainedNetwork.load(Path({str(tmp_path / 'n.safetensors')!r})); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
