"""The parts of a network as drawings: crossbars from their weights, everything else as transistor rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from codesign.circuits.autozero import AutozeroNeuron, RampLine
from codesign.circuits.bias import BiasGenerator
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
from codesign.layout.network.neurons import draw_neuron, neuron_row
from codesign.layout.network.part import RAILS, Part
from codesign.layout.schematic import flat_part, flat_schematic
from codesign.layout.technology import Technology

_DRIVERS = (InputDriver, PhaseDriver)
# Of each sign's unit cell: the channel of its transistors, their rail, and the port that switches it.
_SWITCHES: dict[Sign, tuple[Channel, str, str]] = {
    "positive": ("p", "vdd", "spike_b"),
    "negative": ("n", "vss", "spike"),
}
_DRIVERS_IN_A_ROW = 6


_RAMP = "bias_ramp"
# Along the transistors of a neuron: what no other line may couple into lies beside a rail, a level that an outer
# source holds, or its own kind.
_BESIDE_RAILS: dict[Channel, tuple[str, ...]] = {
    "n": (_RAMP, "bias_tail", "threshold", "membrane", "reset_level"),
    "p": ("reset_level", "membrane", "ramp"),
}


def line_sides(placed: Sequence[PlacedBlock]) -> dict[str, Side]:
    """The membrane nets of a network in the order of its neurons, to the left and right in turn; ramps to the right.

    Neurons that stand in pairs have their spikes on their membrane's side. All other nets go to the left. The line of
    the ramps is apart, so that its capacitor shares a row with the tails'.
    """
    sides = _in_turn(membrane_nets(placed))
    sides[_RAMP] = "right"
    for part in placed:
        if isinstance(part.block, AutozeroNeuron):
            nets = part.net_of
            sides |= {nets[port]: sides[nets["membrane"]] for port in ("spike", "spike_b")}
    return sides


def membrane_nets(placed: Sequence[PlacedBlock]) -> list[str]:
    """The membranes of a network in the order of its neurons."""
    crossbars = [(part, part.block) for part in placed if isinstance(part.block, Crossbar)]
    return [part.net_of[port] for part, crossbar in crossbars for port in crossbar.membranes]


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
        part = group[-1]
        block, nets = part.block, part.net_of
        if any(isinstance(one.block, _DRIVERS) for one in group):
            yield _driver_row(group, f"drivers_{number}", outside, sides, technology)
            continue
        if isinstance(block, AutozeroNeuron):
            if block not in cells:
                cells[block] = draw_neuron(block, _transistors(block, technology), technology)
            yield neuron_row(cells[block], {sides[one.net_of["membrane"]]: one for one in group})
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
    """What stands in one row: neighbouring drivers, also beside a plain bias generator or a ramp; two neurons."""
    group: list[PlacedBlock] = []
    for part in placed:
        if group and not _share_a_row(group, part):
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _share_a_row(group: Sequence[PlacedBlock], part: PlacedBlock) -> bool:
    before, block = group[-1].block, part.block
    if isinstance(block, _DRIVERS):
        plain = isinstance(before, BiasGenerator) and not before.synapse.biased
        return plain or (isinstance(before, _DRIVERS) and len(group) < _DRIVERS_IN_A_ROW)
    if isinstance(block, RampLine):
        return isinstance(before, _DRIVERS)
    return isinstance(block, AutozeroNeuron) and isinstance(before, AutozeroNeuron) and len(group) == 1


def _driver_row(
    group: Sequence[PlacedBlock], name: str, outside: tuple[str, ...], sides: dict[str, Side], technology: Technology
) -> Part:
    """A row with drivers; their wires to the ports of the network, which end on gates alone, get antenna diodes."""
    nets = dict.fromkeys(net for part in group for net in part.nets)
    devices = [device for part in group for device in flat_part(part, technology.process)]
    transistors = [device for device in devices if is_transistor(device, technology)]
    ports = [net for net in nets if net not in RAILS]
    driven = {net for part in group if isinstance(part.block, _DRIVERS) for net in part.nets}
    diodes = [net for net in ports if net in outside and net in driven for _ in range(2)]
    right = [net for net in ports if sides.get(net) == "right"]
    # Beside drivers the line of every mirror and that of a ramp must be as quiet as the others.
    lines = tuple(part.net_of["line"] for part in group if isinstance(part.block, RampLine))
    beside_rails: dict[Channel, tuple[str, ...]] = {
        "n": ("reference", *lines, *_BESIDE_RAILS["n"]),
        "p": (*lines, "threshold", "reset_level"),
    }
    row = draw_rows(name, transistors, ports, right, technology, beside_rails=beside_rails, diodes=diodes)
    return Part(row.drawing, {net: net for net in nets})


def _rows(block: Block, sides: dict[str, Side], technology: Technology) -> Drawing:
    """The transistors of a block; a membrane comes out on both edges, so that all neurons are one cell."""
    ports = [port for port in block.ports if port not in RAILS]
    right = [port for port in ports if port in sides]
    transistors = _transistors(block, technology)
    return draw_rows(block.name, transistors, ports, right, technology, beside_rails=_BESIDE_RAILS).drawing


def _transistors(block: Block, technology: Technology) -> list[Device]:
    devices = flat_schematic(block, technology.process).devices
    return [device for device in devices if is_transistor(device, technology)]


def draw_crossbar_alone(network: Network, layer: int, technology: Technology) -> Drawing:
    """The crossbar of a layer by itself, its membranes to the left and right in turn.

    Raises:
        LayoutError: there is no such layer, or its crossbar cannot be drawn.
    """
    block = crossbar_of(network, layer)
    return _crossbar(block, _in_turn(block.membranes), technology)


def crossbar_of(network: Network, layer: int) -> Crossbar:
    """The crossbar of a layer.

    Raises:
        LayoutError: there is no such layer.
    """
    for part in network.schematic().parts:
        if isinstance(part.block, Crossbar) and part.block.layer == layer:
            return part.block
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
