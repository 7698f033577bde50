"""`codesign figures 5` and its flow files."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from codesign.cli.main import app
from codesign.design import DesignError
from codesign.errors import CodesignError
from codesign.studies.vision.errors import VisionError
from codesign.studies.vision.recipe import Recipe
from codesign.studies.vision.step_benchmark import ordinary_twin

FLOWS = Path(__file__).parents[3] / "flows"
FLOW = """
data_set = "fashion-mnist"
network = "dense"
reversal_potentials = [1, 2, inf]

[training]
epochs = 1
learning_rate = 1e-3
"""


@pytest.mark.parametrize(
    "name",
    ["fashion-mnist-dense", "fashion-mnist-conv", "cifar-10", "cifar-10-cpu", "cifar-10-cpu-short", "cifar-10-trial"],
)
def test_flow_files_of_the_project(name: str) -> None:
    Recipe.load(FLOWS / f"{name}.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("data_set =", "dataset =", "missing key data_set|unknown key dataset"),
        ('"dense"', '"deep"', "network: .*'dense'.*got 'deep'"),
        ("[1, 2, inf]", "[1, -2]", "abs.E. must be above 0 .* got -2"),
        ("[1, 2, inf]", "[1, nan]", "abs.E. must be above 0"),
        ("[1, 2, inf]", "[1, 1]", "a value is given twice"),
        ("[1, 2, inf]", "[]", "reversal_potentials: "),
        (
            "[1, 2, inf]",
            "[1, inf]\nstride = 2",
            "channels and stride are those of convolutional-8; leave them out for dense",
        ),
        ("[1, 2, inf]", "[1, inf]\nchannels = [8, 8]", "channels: .*at least 6"),
        ("[1, 2, inf]", "[1, inf]\nvalidation = -1", "validation: .*got -1"),
        ("epochs = 1", "epochs = 0", "training.epochs: .*got 0"),
        ("epochs = 1", "epochs = 1\nmomentum = 1", "unknown key training.momentum"),
        ("[training]", "[discretisation]\nsteps = 5\n[training]", "discretisation: basis cf4 .* must be even, got 5"),
        ("[training]", "[judge]\nmethod = 'guess'\n[training]", "judge.method: "),
        ("[training]", "[training", "is not valid TOML"),
    ],
)
def test_wrong_flow_files(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "flow.toml"
    path.write_text(FLOW.replace(old, new))
    with pytest.raises((VisionError, DesignError), match=message) as caught:
        Recipe.load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_reversal_potential_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "flow.toml").write_text(FLOW)
    with pytest.raises(VisionError, match=r"--reversal-potential: .*must be above 0"):
        Recipe.load(tmp_path / "flow.toml").at((0.0,))


def test_command_with_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "flow.toml").write_text(FLOW)
    arguments = ["figures", "5", str(tmp_path / "flow.toml"), "--data", str(tmp_path / "none"), "--out", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, CodesignError)
    assert "does not exist; name the folder that holds train-images-idx3-ubyte" in str(result.exception)


def test_command_to_the_end(tmp_path: Path, fashion_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Processes would load PyTorch anew, which takes longer than the training.
    monkeypatch.setattr("codesign.execution.workers.worker_processes", ThreadPoolExecutor)
    (tmp_path / "flow.toml").write_text(FLOW)
    arguments = ["figures", "5", str(tmp_path / "flow.toml"), "--data", str(fashion_folder), "--out"]
    arguments += [str(tmp_path / "out"), "--reversal-potential", "2", "--workers", "1", "--device", "cpu"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "| 2 | " in result.output
    assert (tmp_path / "out" / "figure5.png").exists()


def test_benchmark_of_a_step(tmp_path: Path) -> None:
    (tmp_path / "flow.toml").write_text(FLOW)
    result = CliRunner().invoke(app, ["bench", "step", str(tmp_path / "flow.toml"), "--seconds", "0"])
    assert result.exit_code == 0, result.output
    rows = [line.split("  ")[0] for line in result.output.splitlines()[2:]]
    assert rows == ["nn.Conv2d", "cf4, M = 4", "dstd, M = 1", "dstd, M = 2", "cf4, M = 2"]


def test_the_ordinary_twin_has_the_same_weights_and_layers() -> None:
    recipe = Recipe.load(FLOWS / "cifar-10-cpu-short.toml")
    network = recipe.build((3, 32, 32), 3.0, seed=0)
    twin = ordinary_twin(network)
    shapes = [[tuple(weight.shape) for weight in one.parameters()] for one in (network, twin)]
    assert shapes[0] == shapes[1]
    ours = theirs = torch.rand(2, 3, 32, 32)
    for one, other in zip(network, twin, strict=True):
        ours, theirs = one(ours), other(theirs)
        assert ours.shape == theirs.shape
