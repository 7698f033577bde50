"""Parasitic extraction: wire capacitances and resistances, composed with the devices to a netlist that simulates."""

from codesign.layout.pex.netlist import PexReport, extract_files

__all__ = ["PexReport", "extract_files"]
