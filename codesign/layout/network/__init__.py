"""Whole networks: from the circuit's objects to a layout."""

from codesign.layout.network.assembly import draw_network
from codesign.layout.network.parts import crossbar_of, draw_crossbar_alone

__all__ = ["crossbar_of", "draw_crossbar_alone", "draw_network"]
