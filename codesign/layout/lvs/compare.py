"""The comparison, and a report in words that name nets and devices."""

import time
from dataclasses import dataclass
from pathlib import Path

import klayout.db as db

from codesign.layout.errors import LayoutError
from codesign.layout.gds import GdsFile, first_off_grid, read_gds
from codesign.layout.lvs.classes import DeviceKind, device_kinds
from codesign.layout.lvs.extract import ExtractedLayout, JunctionKey, extract_layout, junction_key
from codesign.layout.lvs.reference import reference_netlist
from codesign.layout.netlist import FlatNetlist, read_netlist
from codesign.layout.technology import Technology, load_technology

_MESSAGES_SHOWN = 50


@dataclass(frozen=True)
class Junctions:
    """The drawn drain and source of a transistor for each um of its width: areas in um2, perimeters in um."""

    drain_area: float
    drain_perimeter: float
    source_area: float
    source_perimeter: float


@dataclass(frozen=True)
class Match:
    """A comparison with what it found to be the same.

    Attributes:
        extracted: the layout side.
        messages: what differs; empty for a match.
        nets: schematic net by the cluster id of the layout's net.
        devices: schematic device (the first of those that combine) and where the layout has it, um.
        junctions: of the schematic's transistors as drawn, by the same names.
    """

    extracted: ExtractedLayout
    messages: tuple[str, ...]
    nets: dict[int, str]
    devices: dict[str, tuple[float, float]]
    junctions: dict[str, Junctions]


@dataclass(frozen=True)
class LvsReport:
    """The result of a comparison.

    Attributes:
        cell: name of the cell.
        match: whether layout and schematic are the same circuit.
        messages: what differs, each naming a net or a device.
        devices: number of schematic devices by model, parallel ones counted.
        nets: number of schematic nets.
        seconds: wall time.
    """

    cell: str
    match: bool
    messages: tuple[str, ...]
    devices: dict[str, int]
    nets: int
    seconds: float


def compare_files(gds_path: Path, spice_path: Path) -> LvsReport:
    """Compare the top cell of a GDS file with the subcircuit of the same name in a SPICE file.

    Raises:
        LayoutError: a file cannot be read or understood, the subcircuit is not there, or shapes are off the grid.
    """
    technology = load_technology()
    gds = read_gds(gds_path, technology)
    return compare_layout(gds, read_netlist(spice_path, gds.top.name, technology.process.devices.prefix), technology)


def compare_layout(gds: GdsFile, flat: FlatNetlist, technology: Technology) -> LvsReport:
    """Compare a layout with a flat netlist.

    Raises:
        LayoutError: shapes are off the manufacturing grid, or the netlist has a device that no layout is drawn for.
    """
    start = time.perf_counter()
    match = match_layout(gds, flat, technology)
    counts: dict[str, int] = {}
    for device in flat.devices:
        counts[device.model] = counts.get(device.model, 0) + device.count
    nets = len({net for device in flat.devices for net in device.nets} | set(flat.ports))
    return LvsReport(
        cell=gds.top.name,
        match=not match.messages,
        messages=match.messages,
        devices=counts,
        nets=nets,
        seconds=time.perf_counter() - start,
    )


def match_layout(gds: GdsFile, flat: FlatNetlist, technology: Technology) -> Match:
    """Compare a layout with a flat netlist and tell which nets and devices are the same.

    Raises:
        LayoutError: shapes are off the manufacturing grid, or the netlist has a device that no layout is drawn for.
    """
    off_grid = first_off_grid(gds, technology)
    if off_grid:
        raise LayoutError(f"{gds.path} has shapes off the grid ({off_grid}): no size can be judged; run drc first")
    reference = reference_netlist(flat, technology.process)
    schematic = reference.circuit_by_name(flat.name.upper())
    extracted = extract_layout(gds, technology)
    extracted.circuit.name = flat.name.upper()
    reference.combine_devices()
    messages = _label_problems(extracted.circuit, flat)
    if messages:
        return Match(extracted, tuple(messages), {}, {}, {})
    logger = _Logger(device_kinds(technology.process))
    messages = _compare(extracted.database.netlist(), extracted.circuit, reference, schematic, flat, logger)
    return Match(extracted, tuple(messages), logger.nets, logger.devices, logger.junctions(extracted.junctions))


def net_labels(net: db.Net) -> list[str]:
    """The labels on a net of a layout, in lower case."""
    return list(dict.fromkeys(label for label in net.name.lower().split(",") if label))


def _label_problems(circuit: db.Circuit, flat: FlatNetlist) -> list[str]:
    """Shorts, opens and missing labels of ports, found by the labels alone; other labels bind nothing."""
    problems: list[str] = []
    found: dict[str, int] = {}
    for net in circuit.each_net():
        labels = net_labels(net)
        ports = [label for label in labels if label in flat.ports]
        if len(ports) > 1:
            problems.append(f"nets {' and '.join(ports)} are shorted in the layout")
        for label in labels:
            found[label] = found.get(label, 0) + 1
    missing = [port for port in flat.connected_ports if port not in found]
    problems += [f"port {port} has no label on a conductor of the layout" for port in missing]
    problems += [
        f"net {port} is open: its label is on {found[port]} separate nets of the layout"
        for port in flat.ports
        if found.get(port, 0) > 1
    ]
    if missing:
        problems += [f"label {label} of the layout is no port" for label in found if label not in flat.ports]
    return problems


class _Logger(db.GenericNetlistCompareLogger):
    """Collects what the comparer cannot match, in words."""

    def __init__(self, kinds: dict[str, DeviceKind]) -> None:
        super().__init__()
        self._kinds = kinds
        self.messages: list[str] = []
        self.nets: dict[int, str] = {}
        self.devices: dict[str, tuple[float, float]] = {}
        self._transistors: list[tuple[db.Device, db.Device]] = []

    def match_nets(self, a: db.Net, b: db.Net) -> None:
        self.nets[a.cluster_id] = b.name

    def match_ambiguous_nets(self, a: db.Net, b: db.Net, message: str = "") -> None:
        self.nets[a.cluster_id] = b.name

    def match_devices(self, a: db.Device, b: db.Device) -> None:
        place = a.trans.disp
        self.devices[b.name] = (place.x, place.y)
        if self._kinds[b.device_class().name].is_transistor:
            self._transistors.append((a, b))

    def junctions(self, drawn: dict[JunctionKey, tuple[float, float]]) -> dict[str, Junctions]:
        """Drains and sources as drawn, those of the layout named as in the schematic."""
        found: dict[str, Junctions] = {}
        for device, schematic in self._transistors:
            width = device.parameter("W")
            same = self.nets.get(device.net_for_terminal("D").cluster_id) == schematic.net_for_terminal("D").name
            ends = [drawn[junction_key(device, end)] for end in ("DS" if same else "SD")]
            found[schematic.name] = Junctions(*(size / width for sizes in ends for size in sizes))
        return found

    def net_mismatch(self, a: db.Net | None, b: db.Net | None, message: str = "") -> None:
        self.messages.append(f"net mismatch: layout {_net_text(a)}, schematic {_net_text(b)}")

    def device_mismatch(self, a: db.Device | None, b: db.Device | None, message: str = "") -> None:
        self.messages.append(f"device mismatch: layout {self._text(a)}, schematic {self._text(b)}")

    def match_devices_with_different_parameters(self, a: db.Device, b: db.Device) -> None:
        self.messages.append(f"size mismatch: layout {self._text(a)}, schematic {self._text(b)}")

    def match_devices_with_different_device_classes(self, a: db.Device, b: db.Device) -> None:
        self.messages.append(f"kind mismatch: layout {self._text(a)}, schematic {self._text(b)}")

    def pin_mismatch(self, a: db.Pin | None, b: db.Pin | None, message: str = "") -> None:
        names = [pin.name() if pin is not None else "none" for pin in (a, b)]
        self.messages.append(f"port mismatch: layout {names[0]}, schematic {names[1]}")

    def _text(self, device: db.Device | None) -> str:
        if device is None:
            return "none"
        kind = self._kinds[device.device_class().name]
        sizes = " ".join(f"{name}={device.parameter(name):.4g}" for name in kind.tolerances)
        nets = " ".join(_terminal_net(device, terminal) for terminal in kind.terminals)
        return f"{_device_name(device)} [{kind.model} {sizes}; {nets}]"


def _net_text(net: db.Net | None) -> str:
    if net is None:
        return "none"
    name = net.name.lower() or f"an unlabelled net with {net.terminal_count()} terminals"
    devices = sorted({_device_name(reference.device()) for reference in net.each_terminal()})
    return f"{name} ({', '.join(devices[:3])}{', ...' if len(devices) > 3 else ''})" if devices else name


def _device_name(device: db.Device) -> str:
    if device.name:
        return device.name.lower()
    place = device.trans.disp
    return f"{device.device_class().name} at {place.x:.2f}, {place.y:.2f} um"


def _terminal_net(device: db.Device, terminal: str) -> str:
    net = device.net_for_terminal(terminal)
    return (net.name.lower() or "?") if net else "open"


def _compare(
    layout: db.Netlist,
    circuit: db.Circuit,
    reference: db.Netlist,
    schematic: db.Circuit,
    flat: FlatNetlist,
    logger: _Logger,
) -> list[str]:
    layout.make_top_level_pins()
    comparer = db.NetlistComparer(logger)
    comparer.same_circuits(circuit, schematic)
    # Inner nets have no names in the layout: names must not guide the search, except for the ports, which must agree.
    comparer.dont_consider_net_names = True
    by_label = {label: net for net in circuit.each_net() for label in net_labels(net)}
    for port in flat.connected_ports:
        comparer.same_nets(circuit, schematic, by_label[port], schematic.net_by_name(port), True)
    match = comparer.compare(layout, reference)
    if match:
        return []
    messages = list(dict.fromkeys(logger.messages))[:_MESSAGES_SHOWN]
    return messages or ["the netlists differ in their device classes or pins"]
