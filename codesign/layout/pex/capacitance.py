"""Wire capacitances of a layout: of areas and edges to what lies below and above, and between neighbours.

Every rectangle falls onto the highest conductor under each of its parts, or the substrate. Every edge couples to the
edge that it faces on its own layer, and its fringing field lands on the conductors below and above the gap between
them: as in magic, the share that lands within a distance d is atan(alpha d), scaled to reach 1 at the halo.
"""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import klayout.db as db

from codesign.layout.errors import LayoutError
from codesign.layout.lvs.extract import CONDUCTORS, ExtractedLayout
from codesign.layout.pex.edges import Facing, facing_edges
from codesign.layout.pex.tiles import Rectangle, TileIndex, area, cut_at_tiles, overlap, without
from codesign.layout.technology import Layer, Technology

Capacitances = dict[tuple[str, str], float]
"""F by a sorted pair of nets."""

Coupling = Literal[1, 2]
"""How much of the table's coupling coefficient two facing edges have: 2 takes the whole, 1 half of it."""

WHOLE_COUPLING: Coupling = 2
HALF_COUPLING: Coupling = 1

# Conductors from below, and the extraction's layers of each. The MIM plate hides its bottom plate from the metal above.
_LAYERS: dict[Layer, tuple[str, ...]] = {
    "n_well": ("n_well",),
    "active": ("n_diffusion", "p_diffusion", "n_tap", "p_tap"),
    "poly": ("poly",),
    "local_interconnect": CONDUCTORS["local_interconnect"],
    "metal_1": CONDUCTORS["metal_1"],
    "metal_2": CONDUCTORS["metal_2"],
    "metal_3": CONDUCTORS["metal_3"],
    "mim_plate": ("mim_plate",),
    "metal_4": CONDUCTORS["metal_4"],
}
_SUBSTRATE_LAYER: Layer = "n_well"
# Their capacitance downwards is in the models of the devices; they only receive.
_RECEIVERS = ("n_well", "active", "mim_plate")
_GATES = ("n_gate", "n_gate_low_threshold", "p_gate", "p_gate_low_threshold")

_HALO = 8000
"""Distance within which edges couple and their fields land, nm."""

_ALPHA = 0.02
"""Share of the fringing field: alpha (per um) is this times the area capacitance to the conductor (aF/um2)."""

_ATTO = 1e-18

_Measure = Callable[[str, Rectangle], float]
"""The capacitance of a rectangle to a conductor (or the substrate layer) under it, aF."""


@dataclass(frozen=True)
class _Conductor:
    """A conductor's shapes by net, merged; where it can be found; its edges and areas without the gates'."""

    index: TileIndex
    edges: dict[str, db.Edges]
    areas: dict[str, db.Region]


def wire_capacitances(
    extracted: ExtractedLayout,
    names: dict[int, str],
    ground: str,
    technology: Technology,
    coupling: Coupling = WHOLE_COUPLING,
) -> Capacitances:
    """The capacitances between the nets of a layout.

    Args:
        extracted: the layout.
        names: net name by cluster id; nets without one are left out.
        ground: the substrate's net.
        technology: the parasitics.
        coupling: of neighbours on one layer.

    Returns:
        Capacitances of pairs of different nets, F.

    Raises:
        LayoutError: a wire has other than right angles.
    """
    conductors = {layer: _conductor(extracted, names, layer) for layer in _LAYERS}
    order = list(_LAYERS)
    total: Capacitances = defaultdict(float)
    for number, layer in enumerate(order):
        if layer in _RECEIVERS:
            continue
        own = technology.parasitics.conductors[layer]
        below = _Landing([(name, conductors[name].index) for name in reversed(order[:number])], ground)
        above = _Landing([(name, conductors[name].index) for name in order[number + 1 :]], None)
        coefficients = {_SUBSTRATE_LAYER: own.area, **technology.parasitics.overlap.get(layer, {})}
        for net, region in conductors[layer].areas.items():
            for polygon in region.decompose_trapezoids_to_region().each():
                below.drop(_rectangle(polygon.bbox()), net, _area_measure(coefficients), total)
        fringes = _fringes(technology, layer)
        for facing in facing_edges(conductors[layer].edges, _HALO):
            if facing.neighbour not in (None, facing.net):
                # Each of the two edges brings its half.
                spacing = facing.distance + own.coupling_offset * 1000
                total[pair_of(facing.net, facing.neighbour)] += facing.length * own.coupling / spacing * coupling / 4
            for landing in (below, above):
                landing.drop(facing.gap, facing.net, _fringe_measure(facing, fringes), total)
    return {pair: value * _ATTO for pair, value in total.items() if pair[0] != pair[1] and value}


def _conductor(extracted: ExtractedLayout, names: dict[int, str], layer: Layer) -> _Conductor:
    shapes: dict[str, db.Region] = {}
    for net in extracted.circuit.each_net():
        if net.cluster_id in names and not (region := extracted.shapes_of_net(net, _LAYERS[layer])).is_empty():
            _check_right_angles(region, names[net.cluster_id], layer, extracted.dbu)
            shapes[names[net.cluster_id]] = region
    index = TileIndex(
        (_rectangle(polygon.bbox()), net)
        for net, region in shapes.items()
        for polygon in region.decompose_trapezoids_to_region().each()
    )
    edges = {net: region.edges() for net, region in shapes.items()}
    if layer == "poly":
        # What gates have to the channel and beside it is in the transistor models.
        gates = db.Region()
        for name in _GATES:
            gates += extracted.layers[name]
        gates.merge()
        shapes = {net: region - gates for net, region in shapes.items()}
        beside = gates.edges()
        edges = {net: some - beside for net, some in edges.items()}
    return _Conductor(index, edges, shapes)


def _check_right_angles(region: db.Region, net: str, layer: Layer, dbu: float) -> None:
    for polygon in region.non_rectilinear().each():
        centre = polygon.bbox().center()
        raise LayoutError(
            f"{layer} of the net {net} has a shape at {centre.x * dbu:.3f}, {centre.y * dbu:.3f} um with angles "
            "that are not right; wires are extracted between right angles only"
        )


def _rectangle(box: db.Box) -> Rectangle:
    return box.left, box.bottom, box.right, box.top


def _area_measure(coefficients: dict[str, float]) -> _Measure:
    return lambda layer, box: area(box) * 1e-6 * coefficients.get(layer, 0.0)


def _fringes(technology: Technology, layer: Layer) -> dict[str, tuple[float, float]]:
    """Edge capacitance to each other conductor, aF/um, divided by its share at the halo; and alpha, per nm."""
    parasitics = technology.parasitics
    own = parasitics.conductors[layer]
    edges: dict[Layer, float] = {_SUBSTRATE_LAYER: own.fringe, **parasitics.edge_overlap.get(layer, {})}
    overlaps: dict[Layer, float] = {_SUBSTRATE_LAYER: own.area, **parasitics.overlap.get(layer, {})}
    fringes: dict[str, tuple[float, float]] = {}
    for other, capacitance in edges.items():
        between = overlaps.get(other) or parasitics.overlap[other][layer]
        alpha = _ALPHA * between / 1000
        fringes[other] = (capacitance / math.atan(alpha * _HALO), alpha)
    return fringes


def _fringe_measure(facing: Facing, fringes: dict[str, tuple[float, float]]) -> _Measure:
    def measure(layer: str, box: Rectangle) -> float:
        if layer not in fringes:
            return 0.0
        capacitance, alpha = fringes[layer]
        near, far = facing.span(box)
        length = area(box) / (far - near) / 1000
        return capacitance * length * (math.atan(alpha * far) - math.atan(alpha * near))

    return measure


class _Landing:
    """Where the field from a rectangle ends: on the nearest of some conductors over each of its parts.

    Args:
        conductors: name and place of each, from the nearest.
        ground: the net behind them all, or None.
    """

    def __init__(self, conductors: list[tuple[str, TileIndex]], ground: str | None) -> None:
        self._conductors = conductors
        self._ground = ground

    def drop(self, box: Rectangle, net: str, measure: _Measure, total: Capacitances) -> None:
        """Add the capacitances from a rectangle of `net`."""
        for tile, part in cut_at_tiles(box):
            remaining = [part]
            for layer, index in self._conductors:
                for other in index.near(tile, part):
                    rest: list[Rectangle] = []
                    for piece in remaining:
                        common = overlap(piece, other.box)
                        if common is None:
                            rest.append(piece)
                            continue
                        total[pair_of(net, other.net)] += measure(layer, common)
                        rest.extend(without(piece, common))
                    remaining = rest
                if not remaining:
                    break
            if self._ground is not None:
                for piece in remaining:
                    total[pair_of(net, self._ground)] += measure(_SUBSTRATE_LAYER, piece)


def pair_of(first: str, second: str) -> tuple[str, str]:
    """The key of two nets in `Capacitances`."""
    return (first, second) if first <= second else (second, first)
