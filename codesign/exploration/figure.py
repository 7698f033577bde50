"""The picture of an exploration: every design by every two objectives."""

# Matplotlib's methods have keyword arguments without types.
# pyright: reportUnknownMemberType=false

from collections.abc import Callable, Sequence
from itertools import combinations
from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatter, MaxNLocator

from codesign.exploration.objectives import OBJECTIVES
from codesign.figure import COLOURS, Figure
from codesign.report.exploration import Exploration, MeasuredBy, TrialRow

_COLUMNS = 3

_NUMBERED = 10
"""With more trials on the front only the chosen one and the best in each objective are numbered."""

_WIDE = 20
"""With a larger ratio between the largest and the smallest value an axis is logarithmic."""


def pareto_figure(found: Exploration) -> Figure:
    """A panel for every two objectives; with one objective, its value over the trials.

    Trials that could not be measured are in no panel. Numbers are those of trials on the front.
    """
    pairs = list(combinations(found.objectives, 2))
    columns = min(_COLUMNS, max(1, len(pairs)))
    rows = max(1, ceil(len(pairs) / columns))
    size = (7.5, 5.4) if len(pairs) < 2 else (1 + 4.6 * columns, 0.5 + 4.2 * rows)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels[max(1, len(pairs)) :]:
        axes.set_axis_off()
    if pairs:
        for (across, up), axes in zip(pairs, panels, strict=False):
            _draw(found, axes, _value(across), _value(up))
            _scale(found, axes, across, "x")
            _scale(found, axes, up, "y")
            if len(found.objectives) == 2:
                _draw_line(found, axes, across, up)
    else:
        _draw(found, panels[0], lambda row: row.number, _value(found.objectives[0]))
        panels[0].set_xlabel("trial")
        panels[0].xaxis.set_major_locator(MaxNLocator(integer=True))
        _scale(found, panels[0], found.objectives[0], "y")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=5, frameon=False)
    return figure


def _value(objective: MeasuredBy) -> Callable[[TrialRow], float]:
    return lambda row: row.results[objective.name]


def _draw(found: Exploration, axes: Axes, across: Callable[[TrialRow], float], up: Callable[[TrialRow], float]) -> None:
    front = set(found.front)
    measured = [row for row in found.trials if row.results]

    def dots(rows: Sequence[TrialRow], marker: str, size: float, label: str, **look: Any) -> None:
        axes.plot(
            [across(row) for row in rows], [up(row) for row in rows], marker, markersize=size, label=label, **look
        )

    dots([row for row in measured if row.failure], "x", 5, "beyond a limit", color="0.6")
    dots([row for row in measured if not row.failure and row.number not in front], "o", 5, "feasible", color=COLOURS[5])
    dots([row for row in measured if row.number in front], "o", 7, "Pareto front", color=COLOURS[0])
    dots([found.chosen_row], "*", 17, "chosen", color=COLOURS[1], markeredgecolor="white")
    if found.base is not None and (base := found.trials[found.base - 1]).results:
        dots([base], "D", 11, "base design", color="black", fillstyle="none")
    for row in _numbered(found):
        axes.annotate(str(row.number), (across(row), up(row)), (7, 5), textcoords="offset points", fontsize=8)
    axes.grid(alpha=0.25)


def _numbered(found: Exploration) -> list[TrialRow]:
    rows = found.front_rows
    if len(rows) <= _NUMBERED:
        return rows
    best = {found.chosen}
    for objective in found.objectives:
        ends = min if objective.better == "low" else max
        best.add(ends(rows, key=_value(objective)).number)
    return [row for row in rows if row.number in best]


def _draw_line(found: Exploration, axes: Axes, across: MeasuredBy, up: MeasuredBy) -> None:
    """The edge of what is reached."""
    rows = sorted(found.front_rows, key=_value(across))
    step = "steps-post" if across.better == "low" else "steps-pre"
    line = [[_value(one)(row) for row in rows] for one in (across, up)]
    axes.plot(*line, drawstyle=step, color=COLOURS[0], linewidth=1, alpha=0.6, zorder=1)


def _scale(found: Exploration, axes: Axes, objective: MeasuredBy, which: str) -> None:
    axis = axes.xaxis if which == "x" else axes.yaxis
    name = OBJECTIVES[objective.name].axis
    axis.set_label_text(f"← {name}" if objective.better == "low" else f"{name} →")
    values = [row.results[objective.name] for row in found.trials if row.results]
    if min(values) > 0 and max(values) > _WIDE * min(values):
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        axis.set_major_formatter(LogFormatter())
    for limit in (objective.lowest, objective.highest):
        if limit is not None and min(values) < limit < max(values):
            (axes.axvline if which == "x" else axes.axhline)(limit, color="0.5", linestyle=":", linewidth=1.2)
