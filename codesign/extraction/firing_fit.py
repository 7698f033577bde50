"""Fit of the firing: the spike time over the membrane at the end of the window."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
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

_FAR = 0.1
"""Membranes this far below the threshold, in swings, see nothing of the comparator's lag but a delay."""

_LINE = ("fire_delay", "ramp", "kick_pos", "kick_neg", "fire_curvature")
_LINE_START = (0.0, 1.0, 0.0, 0.0, 0.0)
_LINE_BOUNDS = ((-0.5, 1e-2, -0.1, -0.1, -0.5), (0.5, 1e2, 0.1, 0.1, 0.5))
_LINE_SCALE = (1e-2, 1e-1, 1e-3, 1e-3, 1e-2)

_LAG_BOUNDS = (1e-4, 0.1)
_FIRST_LAGS = (2e-3, 1e-2, 3e-2)
"""Where the fit starts: whether a membrane fires at once is a jump, which makes several minima."""

_HOLD_STEP = 0.2
_HOLDS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Holds that are tried: all that this parameter does is such a jump, so that a slope cannot find it."""


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
    """Robust least squares of `NormalisedModel.firing_time` on the data's own v(1).

    First the line, on membranes far from the threshold; then the comparator's lag and hold, on all. So the line, by
    which nearly all spikes are timed, takes no part of what is left near the threshold.

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
    far = ramped & (final[fitted] < model.threshold - _FAR)
    if far.sum() < (needed := 2 * len(_LINE)):
        raise ExtractionFailed(
            f"only {far.sum()} neurons of the fitting set fired far from the threshold, the fit needs {needed}; raise "
            f"extraction.networks, or measure more inputs"
        )
    arguments = (final[fitted], load[fitted], on_pos[fitted], on_neg[fitted])
    pos, neg, spike_times = pos[fitted], neg[fitted], columns.spike_times[fitted]

    def line_residuals(values: Floats) -> Floats:
        trial = model.model_copy(update=_named(_LINE, values))
        return trial.firing_line(*arguments)[far] - observed[far]

    line = _solve(line_residuals, _LINE_START, _LINE_BOUNDS, _LINE_SCALE)
    lined = model.model_copy(update=_named(_LINE, line.x))

    def lag_residuals(values: Floats, hold: float) -> Floats:
        trial = lined.model_copy(update={"fire_lag": float(values[0]), "fire_hold": hold})
        seen = trial.seen_share(spike_times)
        times = trial.firing_time(*arguments, (pos * seen).sum(axis=1), (neg * seen).sum(axis=1))
        return np.maximum(times, earliest) - observed

    trials = [
        (_solve(partial(lag_residuals, hold=hold), (lag,), _LAG_BOUNDS, (1e-2,)), hold)
        for hold in _HOLDS
        for lag in _FIRST_LAGS
    ]
    lag, hold = min(trials, key=lambda trial: trial[0].cost)
    remaining = -np.asarray(lag.fun, dtype=np.float64)
    shown = ramped | (observed - remaining > earliest + _AT_ONCE)
    return FiringFit(
        parameters=_named(_LINE, line.x) | {"fire_lag": float(lag.x[0]), "fire_hold": hold, "fire_minimum": earliest},
        intervals=_named(_LINE, _errors(line)) | _named(("fire_lag",), _errors(lag)) | {"fire_hold": _HOLD_STEP},
        membranes=final[fitted][shown],
        times=observed[shown],
        residuals=remaining[shown],
    )


def _errors(solution: Any) -> Floats:
    return clustered_errors(solution.jac, solution.fun, np.arange(len(solution.fun)))


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return dict(zip(names, (float(value) for value in values), strict=True))


def _solve(residuals: Any, start: Sequence[float], bounds: Any, scale: Sequence[float]) -> Any:
    solution = cast(
        Any,
        least_squares(
            residuals,
            start,
            bounds=bounds,
            x_scale=scale,
            loss="soft_l1",
            f_scale=_OUTLYING,
            ftol=1e-12,
            xtol=1e-10,
            gtol=1e-14,
            max_nfev=500,
        ),
    )
    if not solution.success:
        raise ExtractionFailed(f"the firing fit did not converge ({solution.message}); check the spike times")
    return solution
