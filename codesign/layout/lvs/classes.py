"""The device classes that layout and schematic share, and which of their parameters must agree."""

from dataclasses import dataclass
from functools import reduce

import klayout.db as db

TRANSISTORS = ("nfet_01v8", "nfet_01v8_lvt", "pfet_01v8", "pfet_01v8_lvt")
CAPACITOR = "cap_mim_m3_1"
RESISTOR = "res_xhigh_po"

# A tenth of the manufacturing grid, um; parameters that are sums or areas keep rounding well below it.
_LENGTH_TOLERANCE = 0.0005
_AREA_TOLERANCE = 0.005


@dataclass(frozen=True)
class DeviceKind:
    """One kind of device.

    Attributes:
        model: SKY130 name without the prefix.
        terminals: KLayout terminal names in the order of the SPICE nets.
        tolerances: compared parameters and their absolute tolerance (um, um2).
    """

    model: str
    terminals: tuple[str, ...]
    tolerances: dict[str, float]


KINDS: dict[str, DeviceKind] = {
    **{
        model: DeviceKind(model, ("D", "G", "S", "B"), {"W": _LENGTH_TOLERANCE, "L": _LENGTH_TOLERANCE})
        for model in TRANSISTORS
    },
    CAPACITOR: DeviceKind(CAPACITOR, ("A", "B"), {"A": _AREA_TOLERANCE, "P": _LENGTH_TOLERANCE}),
    RESISTOR: DeviceKind(RESISTOR, ("A", "B", "W"), {"W": _LENGTH_TOLERANCE, "L": _LENGTH_TOLERANCE}),
}


def new_class(model: str) -> db.DeviceClass:
    """A KLayout device class of that model, with no parallel capacitors or resistors merged and no plates swapped."""
    made: db.DeviceClass
    if model in TRANSISTORS:
        made = db.DeviceClassMOS4Transistor()
    elif model == CAPACITOR:
        made = db.DeviceClassCapacitor()
    else:
        made = db.DeviceClassResistorWithBulk()
    made.name = model
    prepare_class(made)
    return made


def prepare_class(device_class: db.DeviceClass) -> None:
    """Set what is compared and combined on a class, drawn or extracted.

    Parallel transistors combine to their summed width, as fingers are drawn. Capacitors and resistors do not, and a
    capacitor's plates are not interchangeable.
    """
    kind = KINDS[device_class.name]
    if kind.model not in TRANSISTORS:
        device_class.supports_parallel_combination = False  # pyright: ignore[reportAttributeAccessIssue]
        device_class.supports_serial_combination = False  # pyright: ignore[reportAttributeAccessIssue]
    if kind.model == CAPACITOR:
        device_class.strict = True
    comparers = [
        db.EqualDeviceParameters(definition.id(), kind.tolerances[definition.name], 0.0)
        if definition.name in kind.tolerances
        else db.EqualDeviceParameters.ignore(definition.id())
        for definition in device_class.parameter_definitions()
    ]
    device_class.equal_parameters = reduce(lambda first, second: first + second, comparers)
