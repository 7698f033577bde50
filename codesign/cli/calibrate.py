"""`codesign calibrate`: the model of one chip."""

from pathlib import Path
from typing import Annotated

import typer

from codesign.cli.session import ClusterOption, WorkersOption, open_session
from codesign.cli.weights import UnitWeightOption, WeightsArgument, read_network
from codesign.comparison.calibration import INPUTS
from codesign.errors import CodesignError
from codesign.files import keep_inputs
from codesign.flow.calibration import calibrate_measured_step, calibrate_step
from codesign.flow.file import FlowFile
from codesign.model.neuron_model import NeuronModel
from codesign.variation.variation_model import VariationModel


def calibrate(
    flow: Annotated[Path, typer.Argument(help="Flow file (TOML) with the design.", show_default=False)],
    weights: WeightsArgument,
    model: Annotated[Path, typer.Option(help="neuron_model.json of the matched circuit.")],
    variation: Annotated[Path, typer.Option(help="variation_model.json: how chips differ.")],
    out: Annotated[Path, typer.Option("--out", help="Output folder.")],
    chip: Annotated[int | None, typer.Option(min=1, help="Number of the chip to simulate.")] = None,
    measured: Annotated[Path | None, typer.Option(help="CSV of what a chip showed, instead of a simulation.")] = None,
    inputs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Inputs to calibrate with: by default {INPUTS} training samples, or three of four of the CSV.",
        ),
    ] = None,
    spike_times_only: Annotated[
        bool, typer.Option("--spike-times-only", help="Use no membranes, as of a chip that does not bring them out.")
    ] = False,
    unit_weight: UnitWeightOption = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Calibrate a model to one chip, simulated or measured, into chip_model.json, and judge it on other inputs."""
    if (chip is None) == (measured is None):
        raise CodesignError("a calibration is of one chip; give either --chip N or --measured CSV")
    read = (flow, weights, model, variation)
    keep_inputs(read if measured is None else (*read, measured), (out,))
    settings = FlowFile.load(flow)
    network = read_network(weights, settings.design, unit_weight)
    matched, over_chips = NeuronModel.load(model), VariationModel.load(variation)
    if measured is not None:
        calibration = calibrate_measured_step(
            settings,
            network,
            matched,
            over_chips,
            measured,
            out,
            inputs=inputs,
            seen="spike_times" if spike_times_only else None,
        )
    else:
        assert chip is not None
        with open_session(settings.design.pdk, workers, cluster) as session:
            calibration = calibrate_step(
                settings,
                network,
                matched,
                over_chips,
                session,
                out,
                chip=chip,
                inputs=inputs or INPUTS,
                seen="spike_times" if spike_times_only else "membranes",
            )
    typer.echo(f"{calibration}\nchip model: {out / 'chip_model.json'}")
