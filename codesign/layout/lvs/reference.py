"""The schematic side: a flat netlist as a KLayout netlist."""

import klayout.db as db

from codesign.layout.errors import LayoutError
from codesign.layout.lvs.classes import DeviceKind, device_kinds, new_class
from codesign.layout.netlist import Device, FlatNetlist
from codesign.pdk.technology import Technology


def reference_netlist(flat: FlatNetlist, process: Technology) -> db.Netlist:
    """The devices of `flat`, each as often as its count, in one circuit with its ports as pins.

    Raises:
        LayoutError: a device is of a kind that no layout is drawn for, or has the wrong number of nets.
    """
    netlist, kinds = db.Netlist(), device_kinds(process)
    classes: dict[str, db.DeviceClass] = {}
    circuit = db.Circuit()
    circuit.name = flat.name.upper()
    netlist.add(circuit)
    nets: dict[str, db.Net] = {}

    def net(name: str) -> db.Net:
        if name not in nets:
            nets[name] = circuit.create_net(name)
        return nets[name]

    for port in flat.connected_ports:
        circuit.connect_pin(circuit.create_pin(port), net(port))
    for device in flat.devices:
        kind = kinds.get(device.model)
        if kind is None:
            raise LayoutError(f"{device.name} is a {device.model}; LVS knows {', '.join(kinds)}")
        if len(device.nets) != len(kind.terminals):
            raise LayoutError(
                f"{device.name} has {len(device.nets)} nets, a {device.model} has {len(kind.terminals)} terminals"
            )
        if device.model not in classes:
            classes[device.model] = new_class(kind)
            netlist.add(classes[device.model])
        for copy in range(device.count):
            name = device.name if device.count == 1 else f"{device.name}#{copy + 1}"
            made = circuit.create_device(classes[device.model], name)
            for terminal, terminal_net in zip(kind.terminals, device.nets, strict=True):
                made.connect_terminal(terminal, net(terminal_net))
            _set_parameters(made, device, kind)
    return netlist


def _set_parameters(made: db.Device, device: Device, kind: DeviceKind) -> None:
    if kind.role == "mim_capacitor":
        made.set_parameter("A", device.width * device.length)
        made.set_parameter("P", 2 * (device.width + device.length))
    else:
        made.set_parameter("W", device.width)
        made.set_parameter("L", device.length)
