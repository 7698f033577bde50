"""Taps of the substrate and of n-wells: straight strips and guard rings."""

from typing import Literal

from codesign.layout.contacts import fill_with_cuts
from codesign.layout.drawing import Drawing
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology

TapKind = Literal["substrate", "well"]


def tap_width(technology: Technology) -> int:
    """Width of a strip of tap with one row of contacts, nm: wide enough for the implant's own width."""
    return technology.sizes_nm("licon.1")[0] + 2 * technology.nm("licon.5c")


def draw_tap(drawing: Drawing, kind: TapKind, strip: Box) -> Box:
    """Draw a tap with its implant, contacts and li1 over a strip one contact wide, and return the li1.

    Args:
        drawing: to draw in.
        kind: "substrate" (p+) or "well" (n+; the well itself is left to the caller).
        strip: the tap, `tap_width` across.
    """
    technology = drawing.technology
    drawing.add("tap", strip)
    implant = "psdm" if kind == "substrate" else "nsdm"
    drawing.add(implant, strip.grown(technology.nm("psd.5" if kind == "substrate" else "nsd.5")))
    along, across = technology.nm("licon.7"), (tap_width(technology) - technology.sizes_nm("licon.1")[0]) // 2
    inset = strip.grown(-along, -across) if strip.width >= strip.height else strip.grown(-across, -along)
    cuts = fill_with_cuts(drawing, "licon", inset)
    grow = technology.nm("li.5")
    lined = Box.around(*cuts)
    return drawing.add("li1", lined.grown(grow, 0) if strip.width >= strip.height else lined.grown(0, grow))


def draw_rail(drawing: Drawing, kind: TapKind, strip: Box, rail_width: int) -> Box:
    """Draw a horizontal tap under a met1 power rail, joined by mcon, and return the rail."""
    li1 = draw_tap(drawing, kind, strip)
    fill_with_cuts(drawing, "mcon", li1)
    return drawing.add("met1", Box(strip.left, strip.y - rail_width // 2, strip.right, strip.y + rail_width // 2))


def draw_guard_ring(drawing: Drawing, kind: TapKind, inside: Box) -> Box:
    """Draw a ring of tap about `inside` with an n-well under it where `kind` is "well"; returns its outer edge.

    The corners hold no contacts: each side is a strip of its own, joined by tap and li1 at the corners.
    """
    technology = drawing.technology
    width = tap_width(technology)
    outer = inside.grown(width)
    sides = (
        Box(outer.left, outer.bottom, outer.right, inside.bottom),
        Box(outer.left, inside.top, outer.right, outer.top),
        Box(outer.left, outer.bottom, inside.left, outer.top),
        Box(inside.right, outer.bottom, outer.right, outer.top),
    )
    implant = "psdm" if kind == "substrate" else "nsdm"
    grow = technology.nm("psd.5" if kind == "substrate" else "nsd.5")
    corner = width + technology.nm("licon.2")
    for side in sides:
        horizontal = side.width > side.height
        drawing.add("tap", side)
        drawing.add(implant, side.grown(grow))
        drawing.add(
            "li1",
            side.grown(0, -technology.nm("licon.5c")) if horizontal else side.grown(-technology.nm("licon.5c"), 0),
        )
        across = (width - technology.sizes_nm("licon.1")[0]) // 2
        fill_with_cuts(drawing, "licon", side.grown(-corner, -across) if horizontal else side.grown(-across, -corner))
    if kind == "well":
        drawing.add("nwell", outer.grown(technology.nm("difftap.10")))
    return outer
