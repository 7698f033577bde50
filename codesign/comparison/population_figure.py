"""The picture of chips on the model."""

# Matplotlib's methods have keyword arguments without types.
# pyright: reportUnknownMemberType=false

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from codesign.comparison.population import Population, Spreads
from codesign.figure import COLOURS, Figure


def population_figure(found: Population, compared: Spreads | None) -> Figure:
    """Accuracies of the chips, yield over its limit, and the spread of membranes and spikes, model against SPICE."""
    figure = Figure(figsize=(13, 3.9), layout="constrained")
    accuracy, good, spread = figure.subplots(1, 3)
    _draw_accuracies(found, accuracy)
    _draw_yield(found, good)
    if compared is None:
        spread.set_axis_off()
    else:
        _draw_spreads(compared, spread)
    return figure


def _draw_accuracies(found: Population, axes: Axes) -> None:
    axes.hist(found.accuracies, bins=30, color=COLOURS[0])
    axes.axvline(found.nominal, color=COLOURS[1], linestyle="--", label="matched circuit")
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    axes.set(xlabel="test accuracy", ylabel="chips", title=f"{len(found.accuracies)} chips on the model")
    axes.legend()


def _draw_yield(found: Population, axes: Axes) -> None:
    limits = np.linspace(0, max(0.05, 1.1 * float(found.nominal - found.accuracies.min())), 100)
    share, low, high = np.array([found.yield_within(float(limit)) for limit in limits]).T
    axes.fill_between(limits, low, high, color=COLOURS[0], alpha=0.25, linewidth=0, label="95 % interval")
    axes.plot(limits, share, color=COLOURS[0])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    axes.set(xlabel="loss of accuracy that is allowed (points)", ylabel="yield", title="yield", ylim=(0, 1.02))
    axes.legend(loc="lower right")


def _draw_spreads(compared: Spreads, axes: Axes) -> None:
    groups = (
        ("v(1), swings", compared.spice_v, compared.model_v),
        ("spike times, windows", compared.spice_times, compared.model_times),
    )
    for colour, (label, spice, model) in zip(COLOURS, groups, strict=False):
        axes.plot(spice, model, ".", color=colour, markersize=4, label=label)
    ends = np.array(axes.get_xlim())
    axes.plot(ends, ends, color="grey", linewidth=0.8)
    axes.set(xlabel="sigma over chips in SPICE", ylabel="on the model", title="spread of each neuron and input")
    axes.legend()
