"""What a training minimises, and what judges a trained network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor
from torch.nn import functional as F

from codesign.arrays import Integers
from codesign.model.normalised import NormalisedModel
from codesign.model.response import network_response
from codesign.training.network import LayerState
from codesign.training.spike_data import Split

RANGE_MARGIN = 0.1
"""How far inside the model's valid range a training keeps the membranes, swings. The reset offset, from which they are
counted while the range is not, is far smaller, and left out."""
RANGE_WEIGHT = 30.0
"""Weight of the squared excursion beyond that range, against the cross-entropy."""
FIRING_MARGIN = 0.02
"""How far inside the ramp, whose slope carries the gradient, the loss pulls hidden membranes, swings."""
FIRING_WEIGHT = 0.3
"""Weight of the squared distance from there: small, since a silent neuron also says something."""
JUDGED_INSTANTS = (0.5, 0.75, 1.0)
"""Where in the window a trained network's membranes are compared with the valid range."""


def loss(states: Sequence[LayerState], labels: Tensor, model: NormalisedModel, temperature: float) -> Tensor:
    """The loss of each candidate, shape (candidates,), averaged over the batch.

    Cross-entropy of the output membranes v(1) over `temperature` (the first neuron to fire has the largest),
    plus a penalty on membranes near or beyond the ends of the valid range, and one on hidden membranes off
    the ramp.

    Args:
        states: of the layers, in order.
        labels: class of each sample, shape (batch,).
        model: the neuron model.
        temperature: membrane difference that counts as a factor e, swings.
    """
    outputs = states[-1].final / temperature
    classes = labels.unsqueeze(1).expand(outputs.shape[:2])
    total = F.cross_entropy(outputs.movedim(2, 1), classes, reduction="none").mean(0)
    low, high = model.v_min + RANGE_MARGIN, model.v_max - RANGE_MARGIN
    for state in states:
        for membrane in (state.halfway, state.final):
            total = total + RANGE_WEIGHT * _squared_distance(membrane, low, high)
    for state in states[:-1]:
        total = total + FIRING_WEIGHT * _squared_distance(state.final, FIRING_MARGIN, 1 - FIRING_MARGIN)
    return total


def _squared_distance(membranes: Tensor, low: float, high: float) -> Tensor:
    """Squared distance from [low, high], summed over neurons, mean over the batch: shape (candidates,)."""
    distance = F.relu(low - membranes) + F.relu(membranes - high)
    return distance.square().sum(-1).mean(0)


@dataclass(frozen=True)
class Judgement:
    """How an integer network does on one part of a data set under the exact ODE."""

    accuracy: float
    """Fraction of samples whose class has the largest output membrane."""
    out_of_range: float
    """Fraction of samples of which some membrane leaves the model's valid range."""


def judge(layers: Sequence[Integers], model: NormalisedModel, split: Split) -> Judgement:
    """Run an integer network on all samples of `split` under the exact ODE."""
    responses = network_response(model, layers, split.times, np.array(JUDGED_INSTANTS))
    decided = responses[-1].final.argmax(axis=1)
    outside = np.zeros(len(split.labels), dtype=bool)
    for response in responses:
        # NaN, a membrane that has run away, is not within either.
        within = (response.traces >= model.v_min) & (response.traces <= model.v_max)
        outside |= ~within.all(axis=(1, 2))
    return Judgement(float((decided == split.labels).mean()), float(outside.mean()))
