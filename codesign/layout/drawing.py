"""Drawings: rectangles, pins and instances of other drawings, in whole nanometres, written as GDS."""

import datetime
import math
import tempfile
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

import gdstk

from codesign.files import write_atomically
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Layer, Technology

# GDS files carry a date; a fixed one makes equal layouts equal files.
_DATE = datetime.datetime(2000, 1, 1)
_NM_PER_UM = 1000


@dataclass(frozen=True)
class Pin:
    """Where a net meets the outside: a rectangle on a conductor, labelled with the net's name."""

    net: str
    layer: Layer
    box: Box


@dataclass(frozen=True)
class Instance:
    """Another drawing placed with its origin at (x, y) nm, mirrored at the x axis first if `flipped`.

    `mirrored` mirrors at the y axis, `turned` turns by a quarter turn to the left after that.
    """

    drawing: "Drawing"
    x: int
    y: int
    flipped: bool = False
    mirrored: bool = False
    turned: bool = False

    def place(self, box: Box) -> Box:
        """A rectangle of the placed drawing, in the coordinates of the drawing that holds the instance."""
        box = box.flipped() if self.flipped else box
        box = box.mirrored() if self.mirrored else box
        return (box.turned() if self.turned else box).moved(self.x, self.y)

    def pin(self, net: str) -> Pin:
        """The placed drawing's pin of `net`, in the coordinates of the drawing that holds the instance.

        Raises:
            LayoutError: it has no such pin.
        """
        for pin in self.drawing.pins:
            if pin.net == net:
                return Pin(net, pin.layer, self.place(pin.box))
        raise LayoutError(f"the drawing {self.drawing.name} has no pin {net}")


@dataclass
class Drawing:
    """A cell of a layout.

    Attributes:
        name: of the GDS cell; equal names must mean equal drawings.
        technology: its layers and rules.
        shapes: rectangles by layer name.
        pins: its ports.
        instances: placed drawings.
    """

    name: str
    technology: Technology
    shapes: list[tuple[Layer, Box]] = field(default_factory=list[tuple[Layer, Box]])
    pins: list[Pin] = field(default_factory=list[Pin])
    instances: list[Instance] = field(default_factory=list[Instance])

    def add(self, layer: Layer, box: Box) -> Box:
        """Draw a rectangle and return it.

        Raises:
            LayoutError: it is empty or off the manufacturing grid.
        """
        if box.width <= 0 or box.height <= 0:
            raise LayoutError(f"{self.name}: empty rectangle {box} on {layer}")
        if any(edge % self.technology.grid for edge in (box.left, box.bottom, box.right, box.top)):
            raise LayoutError(f"{self.name}: {box} on {layer} is off the {self.technology.grid} nm grid")
        self.shapes.append((layer, box))
        return box

    def pin(self, net: str, layer: Layer, box: Box) -> None:
        """Mark a rectangle of a conductor as the port of `net`."""
        self.pins.append(Pin(net, layer, box))

    def place(
        self,
        drawing: "Drawing",
        x: int,
        y: int,
        *,
        flipped: bool = False,
        mirrored: bool = False,
        turned: bool = False,
    ) -> Instance:
        """Place another drawing and return the instance."""
        instance = Instance(drawing, x, y, flipped, mirrored, turned)
        self.instances.append(instance)
        return instance

    @property
    def box(self) -> Box:
        """The smallest rectangle that holds everything drawn so far.

        Raises:
            LayoutError: nothing is drawn.
        """
        boxes = [box for _layer, box in self.shapes]
        boxes += [instance.place(instance.drawing.box) for instance in self.instances]
        if not boxes:
            raise LayoutError(f"the drawing {self.name} is empty")
        return Box.around(*boxes)

    def flat_shapes(self, layers: Container[str]) -> list[tuple[Layer, Box]]:
        """The rectangles on some layers, of this drawing and of all that it places."""
        found = [shape for shape in self.shapes if shape[0] in layers]
        inner: dict[str, list[tuple[Layer, Box]]] = {}
        for instance in self.instances:
            if instance.drawing.name not in inner:
                inner[instance.drawing.name] = instance.drawing.flat_shapes(layers)
            found.extend((layer, instance.place(box)) for layer, box in inner[instance.drawing.name])
        return found

    def shapes_and_places(self) -> tuple[list[tuple[Layer, Box]], list[tuple[object, ...]]]:
        """What is drawn in this cell itself: its rectangles, and which drawings it places where, by name."""
        places: list[tuple[object, ...]] = [
            (one.drawing.name, one.x, one.y, one.flipped, one.mirrored, one.turned) for one in self.instances
        ]
        return self.shapes, places

    def every_drawing(self) -> list["Drawing"]:
        """This drawing and all that it places, each once, parts first.

        Raises:
            LayoutError: two that differ have one name: a GDS file would hold only one of them.
        """
        ordered: dict[str, Drawing] = {}

        def visit(drawing: Drawing) -> None:
            for part in (instance.drawing for instance in drawing.instances):
                known = ordered.get(part.name)
                if known is None:
                    visit(part)
                elif known is not part and known.shapes_and_places() != part.shapes_and_places():
                    raise LayoutError(f"{drawing.name} places two different drawings called {part.name}")
            ordered[drawing.name] = drawing

        visit(self)
        return list(ordered.values())


def write_gds(drawing: Drawing, path: Path) -> None:
    """Write a drawing and all that it places as a GDS file, replaced in one step.

    Pins and labels are written for the top cell only: the ports of its parts are inner nets.

    Raises:
        CodesignError: the file cannot be written.
    """
    technology = drawing.technology
    library = gdstk.Library(name=drawing.name, unit=1e-6, precision=1e-9)
    cells: dict[str, gdstk.Cell] = {}
    for part in drawing.every_drawing():
        cell = cells[part.name] = library.new_cell(part.name)
        for layer, box in part.shapes:
            cell.add(_rectangle(box, technology.drawing[layer]))
        for instance in part.instances:
            origin = (instance.x / _NM_PER_UM, instance.y / _NM_PER_UM)
            # A mirror image at the y axis is one at the x axis, turned by half a turn.
            turn, reflected = math.pi if instance.mirrored else 0.0, instance.flipped != instance.mirrored
            turn += math.pi / 2 if instance.turned else 0.0
            cell.add(gdstk.Reference(cells[instance.drawing.name], origin, turn, x_reflection=reflected))
    top = cells[drawing.name]
    for pin in drawing.pins:
        top.add(_rectangle(pin.box, technology.pin[pin.layer]))
        layer, texttype = technology.label[pin.layer]
        top.add(gdstk.Label(pin.net, (pin.box.x / _NM_PER_UM, pin.box.y / _NM_PER_UM), layer=layer, texttype=texttype))
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.gds"
        library.write_gds(str(draft), timestamp=_DATE)
        write_atomically(path, draft.read_bytes())


def _rectangle(box: Box, gds: tuple[int, int]) -> gdstk.Polygon:
    corners = [(x / _NM_PER_UM, y / _NM_PER_UM) for x, y in ((box.left, box.bottom), (box.right, box.top))]
    return gdstk.rectangle(corners[0], corners[1], layer=gds[0], datatype=gds[1])
