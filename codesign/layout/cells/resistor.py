"""High-resistance poly resistors (2 kOhm per square)."""

from dataclasses import dataclass

from codesign.layout.contacts import fill_with_cuts
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology


@dataclass(frozen=True)
class ResistorDrawing:
    """A drawn resistor, vertical, the lower left corner of its body at the origin.

    Attributes:
        drawing: the cell.
        low: metal_1 of the terminal below the body.
        high: metal_1 of the terminal above it.
    """

    drawing: Drawing
    low: Box
    high: Box


def draw_resistor(width: int, length: int, technology: Technology) -> ResistorDrawing:
    """Draw a poly resistor with slotted contacts at both ends.

    Args:
        width: of the body, nm: one of the allowed widths.
        length: of the body between the contacts' heads, nm.
        technology: the rules.

    Raises:
        LayoutError: the width is not allowed, or the body is shorter than wide.
    """
    allowed = technology.sizes_nm("resistor width")
    if width not in allowed or length < width:
        widths = ", ".join(f"{size / 1000:g}" for size in allowed)
        raise LayoutError(
            f"a poly resistor of {width / 1000:g} x {length / 1000:g} um cannot be drawn: its width must be one of "
            f"{widths} um and its length no less"
        )
    drawing = Drawing(f"poly_resistor_w{width}_l{length}", technology)
    slot_width, slot_length = technology.sizes_nm("resistor contact size")
    body = Box(0, 0, width, length)
    head = slot_length + 2 * technology.nm("poly end enclosure of contact")
    whole = drawing.add("poly", body.grown(0, head))
    drawing.add("resistor_mark", body)
    drawing.add("nitride_cut", whole.grown(technology.nm("nitride_cut enclosure of resistor")))
    drawing.add("p_implant", whole.grown(technology.nm("p_implant enclosure of resistor")))
    side = max(
        technology.nm("resistor_implant enclosure of resistor"),
        (technology.nm("resistor_implant width") - width + 1) // 2,
    )
    side = -(-side // technology.grid) * technology.grid
    drawing.add("resistor_implant", whole.grown(side, technology.nm("resistor_implant enclosure of resistor")))
    terminals: list[Box] = []
    pitch = slot_width + technology.nm("resistor contact spacing")
    count = max(
        1, (width - 2 * technology.nm("poly enclosure of contact") + technology.nm("resistor contact spacing")) // pitch
    )
    first = (width - (count - 1) * pitch - slot_width) // (2 * technology.grid) * technology.grid
    for bottom in (
        -technology.nm("poly end enclosure of contact") - slot_length,
        length + technology.nm("poly end enclosure of contact"),
    ):
        slots = [
            drawing.add("contact", Box(left, bottom, left + slot_width, bottom + slot_length))
            for left in range(first, first + count * pitch, pitch)
        ]
        landing = drawing.add(
            "local_interconnect",
            Box.around(*slots).grown(0, technology.nm("local_interconnect end enclosure of contact")),
        )
        vias = fill_with_cuts(drawing, "via_0", landing)
        terminals.append(
            drawing.add("metal_1", Box.around(*vias).grown(technology.nm("metal_1 end enclosure of via_0")))
        )
    return ResistorDrawing(drawing, terminals[0], terminals[1])
