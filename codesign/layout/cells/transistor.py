"""MOS transistors: fingers side by side with shared sources and drains, one gate contact at the left."""

from dataclasses import dataclass
from typing import Literal

from codesign.layout.contacts import fill_with_cuts, with_area
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology

Channel = Literal["n", "p"]

WIRE_WIDTH = 260
"""Width of routing wires on met1 and met2, nm: a via and its enclosure fit in."""

WIRE_PITCH = 420
"""Distance of neighbouring routing wires, nm: room for a via2 pad on one of them."""


@dataclass(frozen=True)
class Transistor:
    """A transistor of `fingers` parallel gates.

    Attributes:
        channel: "n" or "p".
        low_threshold: whether it is the low-threshold device.
        width: of one finger, nm.
        length: of the gate, nm.
        fingers: number of gates.
    """

    channel: Channel
    low_threshold: bool
    width: int
    length: int
    fingers: int = 1

    @property
    def name(self) -> str:
        """Name of its GDS cell."""
        kind = f"{self.channel}fet{'_lvt' if self.low_threshold else ''}"
        return f"{kind}_w{self.width}_l{self.length}_f{self.fingers}"


@dataclass(frozen=True)
class TransistorDrawing:
    """A drawn transistor. Its diffusion's top edge lies at y = 0, the gate contact above it.

    Attributes:
        drawing: the cell.
        sources: met1 strips of the sources, left to right.
        drains: met1 strips of the drains.
        gate: met1 strip of the gate.
    """

    drawing: Drawing
    sources: tuple[Box, ...]
    drains: tuple[Box, ...]
    gate: Box


def contact_length(technology: Technology) -> int:
    """Length of a contacted source or drain, nm."""
    beside = max(technology.nm("licon.11"), technology.nm("licon.5c"))
    return technology.sizes_nm("licon.1")[0] + 2 * beside


def gate_contact_height(technology: Technology) -> int:
    """Distance from the diffusion to the far edge of the gate contact's poly, nm."""
    return _gate_licon_bottom(technology) + technology.sizes_nm("licon.1")[0] + technology.nm("licon.8a")


def _gate_licon_bottom(technology: Technology) -> int:
    # Next to p+ diffusion the contact must also stay clear of the implant that overhangs it.
    return max(technology.nm("licon.14"), technology.nm("psd.5") + technology.nm("licon.9"))


def draw_transistor(transistor: Transistor, technology: Technology) -> TransistorDrawing:
    """Draw a transistor with its implant (the well of a p-channel one is left to the row that holds it).

    Raises:
        LayoutError: width or length is below what the rules allow, or there is no finger.
    """
    _check(transistor, technology)
    drawing = Drawing(transistor.name, technology)
    licon = technology.sizes_nm("licon.1")[0]
    pitch = transistor.length + contact_length(technology)
    beside = (contact_length(technology) - licon) // 2
    diff = Box(0, -transistor.width, pitch * transistor.fingers + contact_length(technology), 0)
    drawing.add("diff", diff)
    drawing.add("nsdm" if transistor.channel == "n" else "psdm", diff.grown(technology.nm("nsd.5")))
    strips = [
        _draw_contact(drawing, number * pitch + beside, transistor.width) for number in range(transistor.fingers + 1)
    ]
    gates = [
        Box(left, diff.bottom, left + transistor.length, diff.top)
        for left in range(contact_length(technology), diff.right, pitch)
    ]
    gate = _draw_gates(drawing, gates, strips[0].x - WIRE_PITCH)
    if transistor.low_threshold:
        drawing.add("lvtn", Box.around(*gates).grown(technology.nm("lvtn.4b")))
    return TransistorDrawing(drawing, tuple(strips[0::2]), tuple(strips[1::2]), gate)


def draw_junction(width: int, technology: Technology) -> tuple[Drawing, Box]:
    """Draw n+ diffusion with contacts, top edge at y = 0: an antenna diode for the wires of a gate.

    Args:
        width: along y, nm.
        technology: the rules.

    Returns:
        The cell, and the met1 strip of the diode.
    """
    drawing = Drawing(f"antenna_diode_w{width}", technology)
    diff = drawing.add("diff", Box(0, -width, contact_length(technology), 0))
    drawing.add("nsdm", diff.grown(technology.nm("nsd.5")))
    inset = (contact_length(technology) - technology.sizes_nm("licon.1")[0]) // 2
    return drawing, _draw_contact(drawing, inset, width)


def _check(transistor: Transistor, technology: Technology) -> None:
    shortest = technology.nm("poly.1b" if transistor.low_threshold and transistor.channel == "p" else "poly.1a")
    narrowest = technology.nm("difftap.2")
    if transistor.width < narrowest or transistor.length < shortest or transistor.fingers < 1:
        raise LayoutError(
            f"the transistor {transistor.name} cannot be drawn: its width must be at least {narrowest / 1000:g} um, "
            f"its length {shortest / 1000:g} um, with one finger or more"
        )


def _draw_contact(drawing: Drawing, left: int, width: int) -> Box:
    """Contacts of one source or drain up to met1; returns the met1 strip."""
    technology = drawing.technology
    licon = technology.sizes_nm("licon.1")[0]
    column = Box(left, -width, left + licon, 0).grown(0, -technology.nm("licon.5a"))
    cuts = fill_with_cuts(drawing, "licon", column)
    li1 = drawing.add("li1", Box.around(*cuts).grown(0, technology.nm("li.5")))
    mcons = fill_with_cuts(drawing, "mcon", li1)
    return _draw_strip(drawing, Box.around(*mcons))


def _draw_gates(drawing: Drawing, gates: list[Box], contact_x: int) -> Box:
    """Gate fingers, the bar that joins them, and its contact up to met1; returns the met1 strip."""
    technology = drawing.technology
    licon = technology.sizes_nm("licon.1")[0]
    bottom = _gate_licon_bottom(technology)
    cut = drawing.add("licon", Box(contact_x - licon // 2, bottom, contact_x - licon // 2 + licon, bottom + licon))
    pad = drawing.add("poly", cut.grown(technology.nm("licon.8"), technology.nm("licon.8a")))
    drawing.add("poly", Box(pad.left, pad.bottom, gates[-1].right, pad.top))
    for gate in gates:
        drawing.add("poly", Box(gate.left, gate.bottom - technology.nm("poly.8"), gate.right, pad.top))
    drawing.add("npc", cut.grown(technology.nm("licon.15")))
    drawing.add("li1", cut.grown(0, technology.nm("li.5")))
    drawing.add("mcon", cut)
    return _draw_strip(drawing, cut)


def _draw_strip(drawing: Drawing, cuts: Box) -> Box:
    """Met1 over a column of mcons, as wide as a routing wire and no smaller than the area rule."""
    technology = drawing.technology
    strip = Box(cuts.x - WIRE_WIDTH // 2, cuts.bottom, cuts.x - WIRE_WIDTH // 2 + WIRE_WIDTH, cuts.top)
    return drawing.add("met1", with_area(technology, "met1", strip.grown(0, technology.nm("m1.5")), "vertical"))
