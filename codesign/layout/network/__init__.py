"""Whole networks: from an emitted netlist to a layout."""

from codesign.layout.network.assembly import draw_network
from codesign.layout.network.parts import draw_crossbar_alone

__all__ = ["draw_crossbar_alone", "draw_network"]
