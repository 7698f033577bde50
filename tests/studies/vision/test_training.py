"""The training of one network: it learns, goes on after a kill, and refuses what is not its own."""

import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from codesign.studies.vision.augmentation import augment
from codesign.studies.vision.datasets import load_images
from codesign.studies.vision.encoding import spike_times
from codesign.studies.vision.errors import VisionError
from codesign.studies.vision.images import ImageData
from codesign.studies.vision.judge import judge_exactly
from codesign.studies.vision.networks import build_network
from codesign.studies.vision.recipe import Recipe
from codesign.studies.vision.schedule import one_cycle
from codesign.studies.vision.training import TrainedNetwork, train
from codesign.training.errors import TrainingError

RECIPE = Recipe.model_validate(
    {
        "data_set": "fashion-mnist",
        "network": "dense",
        "training": {"epochs": 12, "batch_size": 25, "learning_rate": 2e-3, "shift": 1, "flip": True},
    }
)


@pytest.fixture
def data(fashion_folder: Path) -> ImageData:
    return load_images("fashion-mnist", fashion_folder)


def same(first: TrainedNetwork, second: TrainedNetwork) -> bool:
    """Weights and history equal to the last bit, times apart."""
    histories = [
        [{key: value for key, value in epoch.items() if "seconds" not in key} for epoch in trained.history]
        for trained in (first, second)
    ]
    return histories[0] == histories[1] and same_weights(first, second)


def same_weights(first: TrainedNetwork, second: TrainedNetwork) -> bool:
    weights = zip(first.network.parameters(), second.network.parameters(), strict=True)
    return all(torch.equal(a, b) for a, b in weights)


def with_training(recipe: Recipe, **changes: object) -> Recipe:
    return recipe.model_copy(update={"training": recipe.training.model_copy(update=changes)})


def test_learns_the_digits(data: ImageData, tmp_path: Path) -> None:
    recipe = with_training(RECIPE, shift=0, flip=False)
    trained = train(recipe, data, 2.0, 0, tmp_path)
    assert judge_exactly(trained.network, data.test).accuracy >= 0.8
    assert trained.history[-1]["loss"] < trained.history[0]["loss"] / 3
    assert (tmp_path / "log.csv").read_text().count("\n") == 13
    assert (tmp_path / "weights.safetensors").exists()


def test_goes_on_after_kill_9(data: ImageData, fashion_folder: Path, tmp_path: Path) -> None:
    """A process is killed once its first checkpoint is there; its successor ends with the same numbers."""
    killed = tmp_path / "killed"
    code = (
        "from pathlib import Path\n"
        "import torch\n"
        "from codesign.studies.vision.datasets import load_images\n"
        "from codesign.studies.vision.recipe import Recipe\n"
        "from codesign.studies.vision.training import train\n"
        "torch.set_num_threads(1)\n"
        f"data = load_images('fashion-mnist', Path({str(fashion_folder)!r}))\n"
        f"recipe = Recipe.model_validate_json({RECIPE.model_dump_json(exclude={'reversal_potentials'})!r})\n"
        f"train(recipe, data, 1.0, 5, Path({str(killed)!r}))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"OMP_NUM_THREADS": "1"})
    deadline = time.monotonic() + 120
    checkpoint = killed / "checkpoint.pt"
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    done = len(torch.load(checkpoint, weights_only=True)["state"]["history"])
    assert 0 < done < RECIPE.training.epochs
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert same(train(RECIPE, data, 1.0, 5, killed), train(RECIPE, data, 1.0, 5, tmp_path / "unbroken"))
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(("learning_rate_of", "parts"), [("weight", (1, 1)), ("membrane", (1 / 784, 1 / 400))])
def test_first_step_moves_weights_by_their_learning_rate(
    learning_rate_of: str, parts: tuple[float, float], data: ImageData, tmp_path: Path
) -> None:
    settings = {"epochs": 1, "batch_size": 10**6, "learning_rate": 0.1, "weight_decay": 0.0}
    trained = train(with_training(RECIPE, **settings, learning_rate_of=learning_rate_of), data, 2.0, 0, tmp_path)
    start = build_network("dense", data.shape, reversal_potential=2.0, steps=4, basis="cf4", seed=0)
    for before, after, part in zip(start.parameters(), trained.network.parameters(), parts, strict=True):
        # Adam's first step is the learning rate, here the first of the cycle, whatever the gradient.
        moved = (after - before).abs().max().item()
        assert moved == pytest.approx(0.1 * one_cycle(0, 1, RECIPE.training.warm_up) * part, rel=1e-2)


def test_no_weight_is_trained_on_validation_images(fashion_folder: Path, tmp_path: Path) -> None:
    recipe = with_training(RECIPE.model_copy(update={"validation": 100}), epochs=3, shift=0, flip=False)
    data = recipe.load_images(fashion_folder)
    trained = train(recipe, data, 2.0, 0, tmp_path / "kept out")
    alone = replace(data, validation=data.test.first(0))
    assert same_weights(trained, train(recipe, alone, 2.0, 0, tmp_path / "not there"))
    # The log's last accuracy, counted by another way: the network as it is after training, image by image.
    right = [
        int(trained.network(spike_times(pixels.unsqueeze(0))).argmax()) == int(label)
        for pixels, label in zip(data.validation.pixels, data.validation.labels, strict=True)
    ]
    assert trained.history[-1]["validation_accuracy"] == pytest.approx(sum(right) / 100, abs=0.011)
    assert (
        (tmp_path / "kept out" / "log.csv").read_text().startswith("epoch,loss,training_accuracy,validation_accuracy")
    )


def test_seeds_differ_and_repeat(data: ImageData, tmp_path: Path) -> None:
    recipe = with_training(RECIPE, epochs=1)
    first, again, other = (
        train(recipe, data, math.inf, seed, tmp_path / name) for seed, name in ((0, "a"), (0, "b"), (1, "c"))
    )
    assert same(first, again)
    assert not same(first, other)


def test_foreign_checkpoints_are_refused(data: ImageData, tmp_path: Path) -> None:
    recipe = with_training(RECIPE, epochs=1)
    train(recipe, data, 2.0, 0, tmp_path)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    with pytest.raises(TrainingError, match="another model; delete it"):
        train(recipe, data, 3.0, 0, tmp_path)
    with pytest.raises(TrainingError, match="another settings"):
        train(with_training(recipe, learning_rate=0.1), data, 2.0, 0, tmp_path)
    with pytest.raises(TrainingError, match="another data"):
        train(recipe, ImageData(data.train, data.train, data.validation), 2.0, 0, tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_a_training_with_a_damaged_checkpoint_starts_again(data: ImageData, tmp_path: Path) -> None:
    recipe = with_training(RECIPE, epochs=1)
    first = train(recipe, data, 2.0, 0, tmp_path)
    checkpoint = tmp_path / "checkpoint.pt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:-500])
    assert same(first, train(recipe, data, 2.0, 0, tmp_path))


def test_a_loss_that_is_no_number(data: ImageData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codesign.studies.vision.training.F.cross_entropy", lambda *_, **__: torch.tensor(math.nan) * 1)
    monkeypatch.setattr(torch.Tensor, "backward", lambda self: None)
    with pytest.raises(VisionError, match="the loss is nan in epoch 1: lower learning_rate"):
        train(RECIPE, data, 2.0, 0, tmp_path)


def test_learning_rate_rises_and_falls() -> None:
    rates = [one_cycle(step, 100, 0.2) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[20] == pytest.approx(1.0)
    assert rates[:21] == sorted(rates[:21])
    assert rates[20:] == sorted(rates[20:], reverse=True)
    assert rates[-1] < 1e-3
    assert one_cycle(0, 10, 0.0) == pytest.approx(1.0)


def test_augmented_images_are_shifted_or_mirrored_ones() -> None:
    pixels = torch.arange(1, 26, dtype=torch.uint8).view(1, 1, 5, 5).repeat(200, 1, 1, 1)
    augmented = augment(pixels, shift=1, flip=True, generator=torch.Generator().manual_seed(0))
    expected = set()
    for image in (pixels[0, 0], pixels[0, 0].flip(1)):
        framed = torch.zeros(7, 7, dtype=torch.uint8)
        framed[1:6, 1:6] = image
        expected |= {tuple(framed[r : r + 5, c : c + 5].flatten().tolist()) for r in range(3) for c in range(3)}
    assert {tuple(image.flatten().tolist()) for image in augmented} == expected
    generator = torch.Generator().manual_seed(0)
    assert torch.equal(augment(pixels, shift=0, flip=False, generator=generator), pixels)
