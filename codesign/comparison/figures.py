"""The pictures of a report."""

# Matplotlib's methods have keyword arguments without types.
# pyright: reportUnknownMemberType=false

import io
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from codesign.circuits.testbench import Testbench, membrane_probe, spike_probe
from codesign.comparison.candidate import Candidate
from codesign.comparison.errors import circuit_traces, respond
from codesign.comparison.simulation import NetworkRun
from codesign.extraction.crosscheck import CrossCheck
from codesign.extraction.fit import Fit
from codesign.extraction.observation import scale_of
from codesign.extraction.records import Columns, LayerRecord
from codesign.model.neuron_model import NeuronModel
from codesign.spice import Waveforms

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
"""Colours that colour-blind readers can tell apart (Okabe and Ito)."""

LARGEST_PANEL = 8
"""Most neurons drawn in one panel."""


def figure_png(figure: Figure) -> bytes:
    """A figure as a PNG file; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    # Tight, for a label that grows with its ticks can reach beyond the laid out figure.
    figure.savefig(buffer, format="png", dpi=150, bbox_inches="tight", metadata={"Software": None})
    return buffer.getvalue()


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


def fit_figure(model: NeuronModel, fit: Fit, records: Sequence[LayerRecord], check: CrossCheck | None) -> Figure:
    """Data, fit and residual of the membrane and of the spike times, and the DC current of a unit cell.

    Args:
        model: the fitted model.
        fit: the fit.
        records: the fitting set.
        check: the DC sweep, or None for measured data, which leaves out its panel.
    """
    columns = 2 if check is None else 3
    figure = Figure(figsize=(4 * columns, 6.5), layout="constrained")
    panels = figure.subplots(2, columns, height_ratios=(3, 1.4), squeeze=False)
    _draw_membrane_fit(model, fit, records, panels[0, 0], panels[1, 0])
    _draw_firing_fit(model, fit, panels[0, 1], panels[1, 1])
    if check is not None:
        _draw_current_fit(check, panels[0, 2], panels[1, 2])
    figure.suptitle(
        f"E_rev {model.e_rev_pos.value:+.3f} V and {model.e_rev_neg.value:+.3f} V from the reset level; fit residual "
        f"{model.rmse * 1e3:.3f} mV of a {model.scale.swing * 1e3:.0f} mV swing",
        fontsize=11,
    )
    return figure


def _draw_membrane_fit(
    model: NeuronModel, fit: Fit, records: Sequence[LayerRecord], data: Axes, residual: Axes
) -> None:
    scale = model.scale
    columns = Columns.of(records)
    times = columns.times * scale.window * 1e6
    for trace, residuals in zip(columns.traces, fit.residuals, strict=True):
        data.plot(times, trace * scale.swing, color=COLOURS[0], linewidth=0.6)
        data.plot(times, (trace + residuals) * scale.swing, color="black", linewidth=0.6, linestyle="--")
        residual.plot(times, residuals * scale.swing * 1e3, color=COLOURS[0], linewidth=0.5)
    data.set_title("fitting set: membranes (dashed: fit)", fontsize=10)
    data.set_ylabel("membrane from the reset level (V)")
    residual.set_xlabel("time in the accumulation window (µs)")
    residual.set_ylabel("fit error (mV)")


def _draw_firing_fit(model: NeuronModel, fit: Fit, firing: Axes, residual: Axes) -> None:
    window = model.scale.window
    predicted = fit.firing_times - fit.firing_residuals
    firing.plot(
        fit.firing_membranes, fit.firing_times * window * 1e6, "o", color=COLOURS[1], markersize=4, label="data"
    )
    firing.plot(fit.firing_membranes, predicted * window * 1e6, "x", color="black", markersize=4, label="fit")
    firing.set_title("spike times of the fitting set", fontsize=10)
    firing.set_ylabel("spike time (µs)")
    firing.legend(fontsize=8)
    residual.plot(fit.firing_membranes, -fit.firing_residuals * window * 1e9, "o", color=COLOURS[1], markersize=3)
    residual.axhline(0, color="grey", linewidth=0.6)
    residual.set_xlabel("membrane at the end of the window (swings)")
    residual.set_ylabel("fit error (ns)")


def _draw_current_fit(check: CrossCheck, current: Axes, residual: Axes) -> None:
    for (sign, sweep), colour in zip(check.sweeps.items(), COLOURS, strict=False):
        fitted = sweep.current_at_reset * (1 - sweep.voltage / sweep.e_rev + sweep.curvature * sweep.voltage**2)
        current.plot(sweep.voltage, sweep.current * 1e9, color=colour, linewidth=2.0, label=f"{sign} cell, SPICE")
        current.plot(sweep.voltage, fitted * 1e9, color="black", linewidth=1.0, linestyle="--")
        residual.plot(sweep.voltage, (fitted - sweep.current) / sweep.current_at_reset * 100, color=colour)
    current.set_title("DC current of one unit cell (dashed: fit)", fontsize=10)
    current.set_ylabel("current (nA)")
    current.legend(fontsize=8)
    residual.axhline(0, color="grey", linewidth=0.6)
    residual.set_xlabel("membrane from the reset level (V)")
    residual.set_ylabel("fit error (%)")


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
