"""The cheapest way on a grid of two layers, past what is blocked and over other wires at a price."""

import heapq
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Node = tuple[int, int, int]
"""Layer (0 or 1), column and row."""

FREE, BLOCKED = 0, -1
"""Owners of a node that are no net."""

# Costs of a step along a layer's own direction (x on the lower, y on the upper), across it, and to the other layer.
_ALONG, _ACROSS, _VIA = 2, 3, 8
# Of crossing another net's wire, and how much more after it has happened.
_CROSSED = 100


class Search:
    """Ways past and over each other.

    Args:
        owners: the net that each node is kept for, `FREE`, or `BLOCKED`; shape (2, columns, rows).
        prices: what a step to each node costs beside its own cost, same shape.
    """

    def __init__(self, owners: npt.NDArray[np.int32], prices: npt.NDArray[np.int32]) -> None:
        # A frame of blocked nodes saves the test for the edge; plain lists are read faster than arrays.
        frame = ((0, 0), (1, 1), (1, 1))
        self._columns: int = owners.shape[1] + 2
        self._rows: int = owners.shape[2] + 2
        self._owners = _flat(np.pad(owners, frame, constant_values=BLOCKED))
        self._prices = _flat(np.pad(prices, frame))
        self._wires: list[int] = [FREE] * len(self._owners)

    def cheapest(self, own: int, start: Iterable[Node], end: Iterable[Node]) -> list[Node] | None:
        """The cheapest way from one of some nodes to one of others for the net `own`, or None: A*.

        The estimate of what is left is the distance to the box around all ends.
        """
        owners, prices, wires, columns, rows = self._owners, self._prices, self._wires, self._columns, self._rows
        layer_size = columns * rows
        goal = {index for index in map(self._index, end) if owners[index] in (FREE, own)}
        if not goal:
            return None
        xs = [index % layer_size // rows for index in goal]
        ys = [index % rows for index in goal]
        low_x, high_x, low_y, high_y = min(xs), max(xs), min(ys), max(ys)
        ahead_x = [_ALONG * max(low_x - x, 0, x - high_x) for x in range(columns)]
        ahead_y = [_ALONG * max(low_y - y, 0, y - high_y) for y in range(rows)]
        steps = (
            ((-rows, _ALONG), (rows, _ALONG), (-1, _ACROSS), (1, _ACROSS), (layer_size, _VIA)),
            ((-rows, _ACROSS), (rows, _ACROSS), (-1, _ALONG), (1, _ALONG), (-layer_size, _VIA)),
        )
        costs: dict[int, int] = {}
        before: dict[int, int] = {}
        queue: list[tuple[int, int, int]] = []
        for index in map(self._index, start):
            if owners[index] in (FREE, own):
                costs[index] = 0
                queue.append((0, 0, index))
        while queue:
            _, cost, index = heapq.heappop(queue)
            if cost > costs[index]:
                continue
            if index in goal:
                way = [index]
                while way[-1] in before:
                    way.append(before[way[-1]])
                return [self._node(one) for one in reversed(way)]
            for step, price in steps[index // layer_size]:
                other = index + step
                owner = owners[other]
                if owner not in (FREE, own):
                    continue
                total = cost + price + prices[other]
                wire = wires[other]
                if wire not in (FREE, own):
                    total += _CROSSED
                if total < costs.get(other, total + 1):
                    costs[other], before[other] = total, index
                    place = other % layer_size
                    heapq.heappush(queue, (total + ahead_x[place // rows] + ahead_y[place % rows], total, other))
        return None

    def cross(self, own: int, nodes: Iterable[Node]) -> set[int]:
        """The nets whose wires lie on some nodes; crossing there gets dearer."""
        crossed: set[int] = set()
        for index in map(self._index, nodes):
            if self._wires[index] not in (FREE, own):
                crossed.add(self._wires[index])
                self._prices[index] += _CROSSED
        return crossed

    def lay(self, own: int, nodes: Iterable[Node]) -> None:
        """Take a wire into account."""
        for index in map(self._index, nodes):
            self._wires[index] = own

    def clear(self, nodes: Iterable[Node]) -> None:
        """Take a wire away."""
        self.lay(FREE, nodes)

    def _index(self, node: Node) -> int:
        return (node[0] * self._columns + node[1] + 1) * self._rows + node[2] + 1

    def _node(self, index: int) -> Node:
        layer, place = divmod(index, self._columns * self._rows)
        return layer, place // self._rows - 1, place % self._rows - 1


def _flat(values: npt.NDArray[np.int32]) -> list[int]:
    return [int(value) for value in values.ravel()]


def straight(nodes: Sequence[Node]) -> list[tuple[Node, Node]]:
    """First and last node of each straight stretch of a way on one layer; one node alone is none."""
    corners = [
        number
        for number in range(1, len(nodes) - 1)
        if _direction(nodes[number - 1], nodes[number]) != _direction(nodes[number], nodes[number + 1])
    ]
    ends = [0, *corners, len(nodes) - 1]
    return [(nodes[first], nodes[last]) for first, last in pairwise(ends) if last > first]


def _direction(first: Node, second: Node) -> tuple[int, int]:
    return second[1] - first[1], second[2] - first[2]
