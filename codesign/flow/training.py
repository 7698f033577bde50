"""The step of a flow that trains its networks."""

import hashlib
from dataclasses import replace
from pathlib import Path

from platformdirs import user_cache_path

from codesign.comparison.candidate import conventional
from codesign.execution.session import Session
from codesign.flow.file import FlowFile
from codesign.model.neuron_model import NeuronModel
from codesign.model.normalised import NormalisedModel
from codesign.provenance import tool_version
from codesign.training.chips import DrawnChips
from codesign.training.errors import TrainingError
from codesign.training.jobs import TrainingJob, run_jobs
from codesign.training.spike_data import SpikeData
from codesign.training.trained_network import Kind, TrainedNetwork
from codesign.variation.variation_model import VariationModel


def train_step(
    flow: FlowFile,
    model: NeuronModel,
    data: SpikeData,
    session: Session,
    folder: Path,
    variation: VariationModel | None = None,
) -> dict[tuple[Kind, int], TrainedNetwork]:
    """Train on the fitted and on the conventional model with every seed, into `networks/`.

    Checkpoints stay in the user cache folder, addressed by their inputs, so that an interrupted or repeated flow
    continues from them.

    Args:
        flow: layer sizes, seeds and settings of the trainings.
        model: the fitted model in SI units. A saved model, read again, is equal to the last bit, so that networks are
            trained on the same numbers within a flow and from its file.
        data: spike times and classes.
        session: what the step runs on.
        folder: of the output.
        variation: how chips differ, where the flow trains for chips: the network on the fitted model is trained so.

    Raises:
        TrainingError: the flow trains for chips and there is no variation model; a training failed.
    """
    if flow.training.variation and variation is None:
        raise TrainingError("training.variation = true needs a variation model", cure="give --variation FILE")
    chips = DrawnChips(variation, model.scale) if flow.training.variation and variation is not None else None
    models: dict[Kind, NormalisedModel] = {
        "fitted": model.normalised(),
        "ideal": conventional(flow.design).model,
    }
    jobs: dict[tuple[Kind, int], TrainingJob] = {
        (kind, seed): _training_job(flow, trained_on, data, kind, seed, chips if kind == "fitted" else None)
        for kind, trained_on in models.items()
        for seed in flow.seeds
    }
    trained = dict(zip(jobs, run_jobs(list(jobs.values()), session.processes), strict=True))
    for (kind, seed), network in trained.items():
        network.save(folder / "networks" / f"{kind}-seed-{seed}.safetensors")
    return trained


def _training_job(
    flow: FlowFile, model: NormalisedModel, data: SpikeData, kind: Kind, seed: int, chips: DrawnChips | None
) -> TrainingJob:
    job = TrainingJob(data, model, flow.design.layer_sizes, kind, seed, flow.training, chips=chips)
    made_from = [
        model.model_dump_json(),
        data.digest,
        repr(job.layer_sizes),
        kind,
        str(seed),
        flow.training.model_dump_json(),
        tool_version(),
        "" if chips is None else chips.variation.model_dump_json(),
    ]
    key = hashlib.sha256("\n".join(made_from).encode()).hexdigest()
    return replace(job, checkpoint=user_cache_path("codesign") / "trainings" / f"{key}.pt")
