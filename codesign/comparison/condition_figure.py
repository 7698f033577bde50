"""The picture of many conditions."""

# Matplotlib's methods have keyword arguments without types.
# pyright: reportUnknownMemberType=false

import numpy as np
from matplotlib.ticker import ScalarFormatter

from codesign.figure import COLOURS, Figure
from codesign.report.conditions import ConditionRow, ConditionTable

_LAYERS = ("hidden", "output")
_MARKERS = "os^Dv<>"


def condition_figure(table: ConditionTable) -> Figure:
    """Ratio to the conventional mapping over the temperature, a row for hidden and output layers, a column a supply.

    A condition that failed is a gap.
    """
    supplies = sorted({row.conditions.supply for row in table.rows})
    corners = list(dict.fromkeys(row.conditions.corner for row in table.rows))
    figure = Figure(figsize=(1.2 + 3.2 * len(supplies), 5.6), layout="constrained")
    panels = figure.subplots(len(_LAYERS), len(supplies), squeeze=False, sharex=True, sharey=True)
    for layers, line in zip(_LAYERS, panels, strict=True):
        for supply, axes in zip(supplies, line, strict=True):
            for number, corner in enumerate(corners):
                rows = [row for row in table.rows if (row.conditions.corner, row.conditions.supply) == (corner, supply)]
                rows.sort(key=lambda row: row.conditions.temperature)
                axes.plot(
                    [row.conditions.temperature for row in rows],
                    [_ratio(row, layers) for row in rows],
                    marker=_MARKERS[number % len(_MARKERS)],
                    color=COLOURS[number % len(COLOURS)],
                    markersize=4,
                    linewidth=1.2,
                    label=corner,
                )
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(ScalarFormatter())
            axes.grid(which="both", axis="y", linewidth=0.4, alpha=0.5)
            axes.set_xticks(sorted({row.conditions.temperature for row in table.rows}))
        line[0].set_ylabel(f"{layers} layer: conventional error\nin errors of the fitted model", fontsize=9)
    for supply, axes in zip(supplies, panels[0], strict=True):
        axes.set_title(f"{supply:g} V", fontsize=10)
    for axes in panels[-1]:
        axes.set_xlabel("temperature (°C)")
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize=8, title="corner", title_fontsize=8)
    return figure


def _ratio(row: ConditionRow, layers: str) -> float:
    errors = row.hidden if layers == "hidden" else row.output
    ratio = None if errors is None else errors.ratio_conventional
    return np.nan if ratio is None else ratio
