"""`codesign bench`: what the layers cost."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from codesign.cli.figures import FlowArgument

_MOST = 10**6
"""Most inputs or samples: more would not fit into memory."""

_WIDEST = 1024
"""Widest layer."""

app = typer.Typer(help="Benchmarks of the layers.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Benchmarks of the layers."""


@app.command()
def dstd(
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")] = Path("bench"),
    threads: Annotated[int, typer.Option(min=1, max=1024, help="CPU threads.")] = 1,
    inputs: Annotated[list[int], typer.Option(min=1, max=_MOST, help="Inputs of the layer; repeat for several.")] = [  # noqa: B006
        100,
        300,
        1000,
        3000,
    ],
    batch: Annotated[list[int], typer.Option(min=1, max=_MOST, help="Samples; repeat for several.")] = [16, 64],  # noqa: B006
    seconds: Annotated[float, typer.Option(min=0.0, help="Time for each measurement.")] = 2.0,
    memory: Annotated[float, typer.Option(min=0.0, help="GB that the exact methods may take.")] = 4.0,
) -> None:
    """Time, memory and error of DSTD layers against exact solutions, torchdiffeq and a linear layer.

    Writes bench_dstd.json, bench_dstd.md and figure4.png, on the CPU and, where there is one, on the CUDA
    device (in the folder cuda). Measures torchdiffeq if it is installed.
    """
    import torch

    from codesign.studies.benchmarks.report import run_benchmark, table, write_report
    from codesign.studies.figures.gain import draw_gain

    torch.set_num_threads(threads)
    command = shlex.join(["codesign", *sys.argv[1:]])
    folders = {"cpu": out} | ({"cuda": out / "cuda"} if torch.cuda.is_available() else {})
    for device, folder in folders.items():
        benchmark = run_benchmark(
            torch.device(device),
            inputs=tuple(inputs),
            batches=tuple(batch),
            budget=seconds,
            memory_limit=int(memory * 1e9),
        )
        write_report(benchmark, folder, command)
        draw_gain(benchmark.rows, folder / "figure4.png")
        typer.echo(table(benchmark, command))


@app.command()
def step(
    flow: FlowArgument,
    threads: Annotated[int, typer.Option(min=1, max=1024, help="CPU threads.")] = 1,
    seconds: Annotated[float, typer.Option(min=0.0, help="Time for each measurement.")] = 10.0,
) -> None:
    """Time of a training step of a flow file of Figure 5, beside the same network of nn.Conv2d, on the CPU."""
    import torch

    from codesign.studies.vision.recipe import Recipe
    from codesign.studies.vision.step_benchmark import step_times

    torch.set_num_threads(threads)
    typer.echo(step_times(Recipe.load(flow), seconds))


@app.command()
def spice(
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")],
    flow: Annotated[Path, typer.Option("--flow", help="Flow file with the design.")] = Path("flows/5-5-5.toml"),
    size: Annotated[list[str], typer.Option(help="Layer sizes, as 16-16-10; repeat for several.")] = [  # noqa: B006
        "5-5-5",
        "16-16-10",
        "48-24-10",
    ],
    inputs: Annotated[int, typer.Option(min=1, max=1000, help="Random inputs of each network.")] = 1,
) -> None:
    """Networks of random weights column by column against one deck each: membranes, processor time, memory.

    Writes bench_spice.json; nothing comes from the cache.
    """
    from codesign.comparison.benchmark import benchmark_columns, write_benchmark
    from codesign.execution.session import Session
    from codesign.flow.file import FlowFile

    design = FlowFile.load(flow).design
    sizes = [_sizes(one) for one in size]
    with Session(design.pdk) as session:
        rows = benchmark_columns(design, sizes, inputs, session.simulator)
    for row in rows:
        typer.echo(f"{row.name}: {row.value:.3g}, at most {row.bar:g}{'' if row.met else ': missed'}")
    typer.echo(f"benchmark: {write_benchmark(rows, out)}")


def _sizes(text: str) -> tuple[int, ...]:
    words = text.split("-")
    if len(words) < 2 or not all(word.isdecimal() and 1 <= int(word) <= _WIDEST for word in words):
        raise typer.BadParameter(f"{text!r:.40} are no layer sizes; give at least two, as 16-16-10")
    return tuple(int(word) for word in words)
