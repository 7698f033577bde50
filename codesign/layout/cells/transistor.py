"""MOS transistors: fingers side by side with shared sources and drains, one gate contact at the left."""

from dataclasses import dataclass
from typing import Literal

from codesign.layout.contacts import cut_size, fill_with_cuts, with_area
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology

Channel = Literal["n", "p"]

WIRE_WIDTH = 260
"""Width of routing wires on metal_1 and metal_2, nm: a via and its enclosure fit in."""

WIRE_PITCH = 420
"""Distance of neighbouring routing wires, nm: room for a via_2 pad on one of them."""


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
        sources: metal_1 strips of the sources, left to right.
        drains: metal_1 strips of the drains.
        gate: metal_1 strip of the gate.
    """

    drawing: Drawing
    sources: tuple[Box, ...]
    drains: tuple[Box, ...]
    gate: Box


def contact_length(technology: Technology) -> int:
    """Length of a contacted source or drain, nm."""
    beside = max(technology.nm("contact to gate spacing"), technology.nm("active end enclosure of contact"))
    return cut_size(technology, "contact") + 2 * beside


def gate_contact_height(technology: Technology) -> int:
    """Distance from the diffusion to the far edge of the gate contact's poly, nm."""
    return (
        _gate_contact_bottom(technology)
        + cut_size(technology, "contact")
        + technology.nm("poly end enclosure of contact")
    )


def _gate_contact_bottom(technology: Technology) -> int:
    # Next to p+ diffusion the contact must also stay clear of the implant that overhangs it.
    return max(
        technology.nm("poly contact to active spacing"),
        technology.nm("p_implant enclosure of active") + technology.nm("poly contact to p_implant spacing"),
    )


def draw_transistor(transistor: Transistor, technology: Technology) -> TransistorDrawing:
    """Draw a transistor with its implants and its well.

    Raises:
        LayoutError: width or length is below what the rules allow, or there is no finger.
    """
    _check(transistor, technology)
    drawing = Drawing(transistor.name, technology)
    contact_side = cut_size(technology, "contact")
    pitch = transistor.length + contact_length(technology)
    beside = (contact_length(technology) - contact_side) // 2
    diff = Box(0, -transistor.width, pitch * transistor.fingers + contact_length(technology), 0)
    drawing.add("active", diff)
    strips = [
        _draw_contact(drawing, number * pitch + beside, transistor.width) for number in range(transistor.fingers + 1)
    ]
    gates = [
        Box(left, diff.bottom, left + transistor.length, diff.top)
        for left in range(contact_length(technology), diff.right, pitch)
    ]
    gate = _draw_gates(drawing, gates, strips[0].x - WIRE_PITCH)
    implant = Box.around(*gates).grown(technology.nm("low_threshold_implant enclosure of gate"))
    if transistor.low_threshold:
        drawing.add("low_threshold_implant", implant)
    draw_surroundings(drawing, transistor.channel, diff, implant if transistor.low_threshold else None)
    return TransistorDrawing(drawing, tuple(strips[0::2]), tuple(strips[1::2]), gate)


def draw_surroundings(drawing: Drawing, channel: Channel, diff: Box, low_threshold: Box | None = None) -> None:
    """The implant of a transistor's diffusion, and the n-well of a p-channel one.

    They lie in the cell of the device, so that a reader that takes cells one by one sees what it is. Those of
    neighbours and of the whole row overlap.

    Args:
        drawing: the cell.
        channel: of the transistors.
        diff: their diffusion.
        low_threshold: their low-threshold implant, if they have one.
    """
    technology = drawing.technology
    drawing.add(
        "n_implant" if channel == "n" else "p_implant", diff.grown(technology.nm("n_implant enclosure of active"))
    )
    if channel == "n":
        return
    well = diff.grown(technology.nm("n_well enclosure of active"))
    if low_threshold is not None:
        well = Box.around(well, low_threshold.grown(technology.nm("n_well enclosure of low_threshold_implant")))
    missing = max(0, technology.nm("n_well width") - well.width)
    drawing.add("n_well", well.grown(-(-missing // (2 * technology.grid)) * technology.grid, 0))


def draw_junction(width: int, technology: Technology) -> tuple[Drawing, Box]:
    """Draw n+ diffusion with contacts, top edge at y = 0: an antenna diode for the wires of a gate.

    Args:
        width: along y, nm.
        technology: the rules.

    Returns:
        The cell, and the metal_1 strip of the diode.
    """
    drawing = Drawing(f"antenna_diode_w{width}", technology)
    diff = drawing.add("active", Box(0, -width, contact_length(technology), 0))
    drawing.add("n_implant", diff.grown(technology.nm("n_implant enclosure of active")))
    inset = (contact_length(technology) - cut_size(technology, "contact")) // 2
    return drawing, _draw_contact(drawing, inset, width)


def _check(transistor: Transistor, technology: Technology) -> None:
    shortest = technology.nm(
        "low-threshold p-channel length" if transistor.low_threshold and transistor.channel == "p" else "poly width"
    )
    narrowest = technology.nm("channel width")
    if transistor.width < narrowest or transistor.length < shortest or transistor.fingers < 1:
        raise LayoutError(
            f"the transistor {transistor.name} cannot be drawn: its width must be at least {narrowest / 1000:g} um, "
            f"its length {shortest / 1000:g} um, with one finger or more"
        )


def _draw_contact(drawing: Drawing, left: int, width: int) -> Box:
    """Contacts of one source or drain up to metal_1; returns the metal_1 strip."""
    technology = drawing.technology
    contact_side = cut_size(technology, "contact")
    column = Box(left, -width, left + contact_side, 0).grown(0, -technology.nm("active enclosure of contact"))
    cuts = fill_with_cuts(drawing, "contact", column)
    landing = drawing.add(
        "local_interconnect", Box.around(*cuts).grown(0, technology.nm("local_interconnect end enclosure of contact"))
    )
    vias = fill_with_cuts(drawing, "via_0", landing)
    return _draw_strip(drawing, Box.around(*vias))


def _draw_gates(drawing: Drawing, gates: list[Box], contact_x: int) -> Box:
    """Gate fingers, the bar that joins them, and its contact up to metal_1; returns the metal_1 strip."""
    technology = drawing.technology
    contact_side = cut_size(technology, "contact")
    bottom = _gate_contact_bottom(technology)
    cut = drawing.add(
        "contact",
        Box(contact_x - contact_side // 2, bottom, contact_x - contact_side // 2 + contact_side, bottom + contact_side),
    )
    pad = drawing.add(
        "poly", cut.grown(technology.nm("poly enclosure of contact"), technology.nm("poly end enclosure of contact"))
    )
    drawing.add("poly", Box(pad.left, pad.bottom, gates[-1].right, pad.top))
    for gate in gates:
        drawing.add("poly", Box(gate.left, gate.bottom - technology.nm("gate extension"), gate.right, pad.top))
    drawing.add("nitride_cut", cut.grown(technology.nm("nitride_cut enclosure of contact")))
    drawing.add("local_interconnect", cut.grown(0, technology.nm("local_interconnect end enclosure of contact")))
    drawing.add("via_0", cut)
    return _draw_strip(drawing, cut)


def _draw_strip(drawing: Drawing, cuts: Box) -> Box:
    """Metal_1 over a column of vias, as wide as a routing wire and no smaller than the area rule."""
    technology = drawing.technology
    strip = Box(cuts.x - WIRE_WIDTH // 2, cuts.bottom, cuts.x - WIRE_WIDTH // 2 + WIRE_WIDTH, cuts.top)
    return drawing.add(
        "metal_1",
        with_area(technology, "metal_1", strip.grown(0, technology.nm("metal_1 end enclosure of via_0")), "vertical"),
    )
