"""The model of one chip: the neuron model of the matched circuit, and how this chip deviates from it."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from codesign.arrays import Floats, Integers
from codesign.errors import CodesignError
from codesign.model.deviations import Deviations
from codesign.model.model_file import Frozen, ModelFile
from codesign.model.neuron_model import NeuronModel, Provenance

Seen = Literal["membranes", "spike_times"]
"""What a chip shows: membranes and spike times of all its neurons, or their spike times only."""

WAYS: tuple[Seen, ...] = ("membranes", "spike_times")
"""What calibrations are made of."""

Numbers = tuple[float, ...]


class ChipModelError(CodesignError):
    """A chip model that cannot be read, or that is of another network or neuron model."""


class LayerError(Frozen):
    """A model against one or more layers of a chip, root mean squares over inputs that it has not seen."""

    membrane_mV: float | None
    """Of membranes, counted from their own level at the start of the accumulation; None where nobody saw them, or where
    the model's run away."""
    spike_time_ns: float | None
    """Of the spikes that both have; None without any."""
    unlike_spikes: float
    """Share of the neurons and inputs at which only one of the two spikes."""


class HeldOutErrors(Frozen):
    """A model against a chip on other inputs than those that it was calibrated with."""

    hidden: LayerError | None
    """Of all hidden layers; None without any."""
    output: LayerError


class ChipLayer(Frozen):
    """A layer of a network on a chip; see `codesign.model.deviations.Deviations`."""

    units: tuple[tuple[int, ...], ...]
    """Unit cells, (neurons, inputs)."""
    gain: tuple[Numbers, ...]
    """Logarithm of each synapse's gain over the model's, (neurons, inputs)."""
    conductance: tuple[Numbers, ...]
    """Added to abs(1 / E) of each synapse, 1/swing, (neurons, inputs)."""
    kappa: tuple[Numbers, ...]
    """Added to the curvature of each synapse, (neurons, inputs)."""
    start: Numbers
    """Added to the level at which each membrane starts, swings."""
    delay: Numbers
    """Added to each neuron's spike time, windows."""
    ramp: float
    """Logarithm of the ramp's slope over the model's."""

    @model_validator(mode="after")
    def _of_one_size(self) -> Self:
        neurons, inputs = len(self.units), len(self.units[0]) if self.units else 0
        tables = (self.units, self.gain, self.conductance, self.kappa)
        if not inputs or any(len(table) != neurons or any(len(row) != inputs for row in table) for table in tables):
            raise ValueError("units, gain, conductance and kappa must be tables of one size")
        if not len(self.start) == len(self.delay) == neurons:
            raise ValueError(f"start and delay must have one number for each of the {neurons} neurons")
        return self

    @classmethod
    def of(cls, weights: Integers, deviations: Deviations) -> Self:
        """A layer of these unit cells, shape (neurons, inputs), with these deviations."""
        return cls.model_validate(
            {
                "units": weights.tolist(),
                **{name: getattr(deviations, name).tolist() for name in ("gain", "conductance", "kappa")},
                **{name: getattr(deviations, name).tolist() for name in ("start", "delay")},
                "ramp": float(deviations.ramp[0]),
            }
        )

    @property
    def deviations(self) -> Deviations:
        """The same as arrays."""
        gain, conductance, kappa, start, delay = (
            np.array(values, dtype=np.float64)
            for values in (self.gain, self.conductance, self.kappa, self.start, self.delay)
        )
        return Deviations(gain, conductance, kappa, start, delay, np.array([self.ramp]))

    def deviations_of(self, weights: Integers) -> Deviations:
        """The deviations with other bits stored, shape (neurons, inputs).

        What was seen of a synapse counts for those of its cells that stay on; cells that come on deviate as those of
        their sign do in the mean of their column, or of the layer where the column has none. A weight of n units is
        stored in the binary digits of n.
        """
        own, units = self.deviations, np.array(self.units, dtype=np.int64)
        staying = np.where(units * weights > 0, np.abs(units) & np.abs(weights), 0) / np.maximum(np.abs(weights), 1)

        def moved(values: Floats) -> Floats:
            mean = np.where(weights >= 0, *(_mean_of_cells(values, np.maximum(s * units, 0)) for s in (1, -1)))
            return mean + staying * (values - mean)

        return replace(own, gain=moved(own.gain), conductance=moved(own.conductance), kappa=moved(own.kappa))


def _mean_of_cells(values: Floats, units: Integers) -> Floats:
    """Mean over the cells of each column, shape (neurons, 1)."""
    everywhere = float((values * units).sum() / max(1, int(units.sum())))
    count = units.sum(axis=1, keepdims=True)
    return np.where(count > 0, (values * units).sum(axis=1, keepdims=True) / np.maximum(count, 1), everywhere)


class ChipModel(ModelFile):
    """A chip, calibrated: its deviations from the neuron model of the matched circuit, normalised."""

    file_kind: ClassVar = "chip model"
    made_by: ClassVar = "codesign calibrate"
    file_error: ClassVar = ChipModelError

    schema_version: Literal[1] = Field(default=1, alias="schema")
    neuron_model: str
    """Digest of the neuron model that it deviates from."""
    variation_model: str
    """Digest of the variation model that was the prior."""
    chip: int | None = Field(ge=1)
    """Number of a simulated chip; None for one that was measured."""
    seen: Seen
    """What the calibration saw."""
    inputs: int = Field(ge=1)
    """Inputs that it was calibrated with."""
    held_out_inputs: int = Field(ge=1)
    """Other inputs, which it was judged on."""
    held_out: HeldOutErrors
    """Its errors there."""
    layers: tuple[ChipLayer, ...] = Field(min_length=1)
    """First layer first."""
    provenance: Provenance

    @property
    def weights(self) -> tuple[Integers, ...]:
        """Unit cells of each layer, shape (neurons, inputs)."""
        return tuple(np.array(layer.units, dtype=np.int64) for layer in self.layers)

    @property
    def deviations(self) -> tuple[Deviations, ...]:
        """Of each layer."""
        return tuple(layer.deviations for layer in self.layers)

    def deviations_of(self, weights: Sequence[Integers]) -> tuple[Deviations, ...]:
        """Of each layer with other bits stored, shape (neurons, inputs); see `ChipLayer.deviations_of`."""
        return tuple(layer.deviations_of(units) for layer, units in zip(self.layers, weights, strict=True))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, hexadecimal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def check(self, model: NeuronModel, weights: Sequence[Integers]) -> None:
        """Refuse a network or a neuron model that is not this chip's.

        Args:
            model: of the matched circuit.
            weights: unit cells of each layer, shape (neurons, inputs).

        Raises:
            ChipModelError: it is another.
        """
        if not same_network(self.weights, weights):
            raise ChipModelError(
                "the chip model is of a network with other weights", cure="calibrate the chip with these weights"
            )
        if self.neuron_model != model.digest:
            raise ChipModelError(
                "the chip model deviates from another neuron model than this design's at these conditions",
                cure="calibrate the chip with the neuron_model.json that this flow extracts",
            )


def same_network(one: Sequence[Integers], other: Sequence[Integers]) -> bool:
    """Whether two networks have the same unit cells."""
    return len(one) == len(other) and all(np.array_equal(*layers) for layers in zip(one, other, strict=True))
