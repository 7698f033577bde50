"""Layout versus schematic: the devices and nets of a GDS file against a SPICE subcircuit."""

from codesign.layout.lvs.compare import LvsReport, compare_files, compare_layout
from codesign.layout.lvs.extracted import extracted_netlist
from codesign.layout.lvs.report import format_comparison

__all__ = ["LvsReport", "compare_files", "compare_layout", "extracted_netlist", "format_comparison"]
