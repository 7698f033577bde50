"""Whole networks: from an emitted netlist to a layout."""

from codesign.layout.network.assembly import draw_network

__all__ = ["draw_network"]
