"""The analyses of a deck."""

import math
from dataclasses import dataclass

from codesign.files import checked_name
from codesign.spice.errors import SimulationError


@dataclass(frozen=True)
class Transient:
    """A transient from time 0.

    Attributes:
        stop: s.
        maximum_step: the longest time step that the solver may take, s.
    """

    stop: float
    maximum_step: float

    def __post_init__(self) -> None:
        if not (0 < self.maximum_step <= self.stop < math.inf):
            raise SimulationError(
                f"a transient needs 0 < maximum_step <= stop, got {self.maximum_step} s and {self.stop} s"
            )

    def card(self) -> str:
        """The deck's line; ngspice saves each of its own time points."""
        return f".tran {number(self.maximum_step)} {number(self.stop)} 0 {number(self.maximum_step)}"

    def is_complete(self, first: float, last: float, points: int) -> bool:
        """Whether the saved time axis reaches the stop time."""
        return points > 1 and first == 0 and math.isclose(last, self.stop, rel_tol=1e-9)


@dataclass(frozen=True)
class DcSweep:
    """A DC sweep of one source.

    Attributes:
        source: the name of a voltage or current source of the circuit.
        start: V or A.
        stop: V or A.
        step: V or A, with the sign of stop - start.
    """

    source: str
    start: float
    stop: float
    step: float

    def __post_init__(self) -> None:
        checked_name(self.source, "swept source")
        if not (math.isfinite(self.start) and math.isfinite(self.stop) and (self.stop - self.start) * self.step > 0):
            raise SimulationError(
                f"a sweep of {self.source} needs a step from start towards stop, got start {self.start}, "
                f"stop {self.stop}, step {self.step}"
            )

    def card(self) -> str:
        """The deck's line."""
        return f".dc {self.source} {number(self.start)} {number(self.stop)} {number(self.step)}"

    def is_complete(self, first: float, last: float, points: int) -> bool:
        """Whether the saved sweep runs from start to the last step before stop."""
        slack = 1e-6 * abs(self.step)
        return points > 0 and abs(first - self.start) < slack and abs(self.stop - last) < abs(self.step) + slack


@dataclass(frozen=True)
class OperatingPoint:
    """The DC operating point."""

    def card(self) -> str:
        """The deck's line."""
        return ".op"

    def is_complete(self, first: float, last: float, points: int) -> bool:
        """Whether exactly one point was saved."""
        return points == 1


Analysis = Transient | DcSweep | OperatingPoint


def number(value: float) -> str:
    """A float as SPICE reads it back exactly: no unit suffix, 17 significant digits where they are needed.

    Raises:
        SimulationError: the value is not finite.
    """
    if not math.isfinite(value):
        raise SimulationError(f"a netlist cannot hold the number {value}")
    return repr(float(value))
