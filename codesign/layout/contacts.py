"""Cuts between conductors, as arrays and as stacks of pads, with the enclosures that the rules ask for."""

from typing import Literal

from codesign.layout.drawing import Drawing
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology

Direction = Literal["horizontal", "vertical"]
"""The way in which a pad is longer: enclosures of cuts may be small across if they are larger along."""

_CONDUCTORS = ("li1", "met1", "met2", "met3", "met4", "met5")


def cut_size(technology: Technology, cut: str) -> int:
    """Side of a cut, nm."""
    return technology.sizes_nm(technology.cuts[cut].size)[0]


def pad_size(technology: Technology, cut: str, conductor: str) -> tuple[int, int]:
    """Short and long side of the smallest pad of a conductor about one cut, nm (area rules not considered)."""
    facts = technology.cuts[cut]
    plain, adjacent = facts.below_enclosure if conductor == facts.below else facts.above_enclosure
    size = cut_size(technology, cut)
    return size + 2 * technology.nm(plain), size + 2 * technology.nm(adjacent)


def pad(technology: Technology, cut: str, conductor: str, x: int, y: int, direction: Direction) -> Box:
    """The smallest pad about a cut at (x, y), its long side along `direction`."""
    short, long = pad_size(technology, cut, conductor)
    width, height = (long, short) if direction == "horizontal" else (short, long)
    return Box.centred(x, y, width, height)


def fill_with_cuts(drawing: Drawing, cut: str, area: Box) -> list[Box]:
    """Draw as many cuts as fit in `area`, evenly about its centre, and return them."""
    technology = drawing.technology
    if cut == "licon":
        size, space = technology.sizes_nm("licon.1")[0], technology.nm("licon.2")
    else:
        size, space = cut_size(technology, cut), technology.nm(technology.cuts[cut].space)
    return [
        drawing.add(cut, Box(x, y, x + size, y + size))
        for x in _starts(area.left, area.right, size, space, technology.grid)
        for y in _starts(area.bottom, area.top, size, space, technology.grid)
    ]


def _starts(low: int, high: int, size: int, space: int, grid: int) -> list[int]:
    count = (high - low + space) // (size + space)
    used = count * size + (count - 1) * space
    first = low + (high - low - used) // (2 * grid) * grid
    return [first + number * (size + space) for number in range(count)]


def via_stack(
    drawing: Drawing, x: int, y: int, below: str, above: str, *, direction: Direction = "vertical"
) -> dict[str, Box]:
    """Draw one cut on every level from conductor `below` to `above` at (x, y), and return the pad of each conductor.

    The pads of `below` and `above` are only as large as their cuts ask; those between also keep their area rule.
    """
    technology = drawing.technology
    start, end = _CONDUCTORS.index(below), _CONDUCTORS.index(above)
    pads: dict[str, Box] = {}
    for level in range(start, end):
        lower, upper = _CONDUCTORS[level], _CONDUCTORS[level + 1]
        cut = technology.cut_between(lower, upper)
        side = cut_size(technology, cut)
        drawing.add(cut, Box.centred(x, y, side, side))
        for conductor in (lower, upper):
            box = pad(technology, cut, conductor, x, y, direction)
            pads[conductor] = Box.around(box, pads[conductor]) if conductor in pads else box
    for conductor, box in pads.items():
        if conductor not in (below, above):
            box = with_area(technology, conductor, box, direction)
        pads[conductor] = drawing.add(conductor, box)
    return pads


_AREA_RULES = {"li1": "li.6", "met1": "m1.6", "met2": "m2.6", "met3": "m3.6", "met4": "m4.4a", "met5": "m5.4"}


def with_area(technology: Technology, conductor: str, box: Box, direction: Direction) -> Box:
    """`box` lengthened along `direction` until it keeps the area rule of its conductor."""
    least = technology.nm(_AREA_RULES[conductor]) * 1000
    across = box.height if direction == "horizontal" else box.width
    along = box.width if direction == "horizontal" else box.height
    missing = max(0, -(-least // across) - along)
    grown = -(-missing // (2 * technology.grid)) * technology.grid
    return box.grown(grown, 0) if direction == "horizontal" else box.grown(0, grown)
