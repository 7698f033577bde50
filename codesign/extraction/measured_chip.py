"""What a measured chip showed of some inputs, from a CSV file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from codesign.arrays import Integers
from codesign.extraction.errors import ExtractionFailed
from codesign.extraction.measured import MeasuredTrace, read_traces
from codesign.extraction.records import LayerRecord
from codesign.model.scale import Scale


def read_measured_chip(path: Path, scale: Scale, weights: Sequence[Integers]) -> list[list[LayerRecord]]:
    """Read a CSV file of all neurons of a network on one chip.

    Columns as in `codesign.extraction.measured.read_measured`, and `input` (a name; equal for all traces of one
    inference), `layer` and `neuron` (numbers from 1). The input spikes of a layer beyond the first are those that its
    predecessor was seen to fire. A neuron whose membrane nobody saw has one row, without `time` and `membrane`.

    Args:
        path: the file.
        scale: the normalised units of the measured circuit.
        weights: unit cells of each layer, shape (neurons, inputs).

    Returns:
        For each input, for each layer, its record; membranes that nobody saw are NaN.

    Raises:
        ExtractionFailed: the file is faulty, a neuron is missing or there twice, or the network is another.
    """
    inputs: dict[str, dict[tuple[int, int], MeasuredTrace]] = {}
    for trace in read_traces(path, scale, of_chip=True):
        name, layer, neuron = trace.place
        where = f"{path}, trace {trace.name}"
        if name is None or layer is None or neuron is None:
            raise ExtractionFailed(f"{where}: its first row must give input, layer and neuron")
        if layer > len(weights) or neuron > len(weights[layer - 1]):
            raise ExtractionFailed(f"{where}: the network has no neuron {neuron} in layer {layer}; check the weights")
        if (layer, neuron) in inputs.setdefault(name, {}):
            raise ExtractionFailed(f"{where}: neuron {neuron} of layer {layer} is there twice at input {name}")
        if not np.array_equal(trace.record.weights[0], weights[layer - 1][neuron - 1]):
            raise ExtractionFailed(
                f"{where}: its weights are not those of neuron {neuron} in layer {layer}; give the weights of the "
                "measured network"
            )
        inputs[name][layer, neuron] = trace
    return [
        [_layer(path, name, traces, layer, len(rows)) for layer, rows in enumerate(weights, start=1)]
        for name, traces in inputs.items()
    ]


def _layer(
    path: Path, name: str, traces: dict[tuple[int, int], MeasuredTrace], layer: int, neurons: int
) -> LayerRecord:
    if missing := [neuron for neuron in range(1, neurons + 1) if (layer, neuron) not in traces]:
        raise ExtractionFailed(
            f"{path}, input {name}: layer {layer} lacks neuron {missing[0]}; give each neuron of each layer"
        )
    records = [traces[layer, neuron].record for neuron in range(1, neurons + 1)]
    first = records[0]
    if any(not np.array_equal(record.spike_times, first.spike_times) for record in records):
        raise ExtractionFailed(f"{path}, input {name}: the neurons of layer {layer} see different spike times")
    return LayerRecord(
        weights=np.concatenate([record.weights for record in records]),
        spike_times=first.spike_times,
        times=first.times,
        traces=np.concatenate([record.traces for record in records]),
        fired=np.concatenate([record.fired for record in records]),
    )
