"""Wires over a drawing on two layers: each net along the cheapest way on a grid.

Nodes of the grid lie `track` apart, so far that wires and vias on neighbouring nodes keep the spacing rules. Every
shape that is there before blocks the nodes that come too close to it for all nets but its own.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

import numpy as np

from codesign.layout.contacts import draw_cut, pad_size
from codesign.layout.drawing import Drawing
from codesign.layout.errors import LayoutError
from codesign.layout.geometry import Box
from codesign.layout.technology import Technology
from codesign.layout.tile.search import BLOCKED, FREE, Node, Search, straight

RoutingLayer = Literal["metal_3", "metal_4"]
LAYERS: tuple[RoutingLayer, RoutingLayer] = ("metal_3", "metal_4")
_CUT: Literal["via_3"] = "via_3"

# From this width on a shape is a wide one, or a bottom plate, and others keep farther away, nm.
_WIDE = 3000
# Of a step beside a shape of the net itself.
_BESIDE = 40
# How often each net may look for a way, on the average.
_TRIES = 8


class NoWay(LayoutError):
    """A net finds no way."""

    def __init__(self, net: str) -> None:
        super().__init__(f"no way for a wire of {net}")


@dataclass(frozen=True)
class Grid:
    """Where nodes lie: the first column and row, and the pitch, nm, and how many there are."""

    left: int
    bottom: int
    pitch: int
    columns: int
    rows: int

    @classmethod
    def over(cls, outline: Box, pitch: int, through: int) -> "Grid":
        """The grid inside an outline, its columns and rows at multiples of the pitch from `through`, nm."""
        start = through % pitch
        columns, rows = ((end - pitch // 2 - start) // pitch + 1 for end in (outline.right, outline.top))
        return cls(start, start, pitch, columns, rows)

    def x(self, column: int) -> int:
        """The x of a column, nm."""
        return self.left + column * self.pitch

    def y(self, row: int) -> int:
        """The y of a row, nm."""
        return self.bottom + row * self.pitch

    def nearest(self, x: int, y: int) -> tuple[int, int]:
        """Column and row of the node nearest to a point."""
        column, row = round((x - self.left) / self.pitch), round((y - self.bottom) / self.pitch)
        return min(max(column, 0), self.columns - 1), min(max(row, 0), self.rows - 1)

    def within(self, box: Box) -> tuple[slice, slice]:
        """Columns and rows whose nodes lie in a box."""
        spans = ((box.left, box.right, self.left, self.columns), (box.bottom, box.top, self.bottom, self.rows))
        return tuple(  # pyright: ignore[reportReturnType]
            slice(max(0, -(-(low - start) // self.pitch)), max(0, min(count, (high - start) // self.pitch + 1)))
            for low, high, start, count in spans
        )


class Router:
    """Finds ways and draws them.

    Args:
        drawing: to draw in.
        grid: of the nodes.
    """

    def __init__(self, drawing: Drawing, grid: Grid) -> None:
        self.grid = grid
        self._drawing = drawing
        self._owners = np.zeros((2, grid.columns, grid.rows), dtype=np.int32)
        self._prices = np.zeros((2, grid.columns, grid.rows), dtype=np.int32)
        self._shapes: dict[RoutingLayer, list[Box]] = {layer: [] for layer in LAYERS}
        self._nets: dict[str, int] = {}
        # Half the side of a via's pad on both layers.
        self._half = max(pad_size(drawing.technology, _CUT, layer)[1] for layer in LAYERS) // 2
        self._space = {layer: _spaces(drawing.technology, layer) for layer in LAYERS}

    def occupy(self, layer: RoutingLayer, box: Box, net: str | None = None) -> None:
        """Take a shape that is drawn into account; without a net, no wire may touch it.

        Wires of its own net leave it straight on: beside it, they might come too close without touching.
        """
        number = LAYERS.index(layer)
        self._shapes[layer].append(box)
        columns, rows = self.grid.within(box.grown(self._half + self.clearance(layer, box) - 1))
        if net is None:
            self._owners[number, columns, rows] = BLOCKED
            return
        own, within = self._number(net), self.grid.within(box)
        for inside in ((columns, within[1]), (within[0], rows)):
            owners = self._owners[(number, *inside)]
            owners[owners == FREE] = own
        owners = self._owners[number, columns, rows]
        owners[owners != own] = BLOCKED
        self._prices[number, columns, rows] = _BESIDE
        self._prices[(number, *within)] = 0

    def clearance(self, layer: RoutingLayer, box: Box) -> int:
        """How far other nets keep from a shape, nm."""
        plain, wide = self._space[layer]
        return wide if min(box.width, box.height) >= _WIDE else plain

    def is_clear(self, layer: RoutingLayer, box: Box) -> bool:
        """Whether a shape of a net of its own can be drawn there."""
        return not any(other.grown(self.clearance(layer, other)).overlaps(box) for other in self._shapes[layer])

    def nodes(self, layer: RoutingLayer, box: Box) -> list[Node]:
        """The nodes at which a via fits inside a shape, or at least its centre line does."""
        number = LAYERS.index(layer)
        found: list[Node] = []
        for inside in (box.grown(-self._half), box.grown(0, -self._half), box):
            if inside.left <= inside.right and inside.bottom <= inside.top:
                columns, rows = self.grid.within(inside)
                found = [
                    (number, column, row)
                    for column in range(columns.start, columns.stop)
                    for row in range(rows.start, rows.stop)
                ]
            if found:
                return found
        return found

    def square(self, node: Node) -> Box:
        """The pad of a via at a node."""
        return Box.centred(self.grid.x(node[1]), self.grid.y(node[2]), 2 * self._half, 2 * self._half)

    def route(self, terminals: Mapping[str, Sequence[Sequence[Node]]]) -> None:
        """Find a way between all terminals of each net, and draw them.

        A wire may cross others at a price, which then look for another way; the price rises where that happens.

        Args:
            terminals: of each net, the nodes that each reaches; nets are taken in this order.

        Raises:
            NoWay: a net finds none.
        """
        search = Search(self._owners, self._prices)
        waiting, tries = deque(terminals), _TRIES * len(terminals)
        ways: dict[str, list[list[Node]]] = {}
        while waiting:
            net = waiting.popleft()
            own = self._number(net)
            tries -= 1
            if tries < 0 or not all(terminals[net]):
                raise NoWay(net)
            first, *others = terminals[net]
            tree = [*first]
            ways[net] = []
            for nodes in others:
                way = search.cheapest(own, nodes, tree)
                if way is None:
                    raise NoWay(net)
                ways[net].append(way)
                tree += way
            crossed = search.cross(own, (node for way in ways[net] for node in way))
            for other in [other for other in ways if self._number(other) in crossed]:
                search.clear(node for way in ways.pop(other) for node in way)
                waiting.append(other)
            search.lay(own, (node for way in ways[net] for node in way))
        for way in (way for some in ways.values() for way in some):
            self._draw(way)

    def _number(self, net: str) -> int:
        return self._nets.setdefault(net, len(self._nets) + 1)

    def _draw(self, way: Sequence[Node]) -> None:
        """A rectangle for each straight stretch, as wide as the pads of vias, and cuts with their pads."""
        for layer, stretch in groupby(way, lambda node: node[0]):
            for first, last in straight([*stretch]):
                self._drawing.add(LAYERS[layer], Box.around(self.square(first), self.square(last)))
        for node, following in pairwise(way):
            if node[0] != following[0]:
                draw_cut(self._drawing, _CUT, self.grid.x(node[1]), self.grid.y(node[2]))
                for layer in LAYERS:
                    self._drawing.add(layer, self.square(node))


def _spaces(technology: Technology, layer: RoutingLayer) -> tuple[int, int]:
    """Spacing to a shape of a layer, and to a wide one, which on metal_3 may be a bottom plate."""
    wide = "bottom plate to metal_3 spacing" if layer == "metal_3" else "wide metal_4 spacing"
    return technology.nm("metal_3 spacing" if layer == "metal_3" else "metal_4 spacing"), technology.nm(wide)
