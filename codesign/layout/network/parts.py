"""The parts of a network's netlist as drawings: crossbars from their weights, everything else as transistor rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from codesign.layout.cells.crossbar import CrossbarPlan, Side, draw_crossbar
from codesign.layout.cells.resistor_synapse import ResistorUnit
from codesign.layout.cells.row import draw_rows, is_transistor
from codesign.layout.cells.synapse import Unit
from codesign.layout.cells.transistor import Channel
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.netlist import Device, Element, Subcircuit, flatten
from codesign.layout.technology import Technology

RAILS = ("vss", "vdd")

_SOURCE = "the netlist"
_CROSSBAR, _DRIVER, _MEMBRANE = "crossbar_", "_driver", "membrane_"
_RESISTOR = "res_xhigh_po"
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


def line_sides(subcircuits: dict[str, Subcircuit], network: Subcircuit) -> dict[str, Side]:
    """The membrane nets of a network in the order of its neurons, to the left and right in turn; ramps to the right.

    All other nets go to the left. The line of the ramps is apart, so that its capacitor shares a row with the tails'.
    """
    membranes = [
        net
        for element in network.elements
        if element.model.startswith(_CROSSBAR)
        for port, net in zip(subcircuits[element.model].ports, element.nets, strict=True)
        if port.startswith(_MEMBRANE)
    ]
    sides: dict[str, Side] = {net: "right" if number % 2 else "left" for number, net in enumerate(membranes)}
    sides[_RAMP] = "right"
    return sides


def network_parts(
    subcircuits: dict[str, Subcircuit], network: Subcircuit, sides: dict[str, Side], technology: Technology
) -> Iterator[Part]:
    """The parts of a network in the order of its netlist, neighbouring drivers gathered in rows.

    Raises:
        LayoutError: a part cannot be drawn.
    """
    cells: dict[str, Drawing] = {}
    for number, elements in enumerate(_grouped(network.elements), start=1):
        element = elements[0]
        if len(elements) > 1 or element.model.endswith(_DRIVER):
            yield _driver_row(subcircuits, elements, f"drivers_{number}", network.ports, technology)
            continue
        circuit = subcircuits[element.model]
        nets = dict(zip(circuit.ports, element.nets, strict=True))
        if circuit.name not in cells:
            cells[circuit.name] = (
                _crossbar(subcircuits, circuit, nets, sides, technology)
                if circuit.name.startswith(_CROSSBAR)
                else _rows(subcircuits, circuit, nets, sides, technology)
            )
        yield Part(cells[circuit.name], nets)


def _grouped(elements: list[Element]) -> Iterator[list[Element]]:
    group: list[Element] = []
    for element in elements:
        driver = element.model.endswith(_DRIVER)
        if group and (not driver or len(group) == _DRIVERS_IN_A_ROW):
            yield group
            group = []
        if driver:
            group.append(element)
        else:
            yield [element]
    if group:
        yield group


def _driver_row(
    subcircuits: dict[str, Subcircuit],
    elements: list[Element],
    name: str,
    outside: tuple[str, ...],
    technology: Technology,
) -> Part:
    """A row of drivers; the wires to the ports of the network, which end on gates alone, get antenna diodes."""
    nets = dict.fromkeys(net for element in elements for net in element.nets)
    row = Subcircuit(name, tuple(nets), {}, elements)
    flat = flatten({**subcircuits, name: row}, name, _SOURCE)
    ports = [net for net in nets if net not in RAILS]
    diodes = [net for net in ports if net in outside]
    return Part(draw_rows(name, flat.devices, ports, (), technology, diodes=diodes).drawing, {net: net for net in nets})


def _rows(
    subcircuits: dict[str, Subcircuit],
    circuit: Subcircuit,
    nets: dict[str, str],
    sides: dict[str, Side],
    technology: Technology,
) -> Drawing:
    """The transistors of a block; a membrane comes out on both edges, so that all neurons are one cell."""
    flat = flatten(subcircuits, circuit.name, _SOURCE)
    transistors = [device for device in flat.devices if is_transistor(device)]
    ports = [port for port in circuit.ports if port not in RAILS]
    right = [port for port in ports if nets[port] in sides]
    return draw_rows(circuit.name, transistors, ports, right, technology, beside_rails=_BESIDE_RAILS).drawing


def draw_crossbar_alone(subcircuits: dict[str, Subcircuit], name: str, technology: Technology) -> Drawing:
    """The crossbar called `name` by itself, its membranes to the left and right in turn.

    Raises:
        LayoutError: there is no such crossbar, or it cannot be drawn.
    """
    circuit = subcircuits.get(name)
    if circuit is None:
        raise LayoutError(f"the network has no {name}; its layers count from 1")
    columns = [port for port in circuit.ports if port.startswith(_MEMBRANE)]
    sides: dict[str, Side] = {net: "right" if number % 2 else "left" for number, net in enumerate(columns)}
    return _crossbar(subcircuits, circuit, {port: port for port in circuit.ports}, sides, technology)


def _crossbar(
    subcircuits: dict[str, Subcircuit],
    circuit: Subcircuit,
    nets: dict[str, str],
    sides: dict[str, Side],
    technology: Technology,
) -> Drawing:
    columns = [port for port in circuit.ports if port.startswith(_MEMBRANE)]
    rows = [port for port in circuit.ports if port.startswith("spike_") and not port.startswith("spike_b_")]
    weights = [[0] * len(rows) for _ in columns]
    units: dict[str, Unit | ResistorUnit] = {}
    for element in circuit.elements:
        synapse = subcircuits[element.model]
        unit = units.get(synapse.name) or _unit(subcircuits, synapse)
        units[synapse.name] = unit
        at = dict(zip(synapse.ports, element.nets, strict=True))
        count = int(element.parameters.get("units", "1"))
        weights[columns.index(at["membrane"])][rows.index(at["spike"])] = count if unit.channel == "p" else -count
    found = {unit.channel: unit for unit in units.values()}
    some = next(
        iter(found.values()), Unit("p", technology.nm("difftap.2"), technology.nm("poly.1a"), technology.nm("poly.1a"))
    )
    plan = CrossbarPlan(
        name=circuit.name,
        weights=weights,
        positive=found.get("p", replace(some, channel="p")),
        negative=found.get("n", replace(some, channel="n")),
        membrane_sides=[sides[nets[column]] for column in columns],
    )
    return draw_crossbar(plan, technology)


def _unit(subcircuits: dict[str, Subcircuit], synapse: Subcircuit) -> Unit | ResistorUnit:
    """The unit cell of a synapse: a transistor at a rail in series with another one or with a poly resistor."""
    devices = flatten(subcircuits, synapse.name, _SOURCE).devices
    at_rail = [device for device in devices if is_transistor(device) and _touches_rail(device)]
    others = [device for device in devices if device not in at_rail]
    if len(at_rail) != 1 or len(others) != 1:
        raise _not_drawn(synapse)
    switch, other = at_rail[0], others[0]
    channel = "p" if switch.model.startswith("p") else "n"
    width, length = round(switch.width * 1000), round(switch.length * 1000)
    other_width, other_length = round(other.width * 1000), round(other.length * 1000)
    if other.model == _RESISTOR:
        return ResistorUnit(channel, width, length, other_width, other_length)
    if not is_transistor(other) or other_width != width:
        raise _not_drawn(synapse)
    return Unit(channel, width, length, other_length)


def _not_drawn(synapse: Subcircuit) -> LayoutError:
    return LayoutError(
        f"the synapse {synapse.name} is neither two equally wide transistors in series from a rail to the membrane nor "
        "a transistor and a poly resistor; only those unit cells are drawn, so draw this one by hand"
    )


def _touches_rail(device: Device) -> bool:
    drain, _gate, source, _bulk = device.nets
    return drain in RAILS or source in RAILS
