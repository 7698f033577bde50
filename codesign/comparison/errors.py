"""Membrane errors of a model against the circuit, spike times chained through the model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.arrays import Floats
from codesign.comparison.candidate import Candidate
from codesign.comparison.network_run import NetworkRun
from codesign.extraction.records import LayerRecord
from codesign.model.response import LayerResponse, network_response


@dataclass(frozen=True)
class Deviation:
    """Model minus circuit of one run.

    Attributes:
        layers: of each layer, shape (samples, neurons, instants), in swings.
        outside: fraction of the circuit's membrane samples outside the model's valid range.
    """

    layers: list[Floats]
    outside: float

    def from_own_level(self) -> "Deviation":
        """The same with membranes counted from their own level at the start of the accumulation."""
        return Deviation([layer - layer[:, :, :1] for layer in self.layers], self.outside)


def respond(run: NetworkRun, candidate: Candidate) -> list[LayerResponse]:
    """The model's own response to a run's inputs; no spike time of the circuit is used."""
    layers = run.records[0]
    wire_loads = [layer.wire_load for layer in layers] if candidate.knows_wires else None
    return network_response(
        candidate.model, run.job.weights, run.job.spike_times, layers[0].times, wire_loads, candidate.deviations
    )


def deviation(run: NetworkRun, candidate: Candidate) -> Deviation:
    """Compare a candidate with a run."""
    traces = [circuit_traces(run.records, layer) for layer in range(len(run.job.weights))]
    responses = respond(run, candidate)
    layers = [response.traces + candidate.offset - circuit for response, circuit in zip(responses, traces, strict=True)]
    model = candidate.model
    outside = np.concatenate([((trace < model.v_min) | (trace > model.v_max)).ravel() for trace in traces])
    return Deviation(layers, float(outside.mean()))


def unknown_deviation(run: NetworkRun) -> Deviation:
    """The deviation of a model that does not exist: NaN everywhere."""
    layers = [np.full_like(circuit_traces(run.records, layer), np.nan) for layer in range(len(run.job.weights))]
    return Deviation(layers, float("nan"))


def circuit_traces(records: Sequence[Sequence[LayerRecord]], layer: int) -> Floats:
    """The circuit's membranes of one layer (from 0), shape (samples, neurons, instants), in swings."""
    return np.array([sample[layer].traces for sample in records])


def hidden_rmse(deviations: Sequence[Deviation]) -> float:
    """Root mean square over all runs and all layers but the last, in swings; NaN without hidden layers."""
    return rms([layer for one in deviations for layer in one.layers[:-1]])


def output_rmse(deviations: Sequence[Deviation]) -> float:
    """Root mean square over all runs of the last layer, in swings."""
    return rms([one.layers[-1] for one in deviations])


def rms(arrays: Sequence[Floats]) -> float:
    """Root mean square of all numbers of some arrays; NaN without any."""
    if not arrays:
        return float("nan")
    return float(np.sqrt(np.mean(np.concatenate([array.ravel() for array in arrays]) ** 2)))
