"""The picture of a variation model."""

# Matplotlib's methods have keyword arguments without types.
# pyright: reportUnknownMemberType=false

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from codesign.figure import COLOURS, Figure

if TYPE_CHECKING:
    from codesign.extraction.variation import Variation

_SHOWN = 8
"""Devices that are named."""


def variation_figure(variation: "Variation") -> Figure:
    """Unit currents and reversal of the cells, starts and spikes of the neurons, and what a device adds."""
    columns = 3 if variation.sensitivities else 2
    figure = Figure(figsize=(4.3 * columns, 4.2), layout="constrained")
    cells, neurons, *devices = figure.subplots(1, columns)
    _draw_cells(variation, cells)
    _draw_neurons(variation, neurons)
    for axes in devices:
        _draw_devices(variation, axes)
    return figure


def _draw_cells(variation: "Variation", axes: Axes) -> None:
    for colour, (sign, values) in zip(COLOURS, variation.cells.items(), strict=False):
        flat = values.reshape(-1, values.shape[-1])
        axes.plot(flat[:, 0] * 100, flat[:, 1], ".", markersize=3, color=colour, label=sign)
    axes.set(
        xlabel="unit current at the reset level, from nominal (%)",
        ylabel="1 / E, from nominal (1/V)",
        title=f"unit cells on {variation.model.chips} chips",
    )
    axes.legend()


def _draw_neurons(variation: "Variation", axes: Axes) -> None:
    flat = variation.neurons.reshape(-1, variation.neurons.shape[-1])
    axes.plot(flat[:, 1] * 1e3, flat[:, 2] * 1e9, ".", markersize=3, color=COLOURS[0])
    axes.set(
        xlabel="start of the membrane, from its layer's mean (mV)",
        ylabel="spike time, likewise (ns)",
        title="neurons",
    )


def _draw_devices(variation: "Variation", axes: Axes) -> None:
    local = [one for one in variation.sensitivities if one.shift.local]
    totals = variation.predicted()[0]
    shares = np.array([(one.neuron / totals) ** 2 for one in local])
    order: list[int] = np.argsort(-shares[:, 1:].sum(axis=1))[:_SHOWN].tolist()
    height = 0.4
    places = np.arange(len(order))
    for k, (index, label) in enumerate(((1, "start"), (2, "spike time"))):
        axes.barh(places + (k - 0.5) * height, shares[order, index] * 100, height, color=COLOURS[k], label=label)
    axes.set_yticks(places, [local[k].shift.device for k in order], fontsize=8)
    axes.invert_yaxis()
    axes.set(xlabel="share of the variance (%)", title="devices of a neuron that decide")
    axes.legend(loc="lower right")
