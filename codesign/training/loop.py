"""The training loop: seeded, deterministic, and able to continue after a kill."""

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel
from torch import Tensor

from codesign.arrays import Integers
from codesign.model.normalised import NormalisedModel
from codesign.provenance import tool_version
from codesign.training.checkpoint import Identity, load_checkpoint, save_checkpoint
from codesign.training.chips import DrawnChips
from codesign.training.errors import TrainingError
from codesign.training.network import CircuitNetwork
from codesign.training.objective import judge, loss
from codesign.training.settings import TrainingSettings
from codesign.training.spike_data import SpikeData, Split
from codesign.training.trained_network import Kind, TrainedNetwork, TrainingRecord

STAGES = 20
"""How often in a training a checkpoint is written and, once weights are rounded, the candidates are judged."""
ROUNDED_FROM = 0.7
"""Part of the training after which the weights are rounded: earlier, the jumps drown the gradient's small steps."""
FINAL_RATE = 0.02
"""Learning rate at the end as a part of that at the start."""


def train(
    data: SpikeData,
    model: NormalisedModel,
    layer_sizes: tuple[int, ...],
    kind: Kind,
    seed: int,
    settings: TrainingSettings,
    checkpoint: Path | None = None,
    chips: DrawnChips | None = None,
) -> TrainedNetwork:
    """Train networks of whole unit cells, and keep the best.

    The best is the one with the highest accuracy less the fraction of samples out of the valid range, under
    the exact ODE, on the training and validation samples together: networks of few weights hardly overfit,
    and the validation samples alone are too few to tell them apart. Same arguments and versions give the same
    numbers, with or without interruptions in between.

    Args:
        data: spike times and classes.
        model: the model to train on, in normalised units.
        layer_sizes: number of inputs, then of neurons in each layer.
        kind: what `model` is, for the record.
        seed: of initial weights and mini-batches.
        settings: how to train.
        checkpoint: file to continue from if it exists, and to write to; None writes none.
        chips: where chips come from, a new one for each mini-batch and candidate; candidates are then compared by
            their mean accuracy over the same few chips. None trains on the matched circuit.

    Raises:
        TrainingError: the data do not fit the layer sizes, the checkpoint is of another training, or the loss is no
            number.
        CodesignError: the checkpoint cannot be written.
    """
    _check_sizes(data, layer_sizes)
    training = _Training(data, model, layer_sizes, seed, settings, chips)
    trained_on = digest(model) if chips is None else f"{digest(model)}, {digest(chips.variation)}"
    identity = Identity(trained_on, data.digest, settings.model_dump_json(), str(layer_sizes), str(seed))
    if checkpoint is not None and (state := load_checkpoint(checkpoint, identity)) is not None:
        training.restore(state)
    while training.epoch < settings.epochs:
        training.run_epoch()
        if training.epoch % max(1, settings.epochs // STAGES) == 0 or training.epoch == settings.epochs:
            if training.is_rounded() or training.epoch == settings.epochs:
                training.judge_candidates()
            if checkpoint is not None:
                save_checkpoint(checkpoint, identity, training.state())
    return _result(training.best, data, model, kind, seed, settings)


def digest(model: BaseModel) -> str:
    """SHA-256 of a model's JSON, hexadecimal."""
    return hashlib.sha256(model.model_dump_json().encode()).hexdigest()


class _Training:
    """All that changes during a training."""

    def __init__(
        self,
        data: SpikeData,
        model: NormalisedModel,
        layer_sizes: tuple[int, ...],
        seed: int,
        settings: TrainingSettings,
        chips: DrawnChips | None,
    ) -> None:
        self.model, self.settings, self.seed, self.chips = model, settings, seed, chips
        self.times, self.labels = torch.as_tensor(data.train.times), torch.as_tensor(data.train.labels)
        self.judged = Split(
            np.concatenate((data.train.times, data.validation.times)),
            np.concatenate((data.train.labels, data.validation.labels)),
        )
        self.generator = torch.Generator().manual_seed(seed)
        self.network = CircuitNetwork(layer_sizes, model, settings.candidates, settings.intervals, self.generator)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=settings.learning_rate, fused=True)
        self.epoch = 0
        self.best: list[Tensor] = []
        self.best_score = -math.inf

    def run_epoch(self) -> None:
        self._set_learning_rate()
        order = torch.randperm(len(self.labels), generator=self.generator)
        for number, batch in enumerate(torch.split(order, self.settings.batch_size)):
            self.optimiser.zero_grad()
            drawn = self.chips and self.chips.draw(self.network.units(), (self.seed, self.epoch, number))
            states = self.network(self.times[batch], self.is_rounded(), drawn)
            total = loss(states, self.labels[batch], self.model, self.settings.temperature).sum()
            if not torch.isfinite(total):
                raise TrainingError(
                    f"the loss is {total.item()} in epoch {self.epoch + 1}: the model's curvature drives a "
                    f"membrane to infinity; check the neuron model's curvature and gain"
                )
            total.backward()  # pyright: ignore[reportUnknownMemberType]
            self.optimiser.step()  # pyright: ignore[reportUnknownMemberType]
            self.network.clip()
        self.epoch += 1

    def is_rounded(self) -> bool:
        return self.epoch >= ROUNDED_FROM * self.settings.epochs

    def _set_learning_rate(self) -> None:
        cosine = (1 + math.cos(math.pi * self.epoch / self.settings.epochs)) / 2
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.learning_rate * (FINAL_RATE + (1 - FINAL_RATE) * cosine)

    def judge_candidates(self) -> None:
        units = [layer.detach() for layer in self.network.units()]
        for candidate in range(self.settings.candidates):
            layers = [layer[candidate] for layer in units]
            judging = judge if self.chips is None else self.chips.judge
            judgement = judging([_integers(layer) for layer in layers], self.model, self.judged)
            score = judgement.accuracy - judgement.out_of_range
            if score >= self.best_score:
                self.best, self.best_score = layers, score

    def state(self) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
            "best": self.best,
            "best_score": self.best_score,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.epoch = state["epoch"]
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"])
        self.best, self.best_score = state["best"], state["best_score"]


def _integers(units: Tensor) -> Integers:
    return units.numpy().astype(np.int64)


def _result(
    best: list[Tensor],
    data: SpikeData,
    model: NormalisedModel,
    kind: Kind,
    seed: int,
    settings: TrainingSettings,
) -> TrainedNetwork:
    layers = tuple(_integers(layer) for layer in best)
    splits = (data.train, data.validation, data.test)
    train, validation, test = (judge(layers, model, split) for split in splits)
    samples = [len(split.labels) for split in splits]
    out_of_range = np.average([part.out_of_range for part in (train, validation, test)], weights=samples)
    record = TrainingRecord(
        kind=kind,
        seed=seed,
        settings=settings,
        max_units=model.max_units,
        model_digest=digest(model),
        data_source=data.source,
        data_digest=data.digest,
        tool_version=tool_version(),
        torch_version=torch.__version__,
        train_accuracy=train.accuracy,
        validation_accuracy=validation.accuracy,
        test_accuracy=test.accuracy,
        out_of_range=float(out_of_range),
    )
    return TrainedNetwork(layers, record)


def _check_sizes(data: SpikeData, layer_sizes: tuple[int, ...]) -> None:
    if (data.inputs, len(data.classes)) != (layer_sizes[0], layer_sizes[-1]):
        raise TrainingError(
            f"the data have {data.inputs} inputs and {len(data.classes)} classes, which does not fit "
            f"layer sizes {layer_sizes}; change the design's layer_sizes or the data"
        )
