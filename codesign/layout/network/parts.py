"""The parts of a network as drawings: crossbars from their weights, everything else as transistor rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from codesign.circuits.block import Block, PlacedBlock
from codesign.circuits.crossbar import Crossbar
from codesign.circuits.gates import InputDriver, PhaseDriver
from codesign.circuits.network import Network
from codesign.circuits.synapse import SIGNS, Sign, synapse_block
from codesign.layout.cells.crossbar import CrossbarPlan, draw_crossbar
from codesign.layout.cells.resistor_crossbar import ResistorCrossbarPlan, draw_resistor_crossbar
from codesign.layout.cells.resistor_synapse import ResistorUnit
from codesign.layout.cells.row import channel_of, draw_rows, is_low_threshold, is_transistor
from codesign.layout.cells.synapse import Unit
from codesign.layout.cells.transistor import Channel
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Side
from codesign.layout.netlist import Device
from codesign.layout.schematic import flat_part, flat_schematic
from codesign.layout.technology import Technology

RAILS = ("vss", "vdd")

_DRIVERS = (InputDriver, PhaseDriver)
# Of each sign's unit cell: the channel of its transistors, their rail, and the port that switches it.
_SWITCHES: dict[Sign, tuple[Channel, str, str]] = {
    "positive": ("p", "vdd", "spike_b"),
    "negative": ("n", "vss", "spike"),
}
_DRIVERS_IN_A_ROW = 6


@dataclass(frozen=True)
class Part:
    """A drawing, and the network's net at each of its pins."""

    drawing: Drawing
    nets: dict[str, str]


_RAMP = "bias_ramp"
# Along the transistors of a neuron: what no other line may couple into lies beside a rail, a level that an outer
# source holds, or its own kind.
_BESIDE_RAILS: dict[Channel, tuple[str, ...]] = {
    "n": (_RAMP, "bias_tail", "threshold", "membrane", "reset_level"),
    "p": ("reset_level", "membrane", "ramp"),
}


def line_sides(placed: Sequence[PlacedBlock]) -> dict[str, Side]:
    """The membrane nets of a network in the order of its neurons, to the left and right in turn; ramps to the right.

    All other nets go to the left. The line of the ramps is apart, so that its capacitor shares a row with the tails'.
    """
    crossbars = [(part, part.block) for part in placed if isinstance(part.block, Crossbar)]
    sides = _in_turn([part.net_of[port] for part, crossbar in crossbars for port in crossbar.membranes])
    sides[_RAMP] = "right"
    return sides


def _in_turn(nets: Sequence[str]) -> dict[str, Side]:
    return {net: "right" if number % 2 else "left" for number, net in enumerate(nets)}


def network_parts(
    placed: Sequence[PlacedBlock], outside: tuple[str, ...], sides: dict[str, Side], technology: Technology
) -> Iterator[Part]:
    """The parts of a network in the order of its schematic, neighbouring drivers gathered in rows.

    Args:
        placed: the parts as blocks.
        outside: ports of the network.
        sides: the edge at which lines leave.
        technology: the rules.

    Raises:
        LayoutError: a part cannot be drawn.
    """
    cells: dict[Block, Drawing] = {}
    for number, group in enumerate(_grouped(placed), start=1):
        part = group[0]
        block, nets = part.block, part.net_of
        if isinstance(block, _DRIVERS):
            yield _driver_row(group, f"drivers_{number}", outside, technology)
            continue
        if block not in cells:
            at_port: dict[str, Side] = {port: sides[net] for port, net in nets.items() if net in sides}
            cells[block] = (
                _crossbar(block, at_port, technology)
                if isinstance(block, Crossbar)
                else _rows(block, at_port, technology)
            )
        yield Part(cells[block], nets)


def _grouped(placed: Sequence[PlacedBlock]) -> Iterator[list[PlacedBlock]]:
    group: list[PlacedBlock] = []
    for part in placed:
        driver = isinstance(part.block, _DRIVERS)
        if group and (not driver or len(group) == _DRIVERS_IN_A_ROW):
            yield group
            group = []
        if driver:
            group.append(part)
        else:
            yield [part]
    if group:
        yield group


def _driver_row(group: Sequence[PlacedBlock], name: str, outside: tuple[str, ...], technology: Technology) -> Part:
    """A row of drivers; the wires to the ports of the network, which end on gates alone, get antenna diodes."""
    nets = dict.fromkeys(net for part in group for net in part.nets)
    devices = [device for part in group for device in flat_part(part, technology.process)]
    ports = [net for net in nets if net not in RAILS]
    diodes = [net for net in ports if net in outside]
    return Part(draw_rows(name, devices, ports, (), technology, diodes=diodes).drawing, {net: net for net in nets})


def _rows(block: Block, sides: dict[str, Side], technology: Technology) -> Drawing:
    """The transistors of a block; a membrane comes out on both edges, so that all neurons are one cell."""
    transistors = [
        device for device in flat_schematic(block, technology.process).devices if is_transistor(device, technology)
    ]
    ports = [port for port in block.ports if port not in RAILS]
    right = [port for port in ports if port in sides]
    return draw_rows(block.name, transistors, ports, right, technology, beside_rails=_BESIDE_RAILS).drawing


def draw_crossbar_alone(network: Network, layer: int, technology: Technology) -> Drawing:
    """The crossbar of a layer by itself, its membranes to the left and right in turn.

    Raises:
        LayoutError: there is no such layer, or its crossbar cannot be drawn.
    """
    blocks = [part.block for part in network.schematic().parts]
    for block in blocks:
        if isinstance(block, Crossbar) and block.layer == layer:
            return _crossbar(block, _in_turn(block.membranes), technology)
    raise LayoutError(f"the network has no crossbar_{layer}; its layers count from 1")


def _crossbar(crossbar: Crossbar, sides: dict[str, Side], technology: Technology) -> Drawing:
    used = {"positive" if units > 0 else "negative" for column in crossbar.weights for units in column if units}
    units = {sign: _unit(synapse_block(crossbar.synapse, sign), sign, technology) for sign in SIGNS if sign in used}
    # A sign that no weight has takes the other one's sizes.
    some = next(
        iter(units.values()),
        Unit("p", technology.nm("channel width"), technology.nm("poly width"), technology.nm("poly width")),
    )
    positive = units.get("positive", replace(some, channel="p"))
    negative = units.get("negative", replace(some, channel="n"))
    membranes: list[Side] = [sides[port] for port in crossbar.membranes]
    if isinstance(positive, ResistorUnit) and isinstance(negative, ResistorUnit):
        spikes: list[Side] = [sides.get(port, "left") for port in crossbar.spikes]
        return draw_resistor_crossbar(
            ResistorCrossbarPlan(crossbar.name, crossbar.weights, positive, negative, membranes, spikes), technology
        )
    if isinstance(positive, Unit) and isinstance(negative, Unit):
        return draw_crossbar(CrossbarPlan(crossbar.name, crossbar.weights, positive, negative, membranes), technology)
    raise LayoutError(
        f"{crossbar.name} cannot be drawn: one sign's cell has a resistor, the other's none; make both of one kind"
    )


def _unit(synapse: Block, sign: Sign, technology: Technology) -> Unit | ResistorUnit:
    """The unit cell of a synapse: a transistor at a rail in series with another one or with a poly resistor."""
    channel, rail, spike = _SWITCHES[sign]
    devices = flat_schematic(synapse, technology.process).devices
    for device in devices:
        if (reason := _not_in_unit(device, channel, rail, technology)) is not None:
            raise _not_drawn(synapse, f"{device.name} {reason}")
    switches = [device for device in devices if is_transistor(device, technology) and rail in _ends(device, technology)]
    others = [device for device in devices if device not in switches]
    if len(switches) != 1 or len(others) != 1:
        raise _not_drawn(synapse, f"it has {len(switches)} transistors at {rail} and {len(others)} other devices")
    switch, other = switches[0], others[0]
    resistor = technology.process.role_of(other.model) == "poly_resistor"
    for device, gate in ((switch, spike),) if resistor else ((switch, spike), (other, "bias")):
        if device.nets[1] != gate:
            raise _not_drawn(synapse, f"the gate of {device.name} is on {device.nets[1]}, not on {gate}")
    if _ends(other, technology) != _ends(switch, technology) - {rail} | {"membrane"}:
        raise _not_drawn(synapse, f"{other.name} does not lead from {switch.name} to the membrane")
    width, length = round(switch.width * 1000), round(switch.length * 1000)
    other_width, other_length = round(other.width * 1000), round(other.length * 1000)
    if resistor:
        return ResistorUnit(channel, width, length, other_width, other_length)
    if other_width != width:
        raise _not_drawn(synapse, f"{switch.name} is {switch.width:g} um wide and {other.name} {other.width:g} um")
    return Unit(channel, width, length, other_length)


def _ends(device: Device, technology: Technology) -> set[str]:
    """The nets that a transistor or a resistor leads between."""
    return {device.nets[0], device.nets[2 if is_transistor(device, technology) else 1]}


def _not_in_unit(device: Device, channel: Channel, rail: str, technology: Technology) -> str | None:
    """Why no unit cell of that channel is drawn with a device, or None."""
    if device.count > 1:
        return f"stands {device.count} times in parallel"
    if technology.process.role_of(device.model) == "poly_resistor":
        return None
    fits = is_transistor(device, technology) and channel_of(device, technology) == channel
    if not fits or is_low_threshold(device, technology):
        return f"is a {device.model}, which no {channel}-channel unit cell is drawn of"
    return None if device.nets[3] == rail else f"has its bulk on {device.nets[3]}, not on {rail}"


def _not_drawn(synapse: Block, reason: str) -> LayoutError:
    return LayoutError(
        f"the synapse {synapse.name} cannot be drawn: {reason}; draw it by hand, or make it of two equally wide "
        "transistors, or of a transistor and a poly resistor, in series from a rail to the membrane"
    )
