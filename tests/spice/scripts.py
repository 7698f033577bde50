"""Scripts that stand in for ngspice."""

from pathlib import Path

# A complete result of a one-point `.op` analysis with v(middle) = 0.5, as ngspice writes it.
RAW_RESULT = (
    r"Title: * t\nDate: today\nPlotname: Operating Point\nFlags: real\nNo. Variables: 1\nNo. Points: 1\n"
    r"Variables:\n\t0\tv(middle)\tvoltage\nBinary:\n\000\000\000\000\000\000\340\077"
)
WRITE_RESULT = f"printf '{RAW_RESULT}' > out.raw"


def write_script(path: Path, script: str) -> Path:
    """Write an executable shell script."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
