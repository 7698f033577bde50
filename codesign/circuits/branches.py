"""How a block's devices stand in a picture: in branches, one below the other from the supply to ground."""

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.circuits.block import PlacedDevice

SUPPLY, GROUND = "vdd", "vss"
RAILS = (SUPPLY, GROUND)

Ends = tuple[str, str]
"""Nets at drain and source, or at both ends."""


@dataclass(frozen=True)
class Upright:
    """A device with one of its ends up.

    Attributes:
        device: which.
        top: net at its upper end.
        bottom: net at its lower end.
    """

    device: PlacedDevice
    top: str
    bottom: str

    @property
    def is_p(self) -> bool:
        """Whether it is a PMOS transistor."""
        return _is_p(self.device)

    @property
    def source_up(self) -> bool:
        """Whether the source of the transistor is its upper end."""
        return self.device.shape == "mosfet" and self.device.nets[2] == self.top

    @property
    def gate(self) -> str | None:
        """Net at its gate, if it is a transistor."""
        return self.device.nets[1] if self.device.shape == "mosfet" else None


Branch = tuple[Upright, ...]
"""Devices in series, from top to bottom."""


def branches(devices: Sequence[PlacedDevice]) -> list[Branch]:
    """The devices in series, each device once, as near to the order of their placing as that allows.

    A PMOS transistor has its source up, an NMOS transistor its drain, but the two of a transmission gate stand side by
    side; two-terminal devices stand as their neighbours want them.
    """
    gates = _transmission_gates(devices)
    waiting = [_upright(device, devices, gates) for device in devices]
    found: list[Branch] = []
    while waiting:
        first = next((one for one in waiting if _starts(one, waiting)), waiting[0])
        branch = [first]
        waiting.remove(first)
        while below := [one for one in waiting if _continues(branch[-1], one, gates)]:
            branch.append(below[0])
            waiting.remove(below[0])
        found.append(tuple(branch))
    return found


def _continues(last: Upright, one: Upright, gates: set[Ends]) -> bool:
    """Whether a device may stand below the last of a branch; those of a transmission gate stand alone."""
    return (
        one.top == last.bottom and one.top not in RAILS and not {(last.top, last.bottom), (one.top, one.bottom)} & gates
    )


def _starts(one: Upright, waiting: Sequence[Upright]) -> bool:
    return one.top == SUPPLY or all(other.bottom != one.top for other in waiting)


def _transmission_gates(devices: Sequence[PlacedDevice]) -> set[Ends]:
    """Drain and source of the transistors that have one of the other kind beside them."""
    kinds: dict[Ends, set[bool]] = {}
    for device in devices:
        if device.shape == "mosfet":
            kinds.setdefault(_ends(device), set()).add(_is_p(device))
    return {ends for ends, found in kinds.items() if len(found) == 2}


def _upright(device: PlacedDevice, devices: Sequence[PlacedDevice], gates: set[Ends]) -> Upright:
    first, second = _ends(device)
    if device.shape == "mosfet":
        turned = _is_p(device) and (first, second) not in gates
    elif second in RAILS:
        turned = second == SUPPLY
    else:
        # Below the drain of a PMOS transistor, or above that of an NMOS transistor.
        drains = [(one.nets[0], _is_p(one)) for one in devices if one.shape == "mosfet"]
        turned = (second, True) in drains or (first, False) in drains
    return Upright(device, second, first) if turned else Upright(device, first, second)


def _ends(device: PlacedDevice) -> Ends:
    return device.nets[0], device.nets[2 if device.shape == "mosfet" else 1]


def _is_p(device: PlacedDevice) -> bool:
    return device.role.startswith("pmos")
