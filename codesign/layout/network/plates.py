"""MIM capacitors of a network: rows of plates over the stack, on one bottom plate for each rail."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from codesign.layout.cells.capacitor import CapacitorDrawing, draw_capacitors
from codesign.layout.contacts import cut_size, fill_with_cuts
from codesign.layout.drawing import Drawing
from codesign.layout.geometry import Box, Side
from codesign.layout.netlist import Device
from codesign.layout.technology import Technology


@dataclass(frozen=True)
class Bank:
    """The parallel capacitors of one netlist device: their net, their rail, and where their top plates come out."""

    net: str
    rail: str
    side: Side
    drawing: CapacitorDrawing


@dataclass(frozen=True)
class PlacedBank:
    """A bank in its place; `top` is its metal_4."""

    bank: Bank
    top: Box


@dataclass(frozen=True)
class Plates:
    """All capacitors on one rail: their common metal_3 plate, and the banks on it."""

    rail: str
    plate: Box
    banks: tuple[PlacedBank, ...]


def make_banks(devices: Iterable[Device], sides: dict[str, Side], technology: Technology) -> list[Bank]:
    """The capacitors of a flat netlist; those on nets without a side come out on the left.

    Raises:
        LayoutError: a capacitor cannot be drawn.
    """
    drawn: dict[tuple[float, float, int], CapacitorDrawing] = {}
    banks: list[Bank] = []
    for device in devices:
        if technology.process.role_of(device.model) != "mim_capacitor":
            continue
        key = (device.width, device.length, device.count)
        if key not in drawn:
            width, length = round(device.width * 1000), round(device.length * 1000)
            drawn[key] = draw_capacitors(width, length, device.count, 1, 0, technology)
        top, bottom = device.nets
        banks.append(Bank(top, bottom, sides.get(top, "left"), drawn[key]))
    return banks


def place_banks(drawing: Drawing, banks: list[Bank], centre: int, bottom: int) -> list[Plates]:
    """Place banks in rows about x = `centre` from y = `bottom` upwards, those of the supply first.

    Equal banks share rows, a left one and a right one in each; every rail's banks share one bottom plate.
    """
    technology = drawing.technology
    gap, margin = technology.nm("mim_plate spacing"), technology.nm("bottom plate enclosure of mim_plate")
    plates: list[Plates] = []
    y = bottom
    rows = {rail: list(_rows(banks, rail)) for rail in sorted({bank.rail for bank in banks})}
    widths = [
        sum(bank.drawing.plates.width for bank in row) + gap * (len(row) - 1) for some in rows.values() for row in some
    ]
    half = -(-max(widths, default=0) // (2 * technology.grid)) * technology.grid
    for rail, its_rows in rows.items():
        start = y
        placed: list[PlacedBank] = []
        for row in its_rows:
            for bank in row:
                size = bank.drawing.plates
                x = centre - half if bank.side == "left" else centre + half - size.width
                instance = drawing.place(bank.drawing.drawing, x - size.left, y - size.bottom)
                placed.append(PlacedBank(bank, instance.place(bank.drawing.top)))
            y += row[0].drawing.plates.height + gap
        plate = Box(centre - half, start, centre + half, y - gap).grown(margin)
        _draw_guards(drawing, plate, placed)
        plates.append(Plates(rail, drawing.add("metal_3", plate), tuple(placed)))
        y += technology.nm("bottom plate spacing") + 2 * margin - gap
    return plates


def _draw_guards(drawing: Drawing, plate: Box, placed: list[PlacedBank]) -> None:
    """Metal_4 lines on the bottom plate between the banks, so that their top plates do not couple."""
    technology = drawing.technology
    side, enclosure = cut_size(technology, "via_3"), technology.nm("metal_4 enclosure of via_3")
    width = side + 2 * enclosure
    tops = sorted({bank.top.top for bank in placed})
    bottoms = sorted({bank.top.bottom for bank in placed})
    for low, high in zip(tops, bottoms[1:], strict=False):
        y = (low + high - width) // (2 * technology.grid) * technology.grid
        line = drawing.add("metal_4", Box(plate.left + enclosure, y, plate.right - enclosure, y + width))
        fill_with_cuts(drawing, "via_3", line.grown(-enclosure))
    lefts = {bank.top.bottom: bank.top for bank in placed if bank.bank.side == "left"}
    rights = {bank.top.bottom: bank.top for bank in placed if bank.bank.side == "right"}
    for bottom in sorted(lefts.keys() & rights.keys()):
        left, right = lefts[bottom], rights[bottom]
        x = (left.right + right.left - width) // (2 * technology.grid) * technology.grid
        line = drawing.add("metal_4", Box(x, left.bottom, x + width, left.top))
        fill_with_cuts(drawing, "via_3", line.grown(-enclosure))


def _rows(banks: list[Bank], rail: str) -> Iterator[list[Bank]]:
    for kind in dict.fromkeys(bank.drawing.drawing.name for bank in banks if bank.rail == rail):
        queues: dict[Side, list[Bank]] = {"left": [], "right": []}
        for bank in banks:
            if bank.rail == rail and bank.drawing.drawing.name == kind:
                queues[bank.side].append(bank)
        for number in range(max(len(queue) for queue in queues.values())):
            yield [queue[number] for queue in queues.values() if number < len(queue)]
