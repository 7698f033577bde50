"""How much area the cells of a layout take."""

from collections.abc import Mapping
from dataclasses import dataclass

from codesign.layout.drawing import Drawing


@dataclass(frozen=True)
class CellArea:
    """A cell's size and how often it is placed in the whole layout.

    Attributes:
        cell: name of the cell.
        count: number of placements.
        width_um: width, um.
        height_um: height, um.
    """

    cell: str
    count: int
    width_um: float
    height_um: float

    @property
    def area_um2(self) -> float:
        """Area of one placement, um2."""
        return self.width_um * self.height_um


@dataclass(frozen=True)
class AreaTable:
    """The areas of a layout.

    Attributes:
        cells: every cell, the layout itself last.
        utilisation: share of the outline that the blocks placed in the layout cover, capacitors not counted.
    """

    cells: tuple[CellArea, ...]
    utilisation: float

    def csv(self) -> str:
        """The table as CSV with a header."""
        rows = ["cell,count,width_um,height_um,area_um2"]
        rows += [
            f"{cell.cell},{cell.count},{cell.width_um:.3f},{cell.height_um:.3f},{cell.area_um2:.3f}"
            for cell in self.cells
        ]
        return "\n".join(rows) + "\n"


def area_table(drawing: Drawing) -> AreaTable:
    """Count and measure every cell of a layout."""
    parts = drawing.every_drawing()
    counts = {drawing.name: 1}
    for part in reversed(parts):
        for instance in part.instances:
            name = instance.drawing.name
            counts[name] = counts.get(name, 0) + counts[part.name]
    cells = tuple(_measure(part, counts) for part in parts)
    blocks = [
        instance.drawing.box
        for instance in drawing.instances
        if not any(layer == "mim_plate" for layer, _box in instance.drawing.shapes)
    ]
    whole = drawing.box
    covered = sum(box.width * box.height for box in blocks)
    return AreaTable(cells, covered / (whole.width * whole.height))


def _measure(part: Drawing, counts: Mapping[str, int]) -> CellArea:
    box = part.box
    return CellArea(part.name, counts[part.name], box.width / 1000, box.height / 1000)
