"""Blocks: parametric subcircuits that know their ports, their parts and the devices they use."""

# PySpice has no type information.
# pyright: reportUnknownMemberType=false

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from PySpice.Spice.Netlist import SubCircuit  # pyright: ignore[reportMissingTypeStubs]

from codesign.errors import CodesignError
from codesign.pdk import DEVICE_PREFIX

DIFFUSION_LENGTH = 0.29
"""Drawn length of a contacted source or drain, um: gives the junction areas and perimeters."""

MIM_AREA_CAPACITANCE = 2e-15
"""Capacitance of `cap_mim_m3_1`, F/um^2 (`sw_cap_mim_ca` of the nominal corner)."""

MIM_LARGEST_SIDE = 30.0
"""Largest side of one MIM capacitor, um; a larger one is drawn as equal parts in parallel."""


class BlockError(CodesignError):
    """Blocks that cannot stand in one netlist."""


class Block(ABC):
    """A parametric subcircuit. Concrete blocks are small frozen dataclasses."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the emitted `.subckt`."""

    @property
    @abstractmethod
    def ports(self) -> tuple[str, ...]:
        """Port names, in order."""

    @property
    @abstractmethod
    def description(self) -> str:
        """What the block is, in a sentence, for the header of its netlist."""

    @abstractmethod
    def draw(self, schematic: "Schematic") -> None:
        """Place the block's devices and parts on an empty schematic."""

    @property
    def default_units(self) -> int | None:
        """Default of the `units` parameter, or None if the block has none."""
        return None

    def schematic(self) -> "Schematic":
        """The drawn block."""
        units = {} if self.default_units is None else {"units": self.default_units}
        schematic = Schematic(SubCircuit(self.name, *self.ports, **units))
        self.draw(schematic)
        return schematic

    def netlist(self) -> str:
        """The block's `.subckt` under a header that says what it is."""
        header = [f"* {self.name}: {self.description}", f"* ports: {' '.join(self.ports)}"]
        return "\n".join(header) + f"\n{self.schematic().subcircuit}"


Shape = Literal["mosfet", "mim_capacitor", "poly_resistor"]
"""What kind of device is drawn."""


@dataclass(frozen=True)
class PlacedDevice:
    """A device on a schematic.

    Attributes:
        name: within its block.
        shape: what kind of device it is.
        device: the device's name.
        nets: in the order of its SPICE line: drain, gate, source, bulk; top, bottom; both ends, bulk.
        width: um.
        length: um.
        units: equal devices in parallel, or the name of the block's parameter that says how many.
    """

    name: str
    shape: Shape
    device: str
    nets: tuple[str, ...]
    width: float
    length: float
    units: int | str


@dataclass(frozen=True)
class PlacedBlock:
    """A block placed in another block's schematic.

    Attributes:
        name: within its parent.
        block: the block.
        nets: the parent's net at each port of the block, in order.
        units: the block's `units`, or the name of the parent's parameter; None where the block has none.
    """

    name: str
    block: Block
    nets: tuple[str, ...]
    units: int | str | None = None


@dataclass
class Schematic:
    """What a block is made of: a PySpice subcircuit, and a record of its devices and parts.

    Widths and lengths are in micrometres. A block's `units` parameter is passed down as a parameter and
    multiplies on the device line, because ngspice loses `m=` on instances of nested subcircuits.
    """

    subcircuit: Any
    devices: list[PlacedDevice] = field(default_factory=list[PlacedDevice])
    parts: list[PlacedBlock] = field(default_factory=list[PlacedBlock])

    def mosfet(
        self,
        name: str,
        device: str,
        *,
        drain: str,
        gate: str,
        source: str,
        bulk: str,
        width: float,
        length: float,
        units: int | str = 1,
    ) -> None:
        """Place `units` transistors of the SKY130 `device` (for example "nfet_01v8") in parallel."""
        nets = (drain, gate, source, bulk)
        self.devices.append(PlacedDevice(name, "mosfet", device, nets, width, length, units))
        area, perimeter = width * DIFFUSION_LENGTH, 2 * (width + DIFFUSION_LENGTH)
        self._device(
            name,
            device,
            nets,
            w=width,
            l=length,
            ad=round(area, 6),
            pd=round(perimeter, 6),
            **{"as": round(area, 6)},
            ps=round(perimeter, 6),
            mult=_expression(units),
            m=_expression(units),
        )

    def mim_capacitor(self, name: str, top: str, bottom: str, capacitance: float) -> None:
        """Place a MIM capacitor of `capacitance` F as equal squares in parallel."""
        area = capacitance / MIM_AREA_CAPACITANCE
        count = max(1, -int(-area // MIM_LARGEST_SIDE**2))
        side = round((area / count) ** 0.5 / 0.005) * 0.005
        side = round(side, 3)
        self.devices.append(PlacedDevice(name, "mim_capacitor", "cap_mim_m3_1", (top, bottom), side, side, count))
        self._device(name, "cap_mim_m3_1", (top, bottom), w=side, l=side, mult=count, m=count)

    def poly_resistor(
        self, name: str, a: str, b: str, bulk: str, *, width: float, length: float, units: int | str = 1
    ) -> None:
        """Place `units` high-resistance (2 kOhm/square) poly resistors in parallel."""
        self.devices.append(PlacedDevice(name, "poly_resistor", "res_xhigh_po", (a, b, bulk), width, length, units))
        self._device(
            name, "res_xhigh_po", (a, b, bulk), w=width, l=length, mult=_expression(units), m=_expression(units)
        )

    def instance(self, name: str, block: Block, nets: Iterable[str], units: int | str | None = None) -> None:
        """Place another block, its ports connected to `nets` in order."""
        nets = tuple(nets)
        self.parts.append(PlacedBlock(name, block, nets, units))
        parameters: dict[str, Any] = {} if units is None else {"units": _expression(units)}
        self.subcircuit.X(name, block.name, *nets, **parameters)

    def multiplied(self, name: str, block: Block, nets: Iterable[str], units: str) -> None:
        """Place `units` equal instances in parallel of a block that has no `units` parameter of its own."""
        nets = tuple(nets)
        self.parts.append(PlacedBlock(name, block, nets, units))
        self.subcircuit.X(name, block.name, *nets, m=_expression(units))

    def _device(self, name: str, device: str, nodes: tuple[str, ...], **parameters: Any) -> None:
        self.subcircuit.X(name, DEVICE_PREFIX + device, *nodes, **parameters)


def _expression(units: int | str) -> int | str:
    return f"{{{units}}}" if isinstance(units, str) else units


def every_block(blocks: Iterable[Block]) -> list[Block]:
    """`blocks` and all their parts, each once, parts before what uses them.

    Raises:
        BlockError: two different blocks have one name; SPICE ignores case.
    """
    ordered: dict[str, Block] = {}

    def visit(block: Block) -> None:
        if (known := ordered.get(block.name.lower())) is not None:
            if known != block:
                raise BlockError(f"two different subcircuits are named {block.name}; rename the user's cell")
            return
        for part in block.schematic().parts:
            visit(part.block)
        ordered[block.name.lower()] = block

    for block in blocks:
        visit(block)
    return list(ordered.values())


def library(blocks: Iterable[Block]) -> str:
    """The netlists of `blocks` and all their parts."""
    return "\n".join(block.netlist() for block in every_block(blocks))
