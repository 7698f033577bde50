"""Several trainings at once: seeds, and both models, on any executor."""

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from codesign.model.normalised import NormalisedModel
from codesign.training.chips import DrawnChips
from codesign.training.errors import TrainingError
from codesign.training.loop import train
from codesign.training.settings import TrainingSettings
from codesign.training.spike_data import SpikeData
from codesign.training.trained_network import Kind, TrainedNetwork

LIMIT = 24 * 3600.0
"""The longest that all trainings of a flow may take, s: those of the small networks take minutes."""


@dataclass(frozen=True)
class TrainingJob:
    """The arguments of one `train`; can be sent to another process."""

    data: SpikeData
    """Spike times and classes."""
    model: NormalisedModel
    """The model to train on, whatever the kind."""
    layer_sizes: tuple[int, ...]
    """Number of inputs, then of neurons in each layer."""
    kind: Kind
    """What that model is, for the record."""
    seed: int
    """Seed of initial weights and mini-batches."""
    settings: TrainingSettings
    """How to train."""
    checkpoint: Path | None = None
    """File to continue from and to write to; a finished training is read back from it at once."""
    chips: DrawnChips | None = None
    """Where chips come from; None trains on the matched circuit."""


def run_job(job: TrainingJob) -> TrainedNetwork:
    """Run one training in this process, on one thread: small networks gain nothing from more.

    Raises:
        TrainingError: as from `train`.
    """
    torch.set_num_threads(1)
    return train(job.data, job.model, job.layer_sizes, job.kind, job.seed, job.settings, job.checkpoint, job.chips)


def run_jobs(jobs: Sequence[TrainingJob], executor: Executor, console: Console | None = None) -> list[TrainedNetwork]:
    """Run trainings on an executor, with a progress bar.

    Args:
        jobs: the trainings.
        executor: of processes; its workers import PyTorch, so start them with "spawn" or "forkserver".
        console: where the bar is drawn; standard error if None.

    Returns:
        The trained networks in the order of `jobs`.

    Raises:
        TrainingError: of the first training that fails, or a worker died or hangs; those not yet started are
            cancelled.
    """
    bar = Progress(
        SpinnerColumn(),
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console or Console(stderr=True),
    )
    futures = [executor.submit(run_job, job) for job in jobs]
    try:
        with bar:
            for future in bar.track(as_completed(futures, LIMIT), total=len(futures)):
                future.result()
    except BaseException as error:
        for future in futures:
            future.cancel()
        if isinstance(error, TimeoutError):
            raise TrainingError(f"training did not end within {LIMIT:g} s; use fewer epochs or seeds") from error
        if isinstance(error, BrokenExecutor):
            raise TrainingError("a worker process died; is there enough memory? use fewer --workers") from error
        raise
    return [future.result() for future in futures]
