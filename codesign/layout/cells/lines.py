"""The metal_1 lines of a crossbar: their pins at its edges, and their antenna diodes."""

import math

from codesign.layout.cells.transistor import WIRE_WIDTH
from codesign.layout.contacts import cut_size, draw_cut, pad_size, with_area
from codesign.layout.drawing import Drawing
from codesign.layout.geometry import Box, Side
from codesign.layout.technology import Technology


def reach(technology: Technology) -> int:
    """Half the extent of a via's pad along a line, nm."""
    return pad_size(technology, "via_1", "metal_1")[1] // 2


def draw_pad(drawing: Drawing, x: int, y: int) -> None:
    """A via to metal_2 with its metal_1 pad, on a line that may be narrower."""
    drawing.add("metal_1", Box.centred(x, y, 2 * reach(drawing.technology), WIRE_WIDTH))
    draw_cut(drawing, "via_1", x, y)


def draw_pin(drawing: Drawing, net: str, y: int, side: Side, right: int) -> None:
    """A metal_2 pin of a line at the left edge, x = 0, or at the right edge."""
    half = reach(drawing.technology)
    x = half if side == "left" else right - half
    draw_pad(drawing, x, y)
    bottom = y - WIRE_WIDTH // 2
    drawing.pin(net, "metal_2", drawing.add("metal_2", Box(x - half, bottom, x + half, bottom + WIRE_WIDTH)))


def draw_diode(drawing: Drawing, diff: Box, contact: int, line: int) -> None:
    """A junction of diffusion with a contact at y = `contact`, up to the metal_1 line at y = `line`; no implant."""
    technology = drawing.technology
    drawing.add("active", diff)
    side = cut_size(technology, "contact")
    left = diff.left + technology.nm("active end enclosure of contact")
    cut = drawing.add("contact", Box(left, contact - side // 2, left + side, contact - side // 2 + side))
    via = drawing.add("via_0", Box(left, line - side // 2, left + side, line - side // 2 + side))
    lined = Box.around(cut.grown(0, technology.nm("local_interconnect end enclosure of contact")), via)
    drawing.add("local_interconnect", with_area(technology, "local_interconnect", lined, "vertical"))


def diode_width(technology: Technology, line: int, gate: int, height: int) -> int:
    """Width of a diode that keeps the antenna rule of a metal_1 line on one gate, nm.

    Args:
        technology: the rules.
        line: length of the line, nm.
        gate: area of the gate, nm2.
        height: of the diode's diffusion, nm.
    """
    rule = next(rule for rule in technology.antenna if rule.layer == "metal_1")
    side_wall = 2 * (line + WIRE_WIDTH) * rule.thickness * 1000
    missing = (side_wall - (rule.ratio + rule.diode_bonus) * gate) / rule.diode_factor
    width = max(technology.nm("channel width"), math.ceil(missing / height))
    return -(-width // technology.grid) * technology.grid
