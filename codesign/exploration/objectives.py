"""What a design can be judged by: each objective with its unit, its direction, and how it is worked out."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from codesign.exploration.candidate import Candidate


@dataclass(frozen=True)
class Objective:
    """A quantity of a design, 0 or more.

    Attributes:
        label: for figures and tables.
        unit: empty for a pure number.
        better: the end at which it is better.
        of: works it out; raises CodesignError for a design that has none.
        most: what it cannot be more than.
    """

    label: str
    unit: str
    better: Literal["low", "high"]
    of: Callable[[Candidate], float]
    most: float = math.inf

    @property
    def axis(self) -> str:
        """The label with its unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


OBJECTIVES = {
    "abs_e_pos": Objective("abs(E) of positive cells", "swings", "high", lambda one: one.abs_e("positive")),
    "abs_e_neg": Objective("abs(E) of negative cells", "swings", "high", lambda one: one.abs_e("negative")),
    "cell_sigma": Objective("sigma of a unit cell's current", "%", "low", lambda one: 100 * one.cell_sigma),
    "model_error": Objective(
        "error of the matched model", "% of the swing", "low", lambda one: 100 * one.extraction.fit.rmse
    ),
    "start_sigma": Objective("sigma of a membrane's start", "mV", "low", lambda one: 1e3 * one.neuron_sigma("start")),
    "spike_sigma": Objective("sigma of a spike time", "ns", "low", lambda one: 1e9 * one.neuron_sigma("delay")),
    "chip_error": Objective("error on a chip that differs", "% of the swing", "low", lambda one: 100 * one.chip_error),
    "area": Objective("area", "um2", "low", lambda one: one.area),
    "latency": Objective("latency", "us", "low", lambda one: 1e6 * one.latency),
    "energy": Objective("energy of an inference", "pJ", "low", lambda one: 1e12 * one.energy),
    "accuracy": Objective("accuracy", "%", "high", lambda one: 100 * one.accuracy, most=100),
    "yield": Objective("yield", "%", "high", lambda one: 100 * one.yield_, most=100),
}
"""All objectives by the names that an exploration's file uses, the cheap ones first."""
