"""What a calibration looks for: independent standard normal numbers that make the deviations of a layer."""

from dataclasses import dataclass
from typing import Self, cast

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.model.deviations import Deviations
from codesign.model.scale import Scale
from codesign.variation.variation_model import LAYER, NEURON, Spread, VariationModel, covariance_factor


@dataclass(frozen=True)
class LayerPrior:
    """The variation model of one layer: its deviations are linear in standard normal numbers.

    A synapse has one number, its gain; 1 / E and curvature follow the gain as they do over chips. A neuron has three,
    and what neurons and cells have in common another five.

    Attributes:
        weights: unit cells of the layer, shape (neurons, inputs).
        gain: standard deviation of each synapse's own gain, same shape.
        conductance_slope: change of 1 / E with the gain, same shape, 1/swing.
        kappa_slope: change of kappa with it, same shape.
        cells: factor of the common gains of positive and negative cells, shape (2, 2).
        neuron: factor of the quantities in `NEURON`, normalised, shape (3, 3).
        layer: factor of those in `LAYER`, normalised, shape (3, 3).
    """

    weights: Integers
    gain: Floats
    conductance_slope: Floats
    kappa_slope: Floats
    cells: Floats
    neuron: Floats
    layer: Floats

    @classmethod
    def of(cls, variation: VariationModel, scale: Scale, weights: Integers) -> Self:
        """The prior of a layer.

        Args:
            variation: the variation model.
            scale: the neuron model's units.
            weights: unit cells, shape (neurons, inputs).
        """
        positive = weights >= 0
        units = np.maximum(np.abs(weights), 1)
        slopes = [spread.slopes("gain") for spread in (variation.cell_pos, variation.cell_neg)]

        def of_sign(pos: float, neg: float) -> Floats:
            return np.where(positive, pos, neg)

        names = variation.cells.names
        gains = [names.index("gain_pos"), names.index("gain_neg")]
        to_swings = {"start": 1 / scale.swing, "delay": 1 / scale.window}
        return cls(
            weights=weights,
            gain=of_sign(variation.cell_pos.sigma[0], variation.cell_neg.sigma[0]) / np.sqrt(units),
            conductance_slope=of_sign(*(slope["conductance"] for slope in slopes)) * scale.swing,
            kappa_slope=of_sign(*(slope["kappa"] for slope in slopes)) * scale.swing**2,
            cells=covariance_factor(variation.cells.covariance[np.ix_(gains, gains)]),
            neuron=_scaled(variation.neuron, [to_swings.get(name, 1.0) for name in NEURON]),
            layer=_scaled(variation.layer, [to_swings.get(name, 1.0) for name in LAYER]),
        )

    @property
    def local(self) -> int:
        """Numbers of each neuron: its synapses' and its own."""
        return self.weights.shape[1] + len(NEURON)

    @property
    def common(self) -> int:
        """Numbers that the layer's neurons share."""
        return len(self.cells) + len(LAYER)

    def deviations(self, local: Floats, common: Floats) -> Deviations:
        """The deviations for some numbers.

        Args:
            local: of each neuron, shape (neurons, `self.local`).
            common: shape (`self.common`,).
        """
        inputs = self.weights.shape[1]
        capacitance, start, delay = (local[:, inputs:] @ self.neuron.T).T
        shared: Floats = self.cells @ common[: len(self.cells)]
        layer_start, layer_delay, ramp = self.layer @ common[len(self.cells) :]
        cell = self.gain * local[:, :inputs] + np.where(self.weights >= 0, *cast(tuple[Floats, Floats], tuple(shared)))
        return Deviations(
            gain=cell - capacitance[:, None],
            conductance=self.conductance_slope * cell,
            kappa=self.kappa_slope * cell,
            start=start + layer_start,
            delay=delay + layer_delay,
            ramp=np.array([ramp]),
        )


def _scaled(spread: Spread, units: list[float]) -> Floats:
    return np.array(units)[:, None] * spread.factor
