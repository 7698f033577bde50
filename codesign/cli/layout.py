"""The command line of the layout room: `layout`, `drc`, `lvs`, `pex`, `signoff`, mounted by `codesign.cli.main`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from codesign.circuits.network import Network, as_tuples
from codesign.cli.verdict import CLEAN, VIOLATED, judging
from codesign.cli.weights import UnitWeightOption, WeightsArgument, read_network
from codesign.files import keep_inputs, write_atomically
from codesign.flow.file import FlowFile
from codesign.layout.area import AreaTable
from codesign.layout.drc import check_gds, format_report, write_markers
from codesign.layout.errors import LayoutError
from codesign.layout.lvs import compare_files, format_comparison
from codesign.layout.output import write_crossbar, write_layout
from codesign.layout.pex import (
    HALF_COUPLING,
    WHOLE_COUPLING,
    cross_check_files,
    extract_files,
    find_klayout_pex,
    format_cross_check,
)
from codesign.layout.signoff import format_sign_off, install_technology_files, sign_off
from codesign.layout.technology import load_technology
from codesign.pdk.technology import DEFAULT_PROCESS

app = typer.Typer(help="Layout, design rules, layout versus schematic, parasitics.", no_args_is_help=True)
_errors = Console(stderr=True, soft_wrap=True, highlight=False)

GdsArgument = Annotated[Path, typer.Argument(metavar="FILE.gds", help="The layout.", show_default=False)]


@app.command()
def layout(
    flow: Annotated[Path, typer.Argument(help="Flow file (TOML) with the design.", show_default=False)],
    weights: WeightsArgument,
    out: Annotated[Path, typer.Option("--out", help="Output folder.", show_default=False)],
    unit_weight: UnitWeightOption = None,
    crossbar: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="LAYER", help="Draw only this layer's crossbar: GDS and netlist.", show_default=False
        ),
    ] = None,
) -> None:
    """Draw the network of some weights: GDS, LVS source, LEF, pictures and an area table."""
    with judging():
        keep_inputs((flow, weights), (out,))
        design = FlowFile.load(flow).design
        units = read_network(weights, design, unit_weight)
        network = Network(design.of_sizes(units.layer_sizes), as_tuples(units.layers))
        if crossbar is not None:
            gds, spice = write_crossbar(network, crossbar, out)
            typer.echo(f"layout: {gds}\nLVS source: {spice}")
            return
        files = write_layout(network, out)
        Console().print(_area_table(files.areas))
        typer.echo(f"layout: {files.gds}\nLVS source: {files.spice}\npicture: {files.svg}")


def _area_table(areas: AreaTable) -> Table:
    table = Table("cell", title=f"blocks cover {100 * areas.utilisation:.0f} % of the outline")
    for heading in ("count", "width, um", "height, um", "area, um2"):
        table.add_column(heading, justify="right")
    for cell in areas.cells:
        numbers = (f"{cell.width_um:.2f}", f"{cell.height_um:.2f}", f"{cell.area_um2:.1f}")
        table.add_row(cell.cell, str(cell.count), *numbers)
    return table


@app.command()
def drc(
    file: GdsArgument,
    markers: Annotated[
        Path | None, typer.Option(help="Where to write the KLayout markers [default: FILE.lyrdb].", show_default=False)
    ] = None,
) -> None:
    """Check the process's design rules. Exit code 0: clean, 1: violations, 2: could not judge."""
    with judging():
        target = markers or file.with_suffix(".lyrdb")
        keep_inputs((file,), (target,))
        with Progress(transient=True, console=_errors, disable=not _errors.is_terminal) as progress:
            task = progress.add_task("design rules", total=len(load_technology().drc))
            report = check_gds(file, lambda _name: progress.advance(task))
        write_markers(report, target)
        typer.echo(format_report(report))
        typer.echo(f"markers: {target}")
        raise typer.Exit(CLEAN if report.clean else VIOLATED)


@app.command()
def lvs(
    file: GdsArgument,
    spice: Annotated[Path, typer.Argument(metavar="FILE.spice", help="The netlist.", show_default=False)],
) -> None:
    """Compare a layout with the subcircuit of its name. Exit code 0: match, 1: mismatch, 2: could not judge."""
    with judging():
        report = compare_files(file, spice)
        typer.echo(format_comparison(report))
        raise typer.Exit(CLEAN if report.match else VIOLATED)


@app.command()
def pex(
    file: GdsArgument,
    spice: Annotated[Path, typer.Argument(metavar="FILE.spice", help="The netlist.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="Where to write the extracted netlist.", show_default=False)],
    coupling: Annotated[
        int,
        typer.Option(
            min=1, max=2, help="Coupling of neighbouring wires: 2 as in a field solution, 1 half of it (klayout-pex)."
        ),
    ] = WHOLE_COUPLING,
    cross_check: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE.json",
            help="Compare with klayout-pex and write the table; for tiles. Exit code 1: a net differs by over 15 %.",
            show_default=False,
        ),
    ] = None,
    kpex: Annotated[
        Path | None,
        typer.Option(help="The klayout-pex program [default: beside Python, or on the PATH].", show_default=False),
    ] = None,
    timeout: Annotated[float, typer.Option(min=1.0, help="The longest that klayout-pex may run, s.")] = 600.0,
) -> None:
    """Extract wire capacitances and line resistances of a layout that matches its netlist."""
    with judging():
        keep_inputs((file, spice), (out,) if cross_check is None else (out, cross_check))
        report = extract_files(file, spice, WHOLE_COUPLING if coupling == WHOLE_COUPLING else HALF_COUPLING)
        check = None
        if cross_check is not None:
            check = cross_check_files(file, spice, kpex or find_klayout_pex(), timeout)
            write_atomically(cross_check, check.json())
        write_atomically(out, report.netlist)
        total = sum(report.capacitances.values())
        typer.echo(
            f"{len(report.capacitances)} wire capacitances, {total * 1e12:.3f} pF in all; "
            f"{len(report.line_resistances)} lines with resistance; extracted in {report.seconds:.1f} s\nnetlist: {out}"
        )
        if check is not None:
            typer.echo(format_cross_check(check))
            raise typer.Exit(CLEAN if check.agree else VIOLATED)


@app.command()
def signoff(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.gds", help="The layout; none with --install.", show_default=False)
    ] = None,
    spice: Annotated[Path | None, typer.Option(help="The netlist [default: FILE.spice].", show_default=False)] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Where to write what each said.", show_default=False)
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help="First install the technology files that they need: a download of 4 MB.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=1.0, help="The longest that one of them may run, s.")] = 600.0,
) -> None:
    """What Magic, KLayout and netgen say, as far as installed. Exit code 0: nothing, 1: errors, 2: could not judge."""
    with judging():
        if install:
            install_technology_files(DEFAULT_PROCESS)
        if file is None:
            if install:
                return
            raise LayoutError("there is no layout to judge; give FILE.gds")
        keep_inputs((file,), () if json is None else (json,))
        report = sign_off(file, spice or file.with_suffix(".spice"), timeout)
        if json is not None:
            write_atomically(json, report.json_text())
        Console().print(format_sign_off(report))
        raise typer.Exit(CLEAN if report.clean else VIOLATED)
