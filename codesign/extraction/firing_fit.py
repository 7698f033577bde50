"""Fit of the firing: the spike time over the membrane at the end of the window."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.intervals import clustered_errors
from codesign.extraction.records import Columns
from codesign.membrane import Floats
from codesign.neuron_model import NormalisedModel

_AT_ONCE = 1e-3
"""A spike this soon after the earliest one, in windows, was not timed by the ramp."""

_ABOVE = 0.05
"""Membranes this far above the threshold, in swings, fire at once."""

_OUTLYING = 5e-4
"""Residuals beyond this, in windows, count less than squared: right at the threshold a small error of the membrane
is a large one of the spike time."""

_NAMES = ("fire_delay", "ramp", "kick_pos", "kick_neg", "fire_curvature", "fire_lag")
_LOWER = (-0.5, 1e-2, -0.1, -0.1, -0.5, 1e-4)
_UPPER = (0.5, 1e2, 0.1, 0.1, 0.5, 0.1)
_SCALE = (1e-2, 1e-1, 1e-3, 1e-3, 1e-2, 1e-2)

_FIRST_LAGS = (1e-3, 4e-3, 1.2e-2, 3e-2)
"""Where the fit starts: whether a membrane fires at once is a jump, which makes several minima."""


@dataclass(frozen=True)
class FiringFit:
    """A fitted firing.

    Attributes:
        parameters: fields of `NormalisedModel`, by name.
        intervals: half-width of the 95 % confidence interval of each fitted one.
        membranes: v(1) of every neuron that fired on the ramp, or should have by the fit, in swings.
        times: their spike times, in windows.
        residuals: their spike times minus the fitted ones, in windows.
    """

    parameters: dict[str, float]
    intervals: dict[str, float]
    membranes: Floats
    times: Floats
    residuals: Floats


def fit_firing(columns: Columns, model: NormalisedModel, offset: float, within: NDArray[np.bool_]) -> FiringFit:
    """Robust nonlinear least squares of `NormalisedModel.firing_time` on the data's own v(1).

    Args:
        columns: the fitting set.
        model: with the membrane's parameters and the threshold; its firing is where the fit starts.
        offset: starting level minus nominal reset level, in swings.
        within: whether each column stayed within the valid range up to the end of the window, shape (columns,).

    Raises:
        ExtractionFailed: too few neurons fired, or later the higher their membrane.
    """
    pos, neg, on = np.maximum(columns.weights, 0), np.maximum(-columns.weights, 0), columns.spike_times < 1
    load = model.column_load(pos.sum(axis=1), neg.sum(axis=1), columns.wire_load)
    final = columns.traces[:, -1] - offset
    on_pos, on_neg = (pos * on).sum(axis=1), (neg * on).sum(axis=1)
    fired = np.isfinite(columns.fired)
    if fired.sum() > 2 and np.polyfit(final[fired], columns.fired[fired], 1)[0] >= 0:
        raise ExtractionFailed("neurons with a higher membrane fire later in the fitting set; check the spike times")
    far_above = final > model.threshold + _ABOVE
    at_once = columns.fired[fired & far_above]
    earliest = float(np.median(at_once)) if len(at_once) else 0.0
    fitted = fired & within & ~far_above
    observed = columns.fired[fitted]
    ramped = observed > earliest + _AT_ONCE
    if ramped.sum() < (needed := 2 * len(_NAMES)):
        raise ExtractionFailed(
            f"only {ramped.sum()} neurons of the fitting set fired on the ramp, the fit needs {needed}; raise "
            f"extraction.networks, or measure more inputs"
        )

    def residuals(values: Floats) -> Floats:
        trial = model.model_copy(update=_named(values))
        times = trial.firing_time(final[fitted], load[fitted], on_pos[fitted], on_neg[fitted])
        return np.maximum(times, earliest) - observed

    solution = _best_solution(residuals)
    errors = clustered_errors(solution.jac, solution.fun, np.arange(len(observed)))
    remaining = -np.asarray(solution.fun, dtype=np.float64)
    shown = ramped | (observed - remaining > earliest + _AT_ONCE)
    return FiringFit(
        parameters=_named(solution.x) | {"fire_minimum": earliest},
        intervals=dict(zip(_NAMES, (float(error) for error in errors), strict=True)),
        membranes=final[fitted][shown],
        times=observed[shown],
        residuals=remaining[shown],
    )


def _named(values: Floats) -> dict[str, float]:
    return dict(zip(_NAMES, (float(value) for value in values), strict=True))


def _best_solution(residuals: Any) -> Any:
    solutions = [_solve(residuals, lag) for lag in _FIRST_LAGS]
    converged = [solution for solution in solutions if solution.success]
    if not converged:
        raise ExtractionFailed(f"the firing fit did not converge ({solutions[0].message}); check the spike times")
    return min(converged, key=lambda solution: solution.cost)


def _solve(residuals: Any, lag: float) -> Any:
    return cast(
        Any,
        least_squares(
            residuals,
            # Far from the threshold two lags are a delay of their sum.
            np.array((2 * lag, 1.0, 0.0, 0.0, 0.0, lag)),
            bounds=(_LOWER, _UPPER),
            x_scale=_SCALE,
            loss="soft_l1",
            f_scale=_OUTLYING,
            ftol=1e-12,
            xtol=1e-10,
            gtol=1e-14,
            max_nfev=2000,
        ),
    )
