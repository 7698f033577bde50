"""The types of numeric arrays."""

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Real numbers in double precision."""

Integers = NDArray[np.int64]
"""Whole numbers: unit cells, classes, indices."""


@runtime_checkable
class Synapses(Protocol):
    """A network as signed numbers of unit cells: what was read, and what was trained."""

    @property
    def layers(self) -> tuple[Integers, ...]:
        """One array a layer, first layer first; shape (neurons, inputs)."""
        ...

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Number of inputs, then of neurons in each layer."""
        ...
