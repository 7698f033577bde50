"""What the training step trains on."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from codesign.comparison.candidate import conventional
from codesign.design import Design
from codesign.execution.session import Session
from codesign.flow import training
from codesign.flow.file import FlowFile
from codesign.model.neuron_model import NeuronModel, Provenance
from codesign.model.quantity import Quantity
from codesign.model.scale import Scale
from codesign.spice import ResultCache, Simulator
from codesign.training.jobs import TrainingJob
from codesign.training.spike_data import SpikeData, Split
from codesign.training.trained_network import TrainedNetwork
from tests.models import FITTED

FLOW = FlowFile(design=Design(name="x", layer_sizes=(3, 2)), seeds=(1, 2))


class _Stop(Exception):
    """The jobs are known."""


def jobs_on(model: NeuronModel, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[TrainingJob]:
    """The trainings that the step would run."""
    found: list[TrainingJob] = []

    def catch(jobs: Sequence[TrainingJob], executor: object) -> list[TrainedNetwork]:
        found.extend(jobs)
        raise _Stop

    monkeypatch.setattr(training, "run_jobs", catch)
    part = Split(np.full((2, 3), 0.5), np.array([0, 1]))
    with ThreadPoolExecutor(1) as threads, pytest.raises(_Stop):
        session = Session(simulator=cast(Simulator, object()), cache=ResultCache(folder), executor=threads)
        training.train_step(FLOW, model, SpikeData(part, part, part, ("a", "b"), "test"), session, folder)
    return found


def test_a_model_read_again_is_trained_on_to_the_last_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = NeuronModel.from_normalised(
        FITTED,
        scale=Scale(reset_level=0.8, swing=0.45, window=1e-6),
        offset=1 / 3,
        intervals={},
        capacitance=Quantity(value=1.907e-12, interval=0.0),
        rmse=1e-4,
        firing_rmse=1e-4,
        provenance=Provenance(tool="0", design="", pdk="", ngspice="", source="none"),
    )
    model.save(tmp_path / "model.json")
    once = jobs_on(model, tmp_path, monkeypatch)
    again = jobs_on(NeuronModel.load(tmp_path / "model.json"), tmp_path, monkeypatch)
    assert [(job.kind, job.seed) for job in once] == [("fitted", 1), ("fitted", 2), ("ideal", 1), ("ideal", 2)]
    for first, second in zip(once, again, strict=True):
        # Equal to the last bit, so that they share a checkpoint too.
        assert first.model == second.model
        assert first.checkpoint == second.checkpoint is not None
    assert once[0].model == model.normalised()
    assert once[2].model == conventional(FLOW.design).model
