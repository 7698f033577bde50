"""Fit of the normalised model to membrane traces and spike times."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from codesign.arrays import Floats
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.firing_fit import fit_firing
from codesign.extraction.intervals import clustered_errors
from codesign.extraction.records import Columns, LayerRecord
from codesign.model.normalised import NormalisedModel
from codesign.model.parameters import OFFSET, Parameter, fitted_parameters
from codesign.model.response import column_traces


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes:
        model: the normalised model.
        offset: starting level of the membrane minus the nominal reset level, in swings.
        intervals: half-width of the 95 % confidence interval of each fitted parameter, by its name.
        residuals: model minus data of each column, shape (columns, samples), in swings; NaN out of range.
        firing_membranes: v(1) of every neuron that fired on the ramp, in swings.
        firing_times: their spike times, in windows.
        firing_residuals: their spike times minus the fitted ones, in windows.
    """

    model: NormalisedModel
    offset: float
    intervals: dict[str, float]
    residuals: Floats
    firing_membranes: Floats
    firing_times: Floats
    firing_residuals: Floats

    @property
    def rmse(self) -> float:
        """Root mean square residual of the membrane within the valid range, in swings."""
        return float(np.sqrt(np.nanmean(self.residuals**2)))

    @property
    def firing_rmse(self) -> float:
        """Root mean square residual of the spike times, in windows."""
        return float(np.sqrt(np.mean(self.firing_residuals**2)))


def fit_model(records: Sequence[LayerRecord], nominal: NormalisedModel, *, ideal: bool = False) -> Fit:
    """Fit the membrane ODE to traces, then the firing to spike times.

    The membrane fit is nonlinear least squares on all samples within the valid range; a trace that leaves
    the range counts up to there. Reversal potentials are fitted as 1/E, so that infinity is an ordinary value.
    Confidence intervals use the covariance clustered by trace, because residuals within one are correlated.

    Args:
        records: the fitting set; at least two networks.
        nominal: starting point; what is no row of the table of parameters is kept.
        ideal: fit the ideal model instead: 1/E and kappa are held at 0, all else is fitted, which makes it the
            strongest model without voltage dependence.

    Raises:
        ExtractionFailed: too few samples or spikes, or the fit does not converge.
    """
    columns = Columns.of(records)
    free = fitted_parameters("membrane", resistive=nominal.resistive, ideal=ideal)
    ranges = [row.range.around(getattr(nominal, row.name, 0.0)) for row in free]
    within = _within_range(columns.traces, nominal)
    if within.sum() < 10 * len(free):
        raise ExtractionFailed("too few membrane samples within the valid range; add networks or widen the range")

    def residuals(values: Floats) -> Floats:
        model, offset = _model(free, values, nominal)
        computed = column_traces(model, columns.weights, columns.spike_times, columns.times, columns.wire_load)
        return np.where(within, computed + offset - columns.traces, 0.0)

    def flat_residuals(values: Floats) -> Floats:
        return residuals(values).ravel()

    solution = cast(
        Any,
        least_squares(
            flat_residuals,
            [one.start for one in ranges],
            bounds=([one.lower for one in ranges], [one.upper for one in ranges]),
            x_scale=[one.step for one in ranges],
            ftol=1e-12,
            xtol=1e-12,
            gtol=1e-12,
            max_nfev=200,
        ),
    )
    if not solution.success:
        raise ExtractionFailed(f"the membrane fit did not converge ({solution.message}); check the records")
    model, offset = _model(free, solution.x, nominal)
    clusters = np.repeat(np.arange(len(columns.traces)), len(columns.times))
    errors = clustered_errors(solution.jac, solution.fun, clusters)
    intervals = {row.name: float(error) for row, error in zip(free, errors, strict=True)}
    remaining = np.where(within, residuals(solution.x), np.nan)
    firing = fit_firing(columns, model, offset, within[:, -1])
    return Fit(
        model=model.model_copy(update=firing.parameters),
        offset=offset,
        intervals=intervals | firing.intervals,
        residuals=remaining,
        firing_membranes=firing.membranes,
        firing_times=firing.times,
        firing_residuals=firing.residuals,
    )


def _model(free: Sequence[Parameter], values: Floats, nominal: NormalisedModel) -> tuple[NormalisedModel, float]:
    found = {row.normalised_field: row.of_fitted(float(value)) for row, value in zip(free, values, strict=True)}
    offset = found.pop(OFFSET)
    ideal = {"e_pos": math.inf, "e_neg": -math.inf}
    shifted = {"threshold": nominal.threshold - offset}
    return nominal.model_copy(update=ideal | found | shifted), offset


def _within_range(traces: Floats, nominal: NormalisedModel) -> NDArray[np.bool_]:
    return np.logical_and.accumulate((traces >= nominal.v_min) & (traces <= nominal.v_max), axis=1)
