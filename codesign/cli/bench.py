"""`codesign bench`: what the layers cost."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from codesign.cli.figures import FlowArgument

_MOST = 10**6
"""Most inputs or samples: more would not fit into memory."""

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
