"""`codesign schematic`: the circuit as pictures."""

from pathlib import Path
from typing import Annotated

import typer

from codesign.circuits.cells import cells_of
from codesign.circuits.diagram import schematic_svg
from codesign.files import keep_inputs, write_atomically
from codesign.flow.file import FlowFile


def schematic(
    flow: Annotated[Path, typer.Argument(help="Flow file (TOML) with the design.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the pictures.")],
) -> None:
    """Draw the schematic of every cell of a design, an SVG file each."""
    keep_inputs((flow,), (out,))
    design = FlowFile.load(flow).design
    cells = cells_of(design)
    for cell in cells:
        write_atomically(out / f"{cell.name}.svg", schematic_svg(cell, design.technology))
    typer.echo(f"schematics: {out}: {', '.join(cell.name for cell in cells)}")
