"""The training of one network: seeded, and able to continue after a kill."""

import csv
import io
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import nn
from torch.nn import functional as F

from codesign.files import write_atomically
from codesign.studies.vision.augmentation import augment
from codesign.studies.vision.encoding import spike_times
from codesign.studies.vision.errors import VisionError
from codesign.studies.vision.images import ImageData
from codesign.studies.vision.recipe import Recipe
from codesign.studies.vision.schedule import one_cycle
from codesign.training.checkpoint import Identity, load_checkpoint, save_checkpoint

LOG = "log.csv"
"""One line an epoch."""
_CHECKPOINT, _WEIGHTS = "checkpoint.pt", "weights.safetensors"
_BETAS = (0.9, 0.98)
_AT_ONCE = 250
"""Validation images in one pass, which bounds the memory."""


@dataclass(frozen=True)
class TrainedNetwork:
    """A network after its last epoch.

    Attributes:
        network: on the CPU.
        history: a record for each epoch, the columns of `LOG`.
    """

    network: nn.Sequential
    history: list[dict[str, float]]


def identity_of(recipe: Recipe, data: ImageData, reversal_potential: float, seed: int) -> Identity:
    """What two runs must share for one to use the other's files."""
    return Identity(
        model=f"abs(E) = {reversal_potential:g}",
        data=data.digest,
        settings=recipe.identity,
        layer_sizes=recipe.network,
        seed=str(seed),
    )


def train(
    recipe: Recipe, data: ImageData, reversal_potential: float, seed: int, folder: Path, device: str = "cpu"
) -> TrainedNetwork:
    """Train a network, with a checkpoint after every epoch.

    Writes `checkpoint.pt`, `log.csv` and, in the end, `weights.safetensors`. A killed training continues
    from its checkpoint, and on a CPU, with the same number of threads, ends with the same weights to the
    last bit.

    Args:
        recipe: how to train.
        data: the images.
        reversal_potential: abs(E) of the network.
        seed: of initial weights, order and augmentation.
        folder: the run's own.
        device: of PyTorch, "cpu" or "cuda".

    Raises:
        VisionError: the loss is no number.
        TrainingError: the checkpoint is of another training.
        CodesignError: the folder cannot be written.
    """
    identity = identity_of(recipe, data, reversal_potential, seed)
    training = _Training(recipe, data, reversal_potential, seed, device)
    if (state := load_checkpoint(folder / _CHECKPOINT, identity)) is not None:
        training.restore(state)
    while len(training.history) < recipe.training.epochs:
        training.run_epoch()
        save_checkpoint(folder / _CHECKPOINT, identity, training.state())
        write_atomically(folder / LOG, _table(training.history))
    network = training.network.cpu()
    write_atomically(folder / _WEIGHTS, safetensors.torch.save(dict(network.named_parameters())))
    return TrainedNetwork(network, training.history)


class _Training:
    """All that changes during a training."""

    def __init__(self, recipe: Recipe, data: ImageData, reversal_potential: float, seed: int, device: str) -> None:
        self.settings, self.device = recipe.training, device
        self.images = data.train.to(device)
        self.validation = data.validation.to(device)
        self.network = recipe.build(data.shape, reversal_potential, seed).to(device)
        of_membrane = self.settings.learning_rate_of == "membrane"
        groups = [
            {"params": [weight], "part": 1 / weight[0].numel() if of_membrane else 1.0}
            for weight in self.network.parameters()
        ]
        self.optimiser = torch.optim.AdamW(groups, betas=_BETAS, weight_decay=self.settings.weight_decay, fused=True)
        # On the CPU whatever the device, so that every device sees the same images in the same order.
        self.generator = torch.Generator().manual_seed(seed)
        self.history: list[dict[str, float]] = []

    def run_epoch(self) -> None:
        """One pass over the images, and its line of the history."""
        started, started_processor = time.perf_counter(), time.process_time()
        samples, batch_size = len(self.images.labels), self.settings.batch_size
        batches = torch.split(torch.randperm(samples, generator=self.generator), batch_size)
        done = len(self.history) * len(batches)
        loss = torch.zeros((), device=self.device)
        correct = torch.zeros((), device=self.device)
        for number, batch in enumerate(batches):
            self._set_learning_rate(done + number, len(batches) * self.settings.epochs)
            batch_loss, batch_correct = self._step(batch.to(self.device))
            loss += batch_loss * len(batch)
            correct += batch_correct
        if not torch.isfinite(loss):
            raise VisionError(
                f"the loss is {loss.item()} in epoch {len(self.history) + 1}: lower learning_rate in the flow file"
            )
        self.history.append(
            {
                "epoch": len(self.history) + 1,
                "loss": loss.item() / samples,
                "training_accuracy": correct.item() / samples,
                **self._validation_accuracy(),
                "seconds": time.perf_counter() - started,
                "processor_seconds": time.process_time() - started_processor,
            }
        )

    @torch.no_grad()
    def _validation_accuracy(self) -> dict[str, float]:
        """By the discretisation of the training; nothing where no image is kept for it."""
        images = self.validation
        if not len(images.labels):
            return {}
        correct = sum(
            int((self.network(spike_times(pixels)).argmax(1) == labels).sum())
            for pixels, labels in zip(
                *(torch.split(part, _AT_ONCE) for part in (images.pixels, images.labels)), strict=True
            )
        )
        return {"validation_accuracy": correct / len(images.labels)}

    def _step(self, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        settings = self.settings
        pixels, labels = self.images.pixels[batch], self.images.labels[batch]
        pixels = augment(pixels, shift=settings.shift, flip=settings.flip, generator=self.generator)
        outputs = self.network(spike_times(pixels))
        loss = F.cross_entropy(settings.logit_scale * outputs, labels, label_smoothing=settings.label_smoothing)
        self.optimiser.zero_grad()
        loss.backward()  # pyright: ignore[reportUnknownMemberType]
        self.optimiser.step()  # pyright: ignore[reportUnknownMemberType]
        return loss.detach(), (outputs.detach().argmax(1) == labels).sum()

    def _set_learning_rate(self, step: int, steps: int) -> None:
        rate = self.settings.learning_rate * one_cycle(step, steps, self.settings.warm_up)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["part"]

    def state(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
            "history": self.history,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"])
        self.history = state["history"]


def _table(history: list[dict[str, float]]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, history[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    return buffer.getvalue()
