"""Rectangles of a layout with the net that they belong to, found by place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Rectangle = tuple[int, int, int, int]
"""Left, bottom, right, top, nm."""

TILE = 5000
"""Side of the squares by which rectangles are found, nm; larger rectangles are cut at their edges."""


@dataclass(frozen=True)
class Owned:
    """A rectangle of one net, within one tile."""

    box: Rectangle
    net: str


class TileIndex:
    """Disjoint rectangles of one layer, found by the tile that they lie in."""

    def __init__(self, owned: Iterable[tuple[Rectangle, str]]) -> None:
        self._tiles: dict[tuple[int, int], list[Owned]] = {}
        for box, net in owned:
            for tile, part in cut_at_tiles(box):
                self._tiles.setdefault(tile, []).append(Owned(part, net))

    def near(self, tile: tuple[int, int], box: Rectangle) -> list[Owned]:
        """What lies in a tile and overlaps a rectangle in it."""
        left, bottom, right, top = box
        return [
            owned
            for owned in self._tiles.get(tile, ())
            if owned.box[0] < right and owned.box[2] > left and owned.box[1] < top and owned.box[3] > bottom
        ]


def cut_at_tiles(box: Rectangle) -> Iterator[tuple[tuple[int, int], Rectangle]]:
    """The parts of a rectangle in each tile that it touches."""
    left, bottom, right, top = box
    for column in range(left // TILE, (right - 1) // TILE + 1):
        for row in range(bottom // TILE, (top - 1) // TILE + 1):
            yield (
                (column, row),
                (
                    max(left, column * TILE),
                    max(bottom, row * TILE),
                    min(right, (column + 1) * TILE),
                    min(top, (row + 1) * TILE),
                ),
            )


def overlap(first: Rectangle, second: Rectangle) -> Rectangle | None:
    """The common part of two rectangles, or None."""
    left = first[0] if first[0] > second[0] else second[0]
    right = first[2] if first[2] < second[2] else second[2]
    if left >= right:
        return None
    bottom = first[1] if first[1] > second[1] else second[1]
    top = first[3] if first[3] < second[3] else second[3]
    return (left, bottom, right, top) if bottom < top else None


def without(box: Rectangle, hole: Rectangle) -> Iterator[Rectangle]:
    """The parts of a rectangle outside another that lies in it."""
    left, bottom, right, top = box
    if hole[1] > bottom:
        yield left, bottom, right, hole[1]
    if hole[3] < top:
        yield left, hole[3], right, top
    if hole[0] > left:
        yield left, hole[1], hole[0], hole[3]
    if hole[2] < right:
        yield hole[2], hole[1], right, hole[3]


def area(box: Rectangle) -> int:
    """Area, nm2."""
    return (box[2] - box[0]) * (box[3] - box[1])
