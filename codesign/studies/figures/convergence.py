"""Figure 3: the membrane at the end of the window against the number of steps, and the error's order."""

import json
import math
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from codesign.dstd import exact_membrane, membrane
from codesign.dstd.bases import Basis
from codesign.files import write_atomically
from codesign.studies.benchmarks.accuracy import Case, errors, fitted_order, gradient_errors
from codesign.studies.figures.style import COLOURS, MARKERS, write_figure
from codesign.studies.figures.traces import REVERSALS, random_neuron

STEPS = [2, 4, 8, 16, 32, 64]
BASES: tuple[Basis, ...] = ("dstd", "cf4", "legendre")
CASES = [*(Case("total 4", reversal) for reversal in (1.0, 2.0, 3.0, 10.0)), Case("He", 3.0)]
FITTED_FROM = 4
"""Orders are fitted from this number of steps on."""


def draw_final_states(path: Path) -> None:
    """Draw v(1) of one neuron with 1000 spikes against M: exact as lines, discretised as points.

    Raises:
        CodesignError: the file cannot be written.
    """
    weight, times = (tensor.unsqueeze(0) for tensor in random_neuron())
    figure = Figure(figsize=(3 * len(REVERSALS), 3), layout="constrained")
    for axes, reversal in zip(figure.subplots(1, len(REVERSALS), squeeze=False)[0], REVERSALS, strict=True):
        axes.axhline(exact_membrane(weight, times, reversal, -reversal).item(), color="0.5", label="exact")
        for basis in BASES:
            values = [membrane(weight, times, reversal, -reversal, steps=m, basis=basis).item() for m in STEPS]
            axes.semilogx(STEPS, values, MARKERS[basis], base=2, color=COLOURS[basis], label=basis)
        axes.set_title(f"|E| = {reversal:g}")
        axes.set_xlabel("steps M")
        axes.set_xticks(STEPS, map(str, STEPS))
        axes.grid(alpha=0.3)
        if math.isinf(reversal):
            # All points lie on the line to within rounding, which is not what to show.
            axes.set_ylim(0.0, 1.0)
            axes.legend()
    figure.supylabel("membrane v(1)")  # pyright: ignore[reportUnknownMemberType]
    write_figure(figure, path)


def convergence() -> dict[str, Any]:
    """Errors of v(1) and of its gradient by the spike times for every case, basis and M, with fitted
    orders."""
    results: dict[str, Any] = {"steps": STEPS, "fitted_from": FITTED_FROM, "cases": {}}
    start = STEPS.index(FITTED_FROM)
    for case in CASES:
        rows: dict[str, Any] = {}
        for basis in BASES:
            value, gradient = errors(case, basis, STEPS), gradient_errors(case, basis, STEPS)
            rows[basis] = {
                "rms_error": value,
                "order": fitted_order(STEPS[start:], value[start:]),
                "relative_gradient_error": gradient,
                "gradient_order": fitted_order(STEPS[start:], gradient[start:]),
            }
        results["cases"][case.name] = rows
    return results


def draw_convergence(results: dict[str, Any], path: Path) -> None:
    """Draw the errors of `convergence` against M, the fitted order in the legend.

    Raises:
        CodesignError: the file cannot be written.
    """
    cases = results["cases"]
    figure = Figure(figsize=(3.2 * len(cases), 6), layout="constrained")
    grid = figure.subplots(2, len(cases), sharex=True, sharey="row", squeeze=False)
    kinds = (("rms_error", "order"), ("relative_gradient_error", "gradient_order"))
    for column, (name, rows) in enumerate(cases.items()):
        for axes, (error, order) in zip(grid[:, column], kinds, strict=True):
            for basis, row in rows.items():
                label = f"{basis}, order {row[order]:.1f}"
                axes.loglog(results["steps"], row[error], MARKERS[basis] + "-", color=COLOURS[basis], label=label)
            axes.minorticks_off()
            axes.set_xticks(results["steps"], map(str, results["steps"]))
            axes.grid(alpha=0.3)
            axes.legend(fontsize="small")
        grid[0, column].set_title(name)
        grid[1, column].set_xlabel("steps M")
    grid[0, 0].set_ylabel("rms error of v(1)")
    grid[1, 0].set_ylabel("relative error of dL/dt")
    write_figure(figure, path)


def draw_figure(folder: Path) -> dict[str, Any]:
    """Write figure3.png, convergence.png and convergence.json, and return what the last holds.

    Raises:
        CodesignError: the folder cannot be written.
    """
    draw_final_states(folder / "figure3.png")
    results = convergence()
    draw_convergence(results, folder / "convergence.png")
    write_atomically(folder / "convergence.json", json.dumps(results, indent=1))
    return results
