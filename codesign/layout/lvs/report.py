"""An LVS report as text."""

from codesign.layout.lvs.compare import LvsReport


def format_comparison(report: LvsReport) -> str:
    """What was compared, what differs, and the verdict."""
    devices = ", ".join(f"{count} {model}" for model, count in report.devices.items()) or "no devices"
    lines = [f"{report.cell}: {devices}; {report.nets} nets; compared in {report.seconds:.2f} s", *report.messages]
    lines.append("layout and schematic match" if report.match else "layout and schematic differ")
    return "\n".join(lines)
