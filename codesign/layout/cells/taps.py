"""Taps of the substrate and of n-wells: straight strips."""

from typing import Literal

from codesign.layout.contacts import cut_size, fill_with_cuts
from codesign.layout.drawing import Drawing
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology

TapKind = Literal["substrate", "well"]


def tap_width(technology: Technology) -> int:
    """Width of a strip of tap with one row of contacts, nm: wide enough for the implant's own width."""
    return cut_size(technology, "contact") + 2 * technology.nm("active end enclosure of contact")


def draw_tap(drawing: Drawing, kind: TapKind, strip: Box) -> Box:
    """Draw a tap with its implant, contacts and local interconnect over a strip one contact wide; returns the latter.

    Args:
        drawing: to draw in.
        kind: "substrate" (p+) or "well" (n+; the well itself is left to the caller).
        strip: the tap, `tap_width` across.
    """
    technology = drawing.technology
    drawing.add("tap", strip)
    if kind == "substrate":
        drawing.add("p_implant", strip.grown(technology.nm("p_implant enclosure of active")))
    else:
        drawing.add("n_implant", strip.grown(technology.nm("n_implant enclosure of active")))
    along = technology.nm("tap end enclosure of contact")
    across = (tap_width(technology) - cut_size(technology, "contact")) // 2
    inset = strip.grown(-along, -across) if strip.width >= strip.height else strip.grown(-across, -along)
    cuts = fill_with_cuts(drawing, "contact", inset)
    grow = technology.nm("local_interconnect end enclosure of contact")
    lined = Box.around(*cuts)
    return drawing.add(
        "local_interconnect", lined.grown(grow, 0) if strip.width >= strip.height else lined.grown(0, grow)
    )


def draw_rail(drawing: Drawing, kind: TapKind, strip: Box, rail_width: int) -> Box:
    """Draw a horizontal tap under a metal_1 power rail, joined by vias, and return the rail."""
    landing = draw_tap(drawing, kind, strip)
    fill_with_cuts(drawing, "via_0", landing)
    return drawing.add("metal_1", Box(strip.left, strip.y - rail_width // 2, strip.right, strip.y + rail_width // 2))
