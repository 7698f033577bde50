"""The command line."""

import io
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

import codesign
from codesign.circuits.bit_file import BITS
from codesign.cli import bench, figures, layout, pdk
from codesign.cli.calibrate import calibrate
from codesign.cli.doctor import doctor
from codesign.cli.messages import error_line, say
from codesign.cli.report import compare, report, show
from codesign.cli.schematic import schematic
from codesign.cli.session import ClusterOption, WorkersOption, open_session
from codesign.cli.tile import tile, tile_check, tile_waveforms
from codesign.cli.weights import UnitWeightOption, WeightsArgument, parse_spike_times, read_network
from codesign.errors import CodesignError
from codesign.execution.signals import Stopped, stopped_by_signals
from codesign.files import keep_inputs
from codesign.flow.conditions import conditions_flow
from codesign.flow.exploration import CHOSEN, ExplorationFile, explore_flow
from codesign.flow.extraction import extract_step, measured_step, variation_step
from codesign.flow.file import FlowFile
from codesign.flow.folder import claim_folder
from codesign.flow.montecarlo import CALIBRATION_INPUTS, MODEL_CHIPS, YIELD_LIMIT, montecarlo_flow
from codesign.flow.run import run_flow
from codesign.flow.training import train_step
from codesign.flow.tuning import tune_step
from codesign.flow.weights import validate_weights
from codesign.model.neuron_model import NeuronModel
from codesign.quantity import percent, quantity
from codesign.report.exploration import TrialRow
from codesign.report.montecarlo import MonteCarlo
from codesign.report.tuning import Tuning
from codesign.training.datasets import load_data
from codesign.variation.chip_model import ChipModel
from codesign.variation.variation_model import VariationModel

app = typer.Typer(
    help="Co-design of analog in-memory computing circuits and the networks that run on them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(pdk.app, name="pdk")
app.add_typer(bench.app, name="bench")
app.add_typer(figures.app, name="figures")
app.command("doctor")(doctor)
app.command("calibrate")(calibrate)
app.command("report")(report)
app.command("compare")(compare)
app.command("schematic")(schematic)
app.add_typer(layout.app)
app.command("tile")(tile)
app.command("tile-check")(tile_check)
app.command("tile-waveforms")(tile_waveforms)

FlowArgument = Annotated[Path, typer.Argument(help="Flow file (TOML) with the design.")]
OutOption = Annotated[Path, typer.Option("--out", help="Output folder.")]
CornerOption = Annotated[str | None, typer.Option(help="Process corner instead of the flow file's.")]
TemperatureOption = Annotated[float | None, typer.Option(help="Temperature in Celsius instead of the flow file's.")]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Continue with a neuron model that its fit does not support, and mark it.")
]


def print_version(wanted: bool) -> None:
    """Print the version and end, if wanted."""
    if wanted:
        typer.echo(codesign.__version__)
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The options of `codesign` itself."""


@app.command()
def run(
    flow: FlowArgument,
    out: OutOption,
    corner: CornerOption = None,
    temperature: TemperatureOption = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    post_layout: Annotated[
        bool, typer.Option("--post-layout", help="Draw the networks too, and compare with what is extracted from them.")
    ] = False,
    force: ForceOption = False,
) -> None:
    """Run a whole flow: extract, train, write the netlist, validate, report."""
    keep_inputs((flow,), (out,))
    settings = load_flow(flow, corner, temperature)
    with open_session(settings.design.pdk, workers, cluster) as session:
        summary = run_flow(settings, session, out, post_layout=post_layout, force=force)
    show(summary, out)


@app.command()
def montecarlo(
    flow: FlowArgument,
    out: OutOption,
    chips: Annotated[int, typer.Option(min=1, max=10_000, help="Chips to simulate, numbered from 1.")] = 20,
    inputs: Annotated[int, typer.Option(min=1, help="Held-out inputs on each chip.")] = 10,
    calibration_inputs: Annotated[
        int, typer.Option(min=0, help="Training inputs that each chip is calibrated with; 0 calibrates none.")
    ] = CALIBRATION_INPUTS,
    model_chips: Annotated[int, typer.Option(min=2, max=1_000_000, help="Chips on the model.")] = MODEL_CHIPS,
    yield_limit: Annotated[
        float, typer.Option(min=0, max=1, help="Loss of accuracy up to which a chip is good, a fraction.")
    ] = YIELD_LIMIT,
    conditions: Annotated[
        Path | None,
        typer.Option(help="conditions.json of the same design: draw chips on the model at its conditions too."),
    ] = None,
    corner: CornerOption = None,
    temperature: TemperatureOption = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    force: ForceOption = False,
) -> None:
    """Extract and train on the matched circuit, and put the network on many chips whose devices differ."""
    keep_inputs((flow,), (out,))
    settings = load_flow(flow, corner, temperature)
    with open_session(settings.design.pdk, workers, cluster) as session:
        result = montecarlo_flow(
            settings,
            session,
            out,
            chips=chips,
            inputs=inputs,
            calibration_inputs=calibration_inputs,
            model_chips=model_chips,
            yield_limit=yield_limit,
            conditions=conditions,
            force=force,
        )
    show_chips(result)
    if result.failed:
        typer.echo(f"{result.failed} of {result.n_chips} chips could not be simulated: see the report")
    typer.echo(f"report: {out / 'montecarlo.html'}")
    if result.failed == result.n_chips:
        raise CodesignError(f"no chip could be simulated; the first: {result.chips[0].failure}")


@app.command()
def conditions(
    flow: FlowArgument,
    out: OutOption,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    force: ForceOption = False,
) -> None:
    """Train at the flow's own conditions, and extract and validate at all corners, temperatures and supplies."""
    keep_inputs((flow,), (out,))
    settings = load_flow(flow)
    with open_session(settings.design.pdk, workers, cluster) as session:
        table = conditions_flow(settings, session, out, force=force)
    for name in ("hidden", "output"):
        layers = [(getattr(row, name), row.name) for row in table.rows]
        ratios = [(layer.ratio_conventional, where) for layer, where in layers if layer and layer.ratio_conventional]
        if ratios:
            worst, where = min(ratios)
            typer.echo(
                f"{name}: conventional mapping at least {quantity(worst)} times the fitted model's error, at {where}"
            )
    if table.failed:
        typer.echo(f"{table.failed} of {table.n_conditions} conditions failed: see the report")
    typer.echo(f"report: {out / 'conditions.html'}")


@app.command()
def explore(
    exploration: Annotated[Path, typer.Argument(help="File (TOML) with a base flow, the space, objectives, limits.")],
    out: OutOption,
    trials: Annotated[int | None, typer.Option(min=1, help="Designs to try, instead of the file's number.")] = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Try designs around one, and choose from the Pareto front of several objectives."""
    file = ExplorationFile.load(exploration, trials)
    keep_inputs((exploration, file.base), (out,))
    with open_session(file.flow.design.pdk, workers, cluster) as session:
        result = explore_flow(file, session, out, lambda row: show_trial(row, file.settings.trials))
    chosen = ", ".join(
        f"{one.label} {quantity(result.chosen_row.results[one.name], one.unit)}" for one in result.objectives
    )
    typer.echo(f"{result.n_feasible} of {result.n_trials} designs are feasible, {len(result.front)} on the front")
    typer.echo(f"chosen, trial {result.chosen}: {chosen}\nflow: {out / CHOSEN}\nreport: {out / 'explore.html'}")


@app.command()
def extract(
    flow: FlowArgument,
    out: OutOption,
    corner: CornerOption = None,
    temperature: TemperatureOption = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    measured: Annotated[
        Path | None, typer.Option(help="Fit this CSV of measured waveforms instead of simulating.")
    ] = None,
    capacitance: Annotated[float | None, typer.Option(help="Membrane capacitance of the measured circuit, F.")] = None,
    variation: Annotated[
        bool, typer.Option("--variation", help="Find too how chips differ, into variation_model.json.")
    ] = False,
    force: ForceOption = False,
) -> None:
    """Extract the neuron model of a design into neuron_model.json, with a figure of the fit."""
    if variation and measured is not None:
        raise CodesignError("--variation needs simulated chips, not the measurement of one; leave out --measured")
    keep_inputs((flow,) if measured is None else (flow, measured), (out,))
    settings = load_flow(flow, corner, temperature)
    if measured is None:
        with open_session(settings.design.pdk, workers, cluster) as session:
            claim_folder(out, settings)
            extraction = extract_step(settings, session, out, force=force)
            typer.echo(f"{extraction}\nmodel: {out / 'neuron_model.json'}")
            if variation:
                over_chips = variation_step(settings, extraction, session, out, each_device=True)
                typer.echo(f"{over_chips}\nvariation: {out / 'variation_model.json'}")
    else:
        fitted = measured_step(settings, measured, capacitance, out, force=force)
        typer.echo(f"{fitted}\nmodel: {out / 'neuron_model.json'}")


@app.command()
def train(
    flow: FlowArgument,
    out: OutOption,
    model: Annotated[
        Path | None, typer.Option(help="neuron_model.json to train on, instead of extracting one.")
    ] = None,
    variation: Annotated[
        Path | None, typer.Option(help="variation_model.json, for flows with training.variation = true.")
    ] = None,
    chip: Annotated[
        Path | None, typer.Option(help="chip_model.json: fine-tune the stored weights of that chip, into bits.csv.")
    ] = None,
    in_the_loop: Annotated[
        bool, typer.Option("--in-the-loop", help="With --chip: membranes and spikes of that chip in SPICE.")
    ] = False,
    steps: Annotated[int | None, typer.Option(min=1, help="With --chip: steps of the optimiser.")] = None,
    samples: Annotated[int | None, typer.Option(min=1, help="With --chip: samples in each step.")] = None,
    judged: Annotated[int, typer.Option(min=0, help="With --chip: test samples in SPICE of it, before and after.")] = 0,
    force: ForceOption = False,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Train on the fitted model and on the ideal one, with every seed of the flow, into networks/."""
    keep_inputs([path for path in (flow, model, variation, chip) if path is not None], (out,))
    settings = load_flow(flow)
    if chip is not None:
        if model is None or variation is not None:
            raise CodesignError("--chip tunes on the model of one chip; give --model, and no --variation")
        of_chip, matched = ChipModel.load(chip), NeuronModel.load(model)
        with open_session(settings.design.pdk, workers, cluster) as session:
            tuning = tune_step(
                settings,
                matched,
                of_chip,
                session,
                out,
                in_the_loop=in_the_loop,
                steps=steps,
                samples=samples,
                judged=judged,
            )
        show_tuning(tuning, out)
        return
    if in_the_loop or steps or samples or judged:
        raise CodesignError("--in-the-loop, --steps, --samples and --judged are of the tuning of one chip; give --chip")
    data = load_data(settings.data, settings.design.layer_sizes)
    with open_session(settings.design.pdk, workers, cluster) as session:
        claim_folder(out, settings)
        fitted = NeuronModel.load(model) if model else extract_step(settings, session, out, force=force).model
        over_chips = VariationModel.load(variation) if variation else None
        trained = train_step(settings, fitted, data, session, out, over_chips)
    for (kind, seed), network in trained.items():
        typer.echo(f"{kind} model, seed {seed}: test accuracy {percent(network.record.test_accuracy)}")
    typer.echo(f"networks: {out / 'networks'}")


@app.command()
def netlist(
    flow: FlowArgument,
    weights: WeightsArgument,
    out: OutOption,
    unit_weight: UnitWeightOption = None,
    spike_times: Annotated[
        str | None,
        typer.Option(help="Spike time of each input, windows, separated by commas; by default spread evenly."),
    ] = None,
) -> None:
    """Write cell library, network, testbench, models and a README for a run by hand."""
    keep_inputs((flow, weights), (out,))
    design = load_flow(flow).design
    network = read_network(weights, design, unit_weight)
    emitted = codesign.netlist(design, network, None if spike_times is None else parse_spike_times(spike_times))
    emitted.save(out)
    typer.echo(f"netlist: {out}; how to run it: {out / 'README.md'}")


@app.command()
def validate(
    flow: FlowArgument,
    weights: WeightsArgument,
    out: OutOption,
    unit_weight: UnitWeightOption = None,
    corner: CornerOption = None,
    temperature: TemperatureOption = None,
    random_inputs: Annotated[
        bool, typer.Option("--random-inputs", help="Random spike times instead of the flow's test data.")
    ] = False,
    chip: Annotated[
        Path | None, typer.Option(help="chip_model.json: simulate that chip, and compare its calibrated model too.")
    ] = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Compare the fitted and the ideal models with SPICE on given weights, and report."""
    keep_inputs((flow, weights) if chip is None else (flow, weights, chip), (out,))
    settings = load_flow(flow, corner, temperature)
    network = read_network(weights, settings.design, unit_weight)
    of_chip = None if chip is None else ChipModel.load(chip)
    with open_session(settings.design.pdk, workers, cluster) as session:
        summary = validate_weights(settings, network, session, out, random_inputs=random_inputs, chip=of_chip)
    show(summary, out)


def show_tuning(tuning: Tuning, out: Path) -> None:
    """Print what a tuning brought."""
    for where, scores in (("model of the chip", tuning.model), ("chip in SPICE", tuning.spice)):
        if scores is not None:
            before, after = scores.before, scores.after
            typer.echo(
                f"{where}, {scores.inputs} test samples: loss {before.loss:.4f} before, {after.loss:.4f} after, "
                f"accuracy {before.accuracy * 100:.1f} % and {after.accuracy * 100:.1f} %"
            )
    typer.echo(f"{tuning.changed} weights changed, bits: {out / BITS}")


def show_chips(result: MonteCarlo) -> None:
    """Print the medians over chips, and what the model says of many more."""
    models = (
        ("model of the matched circuit", result.uncalibrated),
        ("calibrated by membranes", result.calibrated_membranes),
        ("calibrated by spike times", result.calibrated_spike_times),
    )
    for what, over in models:
        for name, group in () if over is None else (("hidden", over.hidden), ("output", over.output)):
            if group is not None:
                typer.echo(
                    f"{name}, median of {result.n_chips - result.failed} chips: {what} "
                    f"{quantity(group.rmse_mV_median, 'mV')} rms, conventional mapping "
                    f"{quantity(group.ratio_conventional_median)} times that, best-fit ideal "
                    f"{quantity(group.ratio_bestfit_ideal_median)} times"
                )
    if (model := result.model) is not None:
        typer.echo(
            f"{model.n_chips} chips on the model: {percent(model.yield_)} lose at most {model.yield_limit * 100:g} "
            f"points of accuracy ({percent(model.yield_low)} to {percent(model.yield_high)})"
        )
        if (drawn := model.anywhere) is not None:
            typer.echo(
                f"{drawn.n_chips} at any of {drawn.n_conditions} conditions and between: {percent(drawn.yield_)} "
                f"({percent(drawn.yield_low)} to {percent(drawn.yield_high)}), windows trimmed by at most "
                f"{percent(drawn.largest_trim)}; {percent(drawn.yield_untrimmed)} untrimmed"
            )
        if model.warning:
            typer.echo(f"warning: {model.warning}")


def show_trial(row: TrialRow, count: int) -> None:
    """Print one design that was tried."""
    results = ", ".join(f"{name} = {quantity(value, digits=4)}" for name, value in row.results.items())
    failed = f"not feasible: {row.failure}" if row.failure else ""
    typer.echo(f"trial {row.number} of {count}: {'; '.join(part for part in (results, failed) if part)}")


def load_flow(path: Path, corner: str | None = None, temperature: float | None = None) -> FlowFile:
    """Read a flow file, with the conditions given on the command line."""
    given: dict[str, Any] = {"corner": corner, "temperature": temperature}
    return FlowFile.load(path, **{name: value for name, value in given.items() if value is not None})


def main() -> None:
    """Entry point of the `codesign` command: one line and exit status 2 for an error that the user can fix.

    A signal that ends it leaves no process behind, and gives exit status 128 + its number.
    """
    # Do not fail on a character that the terminal lacks.
    output: object = sys.stdout
    if isinstance(output, io.TextIOWrapper):
        output.reconfigure(errors="backslashreplace")
    try:
        # The matrices are small: threads of the linear algebra would only wait for each other.
        with stopped_by_signals(), threadpool_limits(1):
            app()
    except (CodesignError, OSError) as error:
        # An OSError here is of standard output: a full disk.
        say(error_line(error))
        sys.exit(2)
    except MemoryError:
        say("error: the memory is used up; take less at once, or fewer --workers")
        sys.exit(2)
    except Stopped as stopped:
        say("interrupted; run the same command again to continue from here")
        sys.exit(128 + stopped.number)
