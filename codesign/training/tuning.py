"""Fine-tuning of stored weights on one chip: on its calibrated model, or with the chip itself in the loop."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from codesign.arrays import Floats, Integers
from codesign.training.errors import TrainingError
from codesign.training.network import CircuitNetwork, LayerState
from codesign.training.objective import loss
from codesign.training.one_chip import OneChip
from codesign.training.settings import TrainingSettings
from codesign.training.spike_data import Split

FINAL_RATE = 0.1
"""Learning rate at the end as a part of that at the start."""

LOOKS = 20
"""How often a tuning on the model looks whether the weights are the best so far."""


class Shown(Protocol):
    """What a layer of the chip showed of a mini-batch."""

    @property
    def halfway(self) -> Floats:
        """Membranes halfway through the window, from their own start, swings, shape (samples, neurons)."""
        ...

    @property
    def final(self) -> Floats:
        """Membranes at its end, same shape."""
        ...

    @property
    def spike_times(self) -> Floats:
        """In windows from the start of the firing phase, same shape; infinity: no spike."""
        ...


Chip = Callable[[Sequence[Integers], Floats], Sequence[Shown]]
"""The chip itself: what each layer shows with weights of shape (neurons, inputs) of inputs (samples, inputs)."""


@dataclass(frozen=True)
class TuningSettings:
    """How to tune.

    Attributes:
        steps: of the optimiser.
        samples: in the mini-batch of each.
        seed: of the choice of the samples.
    """

    steps: int
    samples: int
    seed: int


def tune(
    chip: OneChip, data: Split, training: TrainingSettings, settings: TuningSettings, itself: Chip | None = None
) -> tuple[Integers, ...]:
    """Move a chip's weights so that it tells the classes better.

    Args:
        chip: the chip's model, whose weights are the start.
        data: training inputs and classes.
        training: learning rate, temperature and intervals are taken from here.
        settings: how long.
        itself: where given, membranes and spike times are the chip's own, and the gradient is that of the model. The
            last weights are then the result; without it, the best ones on the model.

    Returns:
        Unit cells of each layer, shape (neurons, inputs).

    Raises:
        TrainingError: the loss is no number.
    """
    generator = torch.Generator().manual_seed(settings.seed)
    start = chip.chip.weights
    sizes = (start[0].shape[1], *(layer.shape[0] for layer in start))
    network = CircuitNetwork(sizes, chip.model, 1, training.intervals, generator)
    with torch.no_grad():
        for shadow, units in zip(network.shadows, start, strict=True):
            shadow.copy_(torch.as_tensor(units, dtype=torch.float64).unsqueeze(0))
    optimiser = torch.optim.Adam(network.parameters(), lr=training.learning_rate)
    best, lowest = start, chip.score(start, data, training.temperature).loss
    for step in range(settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = training.learning_rate * _part(step / settings.steps)
        batch = torch.randperm(len(data.labels), generator=generator)[: settings.samples]
        times, labels = data.times[batch.numpy()], torch.as_tensor(data.labels)[batch]
        shown = None if itself is None else [_state(layer) for layer in itself(_units(network), times)]
        optimiser.zero_grad()
        own = chip.deviations(network.units())
        states = network(torch.as_tensor(times), True, own, shown)
        total = loss(states, labels, chip.model, training.temperature).sum()
        if not torch.isfinite(total):
            raise TrainingError(f"the loss is {total.item()} in step {step + 1}: a membrane has run away; tune less")
        total.backward()  # pyright: ignore[reportUnknownMemberType]
        optimiser.step()  # pyright: ignore[reportUnknownMemberType]
        network.clip()
        if itself is None and ((step + 1) % max(1, settings.steps // LOOKS) == 0 or step + 1 == settings.steps):
            units = _units(network)
            if (found := chip.score(units, data, training.temperature).loss) < lowest:
                best, lowest = units, found
    return best if itself is None else _units(network)


def _part(done: float) -> float:
    return FINAL_RATE + (1 - FINAL_RATE) * (1 + math.cos(math.pi * done)) / 2


def _units(network: CircuitNetwork) -> tuple[Integers, ...]:
    return tuple(layer.detach()[0].numpy().astype(np.int64) for layer in network.units())


def _state(layer: Shown) -> LayerState:
    def of(values: Floats) -> torch.Tensor:
        return torch.as_tensor(values).unsqueeze(1)

    return LayerState(of(layer.halfway), of(layer.final), of(np.clip(layer.spike_times, 0, 1)))
