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
        low: met1 of the terminal below the body.
        high: met1 of the terminal above it.
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
    allowed = technology.sizes_nm("rpm.1bcdef")
    if width not in allowed or length < width:
        widths = ", ".join(f"{size / 1000:g}" for size in allowed)
        raise LayoutError(
            f"a poly resistor of {width / 1000:g} x {length / 1000:g} um cannot be drawn: its width must be one of "
            f"{widths} um and its length no less"
        )
    drawing = Drawing(f"xhigh_po_w{width}_l{length}", technology)
    slot_width, slot_length = technology.sizes_nm("licon.1bc")
    body = Box(0, 0, width, length)
    head = slot_length + 2 * technology.nm("licon.8a")
    whole = drawing.add("poly", body.grown(0, head))
    drawing.add("poly_res", body)
    drawing.add("npc", whole.grown(technology.nm("rpm.5")))
    drawing.add("psdm", whole.grown(technology.nm("rpm.4")))
    side = max(technology.nm("rpm.3"), (technology.nm("rpm.1a") - width + 1) // 2)
    side = -(-side // technology.grid) * technology.grid
    drawing.add("urpm", whole.grown(side, technology.nm("rpm.3")))
    terminals: list[Box] = []
    pitch = slot_width + technology.nm("licon.2b")
    count = max(1, (width - 2 * technology.nm("licon.8") + technology.nm("licon.2b")) // pitch)
    first = (width - (count - 1) * pitch - slot_width) // (2 * technology.grid) * technology.grid
    for bottom in (-technology.nm("licon.8a") - slot_length, length + technology.nm("licon.8a")):
        slots = [
            drawing.add("licon", Box(left, bottom, left + slot_width, bottom + slot_length))
            for left in range(first, first + count * pitch, pitch)
        ]
        li1 = drawing.add("li1", Box.around(*slots).grown(0, technology.nm("li.5")))
        mcons = fill_with_cuts(drawing, "mcon", li1)
        terminals.append(drawing.add("met1", Box.around(*mcons).grown(technology.nm("m1.5"))))
    return ResistorDrawing(drawing, terminals[0], terminals[1])
