"""Figure 2: the membrane during the window, exact and discretised."""

import math
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch import Tensor

from codesign.dstd import exact_membrane, membrane
from codesign.dstd.bases import Basis
from codesign.studies.figures.style import COLOURS, MARKERS, write_figure

REVERSALS = (1.0, 2.0, 3.0, 10.0, math.inf)
STEPS = (4, 10)
BASES: tuple[Basis, ...] = ("dstd", "cf4")
INPUTS = 1000


def random_neuron(seed: int = 0) -> tuple[Tensor, Tensor]:
    """Weights and spike times of one neuron, both (1000,), float64.

    The magnitudes of the weights sum to about 4, the weights to 1, and the spikes come all over the window.
    """
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(INPUTS, dtype=torch.float64, generator=generator)
    weight = (noise - noise.mean()) * 4 / (INPUTS * math.sqrt(2 / math.pi)) + 1 / INPUTS
    return weight, torch.rand(INPUTS, dtype=torch.float64, generator=generator)


def exact_trace(weight: Tensor, spike_times: Tensor, reversal: float, instants: Tensor) -> Tensor:
    """The exact membrane of one neuron at some instants, E_pos = -E_neg = reversal.

    A window that ends at T is a whole window with times divided by T and weights multiplied by T.

    Args:
        weight: (in,).
        spike_times: (in,).
        reversal: abs(E).
        instants: (k,), above 0.

    Returns:
        (k,).
    """
    rows = instants.unsqueeze(1)
    return exact_membrane(rows * weight, spike_times / rows, reversal, -reversal).diagonal()


def discretised_trace(
    weight: Tensor, spike_times: Tensor, reversal: float, steps: int, basis: Basis
) -> tuple[list[float], list[float]]:
    """Nodes of the discretisation (of "cf4" every other one) and its membrane there."""
    stride = 2 if basis == "cf4" else 1
    nodes = range(stride, steps + 1, stride)
    values = [
        membrane(
            (weight * m / steps).unsqueeze(0),
            (spike_times * steps / m).unsqueeze(0),
            reversal,
            -reversal,
            steps=m,
            basis=basis,
        ).item()
        for m in nodes
    ]
    return [m / steps for m in nodes], values


def draw_traces(path: Path) -> None:
    """Draw the membrane for every abs(E), exact as a line and discretised as points.

    Raises:
        CodesignError: the file cannot be written.
    """
    weight, times = random_neuron()
    instants = torch.linspace(0, 1, 101, dtype=torch.float64)[1:]
    figure = Figure(figsize=(3 * len(REVERSALS), 2.6 * len(STEPS)), layout="constrained")
    grid = figure.subplots(len(STEPS), len(REVERSALS), sharex=True, sharey=True, squeeze=False)
    for column, reversal in enumerate(REVERSALS):
        exact = exact_trace(weight, times, reversal, instants).numpy()
        for row, steps in enumerate(STEPS):
            axes = grid[row, column]
            axes.plot(instants.numpy(), exact, color="0.5", label="exact")
            for basis in BASES:
                nodes, values = discretised_trace(weight, times, reversal, steps, basis)
                axes.plot(nodes, values, MARKERS[basis], color=COLOURS[basis], label=basis)
            axes.set_title(f"|E| = {reversal:g}, M = {steps}")
            axes.grid(alpha=0.3)
    grid[0, 0].legend()
    figure.supxlabel("time, in windows")  # pyright: ignore[reportUnknownMemberType]
    figure.supylabel("membrane v")  # pyright: ignore[reportUnknownMemberType]
    write_figure(figure, path)
