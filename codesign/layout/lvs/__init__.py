"""Layout versus schematic: the devices and nets of a GDS file against a SPICE subcircuit."""

from codesign.layout.lvs.compare import LvsReport, compare_files, compare_layout

__all__ = ["LvsReport", "compare_files", "compare_layout"]
