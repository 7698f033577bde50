"""Resistance along a net: a network of resistors between the places where devices hang on it."""

# KLayout ships no type stubs for its resistance extractor.
# pyright: reportUnknownMemberType=false, reportAttributeAccessIssue=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from collections.abc import Mapping
from dataclasses import dataclass

import klayout.db as db
import klayout.pex as kpex

from codesign.layout.contacts import cut_size
from codesign.layout.lvs.extract import CONDUCTORS, ExtractedLayout
from codesign.layout.technology import Conductor, Cut, Technology

Point = tuple[float, float]
"""A place in a layout, um."""

_WIRES: tuple[Conductor, ...] = ("metal_1", "metal_2", "metal_3", "metal_4")
_CONDUCTORS = {name: CONDUCTORS[name] for name in _WIRES}
_CUTS: dict[Cut, tuple[str, ...]] = {"via_1": ("via_1",), "via_2": ("via_2",), "via_3": ("via_3_off_plate",)}
_PORT_CUT, _PORT_LAYER = ("via_0",), "metal_1"


@dataclass(frozen=True)
class ResistorNetwork:
    """The resistors of one net.

    Attributes:
        resistors: pairs of nodes and the resistance between them, ohm. Node 0 is the net's root; nodes are numbered
            from the ports on.
        ports: node of each port.
    """

    resistors: tuple[tuple[int, int, float], ...]
    ports: tuple[int, ...]


def resistor_network(
    extracted: ExtractedLayout, net: db.Net, places: list[Point], technology: Technology
) -> ResistorNetwork | None:
    """The resistances of a net between the metal_1 contacts nearest to `places`, the first of which is its root.

    Args:
        extracted: the layout.
        net: a net of it.
        places: where devices hang on the net, um.
        technology: sheet and cut resistances.

    Returns:
        The network, or None if all places share one contact.
    """
    shapes = {name: extracted.shapes_of_net(net, layers) for name, layers in {**_CONDUCTORS, **_CUTS}.items()}
    contacts = [polygon.bbox().center() for polygon in extracted.shapes_of_net(net, _PORT_CUT).each()]
    if not contacts:
        return None
    nearest = [_nearest(contacts, place, extracted.dbu) for place in places]
    ports = list(dict.fromkeys((point.x, point.y) for point in nearest))
    if len(ports) < 2:
        return None
    ids = {name: number for number, name in enumerate(shapes)}
    extractor = kpex.RNetExtractor(extracted.dbu)
    result = extractor.extract(
        _stack(ids, technology),
        {ids[name]: region for name, region in shapes.items()},
        {ids[_PORT_LAYER]: [db.Point(*port) for port in ports]},
        {},
    )
    return _numbered(result, [ports.index((point.x, point.y)) for point in nearest], len(ports))


def _nearest(contacts: list[db.Point], place: Point, dbu: float) -> db.Point:
    x, y = place[0] / dbu, place[1] / dbu
    return min(contacts, key=lambda point: ((point.x - x) ** 2 + (point.y - y) ** 2, point.x, point.y))


def _stack(ids: Mapping[str, int], technology: Technology) -> kpex.RExtractorTech:
    stack = kpex.RExtractorTech()
    for name in _WIRES:
        conductor = kpex.RExtractorTechConductor()
        conductor.layer = ids[name]
        conductor.resistance = technology.parasitics.conductors[name].sheet_resistance
        stack.add_conductor(conductor)
    for name in _CUTS:
        cut = technology.cuts[name]
        via = kpex.RExtractorTechVia()
        via.cut_layer, via.bottom_conductor, via.top_conductor = ids[name], ids[cut.below], ids[cut.above]
        side = cut_size(technology, name) / 1000
        via.resistance = technology.parasitics.cuts[name] * side**2
        stack.add_via(via)
    return stack


def _numbered(result: kpex.RNetwork, ports: list[int], count: int) -> ResistorNetwork:
    """Number the nodes: ports as they were given, then the inner ones."""
    numbers: dict[int, int] = {}
    for node in result.each_node():
        if node.type() == kpex.RNodeType.VertexPort:
            numbers[node.object_id()] = node.port_index()
    for node in result.each_node():
        numbers.setdefault(node.object_id(), count + sum(number >= count for number in numbers.values()))
    resistors = sorted(
        (*sorted((numbers[element.a().object_id()], numbers[element.b().object_id()])), element.resistance())
        for element in result.each_element()
    )
    return ResistorNetwork(tuple((int(a), int(b), float(r)) for a, b, r in resistors), tuple(ports))
