"""The checks that the rule deck names: each takes the layers and a rule, and returns what breaks the rule.

Lengths compare in the Euclidian metric unless the function says otherwise. KLayout's enclosure checks do not see a
shape that lies outside altogether, and its separation checks do not see an overlap: the functions here add both.
"""

from collections.abc import Callable

import klayout.db as db

from codesign.layout.drc.regions import LayerRegions
from codesign.layout.technology import Rule

Check = Callable[[LayerRegions, Rule], db.Region]


def _pairs(pairs: db.EdgePairs) -> db.Region:
    # One unit of enlargement keeps markers of touching edges (zero area) visible.
    return pairs.polygons(1)


def _edges(edges: db.Edges) -> db.Region:
    return edges.extended(1, 1, 1, 1, False)


def _shared_edges(layers: LayerRegions, first: str, second: str) -> db.Edges:
    return (layers[first].edges() & layers[second].edges()).merged()


def grid(layers: LayerRegions, rule: Rule) -> db.Region:
    """Vertices off the manufacturing grid, on any drawn layer."""
    step = layers.to_dbu(rule.value)
    markers = db.Region()
    for name in layers.drawn():
        shapes = layers.raw(name)
        shapes.merged_semantics = False
        markers += _pairs(shapes.grid_check(step, step))
    return markers


def right_angles(layers: LayerRegions, rule: Rule) -> db.Region:
    """Edges that are neither horizontal nor vertical."""
    return _off_angle(layers, rule, db.Edges.OrthoEdges)


def half_right_angles(layers: LayerRegions, rule: Rule) -> db.Region:
    """Edges at an angle that is no multiple of 45 degrees."""
    return _off_angle(layers, rule, db.Edges.OrthoDiagonalEdges)


def _off_angle(layers: LayerRegions, rule: Rule, allowed: db.Edges.EdgeType) -> db.Region:
    markers = db.Region()
    for name in rule.layers:
        markers += _edges(layers[name].edges().with_angle(allowed, True))
    return markers


def width(layers: LayerRegions, rule: Rule) -> db.Region:
    """Places narrower than the value."""
    return _pairs(layers[rule.of].width_check(layers.to_dbu(rule.value), False, db.Metrics.Euclidian))


def space(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes and notches closer than the value."""
    return _pairs(layers[rule.of].space_check(layers.to_dbu(rule.value), False, db.Metrics.Euclidian))


def parallel_space(layers: LayerRegions, rule: Rule) -> db.Region:
    """Parallel edges of shapes closer than the value."""
    return _pairs(layers[rule.of].space_check(layers.to_dbu(rule.value), False, db.Metrics.Projection))


def separation(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes of two layers that overlap, touch, or are closer than the value."""
    of, to = layers[rule.of], layers[rule.to]
    return _pairs(of.separation_check(to, layers.to_dbu(rule.value), False, db.Metrics.Euclidian)) + (of & to)


def parallel_separation(layers: LayerRegions, rule: Rule) -> db.Region:
    """Parallel edges of two layers closer than the value; overlaps are allowed."""
    distance = layers.to_dbu(rule.value)
    return _pairs(layers[rule.of].separation_check(layers[rule.to], distance, False, db.Metrics.Projection, None, 1))


def wide_space(layers: LayerRegions, rule: Rule) -> db.Region:
    """Metal closer than the value to wide metal, or to what is attached to it as far as the value reaches."""
    metal = layers[rule.to]
    distance = layers.to_dbu(rule.value)
    wide = layers[rule.of]
    near = (metal & wide.sized(distance)).interacting(wide) if not wide.is_empty() else wide
    outer = near.edges() & metal.edges()
    return _pairs(outer.separation_check(metal.edges(), distance, False, db.Metrics.Euclidian))


def enclosure(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes not inside the other layer, or enclosed by less than the value."""
    of, to = layers[rule.of], layers[rule.to]
    return _pairs(of.enclosed_check(to, layers.to_dbu(rule.value), False, db.Metrics.Euclidian)) + (of - to)


def parallel_enclosure(layers: LayerRegions, rule: Rule) -> db.Region:
    """Parallel edges inside the other layer closer than the value to its edge; coincident edges are allowed."""
    distance = layers.to_dbu(rule.value)
    close = layers[rule.of].enclosed_check(layers[rule.to], distance, False, db.Metrics.Projection, None, 1)
    return close.polygons(0).with_area(0, True)


def adjacent_enclosure(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes with a corner whose two sides are both enclosed by less than the value."""
    of, to = layers[rule.of], layers[rule.to]
    tight = of.enclosed_check(to, layers.to_dbu(rule.value), True, db.Metrics.Projection).first_edges()
    upright = _edges(tight.with_angle(90, False))
    level = _edges(tight.with_angle(0, False))
    return of.interacting(upright & level) + of.outside(to)


def inside(layers: LayerRegions, rule: Rule) -> db.Region:
    """Parts outside the other layer."""
    return layers[rule.of] - layers[rule.to]


def no_overlap(layers: LayerRegions, rule: Rule) -> db.Region:
    """Parts inside the other layer."""
    return layers[rule.of] & layers[rule.to]


def interacts(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes that no shape of the other layer touches."""
    return layers[rule.of].not_interacting(layers[rule.to])


def straddles(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes that touch the other layer and are not inside it."""
    return layers[rule.of].interacting(layers[rule.to]).not_inside(layers[rule.to])


def area(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes smaller than the value."""
    return layers[rule.of].with_area(0, _square_dbu(layers, rule.value), False)


def hole_area(layers: LayerRegions, rule: Rule) -> db.Region:
    """Holes smaller than the value."""
    return layers[rule.of].holes().with_area(0, _square_dbu(layers, rule.value), False)


def _square_dbu(layers: LayerRegions, square_micrometres: float) -> int:
    return round(square_micrometres / layers.dbu**2)


def exact_size(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes that are not rectangles of exactly the two sizes."""
    short, long = (layers.to_dbu(size) for size in sorted(rule.values))
    shapes = layers[rule.of]
    boxes = shapes.rectangles()
    return shapes.non_rectangles() + boxes.with_bbox_min(short, True) + boxes.with_bbox_max(long, True)


def rectangular(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes that are not rectangles."""
    return layers[rule.of].non_rectangles()


def aspect_ratio(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes whose length over width exceeds the value."""
    return layers[rule.of].with_bbox_aspect_ratio(0.0, rule.value, True, True, True)


def longest_side(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes whose longer side is below the value."""
    return layers[rule.of].with_bbox_max(0, layers.to_dbu(rule.value), False)


def side_space(layers: LayerRegions, rule: Rule) -> db.Region:
    """Longer sides of rectangles closer than the value."""
    sides = db.Edges()
    for shape in layers[rule.of].each():
        longer = max(shape.bbox().width(), shape.bbox().height())
        sides += db.Edges([edge for edge in shape.each_edge() if edge.length() == longer])
    return _pairs(sides.space_check(layers.to_dbu(rule.value), False, db.Metrics.Euclidian))


def grown_space(layers: LayerRegions, rule: Rule) -> db.Region:
    """Shapes with none within the first value, closer than the third when grown by the second on all sides."""
    near, growth, distance = map(layers.to_dbu, rule.values)
    shapes = layers[rule.of]
    alone = shapes.not_interacting(_pairs(shapes.space_check(near, False, db.Metrics.Euclidian)))
    return _pairs(alone.sized(growth).space_check(distance, False, db.Metrics.Euclidian))


def channel_width(layers: LayerRegions, rule: Rule) -> db.Region:
    """Gate edges along the channel width shorter than the value."""
    channel = _shared_edges(layers, "source_drain", rule.of)
    return _edges(channel.with_length(0, layers.to_dbu(rule.value), False))


def channel_length(layers: LayerRegions, rule: Rule) -> db.Region:
    """Gates whose two channel edges are closer than the value."""
    channel = _shared_edges(layers, rule.of, "source_drain")
    return _pairs(channel.width_check(layers.to_dbu(rule.value), False, db.Metrics.Projection))


def channel_separation(layers: LayerRegions, rule: Rule) -> db.Region:
    """Channel edges of gates closer than the value to the other layer, along the current."""
    channel = _shared_edges(layers, rule.of, "source_drain")
    distance = layers.to_dbu(rule.value)
    return _pairs(channel.separation_check(layers[rule.to].edges(), distance, False, db.Metrics.Projection))


def gate_extension(layers: LayerRegions, rule: Rule) -> db.Region:
    """Gates without the layer on both sides, or beyond which it ends within the value (parallel edges)."""
    return parallel_enclosure(layers, rule) + layers[rule.of].not_interacting(layers[rule.beyond], 2)


def shared_edge_length(layers: LayerRegions, rule: Rule) -> db.Region:
    """Edges shared with the other layer that are shorter than the value."""
    return _edges(_shared_edges(layers, rule.of, rule.to).with_length(0, layers.to_dbu(rule.value), False))


def shared_edge_space(layers: LayerRegions, rule: Rule) -> db.Region:
    """Opposite shared edges of one shape closer than the value."""
    shared = _shared_edges(layers, rule.of, rule.to)
    return _pairs(shared.width_check(layers.to_dbu(rule.value), False, db.Metrics.Projection))


def unshared_edge_space(layers: LayerRegions, rule: Rule) -> db.Region:
    """Edges away from the shared edges of two abutting layers, closer to the other layer than the value."""
    first, second = layers[rule.of].edges(), layers[rule.to].edges()
    distance = layers.to_dbu(rule.value)
    markers = db.Region()
    for one, other in ((first, second), (second, first)):
        free = one.not_interacting(other)
        markers += _pairs(free.separation_check(other, distance, False, db.Metrics.Euclidian))
    return markers


def shared_edge_to_contact(layers: LayerRegions, rule: Rule) -> db.Region:
    """Contacts closer than the value to the edge where the layer abuts the third layer."""
    shared = _shared_edges(layers, rule.to, rule.other)
    contacts = layers[rule.of].edges()
    return _pairs(shared.enclosing_check(contacts, layers.to_dbu(rule.value), False, db.Metrics.Euclidian))


def implant_enclosure(layers: LayerRegions, rule: Rule) -> db.Region:
    """Implanted diffusion whose free edges the implant encloses by less than the value."""
    free = layers[rule.of].edges() - layers[rule.exempt].edges()
    implant = layers[rule.to].edges()
    return _pairs(free.enclosed_check(implant, layers.to_dbu(rule.value), False, db.Metrics.Euclidian))


def implant_separation(layers: LayerRegions, rule: Rule) -> db.Region:
    """Diffusion of the opposite doping whose free edges lie closer to the implant than the value."""
    free = layers[rule.to].edges() - layers[rule.exempt].edges()
    implant = layers[rule.of].edges()
    return _pairs(implant.separation_check(free, layers.to_dbu(rule.value), False, db.Metrics.Euclidian))


def resistor_width(layers: LayerRegions, rule: Rule) -> db.Region:
    """Resistor bodies whose ends are not exactly as long as one of the values."""
    ends = (layers[rule.of].edges() - layers[rule.to].edges()).merged()
    allowed = {layers.to_dbu(value) for value in rule.values}
    return _edges(db.Edges([edge for edge in ends.each() if edge.length() not in allowed]))


CHECKS: dict[str, Check] = {
    function.__name__: function
    for function in (
        grid,
        right_angles,
        half_right_angles,
        width,
        space,
        parallel_space,
        separation,
        parallel_separation,
        wide_space,
        enclosure,
        parallel_enclosure,
        adjacent_enclosure,
        inside,
        no_overlap,
        interacts,
        straddles,
        area,
        hole_area,
        exact_size,
        rectangular,
        aspect_ratio,
        longest_side,
        side_space,
        grown_space,
        channel_width,
        channel_length,
        channel_separation,
        gate_extension,
        shared_edge_length,
        shared_edge_space,
        unshared_edge_space,
        shared_edge_to_contact,
        implant_enclosure,
        implant_separation,
        resistor_width,
    )
}
