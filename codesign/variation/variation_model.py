"""How the neuron model's parameters differ from chip to chip and from device to device."""

import hashlib
import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from codesign.arrays import Floats
from codesign.errors import CodesignError
from codesign.model.model_file import Frozen, ModelFile
from codesign.model.neuron_model import Provenance

CELL = ("gain", "conductance", "kappa")
"""What deviates in a unit cell: logarithm of its current at the reset level, abs(1 / E) (1/V), curvature (1/V^2)."""

NEURON = ("capacitance", "start", "delay")
"""What deviates in a neuron: logarithm of its capacitance, the level where its membrane starts (V), its spike (s)."""

LAYER = ("start", "delay", "ramp")
"""What the neurons of a layer have in common: start (V), spike (s), logarithm of the ramp's slope."""


class VariationError(CodesignError):
    """A variation model that cannot be read, or data that do not determine one."""


class Spread(Frozen):
    """A multivariate normal distribution around the matched circuit.

    Attributes:
        names: of its quantities.
        sigma: standard deviation of each.
        interval: half-width of the 95 % confidence interval of each standard deviation, relative.
        correlation: between them, shape (quantities, quantities).
    """

    names: tuple[str, ...]
    sigma: tuple[Annotated[float, Field(ge=0)], ...]
    interval: Annotated[float, Field(ge=0)]
    correlation: tuple[tuple[float, ...], ...]

    @model_validator(mode="after")
    def _square(self) -> Self:
        size = len(self.names)
        if len(self.sigma) != size or any(len(row) != size for row in (*self.correlation, self.correlation)):
            raise ValueError(f"names, sigma and correlation must be of one size, {size}")
        matrix = np.array(self.correlation)
        if not np.allclose(matrix, matrix.T) or np.linalg.eigvalsh(matrix).min(initial=0.0) < -1e-6:
            raise ValueError("correlation must be symmetric and positive semidefinite")
        return self

    @classmethod
    def of(cls, names: Sequence[str], covariance: Floats, degrees: int) -> Self:
        """From an estimated covariance with so many degrees of freedom.

        A variance that the estimate puts below 0, as a difference of variances may, counts as 0. The interval is that
        of a standard deviation of normal numbers, 1.96 / sqrt(2 degrees).
        """
        values, vectors = np.linalg.eigh(covariance)
        covariance = (vectors * np.maximum(values, 0.0)) @ vectors.T
        sigma = np.sqrt(np.diag(covariance))
        scale = np.where(sigma > 0, sigma, 1.0)
        correlation = covariance / np.outer(scale, scale)
        np.fill_diagonal(correlation, 1.0)
        return cls(
            names=tuple(names),
            sigma=tuple(sigma.tolist()),
            interval=1.96 / math.sqrt(2 * degrees),
            correlation=tuple(tuple(row) for row in correlation.tolist()),
        )

    @property
    def covariance(self) -> Floats:
        """Shape (quantities, quantities)."""
        sigma = np.array(self.sigma)
        return np.array(self.correlation) * np.outer(sigma, sigma)

    @property
    def factor(self) -> Floats:
        """F with F F^T the covariance, same shape: F times standard normal numbers has the distribution."""
        return covariance_factor(self.covariance)

    def slopes(self, onto: str) -> dict[str, float]:
        """How much every other quantity moves with one of them: covariance over its variance, 0 where it is fixed."""
        index = self.names.index(onto)
        covariance, variance = self.covariance[index], self.sigma[index] ** 2
        return {
            name: float(covariance[k] / variance) if variance else 0.0
            for k, name in enumerate(self.names)
            if name != onto
        }


def covariance_factor(covariance: Floats) -> Floats:
    """F with F F^T the covariance, same shape."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))


class VariationModel(ModelFile):
    """What mismatch does to the neuron model, in SI units.

    A synapse of n units deviates by the common part of its sign's cells and by the local part over sqrt(n). Neurons
    deviate by the common part of their layer and by their local part.
    """

    file_kind: ClassVar = "variation model"
    made_by: ClassVar = "codesign extract --variation"
    file_error: ClassVar = VariationError

    schema_version: Literal[1] = Field(default=1, alias="schema")
    cell_pos: Spread
    """Local part of one positive unit cell, of the quantities in `CELL`."""
    cell_neg: Spread
    """Local part of one negative unit cell."""
    cells: Spread
    """Common part of a chip's cells: the quantities in `CELL` of positive, then of negative cells."""
    neuron: Spread
    """Local part of a neuron, of the quantities in `NEURON`."""
    layer: Spread
    """Common part of a layer's neurons, of the quantities in `LAYER`."""
    chips: int = Field(ge=2)
    """Chips that it was estimated from."""
    provenance: Provenance

    @property
    def digest(self) -> str:
        """SHA-256 of its numbers, hexadecimal, whatever made them."""
        return hashlib.sha256(self.model_dump_json(exclude={"provenance"}).encode()).hexdigest()
