"""Parasitic extraction: wire capacitances and resistances, composed with the devices to a netlist that simulates."""

from codesign.layout.pex.capacitance import HALF_COUPLING, WHOLE_COUPLING
from codesign.layout.pex.cross_check import cross_check_files, format_cross_check
from codesign.layout.pex.klayout_pex import find_klayout_pex
from codesign.layout.pex.netlist import PexReport, extract_files, extract_matched

__all__ = [
    "HALF_COUPLING",
    "WHOLE_COUPLING",
    "PexReport",
    "cross_check_files",
    "extract_files",
    "extract_matched",
    "find_klayout_pex",
    "format_cross_check",
]
