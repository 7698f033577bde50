"""The pictures of a report."""

# Matplotlib's methods have keyword arguments without types.
# pyright: reportUnknownMemberType=false

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.circuits.testbench import Testbench, membrane_probe, spike_probe
from codesign.comparison.candidate import Candidate
from codesign.comparison.errors import circuit_traces, respond
from codesign.comparison.network_run import NetworkRun
from codesign.extraction.observation import scale_of
from codesign.figure import COLOURS, Figure
from codesign.spice import Waveforms

LARGEST_PANEL = 8
"""Most neurons drawn in one panel."""


def trace_panels(columns: Sequence[tuple[str, NetworkRun, Candidate]], sample: int = 0) -> Figure:
    """Membranes of the first hidden and of the output layer, model against circuit, with the error below.

    The layout of Fig. 7 of the paper: one column for each (title, run, model).
    """
    layers = sorted({0, len(columns[0][1].job.weights) - 1})
    heights = [3, 1] * len(layers)
    figure = Figure(figsize=(5.2 * len(columns), 3.6 * len(layers)), layout="constrained")
    grid = figure.subplots(2 * len(layers), len(columns), squeeze=False, height_ratios=heights, sharex=True)
    for column, (title, run, candidate) in enumerate(columns):
        responses = respond(run, candidate)
        scale = scale_of(run.job.design)
        times = run.records[0][0].times * scale.window * 1e6
        for row, layer in enumerate(layers):
            circuit = circuit_traces(run.records, layer)[sample][:LARGEST_PANEL]
            model = responses[layer].traces[sample][:LARGEST_PANEL] + candidate.offset
            upper, lower = grid[2 * row][column], grid[2 * row + 1][column]
            for neuron, (simulated, computed) in enumerate(zip(circuit, model, strict=True)):
                colour = COLOURS[neuron % len(COLOURS)]
                upper.plot(times, scale.voltage(simulated), color=colour, linewidth=1.6, label=f"neuron {neuron + 1}")
                upper.plot(times, scale.voltage(computed), color="black", linewidth=1.0, linestyle=(0, (3, 2)))
                lower.plot(times, (computed - simulated) * scale.swing * 1e3, color=colour, linewidth=1.0)
            name = "output" if layer == layers[-1] else "hidden"
            upper.set_title(f"{title}: {name} layer", fontsize=10)
            upper.set_ylabel("membrane (V)")
            lower.set_ylabel("error (mV)")
            lower.axhline(0, color="grey", linewidth=0.6)
        grid[-1][column].set_xlabel("time in the accumulation window (µs)")
    grid[0][0].legend(fontsize=8, title="solid: SPICE, dashed: model", title_fontsize=8)
    return figure


def error_bars(errors: Mapping[str, tuple[float | None, float | None]]) -> Figure:
    """Root mean square errors of each model, hidden and output, on a logarithmic axis.

    Args:
        errors: hidden and output error, mV, by the model's name; None where there is none.
    """
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.subplots()
    positions = np.arange(len(errors))
    for shift, (index, name) in zip((-0.2, 0.2), enumerate(("hidden", "output")), strict=True):
        found = [pair[index] for pair in errors.values()]
        heights = [np.nan if height is None else height for height in found]
        bars = axes.bar(positions + shift, heights, width=0.38, color=COLOURS[index], label=name)
        axes.bar_label(bars, fmt="%.3g", fontsize=8)
    axes.set_yscale("log")
    axes.set_xticks(positions, list(errors), fontsize=8)
    axes.set_ylabel("membrane error, rms (mV)")
    axes.margins(y=0.15)
    axes.legend(fontsize=8)
    return figure


def phase_figure(testbench: Testbench, waveforms: Waveforms) -> Figure:
    """Phases, membranes and fired signals of one inference, layer by layer."""
    network = testbench.network
    figure = Figure(figsize=(10, 2.8 * len(network.layers)), layout="constrained")
    panels = figure.subplots(len(network.layers), 1, squeeze=False, sharex=True)[:, 0]
    supply = network.design.conditions.supply
    for layer, axes in zip(network.layers, panels, strict=True):
        phases = {
            "reset": testbench.timeline.reset(layer, 0),
            "accumulation": testbench.timeline.accumulation(layer, 0),
            "firing": testbench.timeline.firing(layer, 0),
        }
        for (name, phase), shade in zip(phases.items(), ("#dddddd", "#e8f3fa", "#fdeee3"), strict=True):
            axes.axvspan(phase.start * 1e6, phase.stop * 1e6, color=shade, zorder=0)
            axes.text((phase.start + phase.stop) * 5e5, 0.06, name, ha="center", fontsize=8, color="#444444")
        columns = range(1, min(network.design.layer_sizes[layer], LARGEST_PANEL) + 1)
        for column in columns:
            colour = COLOURS[(column - 1) % len(COLOURS)]
            axes.plot(waveforms.time * 1e6, waveforms[membrane_probe(layer, column)], color=colour, linewidth=1.3)
            for spike in waveforms.crossings(spike_probe(layer, column), supply / 2, rising=False):
                axes.plot(spike * 1e6, network.design.levels.threshold, "v", color=colour, markersize=7)
        axes.axhline(network.design.levels.threshold, color="grey", linewidth=0.7, linestyle=":")
        axes.set_ylim(0, supply * 1.05)
        axes.set_ylabel(f"layer {layer}: membrane (V)")
    panels[-1].set_xlabel("time (µs); triangles: spikes, dotted: firing threshold")
    return figure
