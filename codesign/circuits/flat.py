"""A block with all its parts as one flat netlist, in which every device is named and deviates by itself."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from codesign.circuits.block import Block, PlacedDevice, Schematic
from codesign.circuits.chip import Chip
from codesign.circuits.network import Network
from codesign.circuits.user_cell import UserSubcircuit
from codesign.circuits.user_element import split_element
from codesign.pdk.technology import Devices, Technology

GROUND = "0"

_UNITS = re.compile(r"\bunits\b")

Path = tuple[str, ...]
"""Names of instances from the outside, and the name of a device or net in the innermost."""


@dataclass(frozen=True)
class FlatDevice:
    """A device at its place.

    Attributes:
        path: its name.
        placed: what was placed.
        nets: in the order of its SPICE line.
        count: equal devices in parallel.
    """

    path: Path
    placed: PlacedDevice
    nets: tuple[Path, ...]
    count: int


@dataclass(frozen=True)
class FlatBlock:
    """A block at its place, before what is in it. A user's cell has only its text: nothing follows it.

    Attributes:
        path: name of the instance.
        block: the block.
        nets: at its ports.
        units: its units, 1 for a block without.
    """

    path: Path
    block: Block
    nets: dict[str, Path]
    units: int


def flat_parts(
    block: Block, nets: Mapping[str, Path], technology: Technology, path: Path = (), units: int | None = None
) -> Iterator[FlatBlock | FlatDevice]:
    """A block, its devices and all that is in it, depth first.

    Args:
        block: the block.
        nets: the net at each of its ports.
        technology: the process that it is drawn in.
        path: name of its instance.
        units: of the block; by default its own.
    """
    yield from _Walk(technology).visit(block, dict(nets), path, units or block.default_units or 1)


@dataclass(frozen=True)
class _Walk:
    technology: Technology
    schematics: dict[Block, Schematic] = field(default_factory=dict[Block, Schematic])

    def visit(self, block: Block, nets: dict[str, Path], path: Path, units: int) -> Iterator[FlatBlock | FlatDevice]:
        yield FlatBlock(path, block, nets, units)
        if isinstance(block, UserSubcircuit):
            return
        if block not in self.schematics:
            self.schematics[block] = block.schematic(self.technology)
        for placed in self.schematics[block].placed:
            outer = tuple(inner_net(net, nets, path) for net in placed.nets)
            name = (*path, placed.name)
            count = units if isinstance(placed.units, str) else placed.units
            if isinstance(placed, PlacedDevice):
                yield FlatDevice(name, placed, outer, count or 1)
            else:
                inner = dict(zip(placed.block.ports, outer, strict=True))
                yield from self.visit(placed.block, inner, name, count or placed.block.default_units or 1)


def inner_net(net: str, nets: Mapping[str, Path], path: Path) -> Path:
    """A net of the instance at `path`: its parent's at a port, its own otherwise; ground is everyone's."""
    return nets.get(net, (net,) if net == GROUND else (*path, net))


def flat_netlist(
    name: str, block: Block, nets: Mapping[str, str], technology: Technology, chip: Chip, units: int | None = None
) -> list[str]:
    """The lines of an instance of a block on a chip, without any subcircuit of its own.

    Nodes and devices have the names that ngspice gives them inside an instance, so that probes stay the same.

    Args:
        name: of the instance.
        block: the block.
        nets: the net at each of its ports.
        technology: the process.
        chip: the deviates. A network's devices have their names there without that of its instance: it is the chip.
        units: of the block; by default its own.
    """
    outside = {port: (net,) for port, net in nets.items()}
    own = 1 if isinstance(block, Network) else 0
    lines: list[str] = []
    for element in _elements(flat_parts(block, outside, technology, (name,), units), technology.devices):
        deviates = chip.deviates(".".join(element.path[own:]), element.deviates)
        lines.append(" ".join([element.name, *element.words, *deviate_parameters(deviates)]))
    return lines


def deviates_of(network: Network) -> dict[str, int]:
    """How many deviates each device of a network has, by the device's name on its chip."""
    technology = network.design.technology
    parts = flat_parts(network, {port: (port,) for port in network.ports}, technology)
    elements = _elements(parts, technology.devices)
    return {".".join(element.path): element.deviates for element in elements if element.deviates}


@dataclass(frozen=True)
class _Element:
    """A line of the flat netlist: path and first letter, what comes after its name, and how many deviates it has."""

    path: Path
    letter: str
    words: list[str]
    deviates: int

    @property
    def name(self) -> str:
        return self.letter + spice_name((*self.path[:-1], self.letter + self.path[-1]))


def _elements(parts: Iterable[FlatBlock | FlatDevice], devices: Devices) -> Iterator[_Element]:
    for part in parts:
        if isinstance(part, FlatDevice):
            device = part.placed.device
            values = [f"{key}={value}" for key, value in part.placed.parameters(part.count).items()]
            words = [*map(spice_name, part.nets), devices.prefix + device, *values]
            yield _Element(part.path, "x", words, devices.deviate_count(device))
        elif isinstance(part.block, UserSubcircuit):
            for line in part.block.elements:
                name, nodes, rest = split_element(line)
                nets = [spice_name(inner_net(node.lower(), part.nets, part.path)) for node in nodes]
                words = [*nets, *(_UNITS.sub(str(part.units), word) for word in rest)]
                letter = name[0].lower()
                deviates = devices.deviate_count(rest[0]) if letter == "x" else 0
                yield _Element((*part.path, name[1:]), letter, words, deviates)


def deviate_parameters(deviates: Iterable[float]) -> list[str]:
    """The words by which the line of a device carries its deviates."""
    return [f"deviate_{number}={value:.9g}" for number, value in enumerate(deviates, start=1)]


def spice_name(path: Path) -> str:
    """What ngspice calls a node inside instances: "xnetwork.xneuron_1_1.middle"."""
    return "".join(f"x{instance}." for instance in path[:-1]) + path[-1]
