"""Neuron models extracted at some conditions, and what lies between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from codesign.design import Conditions
from codesign.errors import CodesignError
from codesign.model.neuron_model import NeuronModel


class ConditionsError(CodesignError):
    """Models that do not fill a table of conditions."""


@dataclass(frozen=True)
class ModelsOverConditions:
    """Models over corners, temperatures and supplies.

    Attributes:
        models: conditions, each with the model extracted there; every corner at the same temperatures and supplies.

    Raises:
        ConditionsError: on construction, a condition is missing or there are two models for one.
    """

    models: Sequence[tuple[Conditions, NeuronModel]]

    def __post_init__(self) -> None:
        places = {_place(conditions) for conditions, _ in self.models}
        wanted = len(self.corners) * len(self.temperatures) * len(self.supplies)
        if not places or len(places) < wanted or len(self.models) != len(places):
            raise ConditionsError(
                f"the models of {len(places)} conditions do not fill a table of {len(self.corners)} corners, "
                f"{len(self.temperatures)} temperatures and {len(self.supplies)} supplies",
                cure="run `codesign conditions` until no condition fails",
            )

    @property
    def corners(self) -> tuple[str, ...]:
        """Process corners."""
        return tuple(sorted({conditions.corner for conditions, _ in self.models}))

    @property
    def temperatures(self) -> tuple[float, ...]:
        """Degrees Celsius, from the lowest."""
        return tuple(sorted({conditions.temperature for conditions, _ in self.models}))

    @property
    def supplies(self) -> tuple[float, ...]:
        """V, from the lowest."""
        return tuple(sorted({conditions.supply for conditions, _ in self.models}))

    def at(self, corner: str, temperature: float, supply: float) -> NeuronModel:
        """The model at a condition within the table, linear between the neighbours in temperature and supply.

        Args:
            corner: one of the corners.
            temperature: within the temperatures.
            supply: within the supplies.
        """
        found = {_place(conditions): model for conditions, model in self.models}
        shares = [
            (found[corner, at_temperature, at_supply].model_dump(by_alias=True), part * other)
            for at_temperature, part in _neighbours(self.temperatures, temperature)
            for at_supply, other in _neighbours(self.supplies, supply)
        ]
        return NeuronModel.model_validate(_mixed(shares))


def _place(conditions: Conditions) -> tuple[str, float, float]:
    return conditions.corner, conditions.temperature, conditions.supply


def _neighbours(places: Sequence[float], wanted: float) -> list[tuple[float, float]]:
    """The places on either side, and the share of each."""
    for low, high in pairwise(places):
        if low <= wanted <= high:
            part = (wanted - low) / (high - low)
            return [(low, 1 - part), (high, part)]
    return [(places[0], 1.0)]


def _mixed(shares: Sequence[tuple[Any, float]]) -> Any:
    """Numbers with a fraction in their shares; whatever else is the first one's."""
    first, _ = shares[0]
    if isinstance(first, dict):
        return {key: _mixed([(one[key], share) for one, share in shares]) for key in first}  # pyright: ignore
    return sum(one * share for one, share in shares) if isinstance(first, float) else first
