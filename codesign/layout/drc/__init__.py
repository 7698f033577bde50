"""Design rule checks: the process's deck on a GDS file or a cell."""

from codesign.layout.drc.deck import DrcReport, Violation, check_cell, check_gds
from codesign.layout.drc.report import format_report, write_markers

__all__ = ["DrcReport", "Violation", "check_cell", "check_gds", "format_report", "write_markers"]
