"""A model against what a chip shows of inputs that it was not calibrated with."""

from collections.abc import Sequence

import numpy as np

from codesign.arrays import Floats
from codesign.extraction.records import LayerRecord
from codesign.model.deviations import Deviations
from codesign.model.neuron_model import NeuronModel
from codesign.model.response import network_response
from codesign.variation.chip_model import HeldOutErrors, LayerError


def held_out_errors(
    model: NeuronModel, inferences: Sequence[Sequence[LayerRecord]], deviations: Sequence[Deviations] | None
) -> HeldOutErrors:
    """Errors of a model, which knows only the network's input spikes, chained from layer to layer.

    Args:
        model: of the matched circuit.
        inferences: of each input, the record of each layer, all on one chip.
        deviations: of each layer; None: the matched circuit.
    """
    layers = [list(records) for records in zip(*inferences, strict=True)]
    responses = network_response(
        model.normalised(),
        [records[0].weights for records in layers],
        np.array([record.spike_times for record in layers[0]]),
        layers[0][0].times,
        [records[0].wire_load for records in layers],
        deviations,
    )
    pairs: list[tuple[Floats, Floats, Floats]] = []
    for records, response in zip(layers, responses, strict=True):
        difference = response.traces - np.array([record.traces for record in records])
        seen = np.array([record.fired for record in records])
        pairs.append((difference - difference[:, :, :1], response.spike_times, seen))
    return HeldOutErrors(
        hidden=_errors(model, pairs[:-1]) if len(pairs) > 1 else None, output=_errors(model, pairs[-1:])
    )


def _errors(model: NeuronModel, layers: Sequence[tuple[Floats, Floats, Floats]]) -> LayerError:
    membranes = np.concatenate([layer[0].ravel() for layer in layers])
    expected = np.concatenate([layer[1].ravel() for layer in layers])
    seen = np.concatenate([layer[2].ravel() for layer in layers])
    expects, fires = np.isfinite(expected), np.isfinite(seen)
    both = expects & fires
    return LayerError(
        membrane_mV=_rms(membranes[~np.isnan(membranes)], model.scale.swing * 1e3),
        spike_time_ns=_rms(expected[both] - seen[both], model.scale.window * 1e9),
        unlike_spikes=float(np.not_equal(expects, fires).mean()),
    )


def _rms(values: Floats, unit: float) -> float | None:
    """None without values, or where a model's membrane runs away."""
    if not values.size or not np.isfinite(values).all():
        return None
    return float(np.sqrt(np.mean(values**2))) * unit
