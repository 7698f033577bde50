"""The devices of a block of `codesign.circuits`, from the objects that it is made of: no netlist is written or read."""

from collections.abc import Iterator
from dataclasses import replace

from codesign.circuits.autozero import AutozeroNeuron
from codesign.circuits.block import Block, PlacedBlock
from codesign.circuits.crossbar import Crossbar
from codesign.circuits.flat import FlatBlock, FlatDevice, Path, flat_parts
from codesign.circuits.neuron import Neuron
from codesign.circuits.user_cell import UserSubcircuit
from codesign.layout.netlist import Device, FlatNetlist, Lines, flatten, inner_net, parse_spice
from codesign.pdk.technology import Technology


def flat_schematic(block: Block, process: Technology) -> FlatNetlist:
    """The devices of a block with everything inside it, as `codesign.layout.netlist.flatten` finds them in its netlist.

    Raises:
        LayoutError: the block holds a user's cell whose text has something that is not drawn.
    """
    parts = list(flat_parts(block, {port: (port,) for port in block.ports}, process))
    devices: list[Device] = []
    lines: set[str] = set()
    synapses: set[str] = set()
    crossbar: Path | None = None
    for part in parts:
        if isinstance(part, FlatBlock) and isinstance(part.block, Crossbar):
            crossbar = part.path
            lines |= {_dotted(part.nets[port]) for port in part.block.lines}
        elif isinstance(part, FlatBlock) and isinstance(part.block, Neuron | AutozeroNeuron):
            # The last layer's too, which runs along no synapses.
            lines.add(_dotted(part.nets["spike_b"]))
        found = tuple(_devices(part, process))
        devices += found
        if crossbar is not None and part.path[: len(crossbar)] == crossbar:
            synapses |= {device.name for device in found}
    return FlatNetlist(block.name, block.ports, tuple(devices), Lines(frozenset(lines), frozenset(synapses)))


def flat_part(placed: PlacedBlock, process: Technology) -> tuple[Device, ...]:
    """The devices of a placed block, called and connected as its parent sees them.

    Raises:
        LayoutError: as `flat_schematic`.
    """
    nets = {port: (net,) for port, net in placed.net_of.items()}
    parts = flat_parts(placed.block, nets, process, (placed.name,))
    return tuple(device for part in parts for device in _devices(part, process))


def _devices(part: FlatBlock | FlatDevice, process: Technology) -> Iterator[Device]:
    name = _dotted(part.path)
    if isinstance(part, FlatDevice):
        placed = part.placed
        nets = tuple(_dotted(net) for net in part.nets)
        yield Device(name, placed.device, nets, placed.width, placed.length, part.count)
    elif isinstance(part.block, UserSubcircuit):
        # A user's cell is text from the start: it is read here, as a foreign netlist is.
        cell, prefix = part.block, process.devices.prefix
        outside = {port: _dotted(net) for port, net in part.nets.items()}
        for device in flatten(parse_spice(cell.text, cell.name), cell.name, cell.name, prefix).devices:
            nets = tuple(inner_net(net, outside, f"{name}.") for net in device.nets)
            yield replace(device, name=f"{name}.{device.name}", nets=nets, count=part.units * device.count)


def _dotted(path: Path) -> str:
    return ".".join(path)
