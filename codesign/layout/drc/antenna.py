"""Antenna ratios: how much conductor hangs on a gate while the conductor above is not yet there."""

from dataclasses import dataclass

import klayout.db as db

from codesign.layout.drc.regions import LayerRegions
from codesign.layout.technology import AntennaRule, Technology


@dataclass(frozen=True)
class AntennaRatio:
    """The worst net under one antenna rule.

    Attributes:
        rule: name of the rule.
        text: its sentence.
        ratio: side-wall area over gate area of the worst net.
        limit: the limit of that net, with what its diffusion adds.
        violations: number of nets over their limit.
    """

    rule: str
    text: str
    ratio: float
    limit: float
    violations: int


def antenna_ratios(layers: LayerRegions, technology: Technology) -> tuple[AntennaRatio, ...]:
    """Judge every antenna rule on every net that has a gate."""
    return tuple(_judge(layers, technology, rule) for rule in technology.antenna)


def _judge(layers: LayerRegions, technology: Technology, rule: AntennaRule) -> AntennaRatio:
    worst, worst_limit, violations = 0.0, rule.ratio, 0
    square = layers.dbu**2
    connectivity = _connectivity_up_to(layers, technology, rule.layer)
    extractor = connectivity.extractor
    circuit = next(iter(extractor.netlist().each_circuit_top_down()), None)
    if circuit is None:
        return AntennaRatio(rule.name, rule.text, worst, worst_limit, violations)
    for net in circuit.each_net():
        gate = extractor.shapes_of_net(net, connectivity.gate, True).area() * square
        if gate == 0:
            continue
        perimeter = extractor.shapes_of_net(net, connectivity.conductor, True).merged().perimeter() * layers.dbu
        diffusion = extractor.shapes_of_net(net, connectivity.diffusion, True).area() * square
        ratio = perimeter * rule.thickness / gate
        limit = rule.ratio
        if diffusion:
            limit += rule.diode_factor * diffusion / gate + rule.diode_bonus
        violations += ratio > limit
        if ratio / limit > worst / worst_limit:
            worst, worst_limit = ratio, limit
    return AntennaRatio(rule.name, rule.text, worst, worst_limit, violations)


@dataclass(frozen=True)
class _Connectivity:
    extractor: db.LayoutToNetlist
    gate: db.Region
    diffusion: db.Region
    conductor: db.Region


def _connectivity_up_to(layers: LayerRegions, technology: Technology, last: str) -> _Connectivity:
    extractor = db.LayoutToNetlist("flat", layers.dbu)
    gate, diffusion, contact = (layers[name].dup() for name in ("gate", "source_drain", "contact"))
    conductors = {"poly": layers["poly"].dup()}
    for name, region in (("gate", gate), ("diffusion", diffusion), ("poly", conductors["poly"]), ("contact", contact)):
        extractor.register(region, name)
        extractor.connect(region)
    extractor.connect(gate, conductors["poly"])
    if last != "poly":
        conductors["local_interconnect"] = layers["local_interconnect"].dup()
        extractor.register(conductors["local_interconnect"], "local_interconnect")
        extractor.connect(conductors["local_interconnect"])
        for landing in (diffusion, conductors["poly"], conductors["local_interconnect"]):
            extractor.connect(contact, landing)
    for name, cut in technology.cuts.items():
        if last in conductors:
            break
        # A via on a MIM plate still hangs the metal above on the plate's net, never on the bottom plate.
        via = layers["via_3_off_plate" if name == "via_3" else name].dup()
        upper = conductors[cut.above] = layers[cut.above].dup()
        for label, region in ((name, via), (cut.above, upper)):
            extractor.register(region, label)
            extractor.connect(region)
        extractor.connect(conductors[cut.below], via)
        extractor.connect(via, upper)
    extractor.extract_netlist()
    return _Connectivity(extractor, gate, diffusion, conductors[last])
