"""MIM capacitors: MIM plate over a metal_3 bottom plate, the top plate reached from metal_4."""

from dataclasses import dataclass

from codesign.layout.contacts import cut_size, cut_space, fill_with_cuts
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology

_TOP_INSET = 150
"""How far the metal_4 over a top plate stays inside it, nm."""


@dataclass(frozen=True)
class CapacitorDrawing:
    """A drawn row of equal capacitors on one bottom plate, the first MIM plate's lower left corner at the origin.

    Attributes:
        drawing: the cell.
        bottom: the metal_3 bottom plate.
        top: the metal_4 that joins the top plates.
        plates: the outline of all top plates.
    """

    drawing: Drawing
    bottom: Box
    top: Box
    plates: Box


def draw_capacitors(
    width: int, length: int, columns: int, rows: int, bottom_margin: int, technology: Technology
) -> CapacitorDrawing:
    """Draw `columns` by `rows` equal MIM capacitors in parallel on one bottom plate.

    Args:
        width: of one top plate along x, nm.
        length: of one top plate along y, nm.
        columns: number side by side.
        rows: number above each other.
        bottom_margin: how far the bottom plate reaches below the top plates, nm: room for its via_2 contacts.
        technology: the rules.

    Raises:
        LayoutError: the plates break the width or aspect ratio rule.
    """
    least, ratio = technology.nm("mim_plate width"), technology.nm("mim_plate aspect ratio") / 1000
    if min(width, length) < least or max(width, length) > ratio * min(width, length):
        raise LayoutError(
            f"a MIM capacitor of {width / 1000:g} x {length / 1000:g} um cannot be drawn: sides of at least "
            f"{least / 1000:g} um and a ratio of at most {ratio:g} are allowed"
        )
    drawing = Drawing(f"mim_w{width}_l{length}_{columns}x{rows}", technology)
    gap = technology.nm("mim_plate spacing")
    plates = [
        Box(x, y, x + width, y + length)
        for x in range(0, columns * (width + gap), width + gap)
        for y in range(0, rows * (length + gap), length + gap)
    ]
    cut_inset = max(
        technology.nm("mim_plate enclosure of via_3"), technology.nm("metal_4 enclosure of via_3") + _TOP_INSET
    )
    for plate in plates:
        drawing.add("mim_plate", plate)
        _draw_top_contacts(drawing, plate.grown(-cut_inset))
    whole = Box.around(*plates)
    # Drawn in a little, so that a grounded metal_4 line fits between two capacitors.
    top = drawing.add("metal_4", whole.grown(-_TOP_INSET))
    plate = whole.grown(technology.nm("bottom plate enclosure of mim_plate"))
    bottom = drawing.add("metal_3", Box(plate.left, plate.bottom - bottom_margin, plate.right, plate.top))
    return CapacitorDrawing(drawing, bottom, top, whole)


def _draw_top_contacts(drawing: Drawing, area: Box) -> None:
    """Via_3 along the lower and upper edge of the top plate: enough for its current, and not thousands of cuts."""
    technology = drawing.technology
    side = cut_size(technology, "via_3")
    fill_with_cuts(drawing, "via_3", Box(area.left, area.bottom, area.right, area.bottom + side))
    if area.height >= 2 * side + cut_space(technology, "via_3"):
        fill_with_cuts(drawing, "via_3", Box(area.left, area.top - side, area.right, area.top))
