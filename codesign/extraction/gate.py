"""The gate on every fit: doubts about a model in words, and its refusal unless it is forced."""

from collections.abc import Sequence

import numpy as np

from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.fit import Fit
from codesign.extraction.records import LayerRecord
from codesign.model.normalised import NormalisedModel
from codesign.model.parameters import OFFSET, PARAMETERS, Parameter, Range

LARGEST_RESIDUAL = 0.03
"""Largest root mean square residual of a model that describes its circuit: of the membrane in swings, of the spike
times in windows. The models of this project's own circuits stay below 0.01."""

_AT_BOUND = 1e-4
"""Nearer to a bound than this part of the way between the bounds, a parameter counts as at that bound."""


def pass_gate(doubts: Sequence[str], *, force: bool) -> tuple[str, ...]:
    """Refuse data or a fit that raise doubts.

    Args:
        doubts: from `data_doubts` and `fit_doubts`.
        force: let them pass.

    Returns:
        The doubts, to be kept with the model.

    Raises:
        ExtractionFailed: the first of the doubts, unless forced.
    """
    if doubts and not force:
        raise ExtractionFailed(f"{doubts[0]}; --force continues with the model and marks it")
    return tuple(doubts)


def data_doubts(records: Sequence[LayerRecord], nominal: NormalisedModel) -> list[str]:
    """What in the data contradicts the design, before anything is fitted.

    Args:
        records: the fitting set.
        nominal: the model where the fit starts.
    """
    doubts: list[str] = []
    largest = max((int(np.abs(record.weights).max(initial=0)) for record in records), default=0)
    if not largest:
        doubts.append("every weight of the data is 0, so they tell nothing of the synapses; check the weights")
    if largest > nominal.max_units:
        doubts.append(
            f"a weight of {largest} unit cells lies beyond synapse.max_units = {nominal.max_units}; check that weights "
            "are whole unit cells, or raise max_units"
        )
    if not any(np.any(record.spike_times < 1) for record in records):
        doubts.append("no input spikes within the window; check that spike_times are in seconds, or timing.window")
    return doubts


def fit_doubts(fit: Fit, nominal: NormalisedModel) -> list[str]:
    """The doubts about a fitted model: its residuals, parameters at a bound, undetermined parameters.

    Args:
        fit: the fit.
        nominal: the model where it started.
    """
    doubts: list[str] = []
    for what, residual, unit, check in (
        (
            "membrane",
            fit.rmse,
            "swing",
            "the signs and units of weights, times, membrane and levels, and whether cells differ by mismatch",
        ),
        ("spike times", fit.firing_rmse, "window", "the spike times, the ramp and the threshold"),
    ):
        # NaN must not pass as a residual below the limit.
        if not residual <= LARGEST_RESIDUAL:
            doubts.append(
                f"the fit leaves a residual of the {what} of {residual:.1%} of the {unit}, more than "
                f"{LARGEST_RESIDUAL:.0%}: the model does not describe the data; check {check}"
            )
    fitted = [row for row in PARAMETERS if row.name in fit.intervals]
    if bound := [row.label for row in fitted if _at_bound(row, fit, nominal)]:
        doubts.append(
            f"{', '.join(bound)} ended at a bound of the fit; check the weights, the capacitance and the levels of the "
            "design"
        )
    if unknown := [row.label for row in fitted if not fit.intervals[row.name] <= _range(row, nominal).known]:
        doubts.append(
            f"the data do not determine {', '.join(unknown)} (huge confidence interval); add traces of few and many "
            "cells of both signs, with membranes over the whole range and above the threshold"
        )
    return doubts


def _range(row: Parameter, nominal: NormalisedModel) -> Range:
    return row.range.around(getattr(nominal, row.name, 0.0))


def _at_bound(row: Parameter, fit: Fit, nominal: NormalisedModel) -> bool:
    found = _range(row, nominal)
    value = fit.offset if row.name == OFFSET else row.of_normalised(getattr(fit.model, row.normalised_field))
    near = _AT_BOUND * (found.upper - found.lower)
    return value >= found.upper - near or (value <= found.lower + near and not row.may_vanish)
