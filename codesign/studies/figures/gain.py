"""Figure 4: speed and memory gain of DSTD over the exact solution, against the number of inputs."""

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from codesign.studies.benchmarks.layer_benchmark import Row
from codesign.studies.figures.style import write_figure

REFERENCE = "exact, sorted cumulative sums"


def draw_gain(rows: list[Row], path: Path) -> None:
    """Draw time and saved memory of the exact solution over those of DSTD, for each M, at the smallest batch.

    Args:
        rows: from the benchmark; sizes at which the exact solution was not measured are left out.
        path: the PNG file.

    Raises:
        CodesignError: the file cannot be written.
    """
    batch = min(row.batch for row in rows)
    rows = [row for row in rows if row.batch == batch]
    exact = {row.inputs: row for row in rows if row.method == REFERENCE}
    figure = Figure(figsize=(9, 4), layout="constrained")
    speed, memory = figure.subplots(1, 2)
    for steps in sorted({row.steps for row in rows if row.method == "dstd" and row.steps}):
        ours = [row for row in rows if (row.method, row.steps) == ("dstd", steps) and row.inputs in exact]
        ours.sort(key=lambda row: row.inputs)
        inputs = [row.inputs for row in ours]
        speed.loglog(inputs, [exact[row.inputs].seconds / row.seconds for row in ours], "o-", label=f"M = {steps}")
        memory.loglog(inputs, [exact[row.inputs].saved_bytes / row.saved_bytes for row in ours], "o-")
    speed.set_ylabel("times faster than exact")
    memory.set_ylabel("times less memory saved than exact")
    for axes in (speed, memory):
        axes.set_xlabel("inputs")
        axes.set_xticks(sorted(exact), [f"{size}" for size in sorted(exact)])
        axes.set_xticks([], minor=True)
        axes.yaxis.set_major_formatter(LogFormatter())
        axes.yaxis.set_minor_formatter(LogFormatter())
        axes.grid(which="both", alpha=0.3)
    speed.legend()
    figure.suptitle(f"1000 neurons, batch {batch}, forward and backward, {rows[0].device}")  # pyright: ignore[reportUnknownMemberType]
    write_figure(figure, path)
