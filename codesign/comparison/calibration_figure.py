"""The picture of a calibration."""

# Matplotlib's methods have keyword arguments without types.
# pyright: reportUnknownMemberType=false

from matplotlib.axes import Axes
from matplotlib.ticker import ScalarFormatter

from codesign.figure import COLOURS, Figure
from codesign.report.calibration import CalibrationCurve
from codesign.variation.chip_model import WAYS, HeldOutErrors

_LABELS = {"membranes": "membranes and spike times seen", "spike_times": "spike times only"}


def calibration_figure(curve: CalibrationCurve) -> Figure:
    """Held-out error of hidden and output layers over the number of inputs, dashed without calibration."""
    names = ["hidden", "output"] if curve.uncalibrated.hidden is not None else ["output"]
    figure = Figure(figsize=(5.2 * len(names), 3.8), layout="constrained")
    panels = figure.subplots(1, len(names), squeeze=False, sharey=True)[0]
    # Where nobody saw membranes, spike times are what there is to judge.
    membranes = curve.uncalibrated.output.membrane_mV is not None
    for axes, layers in zip(panels, names, strict=True):
        _draw(curve, axes, layers, "membrane_mV" if membranes else "spike_time_ns")
    panels[0].set_ylabel("membrane error, rms (mV)" if membranes else "spike time error, rms (ns)")
    panels[0].legend(fontsize=8, title="dashed: not calibrated", title_fontsize=8)
    return figure


def _draw(curve: CalibrationCurve, axes: Axes, layers: str, quantity: str) -> None:
    def value(errors: HeldOutErrors) -> float | None:
        return getattr(getattr(errors, layers), quantity)

    for seen, colour in zip(WAYS, COLOURS, strict=False):
        points = [(point.inputs, value(point.errors)) for point in curve.points if point.seen == seen and point.errors]
        if points:
            axes.plot(*zip(*points, strict=True), "o-", color=colour, markersize=4, label=_LABELS[seen])
    if (uncalibrated := value(curve.uncalibrated)) is not None:
        axes.axhline(uncalibrated, color="grey", linewidth=0.9, linestyle="--")
    axes.set_xscale("log")
    axes.set_yscale("log")
    counts = sorted({point.inputs for point in curve.points})
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.xaxis.set_minor_formatter("")
    for formatter in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        formatter(ScalarFormatter())
    axes.set_title(f"{layers} layer", fontsize=10)
    axes.set_xlabel("inputs that the chip is calibrated with")
