"""Blocks: parametric subcircuits that know their ports, their parts and the devices they use."""

# PySpice has no type information.
# pyright: reportUnknownMemberType=false

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from PySpice.Spice.Netlist import SubCircuit  # pyright: ignore[reportMissingTypeStubs]

from codesign.errors import CodesignError
from codesign.pdk.technology import MosfetRole, Role, Technology, load_technology


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

    def schematic(self, technology: Technology | None = None) -> "Schematic":
        """The block drawn in a process; None takes the default process."""
        units = {} if self.default_units is None else {"units": self.default_units}
        schematic = Schematic(SubCircuit(self.name, *self.ports, **units), technology or load_technology())
        self.draw(schematic)
        return schematic

    def netlist(self, technology: Technology | None = None) -> str:
        """The block's `.subckt` under a header that says what it is."""
        header = [f"* {self.name}: {self.description}", f"* ports: {' '.join(self.ports)}"]
        return "\n".join(header) + f"\n{self.schematic(technology).subcircuit}"


Shape = Literal["mosfet", "mim_capacitor", "poly_resistor"]
"""What kind of device is drawn."""


@dataclass(frozen=True)
class PlacedDevice:
    """A device on a schematic.

    Attributes:
        name: within its block.
        shape: what kind of device it is.
        role: what it is for, by which the process chooses the device.
        device: the device's name, without the process's prefix.
        nets: in the order of its SPICE line: drain, gate, source, bulk; top, bottom; both ends, bulk.
        width: um.
        length: um.
        units: equal devices in parallel, or the name of the block's parameter that says how many.
        junctions: areas (um2) and perimeters (um) of drain and source of a transistor, by their names in SPICE.
    """

    name: str
    shape: Shape
    role: Role
    device: str
    nets: tuple[str, ...]
    width: float
    length: float
    units: int | str
    junctions: tuple[tuple[str, float], ...] = ()

    def parameters(self, count: int | str) -> dict[str, float | int | str]:
        """The parameters of its SPICE line, as `count` equal devices in parallel."""
        return {"w": self.width, "l": self.length, **dict(self.junctions), "mult": count, "m": count}


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

    @property
    def net_of(self) -> dict[str, str]:
        """The parent's net at each port of the block."""
        return dict(zip(self.block.ports, self.nets, strict=True))


@dataclass
class Schematic:
    """What a block is made of: a PySpice subcircuit, and a record of its devices and parts.

    Widths and lengths are in micrometres. A block's `units` parameter is passed down as a parameter and
    multiplies on the device line, because ngspice loses `m=` on instances of nested subcircuits.

    Attributes:
        subcircuit: the PySpice subcircuit.
        technology: the process whose devices fill the roles.
        placed: the devices and the blocks that were placed, in order.
    """

    subcircuit: Any
    technology: Technology
    placed: list[PlacedDevice | PlacedBlock] = field(default_factory=list[PlacedDevice | PlacedBlock])

    @property
    def devices(self) -> list[PlacedDevice]:
        """The devices alone."""
        return [placed for placed in self.placed if isinstance(placed, PlacedDevice)]

    @property
    def parts(self) -> list[PlacedBlock]:
        """The blocks alone."""
        return [placed for placed in self.placed if isinstance(placed, PlacedBlock)]

    def mosfet(
        self,
        name: str,
        role: MosfetRole,
        *,
        drain: str,
        gate: str,
        source: str,
        bulk: str,
        width: float,
        length: float,
        units: int | str = 1,
    ) -> None:
        """Place `units` transistors of a role (for example "pmos") in parallel."""
        self._check_size(name, role, width, length)
        nets = (drain, gate, source, bulk)
        diffusion = self.technology.contacted_diffusion_length
        area, perimeter = round(width * diffusion, 6), round(2 * (width + diffusion), 6)
        junctions = (("ad", area), ("pd", perimeter), ("as", area), ("ps", perimeter))
        device = self.technology.device(role)
        self._place(PlacedDevice(name, "mosfet", role, device, nets, width, length, units, junctions))

    def mim_capacitor(self, name: str, top: str, bottom: str, capacitance: float) -> None:
        """Place a MIM capacitor of `capacitance` F as equal squares in parallel."""
        mim = self.technology.mim_capacitor
        area = capacitance / mim.area_capacitance
        count = max(1, -int(-area // mim.largest_side**2))
        side = round((area / count) ** 0.5 / mim.side_step) * mim.side_step
        side = round(side, 3)
        role = "mim_capacitor"
        self._place(PlacedDevice(name, role, role, self.technology.device(role), (top, bottom), side, side, count))

    def poly_resistor(
        self, name: str, a: str, b: str, bulk: str, *, width: float, length: float, units: int | str = 1
    ) -> None:
        """Place `units` high-resistance poly resistors in parallel."""
        role = "poly_resistor"
        self._check_size(name, role, width, length)
        nets = (a, b, bulk)
        self._place(PlacedDevice(name, role, role, self.technology.device(role), nets, width, length, units))

    def instance(self, name: str, block: Block, nets: Iterable[str], units: int | str | None = None) -> None:
        """Place another block, its ports connected to `nets` in order."""
        nets = tuple(nets)
        self.placed.append(PlacedBlock(name, block, nets, units))
        parameters: dict[str, Any] = {} if units is None else {"units": _expression(units)}
        self.subcircuit.X(name, block.name, *nets, **parameters)

    def _check_size(self, name: str, role: Role, width: float, length: float) -> None:
        sizes = self.technology.sizes[role]
        for what, value, (smallest, largest) in (("width", width, sizes.width), ("length", length, sizes.length)):
            if not smallest <= value <= largest:
                raise BlockError(
                    f"{what} {value:g} um of {name!r} in {self.subcircuit.name} is outside the models of "
                    f"{self.technology.device(role)}: {smallest:g} to {largest:g} um; change the design"
                )

    def _place(self, device: PlacedDevice) -> None:
        self.placed.append(device)
        parameters = device.parameters(_expression(device.units))
        self.subcircuit.X(device.name, self.technology.devices.prefix + device.device, *device.nets, **parameters)


def _expression(units: int | str) -> int | str:
    return f"{{{units}}}" if isinstance(units, str) else units


def every_block(blocks: Iterable[Block], technology: Technology | None = None) -> list[Block]:
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
        for part in block.schematic(technology).parts:
            visit(part.block)
        ordered[block.name.lower()] = block

    for block in blocks:
        visit(block)
    return list(ordered.values())


def library(blocks: Iterable[Block], technology: Technology | None = None) -> str:
    """The netlists of `blocks` and all their parts in a process."""
    return "\n".join(block.netlist(technology) for block in every_block(blocks, technology))
