"""The extracted devices of a layout as a flat netlist, for other programs to compare."""

import klayout.db as db

from codesign.layout.gds import GdsFile
from codesign.layout.lvs.classes import DeviceKind, device_kinds
from codesign.layout.lvs.extract import extract_layout
from codesign.layout.netlist import Device, FlatNetlist, Lines
from codesign.layout.technology import Technology


def extracted_netlist(gds: GdsFile, technology: Technology) -> FlatNetlist:
    """Extract a layout: its ports are its labelled nets, sizes are in um."""
    extracted = extract_layout(gds, technology)
    kinds = device_kinds(technology.process)
    names = {net.cluster_id: net.name.lower().split(",")[0] for net in extracted.circuit.each_net()}
    ports = tuple(name for name in names.values() if name)

    def device(found: db.Device) -> Device:
        kind = kinds[found.device_class().name]
        nets = tuple(
            names[net.cluster_id] or f"n{net.cluster_id}" for net in map(found.net_for_terminal, kind.terminals)
        )
        width, length = _size(found, kind)
        return Device(f"x{found.id()}", kind.model, nets, width, length, 1)

    devices = tuple(map(device, extracted.circuit.each_device()))
    return FlatNetlist(gds.top.name, ports, devices, Lines(frozenset(), frozenset()))


def _size(device: db.Device, kind: DeviceKind) -> tuple[float, float]:
    """Width and length, um; of a capacitor the sides of a rectangle of its area and perimeter, the longer first."""
    if kind.role != "mim_capacitor":
        return device.parameter("W"), device.parameter("L")
    area, half = device.parameter("A"), device.parameter("P") / 2
    longer = half / 2 + max(0.0, half**2 / 4 - area) ** 0.5
    return longer, area / longer
