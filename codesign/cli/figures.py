"""`codesign figures`: the paper's figures on the mathematics."""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(help="The paper's figures, one command each.", no_args_is_help=True)

FlowArgument = Annotated[
    Path, typer.Argument(help="Flow file (TOML) of the networks to train, such as those in flows/.")
]
OutOption = Annotated[Path, typer.Option("--out", help="Folder for the figure.")]


@app.command("2")
def figure_2(out: OutOption = Path("figures")) -> None:
    """Membrane during the window for 1000 random spikes, exact and discretised (figure2.png)."""
    from codesign.studies.figures.traces import draw_traces

    draw_traces(out / "figure2.png")
    typer.echo(f"figure: {out / 'figure2.png'}")


@app.command("3")
def figure_3(out: OutOption = Path("figures")) -> None:
    """Final membrane against the steps, and the error's order (figure3.png, convergence.png,
    convergence.json)."""
    from codesign.studies.figures.convergence import draw_figure

    for case, rows in draw_figure(out)["cases"].items():
        orders = ", ".join(f"{basis} {row['order']:.2f}" for basis, row in rows.items())
        typer.echo(f"{case}: order {orders}")
    typer.echo(f"figures: {out / 'figure3.png'}, {out / 'convergence.png'}")


@app.command("4")
def figure_4(
    benchmark: Annotated[Path, typer.Argument(help="bench_dstd.json of `codesign bench dstd`.")],
    out: OutOption = Path("figures"),
) -> None:
    """Speed and memory gain over the exact solution against the inputs (figure4.png)."""
    from codesign.studies.benchmarks.report import read_rows
    from codesign.studies.figures.gain import draw_gain

    draw_gain(read_rows(benchmark), out / "figure4.png")
    typer.echo(f"figure: {out / 'figure4.png'}")


@app.command("5")
def figure_5(
    flow: FlowArgument,
    data: Annotated[Path, typer.Option("--data", help="Folder with the data set's own files, plain, .gz or .xz.")],
    out: OutOption = Path("figures"),
    reversal_potential: Annotated[
        list[float] | None,
        typer.Option(help="abs(E) to run instead of the flow file's; repeat for several, inf for an ideal synapse."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Networks trained at once; one for each core, or on a GPU one.")
    ] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where networks are trained.")] = "auto",
) -> None:
    """Test accuracy against abs(E), trained with E and mapped from ideal (figure5.png, learning.png,
    results.json, results.md).

    Finished runs are not repeated: run the same command to continue after an interruption.
    """
    import torch

    from codesign.execution.workers import worker_processes
    from codesign.studies.vision.recipe import Recipe
    from codesign.studies.vision.report import table, write_report
    from codesign.studies.vision.sweep import Sweep, all_runs, run_sweep

    recipe = Recipe.load(flow)
    if reversal_potential:
        recipe = recipe.at(tuple(reversal_potential))
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    cores = len(os.sched_getaffinity(0))
    count = workers or (1 if device == "cuda" else min(cores, len(all_runs(recipe))))
    sweep = Sweep(recipe, data.resolve(), out.resolve(), device, threads=max(1, cores // count))
    with worker_processes(count) as executor:
        results = run_sweep(sweep, executor)
    write_report(recipe, results, out, shlex.join(["codesign", *sys.argv[1:]]))
    typer.echo(table(results))
    typer.echo(f"figure: {out / 'figure5.png'}")
