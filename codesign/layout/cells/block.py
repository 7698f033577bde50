"""A block drawn from its netlist: transistor rows, and its MIM capacitors over and beside them."""

from collections.abc import Iterable

from codesign.layout.cells.capacitor import CapacitorDrawing, draw_capacitors
from codesign.layout.cells.row import RAIL_WIDTH, draw_rows, is_transistor
from codesign.layout.contacts import via_stack
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.netlist import Device, FlatNetlist
from codesign.layout.technology import Technology

_CAPACITOR = "cap_mim_m3_1"
_RAILS = ("vss", "vdd")

# Distance from the rail under a bottom plate to the top plates, nm: the plate's contacts to the rail lie between.
_CONTACT_MARGIN = 500
_PLATE_OVERHANG = 300
_RAIL_CONTACT_PITCH = 5000
_STRAP_WIDTH = 600
_STRAP_PITCH = 1200


def draw_block(
    flat: FlatNetlist, ports_left: Iterable[str], ports_right: Iterable[str], technology: Technology
) -> Drawing:
    """Draw a block of transistors and MIM capacitors.

    Its ports come out on the left or right edge on met2, its rails `vdd` and `vss` across it on met1.

    Args:
        flat: its devices.
        ports_left: ports that reach the left edge.
        ports_right: ports that reach the right edge.
        technology: the rules.

    Raises:
        LayoutError: it has a device of another kind, or a capacitor whose second net is no rail.
    """
    transistors = [device for device in flat.devices if is_transistor(device)]
    capacitors = [device for device in flat.devices if device.model == _CAPACITOR]
    others = [device for device in flat.devices if device not in transistors and device not in capacitors]
    if others:
        raise LayoutError(f"{flat.name}: {others[0].name} is a {others[0].model}, which blocks do not draw")
    banks = _banks(flat.name, capacitors, technology)
    straps = len(banks) * _STRAP_PITCH + 2 * technology.nm("capm.11")
    width = max((bank.bottom.width + straps for _device, bank in banks), default=0)
    plates = tuple(device.nets[0] for device in capacitors)
    row = draw_rows(
        f"{flat.name}_rows", transistors, ports_left, dict.fromkeys((*ports_right, *plates)), technology, width
    )
    drawing = Drawing(flat.name, technology)
    drawing.place(row.drawing, 0, 0)
    wanted = {*ports_left, *ports_right, *_RAILS}
    drawing.pins = [pin for pin in row.drawing.pins if pin.net in wanted]
    tracks = {pin.net: pin.box.y for pin in row.drawing.pins if pin.box.right == row.drawing.box.right}
    both = len({device.nets[1] for device in capacitors}) > 1
    used: dict[str, int] = {"vss": 0, "vdd": 0}
    for number, (device, bank) in enumerate(banks):
        # Banks on one rail reach over the transistors; banks on both rails reach away from them.
        rail = device.nets[1]
        up = rail == "vdd" if both else rail == "vss"
        y = row.vdd if rail == "vdd" else row.vss
        _place_bank(drawing, bank, (y, used[rail]), tracks[device.nets[0]], number, up=up)
        used[rail] += bank.plates.height + technology.nm("capm.2a")
    return drawing


def _banks(block: str, capacitors: list[Device], technology: Technology) -> list[tuple[Device, CapacitorDrawing]]:
    banks: list[tuple[Device, CapacitorDrawing]] = []
    for device in capacitors:
        if device.nets[1] not in _RAILS:
            raise LayoutError(
                f"{block}: the bottom plate of {device.name} is on {device.nets[1]}; blocks draw capacitors to a rail"
            )
        sides = (round(device.width * 1000), round(device.length * 1000))
        margin = _CONTACT_MARGIN + _PLATE_OVERHANG - technology.nm("capm.3")
        banks.append((device, draw_capacitors(*sides, device.count, 1, margin, technology)))
    return banks


def _place_bank(
    drawing: Drawing, bank: CapacitorDrawing, foot: tuple[int, int], track: int, strap: int, *, up: bool
) -> None:
    """Place a bank with its bottom plate on a rail, and strap its top plates to a track on the right.

    `foot` is the y of the rail and how much of the plate over it other banks use already; `strap` numbers the straps
    of a block from the left, so that they keep apart.
    """
    technology = drawing.technology
    rail, used = foot
    left = technology.nm("capm.11") - bank.bottom.left
    instance = drawing.place(bank.drawing, left, rail + (_CONTACT_MARGIN + used) * (1 if up else -1), flipped=not up)
    bottom, top = instance.place(bank.bottom), instance.place(bank.top)
    for x in () if used else range(bottom.left + RAIL_WIDTH, bottom.right - RAIL_WIDTH, _RAIL_CONTACT_PITCH):
        via_stack(drawing, x, rail, "met1", "met3")
    x = (bottom.right + technology.nm("capm.11") + _STRAP_WIDTH // 2) // technology.grid * technology.grid
    x += strap * _STRAP_PITCH
    half = _STRAP_WIDTH // 2
    y = min(max(track, top.bottom + half), top.top - half)
    drawing.add("met4", Box(top.right - half, y - half, x + half, y + half))
    drawing.add("met4", Box(x - half, min(y, track) - half, x + half, max(y, track) + half))
    via_stack(drawing, x, track, "met2", "met4", direction="horizontal")
