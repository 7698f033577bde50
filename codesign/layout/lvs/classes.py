"""The device classes that layout and schematic share, and which of their parameters must agree."""

from dataclasses import dataclass
from functools import reduce
from typing import get_args

import klayout.db as db

from codesign.pdk.technology import MosfetRole, Role, Technology

# A tenth of the manufacturing grid, um; parameters that are sums or areas keep rounding well below it.
_LENGTH_TOLERANCE = 0.0005
_AREA_TOLERANCE = 0.005


@dataclass(frozen=True)
class DeviceKind:
    """One kind of device.

    Attributes:
        role: what it is for.
        model: the process's name without the prefix, which is the name of its class.
        terminals: KLayout terminal names in the order of the SPICE nets.
        tolerances: compared parameters and their absolute tolerance (um, um2).
    """

    role: Role
    model: str
    terminals: tuple[str, ...]
    tolerances: dict[str, float]

    @property
    def is_transistor(self) -> bool:
        """Whether it is a transistor of either channel."""
        return self.role in get_args(MosfetRole)


def device_kinds(process: Technology) -> dict[str, DeviceKind]:
    """The kinds of devices that layouts are drawn with, by the process's name without the prefix."""
    lengths = {"W": _LENGTH_TOLERANCE, "L": _LENGTH_TOLERANCE}
    transistors: tuple[MosfetRole, ...] = get_args(MosfetRole)
    kinds = [DeviceKind(role, process.device(role), ("D", "G", "S", "B"), lengths) for role in transistors]
    kinds += [
        DeviceKind(
            "mim_capacitor",
            process.device("mim_capacitor"),
            ("A", "B"),
            {"A": _AREA_TOLERANCE, "P": _LENGTH_TOLERANCE},
        ),
        DeviceKind("poly_resistor", process.device("poly_resistor"), ("A", "B", "W"), lengths),
    ]
    return {kind.model: kind for kind in kinds}


def new_class(kind: DeviceKind) -> db.DeviceClass:
    """A KLayout device class of that kind, with no parallel capacitors or resistors merged and no plates swapped."""
    made: db.DeviceClass
    if kind.is_transistor:
        made = db.DeviceClassMOS4Transistor()
    elif kind.role == "mim_capacitor":
        made = db.DeviceClassCapacitor()
    else:
        made = db.DeviceClassResistorWithBulk()
    made.name = kind.model
    prepare_class(made, kind)
    return made


def prepare_class(device_class: db.DeviceClass, kind: DeviceKind) -> None:
    """Set what is compared and combined on a class, drawn or extracted.

    Parallel transistors combine to their summed width, as fingers are drawn. Capacitors and resistors do not, and a
    capacitor's plates are not interchangeable.
    """
    if not kind.is_transistor:
        device_class.supports_parallel_combination = False  # pyright: ignore[reportAttributeAccessIssue]
        device_class.supports_serial_combination = False  # pyright: ignore[reportAttributeAccessIssue]
    if kind.role == "mim_capacitor":
        device_class.strict = True
    comparers = [
        db.EqualDeviceParameters(definition.id(), kind.tolerances[definition.name], 0.0)
        if definition.name in kind.tolerances
        else db.EqualDeviceParameters.ignore(definition.id())
        for definition in device_class.parameter_definitions()
    ]
    device_class.equal_parameters = reduce(lambda first, second: first + second, comparers)
