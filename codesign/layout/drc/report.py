"""A DRC report as a KLayout marker file and as text."""

import tempfile
from pathlib import Path

import klayout.rdb as rdb

from codesign.files import write_atomically
from codesign.layout.drc.deck import DrcReport

_PLACES_SHOWN = 3


def write_markers(report: DrcReport, path: Path) -> None:
    """Write the violations as a KLayout report database (`.lyrdb`), replaced in one step.

    Raises:
        CodesignError: the file cannot be written.
    """
    database = rdb.ReportDatabase("codesign drc")
    database.top_cell_name = report.cell
    database.description = "; ".join([f"{report.process} design rules on {report.cell}", *_not_judged(report)])
    cell = database.create_cell(report.cell)
    for violation in report.violations:
        category = database.create_category(violation.rule)
        category.description = violation.text
        for polygon in violation.markers:
            database.create_item(cell.rdb_id(), category.rdb_id()).add_value(rdb.RdbItemValue(polygon))
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "report.lyrdb"
        database.save(str(draft))
        write_atomically(path, draft.read_bytes())


def format_report(report: DrcReport) -> str:
    """The report as text: broken rules with their first places, antenna ratios, densities, layers not judged."""
    lines = [f"{report.cell}: {report.rules_checked} rules checked in {report.seconds:.2f} s"]
    for violation in report.violations:
        limit = f" ({violation.value:g} um)" if violation.value else ""
        lines.append(f"{violation.rule}: {len(violation.markers)} x {violation.text}{limit}")
        for polygon in violation.markers[:_PLACES_SHOWN]:
            box = polygon.bbox()
            lines.append(f"    at {box.left:.3f}, {box.bottom:.3f} to {box.right:.3f}, {box.top:.3f} um")
    for ratio in report.antenna:
        verdict = f"{ratio.violations} nets over" if ratio.violations else "ok"
        lines.append(f"{ratio.rule}: worst {ratio.ratio:.1f} of {ratio.limit:.0f} allowed, {verdict}")
    shares = ", ".join(f"{name} {100 * share:.1f} %" for name, share in report.density.items())
    lines.append(f"density: {shares}")
    lines += _not_judged(report)
    lines.append(f"{report.count} violations")
    return "\n".join(lines)


def _not_judged(report: DrcReport) -> list[str]:
    return [f"not judged, as they make nothing: {', '.join(report.not_judged)}"] if report.not_judged else []
