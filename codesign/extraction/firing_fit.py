"""Fit of the firing: the spike time over the membrane at the end of the window."""

from collections.abc import Sequence
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
from codesign.model.parameters import Parameter, fitted_parameters


@dataclass(frozen=True)
class FiringFit:
    """A fitted firing.

    Attributes:
        parameters: fields of `NormalisedModel`, by name.
        intervals: half-width of the 95 % confidence interval of each fitted one.
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
    rows = fitted_parameters("firing", resistive=model.resistive, ideal=False)
    if len(observed) < (needed := 2 * len(rows)):
        raise ExtractionFailed(
            f"only {len(observed)} neurons of the fitting set fired, the fit needs {needed}; "
            f"raise extraction.networks, or measure more inputs"
        )

    leak = (leaks[0][fitted], leaks[1][fitted])

    def residuals(values: Floats) -> Floats:
        trial = model.model_copy(update=_named(rows, values))
        return trial.firing_time(final[fitted], load[fitted], on_pos[fitted], on_neg[fitted], leak) - observed

    ranges = [row.range.around(getattr(model, row.name)) for row in rows]
    solution = cast(
        Any,
        least_squares(
            residuals,
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
    errors = clustered_errors(solution.jac, solution.fun, np.arange(len(observed)))
    return FiringFit(
        parameters=_named(rows, solution.x),
        intervals=_named(rows, errors),
        membranes=final[fitted],
        times=observed,
        residuals=-np.asarray(solution.fun, dtype=np.float64),
    )


def _named(rows: Sequence[Parameter], values: Floats) -> dict[str, float]:
    return {row.name: float(value) for row, value in zip(rows, values, strict=True)}
