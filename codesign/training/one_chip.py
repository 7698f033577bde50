"""One calibrated chip that a network is tuned on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from codesign.arrays import Integers
from codesign.model.deviations import Deviations
from codesign.model.normalised import NormalisedModel
from codesign.training.spike_data import Split
from codesign.training.tuning_score import Score, score
from codesign.variation.chip_model import ChipModel
from codesign.variation.response import chips_response


@dataclass(frozen=True)
class OneChip:
    """A chip whose weights may be changed.

    Attributes:
        chip: its calibrated model.
        model: of the matched circuit, normalised.
    """

    chip: ChipModel
    model: NormalisedModel

    def deviations(self, units: Sequence[Tensor]) -> list[Deviations]:
        """The deviations of each layer, with a first axis of one, at unit cells of shape (1, neurons, inputs)."""
        weights = [layer.detach()[0].round().numpy().astype(np.int64) for layer in units]
        return [Deviations.stacked([own]) for own in self.chip.deviations_of(weights)]

    def score(self, weights: Sequence[Integers], split: Split, temperature: float) -> Score:
        """What the model says of weights, under the exact equation.

        Args:
            weights: unit cells of each layer, shape (neurons, inputs).
            split: inputs and classes.
            temperature: as in `codesign.training.settings.TrainingSettings`.
        """
        chip = [Deviations.stacked([own]) for own in self.chip.deviations_of(weights)]
        outputs = chips_response(self.model, weights, chip, split.times)[-1]
        return score((outputs.final - outputs.start[:, None, :])[0], split.labels, temperature)
