"""The training loop: determinism, going on after a kill, refusal of foreign checkpoints, accuracy."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch

from codesign.errors import CodesignError
from codesign.model.normalised import NormalisedModel
from codesign.training.datasets import DataSettings, load_data
from codesign.training.errors import TrainingError
from codesign.training.jobs import TrainingJob, run_job, run_jobs
from codesign.training.loop import train
from codesign.training.settings import TrainingSettings
from codesign.training.spike_data import SpikeData
from codesign.training.trained_network import TrainedNetwork
from tests.damage import each_damage

SHORT = TrainingSettings(epochs=20, candidates=2, batch_size=30)
SIZES = (3, 3, 2)


def _same(first: TrainedNetwork, second: TrainedNetwork) -> bool:
    layers = zip(first.layers, second.layers, strict=True)
    return first.record == second.record and all(np.array_equal(a, b) for a, b in layers)


def test_learns_an_easy_task_in_whole_units(easy_data: SpikeData, model: NormalisedModel) -> None:
    network = train(easy_data, model, SIZES, "fitted", 0, SHORT)
    assert network.record.test_accuracy >= 0.95
    assert network.layer_sizes == SIZES
    for layer in network.layers:
        assert layer.dtype == np.int64
        assert np.abs(layer).max() <= model.max_units


def test_same_seed_same_network(easy_data: SpikeData, model: NormalisedModel) -> None:
    first, again, other = (train(easy_data, model, SIZES, "fitted", seed, SHORT) for seed in (1, 1, 2))
    assert _same(first, again)
    assert not _same(first, other)


def test_goes_on_after_kill_9(easy_data: SpikeData, model: NormalisedModel, tmp_path: Path) -> None:
    """A process is killed once its first checkpoint is there; its successor ends with the same numbers."""
    settings = SHORT.model_copy(update={"epochs": 40})
    checkpoint = tmp_path / "c.pt"
    np.savez(tmp_path / "d.npz", spike_times=easy_data.train.times, labels=easy_data.train.labels)
    data = load_data(DataSettings(file=tmp_path / "d.npz"), SIZES)
    code = (
        "from pathlib import Path\n"
        "from codesign.model.normalised import NormalisedModel\n"
        "from codesign.training.datasets import DataSettings, load_data\n"
        "from codesign.training.loop import train\n"
        "from codesign.training.settings import TrainingSettings\n"
        f"data = load_data(DataSettings(file=Path({str(tmp_path / 'd.npz')!r})), {SIZES})\n"
        f"model = NormalisedModel.model_validate_json({model.model_dump_json()!r})\n"
        f"settings = TrainingSettings.model_validate_json({settings.model_dump_json()!r})\n"
        f"train(data, model, {SIZES}, 'fitted', 5, settings, Path({str(checkpoint)!r}))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"OMP_NUM_THREADS": "1"})
    deadline = time.monotonic() + 120
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    epoch = torch.load(checkpoint, weights_only=True)["state"]["epoch"]
    assert 0 < epoch < settings.epochs
    resumed = train(data, model, SIZES, "fitted", 5, settings, checkpoint)
    assert _same(resumed, train(data, model, SIZES, "fitted", 5, settings))


def test_a_finished_training_is_not_repeated(
    easy_data: SpikeData, model: NormalisedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train(easy_data, model, SIZES, "fitted", 0, SHORT, tmp_path / "c.pt")
    monkeypatch.setattr("codesign.training.loop._Training.run_epoch", lambda self: pytest.fail("trained again"))
    assert _same(first, train(easy_data, model, SIZES, "fitted", 0, SHORT, tmp_path / "c.pt"))


def test_foreign_checkpoints_are_refused(easy_data: SpikeData, model: NormalisedModel, tmp_path: Path) -> None:
    path = tmp_path / "c.pt"
    settings = SHORT.model_copy(update={"epochs": 2})
    train(easy_data, model, SIZES, "fitted", 0, settings, path)
    before = path.read_bytes()
    with pytest.raises(TrainingError, match="another model, seed; delete it"):
        train(easy_data, model.ideal(), SIZES, "ideal", 1, settings, path)
    with pytest.raises(TrainingError, match="another settings"):
        train(easy_data, model, SIZES, "fitted", 0, SHORT, path)
    with pytest.raises(TrainingError, match="another data"):
        train(replace(easy_data, test=easy_data.train), model, SIZES, "fitted", 0, settings, path)
    assert path.read_bytes() == before


def test_a_training_with_a_damaged_checkpoint_starts_again(
    easy_data: SpikeData, model: NormalisedModel, tmp_path: Path
) -> None:
    path = tmp_path / "c.pt"
    settings = SHORT.model_copy(update={"epochs": 1})
    first = train(easy_data, model, SIZES, "fitted", 0, settings, path)
    stored = path.read_bytes()
    for damaged in each_damage(stored, step=len(stored) // 4):
        path.write_bytes(damaged)
        assert _same(first, train(easy_data, model, SIZES, "fitted", 0, settings, path))
    path.unlink()
    path.mkdir()
    with pytest.raises(TrainingError, match="cannot read checkpoint"):
        train(easy_data, model, SIZES, "fitted", 0, settings, path)


def test_checkpoint_that_cannot_be_written(easy_data: SpikeData, model: NormalisedModel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CodesignError, match="cannot write"):
        train(easy_data, model, SIZES, "fitted", 0, SHORT, tmp_path / "file" / "c.pt")


def test_data_that_do_not_fit(easy_data: SpikeData, model: NormalisedModel) -> None:
    with pytest.raises(TrainingError, match="3 inputs and 2 classes"):
        train(easy_data, model, (5, 5, 2), "fitted", 0, SHORT)


def test_membrane_that_runs_away(easy_data: SpikeData, model: NormalisedModel) -> None:
    runaway = model.model_copy(update={"kappa_pos": 500.0})
    with pytest.raises(TrainingError, match="curvature"):
        train(easy_data, runaway, SIZES, "fitted", 0, SHORT)


def test_jobs_in_processes_equal_jobs_in_turn(easy_data: SpikeData, model: NormalisedModel) -> None:
    jobs = [
        TrainingJob(easy_data, model, SIZES, "fitted", 3, SHORT),
        TrainingJob(easy_data, model.ideal(), SIZES, "ideal", 3, SHORT),
    ]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        parallel = run_jobs(jobs, executor)
    assert [network.record.kind for network in parallel] == ["fitted", "ideal"]
    threads = torch.get_num_threads()
    try:
        assert all(_same(network, run_job(job)) for network, job in zip(parallel, jobs, strict=True))
    finally:
        torch.set_num_threads(threads)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["fitted", "ideal"])
def test_digits_are_told_apart(model: NormalisedModel, kind: Literal["fitted", "ideal"]) -> None:
    """The default training of the reference network reaches its bar within the valid range."""
    data = load_data(DataSettings(), (5, 5, 5))
    trained_on = model if kind == "fitted" else model.ideal()
    network = train(data, trained_on, (5, 5, 5), kind, 1, TrainingSettings())
    assert network.record.test_accuracy >= 0.92
    assert network.record.out_of_range <= 0.01


def test_a_failed_job_raises(easy_data: SpikeData, model: NormalisedModel) -> None:
    jobs = [TrainingJob(easy_data, model, (9, 2), "fitted", 0, SHORT)]
    with ThreadPoolExecutor(1) as executor, pytest.raises(TrainingError, match="3 inputs"):
        run_jobs(jobs, executor)
