"""The fitted model's response: membrane traces and spike times of a layer and of a network, by the exact ODE."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.arrays import Floats, Integers
from codesign.model.deviations import Deviations
from codesign.model.membrane import membrane_trace
from codesign.model.normalised import NormalisedModel


@dataclass(frozen=True)
class LayerResponse:
    """What a layer does with a batch of inputs, normalised units.

    Attributes:
        traces: membrane at the given times, shape (batch, neurons, samples).
        final: membrane at the end of the window, v(1), shape (batch, neurons).
        spike_times: in windows from the start of the firing phase, shape (batch, neurons); infinity: no spike.
    """

    traces: Floats
    final: Floats
    spike_times: Floats


def column_traces(
    model: NormalisedModel,
    weights: Integers,
    spike_times: Floats,
    times: Floats,
    wire_load: Floats | float = 0.0,
    deviations: Deviations | None = None,
) -> Floats:
    """Membranes of columns that each have inputs of their own.

    Args:
        model: the neuron column's model.
        weights: unit cells of each column, shape (columns, inputs).
        spike_times: of each column's inputs, shape (columns, inputs), in windows; 1 or more means never.
        times: of the samples, shape (samples,), in windows.
        wire_load: of each column, see `NormalisedModel.column_load`, shape (columns,) or one for all.
        deviations: of each column on its chip, shapes (columns, inputs) and (columns,); None: the matched circuit.

    Returns:
        Shape (columns, samples), in swings from the level at which a matched column without cells starts.
    """
    delays = np.where(weights >= 0, model.delay_pos, model.delay_neg)
    onsets = np.where(spike_times < 1, spike_times, np.inf) + delays
    rates, load = model.synapse_rates(weights, wire_load), model.on_loads(weights, wire_load)
    leak, start = model.leak_rates(weights, wire_load), model.start(weights, wire_load)
    if deviations is not None:
        rates, start = deviations.rates(weights, rates), start + deviations.start
    return membrane_trace(times, onsets, *rates, load, leak, start)


def column_spike_times(
    model: NormalisedModel,
    weights: Integers,
    spike_times: Floats,
    final: Floats,
    wire_load: Floats | float = 0.0,
    deviations: Deviations | None = None,
) -> Floats:
    """Spike times of columns, before clipping; arguments and shapes as in `column_traces`.

    Args:
        model: the neuron column's model.
        weights: unit cells.
        spike_times: of the inputs.
        final: membrane at the end of the window, v(1), shape (columns,).
        wire_load: of each column.
        deviations: of each column on its chip.
    """
    pos, neg = np.maximum(weights, 0), np.maximum(-weights, 0)
    on = spike_times < 1
    units = (pos.sum(axis=1), neg.sum(axis=1))
    load, leak = model.column_load(*units, wire_load), model.column_leak(*units)
    on_pos, on_neg = (pos * on).sum(axis=1), (neg * on).sum(axis=1)
    if deviations is None:
        return model.firing_time(final, load, on_pos, on_neg, leak)
    arrival = model.threshold_arrival(final - deviations.start, load, on_pos, on_neg, leak)
    return model.spike_time(arrival * np.exp(-deviations.ramp)) + deviations.delay


def layer_response(
    model: NormalisedModel,
    weights: Integers,
    spike_times: Floats,
    times: Floats,
    wire_load: Floats | float = 0.0,
    deviations: Deviations | None = None,
) -> LayerResponse:
    """Response of one layer.

    Args:
        model: the neuron column's model.
        weights: unit cells, shape (neurons, inputs).
        spike_times: of the inputs, shape (batch, inputs), in windows; 1 or more means never.
        times: of the traces, shape (samples,), in windows, 0 to 1.
        wire_load: of each neuron's column, see `NormalisedModel.column_load`, shape (neurons,) or one for all.
        deviations: of the layer on a chip; None: the matched circuit.
    """
    batch, neurons = len(spike_times), len(weights)
    tiled, arriving = np.tile(weights, (batch, 1)), np.repeat(spike_times, neurons, axis=0)
    load = np.tile(np.broadcast_to(wire_load, neurons), batch)
    own = None if deviations is None else deviations.repeated(batch)
    traces = column_traces(model, tiled, arriving, np.append(times, 1.0), load, own)
    final = traces[:, -1]
    fired = column_spike_times(model, tiled, arriving, final, load, own)
    clipped = np.where(fired < 1, fired, np.inf)
    shape = (batch, neurons)
    return LayerResponse(traces[:, :-1].reshape(*shape, -1), final.reshape(shape), clipped.reshape(shape))


def network_response(
    model: NormalisedModel,
    weights: Sequence[Integers],
    spike_times: Floats,
    times: Floats,
    wire_loads: Sequence[Floats | float] | None = None,
    deviations: Sequence[Deviations] | None = None,
) -> list[LayerResponse]:
    """Response of each layer, the spike times of one being the input of the next.

    Args:
        model: the neuron column's model.
        weights: unit cells of each layer, shape (neurons, inputs).
        spike_times: of the network's inputs, shape (batch, inputs), in windows; 1 or more means never.
        times: of the traces, shape (samples,), in windows, 0 to 1.
        wire_loads: of each layer's columns, see `NormalisedModel.column_load`; None: no wires beyond the model's.
        deviations: of each layer on a chip; None: the matched circuit.
    """
    responses: list[LayerResponse] = []
    wires, chip = wire_loads or [0.0] * len(weights), deviations or [None] * len(weights)
    for layer, wire_load, own in zip(weights, wires, chip, strict=True):
        responses.append(layer_response(model, layer, spike_times, times, wire_load, own))
        spike_times = responses[-1].spike_times
    return responses
