"""The picture of a fit."""

# Matplotlib's methods have keyword arguments without types.
# pyright: reportUnknownMemberType=false

from collections.abc import Sequence

from matplotlib.axes import Axes

from codesign.extraction.crosscheck import CrossCheck
from codesign.extraction.fit import Fit
from codesign.extraction.records import Columns, LayerRecord
from codesign.figure import COLOURS, Figure
from codesign.model.neuron_model import NeuronModel


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
