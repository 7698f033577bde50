"""From what one chip shows to the model of that chip: maximum a posteriori, the variation model as prior."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.arrays import Floats
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.records import LayerRecord
from codesign.model.deviations import Deviations
from codesign.model.neuron_model import NeuronModel
from codesign.model.response import column_spike_times, column_traces, layer_response
from codesign.variation.chip_model import Seen
from codesign.variation.latent import LayerPrior
from codesign.variation.variation_model import NEURON, VariationModel

FEWEST_INPUTS: dict[Seen, int] = {"membranes": 1, "spike_times": len(NEURON)}
"""Of spike times alone as many as a neuron has numbers of its own."""

_ITERATIONS = 50
_STEP = 1e-4
_DAMPING = (1e-3, 1e6)
"""Marquardt's, a share of the diagonal: where it starts, and where it gives up."""
_SETTLED = 1e-9
"""Relative change of the penalised sum of squares at which the search ends."""
_FINEST = 1e-5
"""Swings or windows: no data are better, whatever residual a fit to its own equation leaves."""
_FAR = 10.0
"""Swings or windows: what a model expects beyond counts as that."""
_SPREAD = 0.05
"""Between the spikes that the model expects of a neuron, windows: a neuron that shows none of it is stuck."""


def calibrated_deviations(
    model: NeuronModel, variation: VariationModel, inferences: Sequence[Sequence[LayerRecord]], seen: Seen
) -> list[Deviations]:
    """The most probable deviations of a chip, given what it shows and how chips vary.

    Layer by layer, for a layer's input spikes are seen. Residuals count in units of the fit's own residual; a trace
    counts as many times as it has intervals between spikes, since the residual within one is a single error.

    Args:
        model: of the matched circuit.
        variation: how chips differ.
        inferences: of each input, the record of each layer, all on one chip.
        seen: what of the records is used.

    Returns:
        The deviations of each layer.

    Raises:
        ExtractionFailed: too few inputs, or a neuron that is dead or stuck: it never fires, or fires at one time
            whatever its inputs, where the model expects otherwise.
    """
    fewest = FEWEST_INPUTS[seen]
    if len(inferences) < fewest:
        raise ExtractionFailed(
            f"{len(inferences)} inputs do not determine a chip by its {seen.replace('_', ' ')}; give at least {fewest}"
        )
    layers = [list(records) for records in zip(*inferences, strict=True)]
    return [_calibrated(model, variation, records, seen, number) for number, records in enumerate(layers, start=1)]


def _calibrated(
    model: NeuronModel, variation: VariationModel, records: Sequence[LayerRecord], seen: Seen, number: int
) -> Deviations:
    _check_spikes(model, records, seen, number)
    prior = LayerPrior.of(variation, model.scale, records[0].weights)
    problem = _Problem(model, records, seen, prior)
    local, common = np.zeros((len(prior.weights), prior.local)), np.zeros(prior.common)
    residuals, cost = problem.evaluate(local, common)
    damping = _DAMPING[0]
    for _ in range(_ITERATIONS):
        step = problem.step(local, common, residuals)
        while damping < _DAMPING[1]:
            new_local, new_common = (
                old + change for old, change in zip((local, common), step.damped(damping), strict=True)
            )
            new_residuals, new_cost = problem.evaluate(new_local, new_common)
            if new_cost <= cost:
                break
            damping *= 10
        else:
            break
        settled = cost - new_cost <= _SETTLED * cost
        local, common, residuals, cost = new_local, new_common, new_residuals, new_cost
        damping = max(damping / 10, 1e-9)
        if settled:
            break
    return prior.deviations(local, common)


@dataclass(frozen=True)
class _Step:
    """Normal equations of the penalised least squares: a block for each neuron, bordered by what neurons share."""

    block: Floats
    border: Floats
    corner: Floats
    local: Floats
    common: Floats

    def damped(self, damping: float) -> tuple[Floats, Floats]:
        """Marquardt's step, by elimination of the blocks."""
        block = self.block * (1 + damping * np.eye(self.block.shape[-1]))
        corner = self.corner * (1 + damping * np.eye(len(self.corner)))
        solved = _solved(block, np.concatenate([self.border, self.local[..., None]], axis=-1))
        by_border, by_local = solved[..., :-1], solved[..., -1]
        reduced = corner - _contracted("npq,npr->qr", self.border, by_border)
        common = _solved(reduced, self.common - _contracted("npq,np->q", self.border, by_local))
        return by_local - by_border @ common, common


@dataclass(frozen=True)
class _Problem:
    model: NeuronModel
    records: Sequence[LayerRecord]
    seen: Seen
    prior: LayerPrior

    def evaluate(self, local: Floats, common: Floats) -> tuple[Floats, float]:
        """Residuals of each neuron, shape (neurons, data), and half the penalised sum of squares."""
        residuals = self._predicted(local, common) - self._observed()
        # What was not seen says nothing.
        residuals = np.where(np.isfinite(residuals), residuals, 0.0)
        return residuals, float(np.sum(residuals**2) + np.sum(local**2) + np.sum(common**2)) / 2

    def step(self, local: Floats, common: Floats, residuals: Floats) -> _Step:
        """By differences; a number of each neuron at once, since neurons do not see one another."""
        by_local = np.stack(
            [self._slope(local + _STEP * unit, common, residuals) for unit in np.eye(self.prior.local)], axis=-1
        )
        by_common = np.stack(
            [self._slope(local, common + _STEP * unit, residuals) for unit in np.eye(self.prior.common)], axis=-1
        )
        return _Step(
            block=_contracted("ndp,ndq->npq", by_local, by_local) + np.eye(self.prior.local),
            border=_contracted("ndp,ndq->npq", by_local, by_common),
            corner=_contracted("ndp,ndq->pq", by_common, by_common) + np.eye(self.prior.common),
            local=-(_contracted("ndp,nd->np", by_local, residuals) + local),
            common=-(_contracted("ndq,nd->q", by_common, residuals) + common),
        )

    def _slope(self, local: Floats, common: Floats, residuals: Floats) -> Floats:
        return (self.evaluate(local, common)[0] - residuals) / _STEP

    def _predicted(self, local: Floats, common: Floats) -> Floats:
        model, batch = self.model.normalised(), len(self.records)
        own = self.prior.deviations(local, common)
        columns = own.repeated(batch)
        weights = np.tile(self.prior.weights, (batch, 1))
        neurons = len(self.prior.weights)
        spikes = np.repeat(np.array([record.spike_times for record in self.records]), neurons, axis=0)
        wires = np.concatenate([np.broadcast_to(record.wire_load, neurons) for record in self.records])
        # A step may be far too long.
        with np.errstate(over="ignore", invalid="ignore"):
            traces = column_traces(model, weights, spikes, self.records[0].times, wires, columns)
            fired = column_spike_times(model, weights, spikes, traces[:, -1], wires, columns)
        return self._weighed(_near(traces), _near(fired))

    def _observed(self) -> Floats:
        offset = self.model.reset_offset.value / self.model.scale.swing
        traces = np.concatenate([record.traces for record in self.records]) - offset
        fired = np.concatenate([record.fired for record in self.records])
        return self._weighed(traces, np.where(np.isfinite(fired), fired, np.nan))

    def _weighed(self, traces: Floats, fired: Floats) -> Floats:
        """Data of (batch neurons) columns, in units of their errors, shape (neurons, data)."""
        batch, scale = len(self.records), self.model.scale
        spikes = fired.reshape(batch, -1).T / max(self.model.firing_rmse / scale.window, _FINEST)
        if self.seen == "spike_times":
            return spikes
        samples = traces.shape[-1]
        error = max(self.model.rmse / scale.swing, _FINEST) * np.sqrt(samples / (self.prior.weights.shape[1] + 1))
        membranes = traces.reshape(batch, -1, samples).swapaxes(0, 1).reshape(-1, batch * samples) / error
        return np.concatenate([membranes, spikes], axis=1)


def _near(values: Floats) -> Floats:
    """What runs away is far off, so that no search goes there."""
    return np.clip(np.nan_to_num(values, nan=_FAR, posinf=_FAR, neginf=-_FAR), -_FAR, _FAR)


def _solved(matrix: Floats, right: Floats) -> Floats:
    return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)


def _contracted(subscripts: str, first: Floats, second: Floats) -> Floats:
    return np.asarray(np.einsum(subscripts, first, second), dtype=np.float64)


def _check_spikes(model: NeuronModel, records: Sequence[LayerRecord], seen: Seen, number: int) -> None:
    """Refuse spikes that no deviation explains; a neuron of which the model expects no other is none of them."""
    shown = np.array([record.fired for record in records])
    inputs = np.array([record.spike_times for record in records])
    expected = layer_response(model.normalised(), records[0].weights, inputs, np.empty(0)).spike_times
    for neuron, (times, others) in enumerate(zip(shown.T, expected.T, strict=True), start=1):
        known, modelled = times[np.isfinite(times)], others[np.isfinite(others)]
        where = f"neuron {neuron} of layer {number}"
        cure = "look at the chip, or give its membranes"
        # Of a neuron without spikes the membrane tells.
        if seen == "spike_times" and known.size == 0 and modelled.size > len(times) / 2:
            raise ExtractionFailed(
                f"{where} never fires in {len(times)} inputs, where {modelled.size} should", cure=cure
            )
        if known.size > 2 and np.ptp(known) == 0 and np.ptp(modelled) > _SPREAD:
            raise ExtractionFailed(
                f"{where} is stuck: it fires at {known[0]:.4g} windows in all of {known.size} inputs", cure=cure
            )
