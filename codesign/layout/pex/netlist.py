"""The extracted netlist: drawn devices, wire capacitances, and resistances along spike and membrane lines."""

import time
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from codesign.circuits.chip import Chip
from codesign.circuits.flat import deviate_parameters
from codesign.layout.cells.row import is_transistor, transistor_of
from codesign.layout.cells.transistor import Transistor, contact_length
from codesign.layout.lvs.compare import Junctions, Match
from codesign.layout.netlist import Device, FlatNetlist
from codesign.layout.pex.capacitance import WHOLE_COUPLING, Capacitances, Coupling, wire_capacitances
from codesign.layout.pex.klayout_pex import flat_name
from codesign.layout.pex.matched import MatchedLayout, read_matched
from codesign.layout.pex.resistance import resistor_network
from codesign.layout.technology import Technology, load_technology

_LEAST_CAPACITANCE = 1e-18
_LEAST_RESISTANCE = 1e-3


@dataclass(frozen=True)
class PexReport:
    """An extracted netlist.

    Attributes:
        netlist: the `.subckt`, with the name and ports of the schematic's: it takes its place in any testbench.
        capacitances: F by pair of nets.
        line_resistances: sum of the resistors of each spike and membrane line, ohm.
        seconds: wall time.
    """

    netlist: str
    capacitances: Capacitances
    line_resistances: dict[str, float]
    seconds: float


def extract_files(gds_path: Path, spice_path: Path, coupling: Coupling = WHOLE_COUPLING) -> PexReport:
    """Extract the parasitics of a layout that matches its netlist.

    Args:
        gds_path: the layout.
        spice_path: the netlist with a subcircuit called as its top cell.
        coupling: of neighbours on one layer.

    Raises:
        LayoutError: a file cannot be read, or layout and netlist are not the same circuit.
    """
    start = time.perf_counter()
    report = extract_matched(read_matched(gds_path, spice_path, load_technology()), coupling)
    return replace(report, seconds=time.perf_counter() - start)


def extract_matched(matched: MatchedLayout, coupling: Coupling = WHOLE_COUPLING, chip: Chip | None = None) -> PexReport:
    """Extract the parasitics of a layout together with the netlist that it matches.

    Args:
        matched: both.
        coupling: of neighbours on one layer.
        chip: where given, the devices of the netlist deviate as they do on that chip.
    """
    start = time.perf_counter()
    technology = matched.technology
    capacitances = wire_capacitances(matched.match.extracted, matched.nets, matched.substrate, technology, coupling)
    lines = _Lines(matched.match, matched.flat, technology)
    return PexReport(
        netlist=_compose(matched, capacitances, lines, chip),
        capacitances=capacitances,
        line_resistances={net: sum(r for _a, _b, r in resistors) for net, resistors in lines.resistors.items()},
        seconds=time.perf_counter() - start,
    )


class _Lines:
    """The resistor networks of the spike and membrane lines, and the node at which each device terminal hangs."""

    def __init__(self, match: Match, flat: FlatNetlist, technology: Technology) -> None:
        self.resistors: dict[str, list[tuple[str, str, float]]] = {}
        self._last: dict[str, str] = {}
        self._at: dict[tuple[str, str], str] = {}
        hanging: dict[str, list[Device]] = defaultdict(list)
        for device in flat.devices:
            for net in dict.fromkeys(device.nets):
                if net in flat.lines.nets:
                    hanging[net].append(device)
        by_name = {
            match.nets[net.cluster_id]: net
            for net in match.extracted.circuit.each_net()
            if net.cluster_id in match.nets
        }
        for net, devices in hanging.items():
            # The root is where the driver or the neuron hangs on.
            devices = sorted(devices, key=lambda device: device.name in flat.lines.synapses)
            placed = [
                (device, match.devices[name]) for device in devices if (name := _matched(match, device)) is not None
            ]
            if not placed or net not in by_name:
                continue
            network = resistor_network(match.extracted, by_name[net], [place for _device, place in placed], technology)
            if network is None:
                continue
            nodes = {node for first, second, _resistance in network.resistors for node in (first, second)}
            names = {node: f"{flat_name(net)}__{node}" if node else net for node in sorted(nodes)}
            self.resistors[net] = [
                (names[a], names[b], max(resistance, _LEAST_RESISTANCE)) for a, b, resistance in network.resistors
            ]
            self._last[net] = names[network.ports[-1]]
            for (device, _place), port in zip(placed, network.ports, strict=True):
                self._at[net, device.name] = names.get(port, net)

    def ends(self, net: str) -> tuple[str, ...]:
        """The first and the last node of a line, or the net itself."""
        return (net, self._last[net]) if net in self._last else (net,)

    def node(self, net: str, device: str) -> str:
        """The node of `net` at which a device hangs."""
        return self._at.get((net, device), net)


def _matched(match: Match, device: Device) -> str | None:
    return next((name for name in (device.name, f"{device.name}#1") if name in match.devices), None)


def _compose(matched: MatchedLayout, capacitances: Capacitances, lines: _Lines, chip: Chip | None) -> str:
    flat, match, technology = matched.flat, matched.match, matched.technology
    text = [
        f"* {flat.name}: extracted from its layout: devices as drawn, wire capacitances, resistances along lines",
        f"* ports: {' '.join(flat.ports)}",
        f".subckt {flat.name} {' '.join(flat.ports)}",
        *(
            _on_chip(_device_line(device, match, lines, technology), device, technology, chip)
            for device in flat.devices
        ),
    ]
    number = 0
    for resistors in lines.resistors.values():
        for first, second, resistance in resistors:
            number += 1
            text.append(f"Rwire{number} {flat_name(first)} {flat_name(second)} {resistance:.6g}")
    number = 0
    for (first, second), capacitance in sorted(capacitances.items()):
        if capacitance < _LEAST_CAPACITANCE:
            continue
        # A line's capacitance lies along it: half at its root, half at its far end.
        ends = [(a, b) for a in lines.ends(first) for b in lines.ends(second)]
        for a, b in ends:
            number += 1
            text.append(f"Cwire{number} {flat_name(a)} {flat_name(b)} {capacitance / len(ends):.6g}")
    return "\n".join([*text, f".ends {flat.name}"]) + "\n"


def _on_chip(line: str, device: Device, technology: Technology, chip: Chip | None) -> str:
    """The line of a device with its deviates, which parallel fingers share."""
    if chip is None:
        return line
    count = technology.process.devices.deviate_count(device.model)
    return " ".join([line, *deviate_parameters(chip.deviates(device.name, count))])


def _device_line(device: Device, match: Match, lines: _Lines, technology: Technology) -> str:
    nets = " ".join(flat_name(lines.node(net, device.name)) for net in device.nets)
    name = f"X{flat_name(device.name)} {nets} {technology.process.devices.prefix}{device.model}"
    if not is_transistor(device, technology):
        return f"{name} w={device.width:g} l={device.length:g} m={device.count} mult={device.count}"
    drawn = transistor_of(device, technology)
    width = drawn.width / 1000
    one = match.junctions.get(_matched(match, device) or "", _shared_junctions(drawn, technology))
    sizes = (one.drain_area, one.drain_perimeter, one.source_area, one.source_perimeter)
    junctions = " ".join(f"{key}={width * size:.6g}" for key, size in zip(("ad", "pd", "as", "ps"), sizes, strict=True))
    return f"{name} w={width:g} l={device.length:g} {junctions} m={drawn.fingers} mult={drawn.fingers}"


def _shared_junctions(drawn: Transistor, technology: Technology) -> Junctions:
    """For a transistor that LVS combined with another one: its fingers side by side."""
    width, contact = drawn.width / 1000, contact_length(technology) / 1000
    perimeter = 2 * (contact + width) / width
    drain, source = ((drawn.fingers + 1) // 2 / drawn.fingers, (drawn.fingers // 2 + 1) / drawn.fingers)
    return Junctions(drain * contact, drain * perimeter, source * contact, source * perimeter)
