"""The pictures of many chips."""

# Matplotlib's methods have keyword arguments without types.
# pyright: reportUnknownMemberType=false

import numpy as np
from matplotlib.ticker import ScalarFormatter

from codesign.arrays import Floats
from codesign.figure import COLOURS, Figure
from codesign.report.montecarlo import ChipRow, LayerOfChip, MonteCarlo

_MODELS = (
    ("rmse_mV", "fitted to the matched circuit"),
    ("rmse_bestfit_ideal_mV", "best-fit ideal"),
    ("rmse_conventional_mV", "conventional"),
    ("rmse_calibrated_membranes_mV", "calibrated to the chip by membranes"),
    ("rmse_calibrated_spike_times_mV", "by spike times only"),
)


def _layers(result: MonteCarlo) -> list[str]:
    return [name for name in ("hidden", "output") if getattr(result.matched, name) is not None]


def _of(row: ChipRow, layers: str) -> LayerOfChip | None:
    return row.hidden if layers == "hidden" else row.output


def error_figure(result: MonteCarlo) -> Figure:
    """Membrane error of each model on each chip, dashed on the matched circuit, hidden and output layers."""
    names = _layers(result)
    figure = Figure(figsize=(5.2 * len(names), 3.8), layout="constrained")
    panels = figure.subplots(1, len(names), squeeze=False, sharey=True)[0]
    for axes, layers in zip(panels, names, strict=True):
        matched = _of(result.matched, layers)
        for (field, label), colour in zip(_MODELS, COLOURS, strict=False):
            errors = _values(result, layers, field)
            if np.isnan(errors).all():
                continue
            axes.plot(np.arange(1, len(errors) + 1), errors, "o", color=colour, markersize=4, label=label)
            if (nominal := getattr(matched, field)) is not None:
                axes.axhline(nominal, color=colour, linewidth=0.9, linestyle="--")
        axes.set_yscale("log")
        axes.set_title(f"{layers} layer", fontsize=10)
        axes.set_xlabel("chip")
        axes.xaxis.get_major_locator().set_params(integer=True)
    panels[0].set_ylabel("membrane error, rms (mV)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        fontsize=8,
        title="dashed: matched circuit",
        title_fontsize=8,
        loc="outside lower center",
        ncols=3,
    )
    return figure


def ratio_figure(result: MonteCarlo) -> Figure:
    """Share of the chips on which a ratio is at least so large, with the median marked."""
    names = _layers(result)
    figure = Figure(figsize=(5.2 * len(names), 3.4), layout="constrained")
    panels = figure.subplots(1, len(names), squeeze=False, sharey=True)[0]
    for axes, layers in zip(panels, names, strict=True):
        ratios = (("ratio_conventional", "to conventional"), ("ratio_bestfit_ideal", "to best-fit ideal"))
        for (field, label), colour in zip(ratios, (COLOURS[2], COLOURS[1]), strict=True):
            found = np.sort(_values(result, layers, field))
            found = found[np.isfinite(found)]
            if not len(found):
                continue
            share = 1 - np.arange(len(found)) / len(found)
            axes.step([*found, found[-1]], [*share, 0], where="pre", color=colour, label=label)
            axes.plot(np.median(found), 0.5, "o", color=colour, markersize=5)
        axes.set_xscale("log")
        # Ratios as people write them: 40, not 4 x 10^1.
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(ScalarFormatter())
        axes.set_ylim(0, 1.02)
        axes.set_title(f"{layers} layer", fontsize=10)
        axes.set_xlabel("error in errors of the fitted model")
    panels[0].set_ylabel("share of chips with at least that")
    panels[0].legend(fontsize=8)
    return figure


def _values(result: MonteCarlo, layers: str, field: str) -> Floats:
    rows = (_of(row, layers) for row in result.chips)
    values = [np.nan if row is None else getattr(row, field) for row in rows]
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
