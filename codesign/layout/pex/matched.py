"""A layout together with the netlist that it matches: what every extraction starts from."""

from dataclasses import dataclass
from pathlib import Path

from codesign.layout.errors import LayoutError
from codesign.layout.gds import GdsFile, read_gds
from codesign.layout.lvs.compare import Match, match_layout, net_labels
from codesign.layout.netlist import FlatNetlist, read_netlist
from codesign.layout.technology import Technology


@dataclass(frozen=True)
class MatchedLayout:
    """A layout, its flat netlist, and which nets and devices of the two are the same."""

    technology: Technology
    gds: GdsFile
    flat: FlatNetlist
    match: Match

    @property
    def nets(self) -> dict[int, str]:
        """The schematic's net by cluster id of the layout's; wires to ports without a device by their label."""
        nets = self.match.extracted.circuit.each_net()
        ports = {net.cluster_id: label for net in nets for label in net_labels(net) if label in self.flat.ports}
        return ports | self.match.nets

    @property
    def substrate(self) -> str:
        """The schematic's net of the substrate.

        Raises:
            LayoutError: the layout's substrate is no net of the schematic.
        """
        nets, extracted = self.nets, self.match.extracted
        areas = {
            nets[net.cluster_id]: extracted.shapes_of_net(net, ("substrate",)).area()
            for net in extracted.circuit.each_net()
            if net.cluster_id in nets
        }
        largest = max(areas, key=areas.__getitem__, default=None)
        if largest is None or not areas[largest]:
            raise LayoutError(
                f"the substrate of {self.gds.path} is no net of {self.flat.name}; tie it to a port by a substrate tap"
            )
        return largest


def read_matched(gds_path: Path, spice_path: Path, technology: Technology) -> MatchedLayout:
    """Read a layout and its netlist and match them.

    Args:
        gds_path: the layout.
        spice_path: the netlist with a subcircuit called as its top cell.
        technology: layers and devices.

    Raises:
        LayoutError: a file cannot be read, or layout and netlist are not the same circuit.
    """
    gds = read_gds(gds_path, technology)
    return matched_layout(
        gds, read_netlist(spice_path, gds.top.name, technology.process.devices.prefix), str(spice_path), technology
    )


def matched_layout(gds: GdsFile, flat: FlatNetlist, source: str, technology: Technology) -> MatchedLayout:
    """Match a layout with a flat netlist, which messages call `source`.

    Raises:
        LayoutError: layout and netlist are not the same circuit.
    """
    match = match_layout(gds, flat, technology)
    if match.messages:
        raise LayoutError(f"{gds.path} does not match {source} ({match.messages[0]}); run lvs and mend it first")
    return MatchedLayout(technology, gds, flat, match)
