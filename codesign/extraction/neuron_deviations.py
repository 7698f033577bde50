"""What the neurons of a layer do differently on a chip, from two runs of equal columns."""

from dataclasses import dataclass, replace
from typing import Any, Self, cast

import numpy as np
from scipy.optimize import least_squares  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from codesign.arrays import Floats
from codesign.design import Design
from codesign.extraction.records import LayerRecord
from codesign.model.deviations import Deviations
from codesign.model.normalised import NormalisedModel
from codesign.model.response import column_spike_times, column_traces

_STEP = 1e-3
"""Of the differences that stand for derivatives: far above rounding, far below a curvature."""


@dataclass(frozen=True)
class LayerSensitivity:
    """The matched circuit's run, and how the model's membranes follow a neuron's parameters.

    Attributes:
        model: of the matched circuit.
        matched: its run.
        by_gain: change of each membrane with the logarithm of all gains of its column, shape (neurons, samples).
        by_start: change of each membrane, counted from its own start, with that start, same shape.
    """

    model: NormalisedModel
    matched: LayerRecord
    by_gain: Floats
    by_start: Floats

    @classmethod
    def of(cls, model: NormalisedModel, matched: LayerRecord) -> Self:
        """By differences of the exact response."""
        none = Deviations.none(*matched.weights.shape)
        ones = np.ones_like(matched.weights, dtype=np.float64)
        nominal = _traces(model, matched, none)
        gain = _traces(model, matched, replace(none, gain=_STEP * ones))
        start = _traces(model, matched, replace(none, start=_STEP * ones[:, 0]))
        return cls(model, matched, (gain - nominal) / _STEP, (start - nominal) / _STEP)


@dataclass(frozen=True)
class LayerOnChip:
    """Deviations from the matched circuit, in SI units.

    Attributes:
        neurons: local part of capacitance, start and delay, shape (neurons, 3).
        layer: common part of start, delay, and the ramp's slope, shape (3,).
        layer_noise: covariance that the neurons' local parts give to `layer`, shape (3, 3).
        whole: capacitance, start and delay of each neuron, common parts included, shape (neurons, 3).
    """

    neurons: Floats
    layer: Floats
    layer_noise: Floats
    whole: Floats


def layer_deviations(sensitivity: LayerSensitivity, record: LayerRecord, design: Design) -> LayerOnChip:
    """Compare a run with that of the matched circuit.

    The start is seen directly. Of the rest of a membrane's difference, what all columns have in common for each sign is
    that of their cells' biases, and what remains is that of the capacitance, both by least squares. What
    the membranes do not explain of the spike times is a delay of each neuron and a slope that all share. A neuron that
    does not fire has the mean delay.
    """
    matched, model = sensitivity.matched, sensitivity.model
    level = model.start(matched.weights)[:, None]
    own, reference = (one.traces - one.traces[:, :1] + level for one in (record, matched))
    start = record.traces[:, 0] - matched.traces[:, 0]
    rest = own - reference - sensitivity.by_start * start[:, None] - _common_gains(sensitivity, own - reference)
    capacitance = -np.sum(rest * sensitivity.by_gain, axis=1) / np.sum(sensitivity.by_gain**2, axis=1)
    expected = _spike_times(model, record, own[:, -1]) - _spike_times(model, record, reference[:, -1])
    with np.errstate(invalid="ignore"):
        delay = record.fired - matched.fired - expected
    fired = np.isfinite(delay)
    # A slope higher by a part r reaches the membrane earlier by r times the spike time.
    slope = np.stack([np.ones(fired.sum()), -matched.fired[fired]], axis=1)
    common, *_ = np.linalg.lstsq(slope, delay[fired], rcond=None)
    left = np.zeros_like(delay)
    left[fired] = delay[fired] - slope @ common
    noise = np.zeros((3, 3))
    noise[0, 0] = start.var(ddof=1) / len(start)
    noise[1:, 1:] = np.linalg.inv(slope.T @ slope) * (left @ left) / max(1, fired.sum() - 2)
    volts, seconds = design.levels.swing, design.timing.window
    of_neuron, of_layer = np.array([1.0, volts, seconds]), np.array([volts, seconds, 1.0])
    return LayerOnChip(
        neurons=np.stack([capacitance - capacitance.mean(), start - start.mean(), left], axis=1) * of_neuron,
        layer=np.array([start.mean(), *common]) * of_layer,
        layer_noise=noise * np.outer(of_layer, of_layer),
        whole=np.stack([capacitance, start, np.where(fired, delay, 0.0)], axis=1) * of_neuron,
    )


def _common_gains(sensitivity: LayerSensitivity, differences: Floats) -> Floats:
    """The part of the membranes' differences, shape (neurons, samples), that gains common to each sign explain."""
    matched, none = sensitivity.matched, Deviations.none(*sensitivity.matched.weights.shape)
    nominal = _traces(sensitivity.model, matched, none)

    def moved(gains: Floats) -> Floats:
        gain = np.asarray(np.where(matched.weights >= 0, gains[0], gains[1]), dtype=np.float64)
        return _traces(sensitivity.model, matched, replace(none, gain=gain)) - nominal

    def residuals(gains: Floats) -> Floats:
        return (moved(gains) - differences).ravel()

    return moved(cast(Any, least_squares(residuals, np.zeros(2))).x)


def _traces(model: NormalisedModel, record: LayerRecord, deviations: Deviations) -> Floats:
    arriving = np.tile(record.spike_times, (len(record.weights), 1))
    own = deviations.repeated(1)
    traces = column_traces(model, record.weights, arriving, record.times, record.wire_load, own)
    return traces - traces[:, :1]


def _spike_times(model: NormalisedModel, record: LayerRecord, final: Floats) -> Floats:
    arriving = np.tile(record.spike_times, (len(record.weights), 1))
    return column_spike_times(model, record.weights, arriving, final, record.wire_load)
