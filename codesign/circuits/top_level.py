"""The top level of a deck: instances and sources, written by PySpice."""

# PySpice has no type information.
# pyright: reportUnknownMemberType=false

from collections.abc import Iterable, Sequence
from typing import Any

from PySpice.Spice.Netlist import Circuit  # pyright: ignore[reportMissingTypeStubs]

from codesign.circuits.block import Block

GROUND = "0"

Points = Sequence[tuple[float, float]]
"""Times (s) and values (V or A) of a piecewise linear source."""


class TopLevel:
    """A typed face of `PySpice.Spice.Netlist.Circuit`. `str()` gives the netlist."""

    def __init__(self, title: str) -> None:
        self._circuit: Any = Circuit(title)

    def __str__(self) -> str:
        return str(self._circuit)

    def instance(self, name: str, block: Block, nets: Iterable[str], units: int | None = None) -> None:
        """Place a block, its ports connected to `nets` in order; `units` where the block has them."""
        parameters = {} if units is None else {"units": units}
        self._circuit.X(name, block.name, *nets, **parameters)

    def voltage(self, name: str, plus: str, minus: str, volts: float) -> None:
        """Place a DC voltage source."""
        self._circuit.V(name, plus, minus, volts)

    def capacitor(self, name: str, plus: str, minus: str, farads: float) -> None:
        """Place an ideal capacitor; 0 F places none."""
        if farads > 0:
            self._circuit.C(name, plus, minus, farads)

    def current(self, name: str, start: str, end: str, amperes: float) -> None:
        """Place a DC current source; the current flows through it from `start` to `end`."""
        self._circuit.I(name, start, end, amperes)

    def voltage_steps(self, name: str, plus: str, points: Points) -> None:
        """Place a piecewise linear voltage source against ground."""
        self._circuit.PieceWiseLinearVoltageSource(name, plus, GROUND, values=_rounded(points))

    def current_steps(self, name: str, start: str, end: str, points: Points) -> None:
        """Place a piecewise linear current source; the current flows through it from `start` to `end`."""
        self._circuit.PieceWiseLinearCurrentSource(name, start, end, values=_rounded(points))


def _rounded(points: Points) -> list[tuple[float, float]]:
    # Femtoseconds: far below any delay, and the same text on every machine.
    return [(round(time, 15), value) for time, value in points]
