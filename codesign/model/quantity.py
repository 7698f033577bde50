"""Fitted values with their confidence intervals."""

import math
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from codesign.model.model_file import Frozen


class Quantity(Frozen):
    """A fitted value and its uncertainty."""

    # An interval is infinite where the data tell only a combination of parameters.
    model_config = ConfigDict(allow_inf_nan=True, ser_json_inf_nan="strings")

    value: float
    interval: float = Field(ge=0)
    """Half-width of the 95 % confidence interval, in the unit of the value."""


def _number(quantity: Quantity) -> Quantity:
    if not math.isfinite(quantity.value):
        raise ValueError("must be a finite number")
    return quantity


def _positive(quantity: Quantity) -> Quantity:
    if not quantity.value > 0:
        raise ValueError("must lie above 0")
    return quantity


def _not_negative(quantity: Quantity) -> Quantity:
    if quantity.value < 0:
        raise ValueError("must not lie below 0")
    return quantity


def _negative(quantity: Quantity) -> Quantity:
    if not quantity.value < 0:
        raise ValueError("must lie below 0")
    return quantity


Positive = Annotated[Quantity, AfterValidator(_positive)]
Negative = Annotated[Quantity, AfterValidator(_negative)]
Finite = Annotated[Quantity, AfterValidator(_number)]
FinitePositive = Annotated[Quantity, AfterValidator(_number), AfterValidator(_positive)]
NotNegative = Annotated[Quantity, AfterValidator(_number), AfterValidator(_not_negative)]

NOTHING = Quantity(value=0.0, interval=0.0)
"""Of an effect that a model does not have."""
