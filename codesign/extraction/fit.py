"""Fit of the normalised model to membrane traces and spike times."""

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
from codesign.model.neuron_model import NormalisedModel
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


@dataclass(frozen=True)
class _Parameter:
    name: str
    start: float
    lower: float
    upper: float
    ideal: bool
    """Whether the ideal model (E = infinity) has it too."""


def fit_model(records: Sequence[LayerRecord], nominal: NormalisedModel, *, ideal: bool = False) -> Fit:
    """Fit the membrane ODE to traces, then the firing to spike times.

    The membrane fit is nonlinear least squares on all samples within the valid range; a trace that leaves
    the range counts up to there. Reversal potentials are fitted as 1/E, so that infinity is an ordinary value.
    Confidence intervals use the covariance clustered by trace, because residuals within one are correlated.

    Args:
        records: the fitting set; at least two networks.
        nominal: starting point; its `v_min`, `v_max`, `max_units` and `threshold` are kept.
        ideal: fit the ideal model instead: 1/E and kappa are held at 0, all else is fitted, which makes it the
            strongest model without voltage dependence.

    Raises:
        ExtractionFailed: too few samples or spikes, or the fit does not converge.
    """
    columns = Columns.of(records)
    free = [parameter for parameter in _parameters(nominal) if parameter.ideal or not ideal]
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
            [parameter.start for parameter in free],
            bounds=([parameter.lower for parameter in free], [parameter.upper for parameter in free]),
            x_scale=[0.1 * max(abs(parameter.start), 1e-2) for parameter in free],
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
    intervals = {parameter.name: float(error) for parameter, error in zip(free, errors, strict=True)}
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


def _parameters(nominal: NormalisedModel) -> list[_Parameter]:
    gain_pos, gain_neg = nominal.gain_pos, nominal.gain_neg
    return [
        _Parameter("conductance_pos", 0.3, 0.0, 10.0, ideal=False),
        _Parameter("conductance_neg", 0.3, 0.0, 10.0, ideal=False),
        _Parameter("kappa_pos", 0.0, -3.0, 3.0, ideal=False),
        _Parameter("kappa_neg", 0.0, -3.0, 3.0, ideal=False),
        _Parameter("gain_pos", gain_pos, gain_pos / 10, gain_pos * 10, ideal=True),
        _Parameter("gain_neg", gain_neg, gain_neg / 10, gain_neg * 10, ideal=True),
        _Parameter("load_pos", 1e-4, -0.02, 0.1, ideal=True),
        _Parameter("load_neg", 1e-4, -0.02, 0.1, ideal=True),
        _Parameter("delay_pos", 0.0, -0.05, 0.05, ideal=True),
        _Parameter("delay_neg", 0.0, -0.05, 0.05, ideal=True),
        _Parameter("offset", 0.0, -0.2, 0.2, ideal=True),
    ]


def _model(free: Sequence[_Parameter], values: Floats, nominal: NormalisedModel) -> tuple[NormalisedModel, float]:
    by_name = {parameter.name: float(value) for parameter, value in zip(free, values, strict=True)}
    offset = by_name.pop("offset")
    conductance_pos, conductance_neg = by_name.pop("conductance_pos", 0.0), by_name.pop("conductance_neg", 0.0)
    reversal = {
        "e_pos": 1 / conductance_pos if conductance_pos > 0 else np.inf,
        "e_neg": -1 / conductance_neg if conductance_neg > 0 else -np.inf,
    }
    shifted = {"threshold": nominal.threshold - offset}
    return nominal.model_copy(update=by_name | reversal | shifted), offset


def _within_range(traces: Floats, nominal: NormalisedModel) -> NDArray[np.bool_]:
    return np.logical_and.accumulate((traces >= nominal.v_min) & (traces <= nominal.v_max), axis=1)
