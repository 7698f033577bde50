"""The command line of tiles: `tile`, `tile-check`, `tile-waveforms`."""

from pathlib import Path
from typing import Annotated

import typer

from codesign.circuits.network import Network, as_tuples
from codesign.cli.verdict import CLEAN, VIOLATED, judging
from codesign.cli.weights import UnitWeightOption, parse_spike_times, read_network
from codesign.files import keep_inputs
from codesign.flow.file import FlowFile
from codesign.flow.folder import claimed_flow
from codesign.layout.drc import check_gds, write_markers
from codesign.layout.errors import LayoutError
from codesign.layout.lvs import compare_files
from codesign.layout.tile import TileRecord, TileReport, TileSettings, check_tile, waveform_table, write_tile


def tile(
    model: Annotated[
        Path,
        typer.Argument(help="Weights of a network, or the folder of a codesign run that has one.", show_default=False),
    ],
    out: Annotated[Path, typer.Option("--out", help="Output folder.", show_default=False)],
    flow: Annotated[
        Path | None,
        typer.Option(
            help="Flow file with the design [default: the flow of the run that MODEL is of].", show_default=False
        ),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="Tile file (TOML): name, size, pins.", show_default=False)
    ] = None,
    unit_weight: UnitWeightOption = None,
) -> None:
    """Draw a network in a tile of a shuttle, with all files it wants, and check it. Exit code as of drc."""
    with judging():
        keep_inputs([path for path in (model, flow, settings) if path is not None and path.is_file()], (out,))
        chosen = TileSettings() if settings is None else TileSettings.load(settings)
        network = _network(model, flow, unit_weight)
        files = write_tile(network, chosen, out)
        typer.echo(f"layout: {files.gds}, a tile of {files.size}\nLVS source: {files.spice}")
        report, rules = check_tile(files.gds, network.design.pdk), check_gds(files.gds)
        write_markers(rules, files.gds.with_suffix(".lyrdb"))
        match = compare_files(files.gds, files.spice)
        typer.echo(_shown(report))
        typer.echo(f"design rules: {rules.count} violations\nLVS: {'match' if match.match else 'mismatch'}")
        clean = report.clean and rules.clean and match.match
        raise typer.Exit(CLEAN if clean else VIOLATED)


def _network(model: Path, flow: Path | None, unit_weight: str | None) -> Network:
    if flow is not None:
        design = FlowFile.load(flow).design
    else:
        # As codesign run leaves them: DIR/flow.json, DIR/networks/fitted-seed-1.safetensors.
        folders = (model,) if model.is_dir() else (model.parent.parent, model.parent)
        folder = next((one for one in folders if (one / "flow.json").is_file()), None)
        if folder is None:
            raise LayoutError(f"{model} is not of a codesign run, so that its design is not known; give --flow")
        claimed = claimed_flow(folder)
        design = claimed.design
        if model.is_dir():
            model = model / "networks" / f"fitted-seed-{claimed.seeds[0]}.safetensors"
    if model.is_dir():
        raise LayoutError(f"{model} is a folder; with --flow, give a weight file")
    units = read_network(model, design, unit_weight)
    return Network(design.of_sizes(units.layer_sizes), as_tuples(units.layers))


def tile_check(
    file: Annotated[Path, typer.Argument(metavar="FILE.gds", help="The tile, its other files beside it.")],
) -> None:
    """Check a tile as its shuttle does: names, outline, layers, pins, power. Exit code as of drc."""
    with judging():
        report = check_tile(file)
        typer.echo(_shown(report))
        raise typer.Exit(CLEAN if report.clean else VIOLATED)


def _shown(report: TileReport) -> str:
    lines = [f"{problem.check}: {problem.text}" for problem in report.problems]
    lines.append(f"{report.cell}: {len(report.problems)} problems in {', '.join(report.checks)}")
    return "\n".join(lines)


def tile_waveforms(
    file: Annotated[Path, typer.Argument(metavar="tile.json", help="Of a tile that codesign tile made.")],
    spike_times: Annotated[
        str,
        typer.Option(metavar="LIST", help="Spike time of each input in windows, separated by commas; 1: none."),
    ],
) -> None:
    """Print what to send to a tile's digital pins for one inference, as CSV."""
    with judging():
        typer.echo(waveform_table(TileRecord.load(file).plan, parse_spike_times(spike_times)), nl=False)
