"""Cuts between conductors, as arrays and as stacks of pads, with the enclosures that the rules ask for."""

from itertools import pairwise
from typing import Literal

from codesign.layout.drawing import Drawing
from codesign.layout.geometry import Box
from codesign.layout.technology import Conductor, Cut, Technology

Direction = Literal["horizontal", "vertical"]
"""The way in which a pad is longer: enclosures of cuts may be small across if they are larger along."""


def cut_size(technology: Technology, cut: Cut) -> int:
    """Side of a cut, nm."""
    if cut == "contact":
        return technology.sizes_nm("contact size")[0]
    return _nm(technology.rule(technology.cuts[cut].size).values[0])


def cut_space(technology: Technology, cut: Cut) -> int:
    """Spacing of two cuts, nm."""
    if cut == "contact":
        return technology.nm("contact spacing")
    return _nm(technology.rule(technology.cuts[cut].space).value)


def pad_size(technology: Technology, cut: Cut, conductor: Conductor) -> tuple[int, int]:
    """Short and long side of the smallest pad of a conductor about one cut, nm (area rules not considered)."""
    facts = technology.cuts[cut]
    rules = facts.below_enclosure if conductor == facts.below else facts.above_enclosure
    plain, adjacent = (_nm(technology.rule(rule).value) if rule else 0 for rule in rules)
    size = cut_size(technology, cut)
    return size + 2 * plain, size + 2 * adjacent


def _nm(micrometres: float) -> int:
    return round(micrometres * 1000)


def pad(technology: Technology, cut: Cut, conductor: Conductor, x: int, y: int, direction: Direction) -> Box:
    """The smallest pad about a cut at (x, y), its long side along `direction`."""
    short, long = pad_size(technology, cut, conductor)
    width, height = (long, short) if direction == "horizontal" else (short, long)
    return Box.centred(x, y, width, height)


def draw_cut(drawing: Drawing, cut: Cut, x: int, y: int) -> Box:
    """Draw one cut about (x, y), down to the grid."""
    side, grid = cut_size(drawing.technology, cut), drawing.technology.grid
    left, bottom = (x - side // 2) // grid * grid, (y - side // 2) // grid * grid
    return drawing.add(cut, Box(left, bottom, left + side, bottom + side))


def fill_with_cuts(drawing: Drawing, cut: Cut, area: Box) -> list[Box]:
    """Draw as many cuts as fit in `area`, evenly about its centre, and return them."""
    technology = drawing.technology
    size, space = cut_size(technology, cut), cut_space(technology, cut)
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
    drawing: Drawing, x: int, y: int, below: Conductor, above: Conductor, *, direction: Direction = "vertical"
) -> dict[Conductor, Box]:
    """Draw one cut on every level from conductor `below` to `above` at (x, y), and return the pad of each conductor.

    The pads of `below` and `above` are only as large as their cuts ask; those between also keep their area rule.
    """
    technology = drawing.technology
    conductors = tuple(technology.areas)
    start, end = conductors.index(below), conductors.index(above)
    pads: dict[Conductor, Box] = {}
    for lower, upper in pairwise(conductors[start : end + 1]):
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


def with_area(technology: Technology, conductor: Conductor, box: Box, direction: Direction) -> Box:
    """`box` lengthened along `direction` until it keeps the area rule of its conductor."""
    least = _nm(technology.rule(technology.areas[conductor]).value) * 1000
    across = box.height if direction == "horizontal" else box.width
    along = box.width if direction == "horizontal" else box.height
    missing = max(0, -(-least // across) - along)
    grown = -(-missing // (2 * technology.grid)) * technology.grid
    return box.grown(grown, 0) if direction == "horizontal" else box.grown(0, grown)
