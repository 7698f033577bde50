"""How the columns of one chip differ from the fitted model."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from codesign.arrays import Floats, Integers

Rates = tuple[Floats, Floats, Floats]
"""A, B and C of dv/dt = A - B v + C v^2 for each synapse, shape (columns, inputs)."""


@dataclass(frozen=True)
class Deviations:
    """Columns of a layer on a chip, or on many: all arrays may have the same axes before the last ones.

    A neuron's comparator has the deviation of its membrane's start too, and so fires as if there were none.

    Attributes:
        gain: natural logarithm of each synapse's gain over the model's, shape (..., neurons, inputs).
        conductance: of each synapse, added to abs(1 / E), same shape, 1/swing.
        kappa: of each synapse, added to kappa, same shape.
        start: added to the level at which each membrane starts, shape (..., neurons), swings.
        delay: of each neuron's spike, added to the model's, same shape, windows.
        ramp: natural logarithm of the ramp's slope over the model's, shape (..., 1), one for a layer.
    """

    gain: Floats
    conductance: Floats
    kappa: Floats
    start: Floats
    delay: Floats
    ramp: Floats

    @classmethod
    def none(cls, neurons: int, inputs: int) -> Self:
        """Those of a layer of the matched circuit."""
        synapses, column = np.zeros((neurons, inputs)), np.zeros(neurons)
        return cls(synapses, synapses, synapses, column, column, np.zeros(1))

    @classmethod
    def stacked(cls, chips: Sequence["Deviations"]) -> Self:
        """Many chips, along a new first axis."""
        return cls(*(np.stack([getattr(chip, one.name) for chip in chips]) for one in fields(cls)))

    def __getitem__(self, index: int | slice) -> Self:
        """One chip of many, or some."""
        return type(self)(*(getattr(self, one.name)[index] for one in fields(self)))

    def repeated(self, batch: int) -> Self:
        """The columns of one chip once for each of `batch` inputs, inputs first: shapes (batch neurons, ...)."""
        neurons = len(self.start)
        return type(self)(
            gain=np.tile(self.gain, (batch, 1)),
            conductance=np.tile(self.conductance, (batch, 1)),
            kappa=np.tile(self.kappa, (batch, 1)),
            start=np.tile(self.start, batch),
            delay=np.tile(self.delay, batch),
            ramp=np.full(batch * neurons, float(self.ramp[0])),
        )

    def rates(self, weights: Integers, rates: Rates) -> Rates:
        """The rates on the chip.

        Args:
            weights: unit cells, shape (columns, inputs); their signs count.
            rates: those of the model.
        """
        factor = np.exp(self.gain)
        a, b, c = (rate * factor for rate in rates)
        return a, b + np.sign(weights) * a * self.conductance, c + a * self.kappa
