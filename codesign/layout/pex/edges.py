"""What the edges of wires face on their own layer: the nearest other edge within reach, or nothing."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import klayout.db as db

from codesign.layout.pex.tiles import Rectangle

_ROW = 5000
"""Length of the pieces in which facing edges are looked up, nm."""


@dataclass(frozen=True)
class Facing:
    """A part of an edge, all of which faces the same.

    Attributes:
        net: of the edge.
        upright: whether the edge runs along y.
        outward: 1 if it faces right or up, -1 if left or down.
        at: x of an upright edge, y of another, nm.
        low: start along the edge, nm.
        high: end along the edge, nm.
        distance: to the edge that it faces, or as far as was looked, nm.
        neighbour: net of the edge that it faces, or None.
    """

    net: str
    upright: bool
    outward: int
    at: int
    low: int
    high: int
    distance: int
    neighbour: str | None

    @property
    def length(self) -> int:
        """Length along the edge, nm."""
        return self.high - self.low

    @property
    def gap(self) -> Rectangle:
        """The rectangle between the edge and what it faces."""
        near, far = sorted((self.at, self.at + self.outward * self.distance))
        return (near, self.low, far, self.high) if self.upright else (self.low, near, self.high, far)

    def span(self, box: Rectangle) -> tuple[int, int]:
        """The distances from the edge at which a rectangle in the gap starts and ends, nm."""
        first, last = (box[0], box[2]) if self.upright else (box[1], box[3])
        return (first - self.at, last - self.at) if self.outward > 0 else (self.at - last, self.at - first)


@dataclass(frozen=True, order=True)
class _Edge:
    """An edge along one axis; `at` grows in the direction in which it is seen from."""

    at: int
    low: int
    high: int
    net: str


def facing_edges(edges: dict[str, db.Edges], reach: int) -> Iterator[Facing]:
    """The parts of all edges with what they face.

    Args:
        edges: of merged shapes on one layer, along x or y, by net.
        reach: how far to look, nm.
    """
    sides: dict[tuple[bool, int], list[_Edge]] = defaultdict(list)
    for net, some in edges.items():
        for edge in some.each():
            upright = edge.dx() == 0
            # Polygons run clockwise: the inside is on the right of an edge.
            outward = (-1 if edge.dy() > 0 else 1) if upright else (1 if edge.dx() > 0 else -1)
            low, high = sorted((edge.y1, edge.y2) if upright else (edge.x1, edge.x2))
            sides[upright, outward].append(_Edge(edge.x1 if upright else edge.y1, low, high, net))
    for (upright, outward), leaving in sides.items():
        rows: dict[int, list[_Edge]] = defaultdict(list)
        for edge in sides.get((upright, -outward), []):
            for row in range(edge.low // _ROW, (edge.high - 1) // _ROW + 1):
                rows[row].append(_Edge(outward * edge.at, edge.low, edge.high, edge.net))
        for row in rows.values():
            row.sort()
        for edge in leaving:
            for row in range(edge.low // _ROW, (edge.high - 1) // _ROW + 1):
                start, end = max(edge.low, row * _ROW), min(edge.high, (row + 1) * _ROW)
                for low, high, distance, neighbour in _seen(outward * edge.at, start, end, rows.get(row, []), reach):
                    yield Facing(edge.net, upright, outward, edge.at, low, high, distance, neighbour)


def _seen(
    at: int, low: int, high: int, candidates: list[_Edge], reach: int
) -> Iterator[tuple[int, int, int, str | None]]:
    """The parts of an edge from `low` to `high`, each with distance and net of the nearest candidate beyond `at`."""
    still_open = [(low, high)]
    for other in candidates[bisect_left(candidates, at, key=lambda edge: edge.at) :]:
        if other.at > at + reach or not still_open:
            break
        rest: list[tuple[int, int]] = []
        for start, end in still_open:
            first, last = max(start, other.low), min(end, other.high)
            if first >= last:
                rest.append((start, end))
                continue
            yield first, last, other.at - at, other.net
            rest += [part for part in ((start, first), (last, end)) if part[0] < part[1]]
        still_open = rest
    for start, end in still_open:
        yield start, end, reach, None
