"""MIM capacitors: capm over a met3 bottom plate, the top plate reached from met4."""

from dataclasses import dataclass

from codesign.layout.contacts import fill_with_cuts
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology

_TOP_INSET = 150
"""How far the met4 over a top plate stays inside it, nm."""


@dataclass(frozen=True)
class CapacitorDrawing:
    """A drawn row of equal capacitors on one bottom plate, the first capm's lower left corner at the origin.

    Attributes:
        drawing: the cell.
        bottom: the met3 bottom plate.
        top: the met4 that joins the top plates.
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
        bottom_margin: how far the bottom plate reaches below the top plates, nm: room for its via2 contacts.
        technology: the rules.

    Raises:
        LayoutError: the plates break the width or aspect ratio rule.
    """
    least, ratio = technology.nm("capm.1"), technology.nm("capm.6") / 1000
    if min(width, length) < least or max(width, length) > ratio * min(width, length):
        raise LayoutError(
            f"a MIM capacitor of {width / 1000:g} x {length / 1000:g} um cannot be drawn: sides of at least "
            f"{least / 1000:g} um and a ratio of at most {ratio:g} are allowed"
        )
    drawing = Drawing(f"mim_w{width}_l{length}_{columns}x{rows}", technology)
    gap = technology.nm("capm.2a")
    plates = [
        Box(x, y, x + width, y + length)
        for x in range(0, columns * (width + gap), width + gap)
        for y in range(0, rows * (length + gap), length + gap)
    ]
    cut_inset = max(technology.nm("capm.4"), technology.nm("m4.3") + _TOP_INSET)
    for plate in plates:
        drawing.add("capm", plate)
        _draw_top_contacts(drawing, plate.grown(-cut_inset))
    whole = Box.around(*plates)
    # Drawn in a little, so that a grounded met4 line fits between two capacitors.
    top = drawing.add("met4", whole.grown(-_TOP_INSET))
    plate = whole.grown(technology.nm("capm.3"))
    bottom = drawing.add("met3", Box(plate.left, plate.bottom - bottom_margin, plate.right, plate.top))
    return CapacitorDrawing(drawing, bottom, top, whole)


def _draw_top_contacts(drawing: Drawing, area: Box) -> None:
    """Via3 along the lower and upper edge of the top plate: enough for its current, and not thousands of cuts."""
    technology = drawing.technology
    side = technology.sizes_nm("via3.1")[0]
    fill_with_cuts(drawing, "via3", Box(area.left, area.bottom, area.right, area.bottom + side))
    if area.height >= 2 * side + technology.nm("via3.2"):
        fill_with_cuts(drawing, "via3", Box(area.left, area.top - side, area.right, area.top))
