"""The top level of a deck: instances and sources, written by PySpice."""

# PySpice has no type information.
# pyright: reportUnknownMemberType=false

from collections.abc import Iterable, Sequence
from typing import Any

from PySpice.Spice.Netlist import Circuit  # pyright: ignore[reportMissingTypeStubs]

from codesign.circuits.block import Block
from codesign.circuits.chip import Chip
from codesign.circuits.flat import GROUND, flat_netlist
from codesign.pdk.technology import Technology

Points = Sequence[tuple[float, float]]
"""Times (s) and values (V or A) of a piecewise linear source."""


class TopLevel:
    """A typed face of `PySpice.Spice.Netlist.Circuit`. `str()` gives the netlist.

    Args:
        title: one line that names it.
        technology: the process.
        chip: where given, blocks are placed with each of their devices by itself, as it is on that chip.
    """

    def __init__(self, title: str, technology: Technology, chip: Chip | None = None) -> None:
        self._circuit: Any = Circuit(title)
        self._technology = technology
        self._chip = chip
        self._devices: list[str] = []

    def __str__(self) -> str:
        return str(self._circuit) + "".join(f"{line}\n" for line in self._devices)

    def instance(self, name: str, block: Block, nets: Iterable[str], units: int | None = None) -> None:
        """Place a block, its ports connected to `nets` in order; `units` where the block has them."""
        if self._chip is not None:
            ports = dict(zip(block.ports, nets, strict=True))
            self._devices += flat_netlist(name, block, ports, self._technology, self._chip, units)
            return
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
