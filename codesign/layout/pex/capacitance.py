"""Wire capacitances of a layout: to what lies below, of edges to what lies beside and below, between neighbours.

Every rectangle falls onto the highest conductor under each of its parts, or the substrate. Every edge does the same
over a band outside it, and couples to the nearest edges of other nets on its own layer (coefficient over spacing plus
offset, as in magic). The couplings are taken whole; klayout-pex takes half.
"""

from collections import defaultdict
from collections.abc import Iterator

import klayout.db as db

from codesign.layout.lvs.extract import ExtractedLayout
from codesign.layout.pex.tiles import Rectangle, TileIndex, area, overlap, without
from codesign.layout.technology import Technology

Capacitances = dict[tuple[str, str], float]
"""F by a sorted pair of nets."""

# Conductors from below, and the extraction's name of each. Capm hides the met3 under it from the met4 above.
_LAYERS = {
    "nwell": "well",
    "poly": "poly_con",
    "li1": "li_con",
    "met1": "met1_con",
    "met2": "met2_con",
    "met3": "met3",
    "capm": "capm",
    "met4": "met4",
}
_SUBSTRATE_LAYER = "nwell"
_PLATE = "capm"

_BAND = 300
"""Width of the band beside an edge in which its field lands, nm."""

_REACH = 2000
"""Largest spacing of coupled edges, nm."""

_ATTO = 1e-18


def wire_capacitances(
    extracted: ExtractedLayout, names: dict[int, str], ground: str, technology: Technology
) -> Capacitances:
    """The capacitances between the nets of a layout.

    Args:
        extracted: the layout.
        names: net name by cluster id; nets without one are left out.
        ground: the substrate's net.
        technology: the parasitics.

    Returns:
        Capacitances of pairs of different nets, F.
    """
    shapes = {layer: _owned(extracted, names, layer) for layer in _LAYERS}
    indexes = {layer: TileIndex(_rectangles(shapes[layer])) for layer in _LAYERS}
    total: Capacitances = defaultdict(float)
    order = list(_LAYERS)
    parasitics = technology.parasitics
    for number, layer in enumerate(order):
        if layer in (_SUBSTRATE_LAYER, _PLATE):
            continue
        conductor = parasitics.conductors[layer]
        below = [(lower, indexes[lower]) for lower in reversed(order[:number])]
        falls = _Falls(below, parasitics.overlap.get(layer, {}), conductor.area, ground)
        for tile, owned in indexes[layer]:
            falls.drop(owned.box, tile, owned.net, 1e-6, total)
        falls = _Falls(below, parasitics.edge_overlap.get(layer, {}), conductor.fringe, ground)
        bands = TileIndex(_bands(shapes[layer]))
        for tile, owned in bands:
            for piece in _uncovered(owned.box, [other.box for other in indexes[layer].at(tile)]):
                falls.drop(piece, tile, owned.net, 1e-3 / _BAND, total)
        _couple(shapes[layer], conductor.coupling, conductor.coupling_offset * 1000, total)
    return {pair: value * _ATTO for pair, value in total.items() if pair[0] != pair[1] and value}


def _owned(extracted: ExtractedLayout, names: dict[int, str], layer: str) -> dict[str, db.Region]:
    region = extracted.layers[_LAYERS[layer]]
    owned: dict[str, db.Region] = {}
    for net in extracted.circuit.each_net():
        if net.cluster_id not in names:
            continue
        shapes = extracted.database.shapes_of_net(net, region, True)
        if not shapes.is_empty():
            owned[names[net.cluster_id]] = shapes.merged()
    if layer == "poly":
        # The gates' own capacitance is in the transistor models.
        for gate in ("n_gate", "n_gate_lvt", "p_gate", "p_gate_lvt"):
            gates = extracted.layers[gate].dup()
            gates.flatten()
            owned = {net: shapes - gates for net, shapes in owned.items()}
    return owned


def _rectangles(owned: dict[str, db.Region]) -> Iterator[tuple[Rectangle, str]]:
    for net, region in owned.items():
        for polygon in region.decompose_trapezoids_to_region().each():
            box = polygon.bbox()
            yield (box.left, box.bottom, box.right, box.top), net


def _bands(owned: dict[str, db.Region]) -> Iterator[tuple[Rectangle, str]]:
    """The band outside every edge."""
    for net, region in owned.items():
        for edge in region.edges().each():
            left, right = sorted((edge.x1, edge.x2))
            bottom, top = sorted((edge.y1, edge.y2))
            if edge.dx() == 0:
                # Polygons run clockwise: an edge that goes up has the inside on its right.
                yield ((left - _BAND, bottom, left, top) if edge.dy() > 0 else (left, bottom, left + _BAND, top)), net
            else:
                yield (
                    ((left, bottom, right, bottom + _BAND) if edge.dx() > 0 else (left, bottom - _BAND, right, bottom)),
                    net,
                )


def _uncovered(box: Rectangle, covers: list[Rectangle]) -> list[Rectangle]:
    pieces = [box]
    for cover in covers:
        if overlap(box, cover) is None:
            continue
        pieces = [
            rest
            for piece in pieces
            for rest in (without(piece, cover) if overlap(piece, cover) is not None else (piece,))
        ]
    return pieces


class _Falls:
    """Where the field under a rectangle ends, and with which coefficient."""

    def __init__(
        self, below: list[tuple[str, TileIndex]], coefficients: dict[str, float], substrate: float, ground: str
    ) -> None:
        self._below = below
        self._coefficients = coefficients
        self._substrate = substrate
        self._ground = ground

    def drop(self, box: Rectangle, tile: tuple[int, int], net: str, scale: float, total: Capacitances) -> None:
        """Add the capacitance of `box` (area in nm2 times `scale` times coefficient) to the nets under it."""
        remaining = [box]
        for layer, index in self._below:
            coefficient = self._substrate if layer == _SUBSTRATE_LAYER else self._coefficients.get(layer, 0.0)
            for lower in index.at(tile):
                if overlap(box, lower.box) is None:
                    continue
                rest: list[Rectangle] = []
                for piece in remaining:
                    common = overlap(piece, lower.box)
                    if common is None:
                        rest.append(piece)
                        continue
                    total[_pair(net, lower.net)] += area(common) * scale * coefficient
                    rest.extend(without(piece, lower.box))
                remaining = rest
        for piece in remaining:
            total[_pair(net, self._ground)] += area(piece) * scale * self._substrate


def _pair(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first <= second else (second, first)


def _couple(owned: dict[str, db.Region], coefficient: float, offset: float, total: Capacitances) -> None:
    """Couple facing edges: each edge to those that it sees first within reach, on its right and above."""
    for upright in (True, False):
        facing: dict[int, list[tuple[int, int, int, str]]] = defaultdict(list)
        leaving: list[tuple[int, int, int, str]] = []
        for net, region in owned.items():
            for edge in region.edges().each():
                if (edge.dx() == 0) != upright:
                    continue
                at = edge.x1 if upright else edge.y1
                low, high = sorted((edge.y1, edge.y2) if upright else (edge.x1, edge.x2))
                # Inside on the right of the edge's direction: up-going edges and left-going edges face the low side.
                faces_low = edge.dy() > 0 if upright else edge.dx() < 0
                if faces_low:
                    for row in range(low // _REACH, high // _REACH + 1):
                        facing[row].append((at, low, high, net))
                else:
                    leaving.append((at, low, high, net))
        for row in facing.values():
            row.sort()
        for at, low, high, net in leaving:
            _couple_edge(at, low, high, net, facing, coefficient, offset, total)


def _couple_edge(
    at: int,
    low: int,
    high: int,
    net: str,
    facing: dict[int, list[tuple[int, int, int, str]]],
    coefficient: float,
    offset: float,
    total: Capacitances,
) -> None:
    for row in range(low // _REACH, high // _REACH + 1):
        open_parts = [(max(low, row * _REACH), min(high, (row + 1) * _REACH))]
        for other_at, other_low, other_high, other in facing.get(row, []):
            if other_at < at:
                continue
            if other_at > at + _REACH or not open_parts:
                break
            rest: list[tuple[int, int]] = []
            for start, end in open_parts:
                first, last = max(start, other_low), min(end, other_high)
                if first >= last:
                    rest.append((start, end))
                    continue
                if other != net:
                    total[_pair(net, other)] += (last - first) * coefficient / (other_at - at + offset)
                if start < first:
                    rest.append((start, first))
                if last < end:
                    rest.append((last, end))
            open_parts = rest
