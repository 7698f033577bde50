"""Chips drawn from the variation model."""

from collections.abc import Sequence

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.model.deviations import Deviations
from codesign.model.scale import Scale
from codesign.variation.variation_model import CELL, VariationModel


def draw_chips(
    variation: VariationModel, scale: Scale, weights: Sequence[Integers], random: np.random.Generator, count: int
) -> list[Deviations]:
    """How a network's columns deviate on chips.

    Args:
        variation: the variation model.
        scale: the neuron model's units.
        weights: unit cells of each layer, shape (neurons, inputs).
        random: where the numbers come from.
        count: of chips.

    Returns:
        The deviations of each layer, with a first axis of chips.
    """
    common = _normal(random, (count,), variation.cells.factor)
    signs = np.split(common, [len(CELL)], axis=-1)
    return [_layer(variation, scale, layer, signs, random, count) for layer in weights]


def _layer(
    variation: VariationModel,
    scale: Scale,
    weights: Integers,
    common: Sequence[Floats],
    random: np.random.Generator,
    count: int,
) -> Deviations:
    # A synapse without units has no current, whatever its deviation.
    units = np.maximum(np.abs(weights), 1)[..., None]
    local = [
        _normal(random, (count, *weights.shape), spread.factor) / np.sqrt(units)
        for spread in (variation.cell_pos, variation.cell_neg)
    ]
    pos, neg = (part + shared[:, None, None, :] for part, shared in zip(local, common, strict=True))
    gain, conductance, kappa = np.moveaxis(np.where((weights >= 0)[..., None], pos, neg), -1, 0)
    capacitance, start, delay = np.moveaxis(_normal(random, (count, len(weights)), variation.neuron.factor), -1, 0)
    layer_start, layer_delay, ramp = np.moveaxis(_normal(random, (count, 1), variation.layer.factor), -1, 0)
    return Deviations(
        gain=gain - capacitance[..., None],
        conductance=conductance * scale.swing,
        kappa=kappa * scale.swing**2,
        start=(start + layer_start) / scale.swing,
        delay=(delay + layer_delay) / scale.window,
        ramp=ramp,
    )


def _normal(random: np.random.Generator, shape: tuple[int, ...], factor: Floats) -> Floats:
    """Vectors with the covariance factor factor^T, shape (*shape, quantities)."""
    return random.standard_normal((*shape, len(factor))) @ factor.T
