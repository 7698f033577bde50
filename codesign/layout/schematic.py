"""The devices of a block of `codesign.circuits`, from the objects that it is made of: no netlist is written or read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from codesign.circuits.block import Block, PlacedBlock, PlacedDevice, Schematic
from codesign.circuits.crossbar import Crossbar
from codesign.circuits.neuron import Neuron
from codesign.circuits.user_cell import UserSubcircuit
from codesign.layout.netlist import Device, FlatNetlist, Lines, flatten, inner_net, parse_spice
from codesign.pdk.technology import Technology


def flat_schematic(block: Block, process: Technology) -> FlatNetlist:
    """The devices of a block with everything inside it, as `codesign.layout.netlist.flatten` finds them in its netlist.

    Raises:
        LayoutError: the block holds a user's cell whose text has something that is not drawn.
    """
    flattener = _Flattener(process)
    flattener.expand(block, {port: port for port in block.ports}, block.default_units, 1, "")
    lines = Lines(frozenset(flattener.lines), frozenset(flattener.synapses))
    return FlatNetlist(block.name, block.ports, tuple(flattener.devices), lines)


def flat_part(placed: PlacedBlock, process: Technology) -> tuple[Device, ...]:
    """The devices of a placed block, called and connected as its parent sees them.

    Raises:
        LayoutError: as `flat_schematic`.
    """
    flattener = _Flattener(process)
    flattener.expand(placed.block, placed.net_of, placed.block.default_units, 1, f"{placed.name}.")
    return tuple(flattener.devices)


@dataclass
class _Flattener:
    process: Technology
    devices: list[Device] = field(default_factory=list[Device])
    lines: set[str] = field(default_factory=set[str])
    synapses: set[str] = field(default_factory=set[str])
    _schematics: dict[Block, Schematic] = field(default_factory=dict[Block, Schematic])

    def expand(self, block: Block, nets: Mapping[str, str], units: int | None, count: int, path: str) -> None:
        """Collect the devices of `count` equal blocks in parallel; `units` is the value of the block's parameter."""
        before = len(self.devices)
        if isinstance(block, Crossbar):
            self.lines |= {nets[port] for port in block.lines}
        elif isinstance(block, Neuron):
            # The last layer's too, which runs along no synapses.
            self.lines.add(nets["spike_b"])
        if isinstance(block, UserSubcircuit):
            self._add_user_cell(block, nets, count * (units or 1), path)
        else:
            if block not in self._schematics:
                self._schematics[block] = block.schematic(self.process)
            for placed in self._schematics[block].placed:
                number = units if isinstance(placed.units, str) else placed.units
                outer = tuple(inner_net(net, nets, path) for net in placed.nets)
                name = path + placed.name
                if isinstance(placed, PlacedDevice):
                    sizes = (placed.width, placed.length)
                    self.devices.append(Device(name, placed.device, outer, *sizes, count * (number or 1)))
                else:
                    self._expand_part(placed, outer, number, count, name)
        if isinstance(block, Crossbar):
            self.synapses |= {device.name for device in self.devices[before:]}

    def _expand_part(
        self, placed: PlacedBlock, outer: tuple[str, ...], number: int | None, count: int, name: str
    ) -> None:
        block, ports = placed.block, dict(zip(placed.block.ports, outer, strict=True))
        if block.default_units is None:
            self.expand(block, ports, None, count * (number or 1), f"{name}.")
        else:
            self.expand(block, ports, number or block.default_units, count, f"{name}.")

    def _add_user_cell(self, block: UserSubcircuit, nets: Mapping[str, str], count: int, path: str) -> None:
        """A user's cell is text from the start: it is read here, as a foreign netlist is."""
        prefix = self.process.devices.prefix
        for device in flatten(parse_spice(block.text, block.name), block.name, block.name, prefix).devices:
            outer = tuple(inner_net(net, nets, path) for net in device.nets)
            self.devices.append(replace(device, name=path + device.name, nets=outer, count=count * device.count))
