"""Fit of the firing: the spike time over the membrane at the end of the window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from codesign.arrays import Floats
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.intervals import clustered_errors
from codesign.extraction.records import Columns
from codesign.model.normalised import NormalisedModel
from codesign.model.parameters import Parameter, Range, fitted_parameters


@dataclass(frozen=True)
class FiringFit:
    """A fitted firing.

    Attributes:
        parameters: fields of `NormalisedModel`, by name.
        intervals: half-width of the 95 % confidence interval of each fitted one, not of those left out.
        membranes: v(1) of every neuron that fired, in swings.
        times: their spike times, in windows.
        residuals: their spike times minus the fitted ones, in windows.
    """

    parameters: dict[str, float]
    intervals: dict[str, float]
    membranes: Floats
    times: Floats
    residuals: Floats


def fit_firing(columns: Columns, model: NormalisedModel, offset: float, within: NDArray[np.bool_]) -> FiringFit:
    """Nonlinear least squares of `NormalisedModel.firing_time` on the data's own v(1).

    Effects that may vanish (lag and hold of the comparator) and that the data cannot tell from none are left out: they
    have the lower bound of their range and no interval.

    Args:
        columns: the fitting set.
        model: with the membrane's parameters and the threshold; its firing is not used.
        offset: starting level minus nominal reset level, in swings.
        within: whether each column stayed within the valid range up to the end of the window, shape (columns,).

    Raises:
        ExtractionFailed: too few neurons fired, or later the higher their membrane.
    """
    pos, neg, on = np.maximum(columns.weights, 0), np.maximum(-columns.weights, 0), columns.spike_times < 1
    units = (pos.sum(axis=1), neg.sum(axis=1))
    load, leaks = model.column_load(*units, columns.wire_load), model.column_leak(*units)
    final = columns.traces[:, -1] - offset
    on_pos, on_neg = (pos * on).sum(axis=1), (neg * on).sum(axis=1)
    fired = np.isfinite(columns.fired)
    if fired.sum() > 2 and np.polyfit(final[fired], columns.fired[fired], 1)[0] >= 0:
        raise ExtractionFailed("neurons with a higher membrane fire later in the fitting set; check the spike times")
    fitted = fired & within
    observed = columns.fired[fitted]
    all_rows = fitted_parameters("firing", resistive=model.resistive, ideal=False)
    rows = list(all_rows)
    if len(observed) < (needed := 2 * len(rows)):
        raise ExtractionFailed(
            f"only {len(observed)} neurons of the fitting set fired, the fit needs {needed}; "
            f"raise extraction.networks, or measure more inputs"
        )

    leak = (leaks[0][fitted], leaks[1][fitted])

    def residuals(trial: NormalisedModel) -> Floats:
        return trial.firing_time(final[fitted], load[fitted], on_pos[fitted], on_neg[fitted], leak) - observed

    values, errors, remaining = _solve(rows, model, residuals)
    without = model
    while undetermined := [row for row in rows if _may_be_left_out(row, values, errors, model)]:
        # The least known first: the next may then be determined.
        least = max(undetermined, key=lambda row: errors[row.name] / _range(row, model).known)
        without = without.model_copy(update={least.name: _range(least, model).lower})
        rows.remove(least)
        values, errors, remaining = _solve(rows, without, residuals)
    return FiringFit(
        parameters={row.name: getattr(without, row.name) for row in all_rows} | values,
        intervals=errors,
        membranes=final[fitted],
        times=observed,
        residuals=-remaining,
    )


def _may_be_left_out(
    row: Parameter, values: dict[str, float], errors: dict[str, float], model: NormalisedModel
) -> bool:
    """Whether the data have seen where an effect would show (a finite interval), and could not tell it from none."""
    known, lower = _range(row, model).known, _range(row, model).lower
    return row.may_vanish and known < errors[row.name] < np.inf and values[row.name] - lower <= errors[row.name]


def _solve(
    rows: Sequence[Parameter], model: NormalisedModel, residuals: Callable[[NormalisedModel], Floats]
) -> tuple[dict[str, float], dict[str, float], Floats]:
    """Fitted values, the half-widths of their 95 % intervals, and the residuals, in windows."""

    def of_values(values: Floats) -> Floats:
        return residuals(model.model_copy(update=_named(rows, values)))

    ranges = [_range(row, model) for row in rows]
    solution = cast(
        Any,
        least_squares(
            of_values,
            [one.start for one in ranges],
            bounds=([one.lower for one in ranges], [one.upper for one in ranges]),
            x_scale=[one.step for one in ranges],
            ftol=1e-12,
            xtol=1e-10,
            gtol=1e-14,
            max_nfev=500,
        ),
    )
    if not solution.success:
        raise ExtractionFailed(f"the firing fit did not converge ({solution.message}); check the spike times")
    errors = clustered_errors(solution.jac, solution.fun, np.arange(len(solution.fun)))
    return _named(rows, solution.x), _named(rows, errors), np.asarray(solution.fun, dtype=np.float64)


def _range(row: Parameter, model: NormalisedModel) -> Range:
    return row.range.around(getattr(model, row.name))


def _named(rows: Sequence[Parameter], values: Floats) -> dict[str, float]:
    return {row.name: float(value) for row, value in zip(rows, values, strict=True)}
