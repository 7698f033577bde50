"""A design's objectives, or in one line why it has none."""

import math
from collections.abc import Callable, Sequence

from codesign.circuits.block import BlockError
from codesign.comparison.simulation import ComparisonError
from codesign.design import Design, DesignError
from codesign.exploration.candidate import Candidate, Task
from codesign.exploration.errors import Infeasible
from codesign.exploration.objectives import OBJECTIVES
from codesign.extraction.errors import ExtractionFailed
from codesign.layout.errors import LayoutError
from codesign.spice import NgspiceNotFound, SimulationError
from codesign.training.errors import TrainingError
from codesign.variation.variation_model import VariationError

_DESIGNS_FAULT = (
    DesignError,
    BlockError,
    SimulationError,
    ExtractionFailed,
    LayoutError,
    TrainingError,
    VariationError,
    ComparisonError,
    # Numbers that no circuit has, of a design far from any that works.
    ArithmeticError,
    ValueError,
)


def measurement(task: Task) -> Callable[[Design, Sequence[str]], dict[str, float]]:
    """What measures designs: only what the named objectives need is simulated, drawn or trained.

    Args:
        task: what is the same for every design.

    Returns:
        A function of a design and the names of objectives that gives their values, and raises Infeasible where a
        design has none.
    """

    def measure(design: Design, names: Sequence[str]) -> dict[str, float]:
        candidate = Candidate(design, task)
        try:
            # The cheap ones come first in the table: what fails there costs nothing more.
            found = {name: float(one.of(candidate)) for name, one in OBJECTIVES.items() if name in names}
        except NgspiceNotFound:
            raise
        except _DESIGNS_FAULT as error:
            raise Infeasible(" ".join(str(error).split())) from error
        if unknown := [name for name, value in found.items() if not math.isfinite(value)]:
            raise Infeasible(f"{', '.join(unknown)} is not a number; check the design's values")
        return found

    return measure
