"""Ways up from what is drawn to the layers of wires: from ports on metal_2 and from rails on metal_1."""

from codesign.layout.contacts import Direction, pad, pad_size, via_stack, with_area
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Conductor, Cut
from codesign.layout.tile.router import Router
from codesign.layout.tile.search import Node

# How far inside and outside of a block its port may be left, and the steps in which a place is looked for, nm.
_INSIDE, _OUTSIDE, _STEP = 7000, 4000, 30


class NoPlace(LayoutError):
    """There is no free place for a way up."""


class Risers:
    """Draws ways up, each at a place clear of all else.

    Args:
        drawing: to draw in.
        router: of the wires that go on from there.
        outline: that all of it stays in.
    """

    def __init__(self, drawing: Drawing, router: Router, outline: Box) -> None:
        self._drawing = drawing
        self._router = router
        self._outline = outline
        self._metal_2: list[Box] = []

    def occupy(self, box: Box) -> None:
        """Take a metal_2 shape that is drawn into account."""
        self._metal_2.append(box)

    def from_port(self, net: str, port: Box, outwards: tuple[int, int]) -> Node:
        """Bring a port up from its metal_2 wire, inside its block or outside, and return the node it reaches.

        Args:
            net: its net.
            port: at the end of its wire.
            outwards: the direction in which the wire may be lengthened, a step along x or y.

        Raises:
            NoPlace: there is none.
        """
        dx, dy = outwards
        grid = self._drawing.technology.grid
        direction: Direction = "horizontal" if dx else "vertical"
        wire = next((box for box in self._metal_2 if Box.around(box, port) == box), port)
        for step in sorted(range(-_INSIDE, _OUTSIDE, _STEP), key=abs):
            x, y = ((value // grid) * grid for value in (port.x + dx * step, port.y + dy * step))
            if step <= 0 and not (wire.left <= x <= wire.right and wire.bottom <= y <= wire.top):
                continue
            below = self._pad("via_2", "metal_2", x, y, direction)
            added = Box.around(port, below) if step > 0 else below
            landing = self._landing(x, y, direction)
            if self._is_clear(landing) and self._metal_2_is_clear(added, wire):
                if step > 0:
                    self._drawing.add("metal_2", Box.around(port, Box.centred(x, y, port.width, port.height)))
                via_stack(self._drawing, x, y, "metal_2", "metal_3", direction=direction)
                return self._land(net, added, landing, x, y)
        raise NoPlace(f"no way up to the wires for {net}")

    def from_rail(self, net: str, rail: Box) -> Node:
        """Bring a horizontal rail on metal_1 up, and return the node it reaches.

        Raises:
            NoPlace: there is no place along it.
        """
        grid = self._drawing.technology.grid
        inset = pad_size(self._drawing.technology, "via_1", "metal_2")[1]
        y = rail.y // grid * grid
        for x in range(rail.left + inset, rail.right - inset, _STEP):
            added = self._pad("via_1", "metal_2", x, y, "horizontal")
            landing = self._landing(x, y, "horizontal")
            if self._is_clear(landing) and self._metal_2_is_clear(added, added):
                via_stack(self._drawing, x, y, "metal_1", "metal_3", direction="horizontal")
                return self._land(net, added, landing, x, y)
        raise NoPlace(f"no way up to the wires for a rail of {net}")

    def _pad(self, cut: Cut, conductor: Conductor, x: int, y: int, direction: Direction) -> Box:
        technology = self._drawing.technology
        return with_area(technology, conductor, pad(technology, cut, conductor, x, y, direction), direction)

    def _landing(self, x: int, y: int, direction: Direction) -> Box:
        """Metal_3 over a cut that reaches the nearest node."""
        return Box.around(self._pad("via_2", "metal_3", x, y, direction), self._router.square(self._node(x, y)))

    def _node(self, x: int, y: int) -> Node:
        return (0, *self._router.grid.nearest(x, y))

    def _land(self, net: str, added: Box, landing: Box, x: int, y: int) -> Node:
        self._metal_2.append(added)
        self._router.occupy("metal_3", self._drawing.add("metal_3", landing), net)
        return self._node(x, y)

    def _is_clear(self, landing: Box) -> bool:
        inside = Box.around(self._outline, landing) == self._outline
        return inside and self._router.is_clear("metal_3", landing)

    def _metal_2_is_clear(self, added: Box, own: Box) -> bool:
        near = added.grown(self._drawing.technology.nm("metal_2 spacing"))
        return not any(other.overlaps(near) and not other.touches(own) for other in self._metal_2)
