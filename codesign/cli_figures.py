"""`codesign figures`: the paper's figures on the mathematics."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The paper's figures, one command each.", no_args_is_help=True)

OutOption = Annotated[Path, typer.Option("--out", help="Folder for the figure.")]


@app.command("2")
def figure_2(out: OutOption = Path("figures")) -> None:
    """Membrane during the window for 1000 random spikes, exact and discretised (figure2.png)."""
    from codesign.figures.traces import draw_traces

    draw_traces(out / "figure2.png")
    typer.echo(f"figure: {out / 'figure2.png'}")


@app.command("3")
def figure_3(out: OutOption = Path("figures")) -> None:
    """Final membrane against the steps, and the error's order (figure3.png, convergence.png,
    convergence.json)."""
    from codesign.figures.convergence import draw_figure

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
    from codesign.benchmarks.report import read_rows
    from codesign.figures.gain import draw_gain

    draw_gain(read_rows(benchmark), out / "figure4.png")
    typer.echo(f"figure: {out / 'figure4.png'}")
