"""Chips that a network is trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from codesign.arrays import Integers
from codesign.model.deviations import Deviations
from codesign.model.normalised import NormalisedModel
from codesign.model.scale import Scale
from codesign.training.objective import Judgement, judge
from codesign.training.spike_data import Split
from codesign.variation.draws import draw_chips
from codesign.variation.response import chips_response
from codesign.variation.variation_model import VariationModel

JUDGED_CHIPS = 16
"""Chips on which trained candidates are compared, the same for all."""


@dataclass(frozen=True)
class DrawnChips:
    """Chips drawn from the variation model.

    Attributes:
        variation: how chips differ.
        scale: the neuron model's units.
    """

    variation: VariationModel
    scale: Scale

    def draw(self, units: Sequence[Tensor], key: Sequence[int]) -> list[Deviations]:
        """A chip for each candidate.

        Args:
            units: of each layer, shape (candidates, neurons, inputs).
            key: of the draw; the same key gives the same chips.

        Returns:
            The deviations of each layer, with a first axis of candidates.
        """
        random = np.random.default_rng(key)
        drawn = [
            [layer[0] for layer in draw_chips(self.variation, self.scale, candidate, random, 1)]
            for candidate in zip(*(layer.detach().numpy().round() for layer in units), strict=True)
        ]
        return [Deviations.stacked(layer) for layer in zip(*drawn, strict=True)]

    def judge(self, layers: Sequence[Integers], model: NormalisedModel, split: Split) -> Judgement:
        """An integer network on the same few chips, under the exact equation."""
        chips = draw_chips(self.variation, self.scale, layers, np.random.default_rng(JUDGED_CHIPS), JUDGED_CHIPS)
        final = chips_response(model, layers, chips, split.times)[-1].final
        nominal = judge(layers, model, split)
        accuracy = np.equal(final.argmax(axis=-1), split.labels).astype(np.float64).mean()
        return Judgement(float(accuracy), nominal.out_of_range)
