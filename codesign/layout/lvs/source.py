"""The netlist that a layout was drawn from, as other programs for layout against schematic read it."""

from codesign.layout.netlist import FlatNetlist


def lvs_source(flat: FlatNetlist, prefix: str) -> str:
    """One flat subcircuit with a literal number for every parameter and one multiplier, `m`; sizes in um.

    Args:
        flat: the devices.
        prefix: of the process's devices.
    """
    devices = (
        f"X{device.name} {' '.join(device.nets)} {prefix}{device.model} w={device.width:.9g} l={device.length:.9g} "
        f"m={device.count}"
        for device in flat.devices
    )
    return "\n".join([f".subckt {flat.name} {' '.join(flat.ports)}", *devices, ".ends", ""])
